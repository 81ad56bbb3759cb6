"""Addresses of leavers. A statement is named by its own number, a child by a token."""

from django.urls import path

from contactpoint.casework.leavers.records import Kind
from contactpoint.web.leavers import pages

urlpatterns = [
    path("leavers/", pages.show, name="leavers"),
    path("leavers/new/", pages.which, name="new_ending"),
    path("leavers/<int:entry>/settle/", pages.settle, name="settle_ending"),
    path("record/<str:token>/leaving/", pages.choose, name="choose_ending"),
    *(
        path(f"record/<str:token>/leaving/{kind}/", pages.state, {"kind": kind}, name=f"state_{kind}")
        for kind in Kind
    ),
]
