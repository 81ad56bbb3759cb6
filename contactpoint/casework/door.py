"""Calling the hidden door, in the caller's transaction on the server's own connection (SHI-9).

Decides nothing: who may have what is asked by the functions themselves (migration `0002_door`).
"""

import json
from typing import Any

from django.db import DatabaseError, connection

from contactpoint.access.records import Viewer
from contactpoint.audit.actions import RULES
from contactpoint.errors import Conflict, NotAllowed, NotFound


class NotAnOfficer(NotAllowed):
    """The account is not a shielding officer of any authority."""


class NotOfYours(NotFound):
    """There is no such case, or it is another authority's: not told apart."""


class DecidedAlready(Conflict):
    """Somebody else decided in the meantime."""


_REFUSALS = {
    "CP403": NotAnOfficer("Only those in the team whose duty this is may do it. Nothing was changed."),
    "CP404": NotOfYours("There is no such case in your authority. It may have been decided already."),
    "CP409": DecidedAlready(
        "A colleague has decided on this in the meantime. Nothing was changed; look at it again."
    ),
}


def call_door(function: str, *parameters: Any) -> tuple[Any, ...]:
    """What the function gives, as one row. Raises NotAnOfficer, NotOfYours, DecidedAlready."""
    places = ", ".join(["%s"] * len(parameters))
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {function}({places})", list(parameters))
            return tuple(cursor.fetchone())
    except DatabaseError as error:
        refusal = _REFUSALS.get(getattr(error.__cause__, "sqlstate", ""))
        if refusal is None:
            raise
        raise type(refusal)(str(refusal)) from None


def say_actor(viewer: Viewer) -> str:
    """Who is asking, as the door's own log entries name them."""
    actor = viewer.actor
    said = {
        "account": actor.account_id,
        "organisation": actor.organisation_id,
        "on_behalf_of": actor.on_behalf_of,
        "door": actor.door,
        "address": actor.address,
        "rules": RULES,
    }
    return json.dumps(said)
