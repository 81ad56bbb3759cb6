"""Addresses of the pages for everybody."""

from django.urls import path

from contactpoint.web import notices

urlpatterns = [
    path("privacy/", notices.privacy, name="privacy"),
    path("who-can-see-what/", notices.who_can_see_what, name="who_can_see_what"),
    path("accessibility/", notices.accessibility, name="accessibility"),
]
