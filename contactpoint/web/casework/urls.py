"""Addresses about shields. A case is named by its own number, a child by a token of the session."""

from django.urls import path

from contactpoint.web.casework import asking, deciding, shields

urlpatterns = [
    path("record/<str:token>/shield/", asking.request_shield, name="request_shield"),
    path("record/<str:token>/message/", asking.pass_message, name="pass_message"),
    path("request-shield/", asking.by_number, name="request_shield_by_number"),
    path("shielding/", deciding.show_queue, name="shielding_queue"),
    path("shielding/requests/<int:entry>/", deciding.show_request, name="shield_request"),
    path("shielding/requests/<int:entry>/confirm/", deciding.confirm_request, name="confirm_request"),
    path("shielding/requests/<int:entry>/refuse/", deciding.refuse_request, name="refuse_request"),
    path("shielding/rows/<int:entry>/", deciding.held_row, name="held_row"),
    path("shielding/messages/<int:entry>/", deciding.message, name="shield_message"),
    path("shielding/shields/", shields.list_shields, name="shields"),
    path("shielding/shields/<int:entry>/", shields.renew, name="shield"),
    path("shielding/shields/<int:entry>/lift/", shields.lift, name="lift_shield"),
    path("shielding/apply/", shields.choose, name="choose_child_to_shield"),
    path("shielding/find/", shields.search, name="search_child_to_shield"),
    path("shielding/apply/<str:token>/", shields.apply, name="apply_shield"),
]
