"""Addresses of the practitioner's journey."""

from django.urls import path

from contactpoint.web.pages import adding, assessments, finding, information, involvements, opening

urlpatterns = [
    path("", finding.find_child, name="find_child"),
    path("results/", finding.show_results, name="results"),
    path("change-search/", finding.change_search, name="change_search"),
    path("record/<str:token>/", opening.show_record, name="record"),
    path("record/<str:token>/reason/", opening.ask_reason, name="reason"),
    path("record/<str:token>/involvement/", involvements.record, name="record_involvement"),
    path("record/<str:token>/assessment/", assessments.record, name="record_assessment"),
    path("record/<str:token>/assessment/<int:entry>/close/", assessments.close, name="close_assessment"),
    path(
        "record/<str:token>/assessment/<int:entry>/take-back/",
        assessments.take_back,
        name="take_back_assessment",
    ),
    path("my-involvements/", involvements.list_own, name="my_involvements"),
    path("my-involvements/<int:entry>/", involvements.show_own, name="involvement"),
    path("my-involvements/<int:entry>/confirm/", involvements.confirm, name="confirm_involvement"),
    path("my-involvements/<int:entry>/end/", involvements.end, name="end_involvement"),
    path("my-involvements/<int:entry>/take-back/", involvements.take_back, name="take_back_involvement"),
    path("my-involvements/<int:entry>/lead/", involvements.lead, name="become_lead"),
    path("my-involvements/<int:entry>/stop-lead/", involvements.stop_lead, name="stop_being_lead"),
    path("add-child/", adding.add_child, name="add_child"),
    path("add-child/received/", adding.received, name="entry_received"),
    path("children-i-added/", adding.list_own, name="my_entries"),
    path("help/", information.show_help, name="help"),
    path("for-children/", information.for_children, name="for_children"),
]
