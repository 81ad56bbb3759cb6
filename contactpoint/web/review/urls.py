"""Addresses of the data managers' pages. A number in one is a question's or a decision's, never a child's."""

from django.urls import path

from contactpoint.web.review import matches, records, values

urlpatterns = [
    path("matches/", matches.show_counts, name="matches"),
    path("matches/next/", matches.go_to_next, name="next_match"),
    path("matches/<int:entry>/", matches.show, name="match"),
    path("matches/decided/", matches.list_decided, name="match_decisions"),
    path("matches/decided/<int:entry>/undo/", matches.undo, name="undo_match"),
    path("record/<str:token>/join/", records.join, name="join_records"),
    path("record/<str:token>/part/", records.part, name="part_record"),
    path("record-changes/", records.list_changes, name="record_changes"),
    path("record-changes/<int:entry>/agree/", records.agree, name="agree_change"),
    path("record-changes/<int:entry>/decline/", records.decline, name="decline_change"),
    path("record-changes/<int:entry>/undo/", records.undo, name="undo_change"),
    path("record/<str:token>/history/", values.history, name="value_history"),
    path("record/<str:token>/wrong/", values.wrong, name="wrong_value"),
    path("corrections/", values.list_corrections, name="corrections"),
    path("corrections/list.csv", values.download, name="corrections_file"),
]
