"""Addresses of mediated access; the search and the record in a visit are those of everybody."""

from django.urls import path

from contactpoint.web.mediated import pages

urlpatterns = [
    path("mediated/", pages.find, name="mediated"),
    path("mediated/callers/<int:entry>/", pages.ring_back, name="mediated_caller"),
    path("mediated/code/", pages.take_code, name="mediated_code"),
    path("mediated/end/", pages.end, name="end_mediated"),
]
