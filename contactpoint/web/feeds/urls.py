"""Addresses of the feeds' pages. A number in one is a load's, a word a supplier's code."""

from django.urls import path

from contactpoint.web.feeds import deciding, suppliers, viewing

urlpatterns = [
    path("feeds/", viewing.list_feeds, name="feeds"),
    path("feeds/<int:entry>/", viewing.show_feed, name="feed"),
    path("feeds/<int:entry>/receipts/", viewing.download_receipts, name="feed_receipts"),
    path("feeds/<int:entry>/release/", deciding.release, name="release_feed"),
    path("feeds/<int:entry>/reject/", deciding.reject, name="reject_feed"),
    path("feeds/<int:entry>/withdraw/", deciding.withdraw, name="withdraw_feed"),
    path("feeds/rehearsals/<int:entry>/", suppliers.show_rehearsal, name="rehearsal"),
    path("feeds/quality/", viewing.show_quality, name="data_quality"),
    path("feeds/suppliers/<str:token>/", suppliers.show, name="supplier"),
    path("feeds/suppliers/<str:token>/change/", suppliers.change, name="change_supplier"),
    path("feeds/suppliers/<str:token>/upload/", suppliers.upload, name="upload_feed"),
]
