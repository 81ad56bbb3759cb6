"""Addresses of break-glass and of investigations. A case is named by its own number, a child by a token."""

from django.urls import path

from contactpoint.web.override import pages

urlpatterns = [
    path("record/<str:token>/override/", pages.override, name="override_shield"),
    path("investigations/", pages.list_cases, name="investigations"),
    path("investigations/<int:entry>/", pages.show_case, name="investigation"),
    path("investigations/<int:entry>/tell-manager/", pages.tell, name="tell_manager"),
    path("investigations/<int:entry>/suspend/", pages.suspend, name="suspend_overrider"),
    path("investigations/<int:entry>/close/", pages.close, name="close_investigation"),
]
