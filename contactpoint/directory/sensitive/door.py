"""The functions of the hidden door, called. Each needs an event of this transaction (see migration 0003)."""

from datetime import date, datetime
from typing import Any

from django.db import connection

from contactpoint.directory.keeping import ledger
from contactpoint.directory.sensitive.records import Basis, Consent

Stored = tuple[Any, ...]


def shows_sensitive(*, event: int, child: int, at: datetime) -> bool:
    """Whether the line is shown for that opening (SEN-3); the database asks whether the role may see it."""
    return bool(_ask("SELECT directory_shows_sensitive(%s, %s, %s)", event, at, child))


def new_entry_id() -> int:
    """From the sequence of all rows: it tells nothing."""
    return int(_ask("SELECT nextval('directory_supplied_row_id')"))


def insert_entry(
    *,
    event: int,
    entry: int,
    child: int,
    role: str,
    started_on: date,
    basis: str,
    consent: Consent | None,
) -> None:
    """Service, organisation, practitioner: those of the event. The database refuses what has no basis."""
    _ask(
        "SELECT directory_record_sensitive(%s, %s, %s, %s, %s::date, %s, %s, %s, %s::date, %s::date)",
        event, entry, child, role, started_on, basis, *_columns(consent),
    )  # fmt: skip


def find_entries(*, event: int, entry: int | None, most: int) -> list[Stored]:
    """The organisation's own, all or one, soonest review first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM directory_list_sensitive(%s, %s, %s)", [event, entry, most])
        return list(cursor.fetchall())


def renew_entry(*, event: int, entry: int, consent: Consent) -> str:
    """How it went, in the words of the migration."""
    return str(
        _ask(
            "SELECT directory_renew_sensitive(%s, %s, %s, %s, %s::date, %s::date)",
            event, entry, *_columns(consent),
        )
    )  # fmt: skip


def end_entry(*, event: int, entry: int, ended_on: date) -> str:
    """How it went, in the words of the migration."""
    return str(_ask("SELECT directory_end_sensitive(%s, %s, %s::date)", event, entry, ended_on))


def withdraw_entry(*, event: int, entry: int) -> str:
    """How it went, in the words of the migration."""
    return str(_ask("SELECT directory_withdraw_sensitive(%s, %s)", event, entry))


def tell_ledger(*, event: int, entry: int, organisation: str, at: datetime) -> None:
    """What was withdrawn, kept outside the database before this transaction commits (RET-4, SEN-7)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM directory_withdrawn_rows(%s, %s)", [event, entry])
        for number, mark, row in cursor.fetchall():
            facts = {"entry": number, "organisation": organisation, "mark": bytes(mark).hex(), "row": row}
            ledger.announce(cursor, deed=ledger.Deed.WITHDRAWN, facts=facts, at=at)


def to_consent(
    basis: str, given_by: str, role: str, obtained_on: date | None, review_on: date | None
) -> Consent | None:
    """Of stored columns; None where the basis is another."""
    if basis != Basis.CONSENT or obtained_on is None:
        return None
    return Consent(given_by, role, obtained_on, review_on)


def _columns(consent: Consent | None) -> tuple[str, str, date | None, date | None]:
    if consent is None:
        return "", "", None, None
    return consent.given_by, consent.obtained_by_role, consent.obtained_on, consent.review_on


def _ask(statement: str, *given: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(given))
        return cursor.fetchone()[0]
