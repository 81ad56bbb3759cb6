"""Addresses of moves. A move is named by its own number, a child by a token."""

from django.urls import path

from contactpoint.web.moves import pages

urlpatterns = [
    path("moves/", pages.show, name="moves"),
    path("moves/new/", pages.propose, name="propose_move"),
    path("moves/<int:entry>/", pages.decide, name="decide_move"),
    path("moves/<int:entry>/withdraw/", pages.withdraw, name="withdraw_move"),
    path("record/<str:token>/move/", pages.propose_for_record, name="move_record"),
]
