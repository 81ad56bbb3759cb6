"""Addresses of the data managers' pages. A number in one is a question's or a decision's, never a child's."""

from django.urls import path

from contactpoint.web.review import matches

urlpatterns = [
    path("matches/", matches.show_counts, name="matches"),
    path("matches/next/", matches.go_to_next, name="next_match"),
    path("matches/<int:entry>/", matches.show, name="match"),
    path("matches/decided/", matches.list_decided, name="match_decisions"),
    path("matches/decided/<int:entry>/undo/", matches.undo, name="undo_match"),
]
