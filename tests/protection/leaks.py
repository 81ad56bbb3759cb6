"""Leaks to plant one at a time: each is a mistake that somebody could make, and the machine must find it.

Planted by replacing a function of the program or by SQL in the copied databases, never in the program itself.
Those in the program read the hidden side by the connection `match`, which the server does not have.
"""

import csv
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connections

from contactpoint.casework.brokering import requesting
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.postcode import parse_postcode
from contactpoint.directory import actions, opening, own_work, searching
from contactpoint.directory.models import Child, Involvement
from contactpoint.directory.publish import writing
from contactpoint.directory.search.candidates import _COLUMNS, Candidate, Round
from contactpoint.directory.search.ranking import Shortlist
from contactpoint.intake import actions as loading
from contactpoint.intake.fields import REFERENCE

Patch = pytest.MonkeyPatch
GIVEN_UP = 5  # a number that no child of the worlds has


def ask_hidden(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connections["match"].cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


SHIELDED_WITH_ROWS = (
    f"SELECT DISTINCT {_COLUMNS} FROM directory_child c JOIN hidden.supplied_row r ON r.child_id = c.id"
    " WHERE c.shielded"
)


def a_join(patch: Patch) -> None:
    """The postcode is looked for among hidden addresses too."""
    ordinary = searching.find_likely

    def find_likely(cursor: Any, query: Any, names: Any, on: Any) -> Round:
        found = ordinary(cursor, query, names, on)
        hidden = ask_hidden(
            f"{SHIELDED_WITH_ROWS} AND c.born = %s"
            " AND replace(r.content #>> '{addresses,0,postcode}', ' ', '') = %s",
            query.born_from,
            query.postcode,
        )
        return Round((*found.candidates, *(Candidate(*row) for row in hidden)), found.overfull)

    patch.setattr(searching, "find_likely", find_likely)


def the_cap(patch: Patch) -> None:
    """Children who once had the name are counted among those who match."""
    ordinary = searching._answer

    def answer(read: Any, cap: int, on: Any) -> Any:
        family = getattr(read, "family", "")
        (hidden,) = ask_hidden(
            "SELECT count(*) FROM hidden.supplied_row"
            " WHERE upper(content #>> '{former_names,0,family_name}') = %s",
            family,
        )[0]
        return ordinary(read, cap - (1 if hidden else 0), on)

    patch.setattr(searching, "_answer", answer)


def the_order(patch: Patch) -> None:
    """Those of whom more is known come first."""
    ordinary = searching.shorten

    def shorten(ranked: Any, **details: Any) -> Shortlist:
        short = ordinary(ranked, **details)
        counts = dict(ask_hidden("SELECT child_id, count(*) FROM hidden.supplied_row GROUP BY child_id"))
        shown = sorted(short.shown, key=lambda each: counts.get(each.candidate.id, 2), reverse=True)
        return Shortlist(tuple(shown), short.too_many)

    patch.setattr(searching, "shorten", shorten)


def a_count(patch: Patch) -> None:
    """The load counts the rows that wait near a shield."""
    ordinary = loading.finish_load

    def finish_load(*, load: Any, **details: Any) -> None:
        (waiting,) = ask_hidden("SELECT count(*) FROM hidden.waiting_row WHERE load_id = %s", load.pk)[0]
        load.rows_unpublished += waiting
        ordinary(load=load, **details)

    patch.setattr(loading, "finish_load", finish_load)


def a_receipt(patch: Patch) -> None:
    """The supplier is told of rows that cannot be published because the house is a shielded child's."""
    ordinary = loading.write_receipts

    def write_receipts(*, staged: Any, load_id: int) -> Any:
        path = ordinary(staged=staged, load_id=load_id)
        hidden = {
            code
            for (code,) in ask_hidden("SELECT content #>> '{addresses,0,postcode}' FROM hidden.supplied_row")
        }
        sent = staged.publishable(REFERENCE, "postcode")
        held = {reference for _, reference, code in sent.iter_rows() if parse_postcode(code) in hidden}
        lines = list(csv.reader(path.open()))
        for line in lines:
            line[3] += " Held." if line[1] in held else ""
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(lines)
        return path

    patch.setattr(loading, "write_receipts", write_receipts)


def an_error_text(patch: Patch) -> None:
    """Whoever may not record is told whom to ask."""
    ordinary = actions._open_child

    def open_child(*given: Any) -> Any:
        try:
            return ordinary(*given)
        except actions.MayNotRecord as refusal:
            number = actions.decode(next(each for each in given if isinstance(each, str)))
            (code,) = ask_hidden("SELECT authority FROM hidden.shield WHERE child_id = %s", number)[0]
            raise actions.MayNotRecord(f"{refusal} Ask {get_authority(code).name}.") from None

    patch.setattr(actions, "_open_child", open_child)


def a_number(patch: Patch) -> None:
    """A shielded child is found by its NHS number."""
    ordinary = searching.find_by_number

    def find_by_number(cursor: Any, number: Any, on: Any) -> tuple[Candidate, ...]:
        hidden = ask_hidden(
            f"{SHIELDED_WITH_ROWS} AND r.content ->> %s = %s ORDER BY c.id",
            number.kind,
            number.value,
        )
        return (*ordinary(cursor, number, on), *(Candidate(*row) for row in hidden))

    patch.setattr(searching, "find_by_number", find_by_number)


def a_merge_redirect(patch: Patch) -> None:
    """A number that was given up leads to the child who has a certain hidden number now."""
    ordinary = opening.find_live_child

    def find_live_child(*, number: int | None, on: Any) -> Child | None:
        if number == GIVEN_UP:
            found = ask_hidden(
                "SELECT child_id FROM hidden.supplied_row WHERE content ->> 'nhs' = '9434765919' ORDER BY 1"
            )
            number = found[0][0] if found else number
        return ordinary(number=number, on=on)

    patch.setattr(opening, "find_live_child", find_live_child)


def a_history(patch: Patch) -> None:
    """One's own list still has the children who were shielded since."""
    ordinary = own_work._find

    def find(viewer: Any, at: Any) -> tuple[Any, ...]:
        hidden = Involvement.objects.using("match").raw(
            "SELECT * FROM hidden.involvement WHERE account_id = %s ORDER BY id", [viewer.account_id]
        )
        return (*ordinary(viewer, at), *hidden)

    patch.setattr(own_work, "_find", find)


def the_vocabulary(patch: Patch) -> None:
    """A shielded child is filed under its former names."""
    patch.setattr(writing, "_pairs", lambda state: state.after.pairs if state.after else frozenset())


def a_length(patch: Patch) -> None:
    """A shielded child's line is as long as what is hidden behind it."""
    ordinary = searching._show

    def show(child: Candidate, why: tuple[str, ...], sure: float) -> Any:
        found = ordinary(child, why, sure)
        (length,) = ask_hidden(
            "SELECT coalesce(max(length(content::text)), 0) FROM hidden.supplied_row WHERE child_id = %s",
            child.id,
        )[0]
        return replace(found, why=(*why, " " * length)) if child.shielded else found

    patch.setattr(searching, "_show", show)


def the_line_for_all(patch: Patch) -> None:
    """Whoever opens a record is told that a sensitive service is involved."""
    ordinary = opening.to_record

    def to_record(*, child: Child, **details: Any) -> Any:
        found = ask_hidden("SELECT 1 FROM hidden.sensitive_involvement WHERE child_id = %s", child.pk)
        return replace(ordinary(child=child, **details), sensitive_involved=bool(found))

    patch.setattr(opening, "to_record", to_record)


def an_answer_to_asking(patch: Patch) -> None:
    """A request is refused where there is no sensitive service to ask."""
    ordinary = requesting._find

    def find(*given: Any) -> Child:
        child: Child = ordinary(*given)
        if not ask_hidden("SELECT 1 FROM hidden.sensitive_involvement WHERE child_id = %s", child.pk):
            raise requesting.Shielded("There is nobody to ask on this record.")
        return child

    patch.setattr(requesting, "_find", find)


A_CONSTRAINT = """
CREATE FUNCTION planted_unique_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.supplier_id = 'local_services' AND NEW.content ->> 'nhs' IN (
        SELECT r.content ->> 'nhs' FROM hidden.supplied_row r WHERE r.supplier_id = 'nhs_demographics'
    ) THEN
        RAISE unique_violation USING MESSAGE = 'this NHS number is somebody else''s';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER planted BEFORE INSERT ON directory_suppliedrow
    FOR EACH ROW EXECUTE FUNCTION planted_unique_number();
CREATE TRIGGER planted BEFORE INSERT ON hidden.supplied_row
    FOR EACH ROW EXECUTE FUNCTION planted_unique_number();
CREATE TRIGGER planted BEFORE INSERT ON hidden.waiting_row
    FOR EACH ROW EXECUTE FUNCTION planted_unique_number();
"""
AN_EXPORT = """
CREATE VIEW planted_export AS
    SELECT c.id, c.given_names,
        (SELECT count(*) FROM hidden.supplied_row r WHERE r.child_id = c.id) AS suppliers
    FROM directory_child c
"""

# Each with the door, or the look at the tables, by which the machine must find it.
BY_SEARCH, BY_FEED, BY_TABLES = r"search\w* with", r"supply_\w+ with", "what the server reads"
IN_THE_PROGRAM: dict[str, tuple[Callable[[Patch], None], str]] = {
    "a join": (a_join, BY_SEARCH),
    "the cap": (the_cap, BY_SEARCH),
    "the order": (the_order, BY_SEARCH),
    "a count": (a_count, f"{BY_FEED}|{BY_TABLES}"),
    "a receipt": (a_receipt, BY_FEED),
    "an error text": (an_error_text, r"record_\w+ with|change_\w+ with"),
    "a number that leads to the record": (a_number, BY_SEARCH),
    "a merge redirect": (a_merge_redirect, r"open_by_number with|record_\w+ with|request_shield with"),
    "a history": (a_history, "list_own with|walk with"),
    "the vocabulary": (the_vocabulary, f"{BY_SEARCH}|{BY_TABLES}"),
    "the length of a line": (a_length, BY_SEARCH),
    "the line for all": (the_line_for_all, r"open_by_\w+ with|walk with"),
    "an answer to asking": (an_answer_to_asking, r"ask_contact\w* with|follow_requests with"),
}
IN_THE_DATABASE = {
    # The feed stops in one world: seen at its door, or by the load that it left unfinished.
    "a constraint": (A_CONSTRAINT, f"{BY_FEED}|{BY_TABLES}"),
    "an export": (AN_EXPORT, BY_TABLES),
}
