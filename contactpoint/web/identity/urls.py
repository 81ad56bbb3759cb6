"""Addresses of new identities. A child is named by a token of the session, a row by its own number."""

from django.urls import path

from contactpoint.web.identity import custody, giving

urlpatterns = [
    path("shielding/new-identity/", giving.choose, name="choose_child_for_identity"),
    path("shielding/new-identity/<str:token>/", giving.give, name="give_identity"),
    path("sealed/", custody.sealed, name="sealed_identities"),
    path("sealed/rows/<int:entry>/", custody.sealed_row, name="sealed_row"),
]
