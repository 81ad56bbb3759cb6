"""What a data manager reads of doubtful matches, through the door that logs what it hands out (AUD-1)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from contactpoint.access.models import Organisation
from contactpoint.access.records import Viewer
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import say_actor
from contactpoint.casework.review.comparing import codes_of, compare, content_values
from contactpoint.casework.review.door import call, loaded, through_the_door
from contactpoint.casework.review.records import Answer, Comparison, Counts, Decided, Review
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.child_number import encode
from contactpoint.directory.ended import as_ended
from contactpoint.directory.models import SuppliedRow
from contactpoint.directory.values import SuppliedValues
from contactpoint.matching.model import Model

T = TypeVar("T")
MOST = 50  # decisions on one page, the newest first
WHY = {
    "doubtful": "The evidence is not enough to join them without a person, or a rule forbids it.",
    "several": "More than one child fits this row.",
}


def count_reviews(*, by: Viewer, at: datetime) -> Counts:
    """How many questions wait for this authority, and for how long. Raises NotADataManager."""

    def read() -> Counts:
        (said,) = call("casework_read_reviews", say_actor(by), at)
        said = loaded(said)
        oldest = said.pop("oldest")
        name = get_authority(said.pop("authority")).name
        return Counts(authority=name, oldest=datetime.fromisoformat(oldest) if oldest else None, **said)

    return _look(by, at, "matches", read)


def find_next_review(*, by: Viewer, at: datetime, behind: int | None = None) -> int | None:
    """The question that waits longest and that no colleague has open; not `behind`. Shows nothing of it."""

    def read() -> int | None:
        (found,) = call("casework_next_review", by.account_id, at, behind)
        return None if found is None else int(found)

    return _look(by, at, "matches", read)


def read_review(*, by: Viewer, review: int, at: datetime) -> Review:
    """One question: the row, and the child that it is likeliest to be. Raises NotAsked, DecidedMeanwhile."""

    def read() -> Review:
        (said,) = call("casework_read_review", say_actor(by), at, review)
        return _review(loaded(said), by)

    return _look(by, at, "match", read)


def list_decisions(*, by: Viewer, at: datetime) -> tuple[Decided, ...]:
    """The authority's last decisions, the newest first; not of children shielded since."""

    def read() -> tuple[Decided, ...]:
        (said,) = call("casework_read_match_decisions", say_actor(by), at, MOST)
        return tuple(_decided(each) for each in loaded(said))

    return _look(by, at, "match-decisions", read)


def _look(by: Viewer, at: datetime, what: str, read: Callable[[], T]) -> T:
    return through_the_door(by=by, at=at, refused=EventKind.HIDDEN_OPENED, facts={"shown": what}, do=read)


def _review(said: dict[str, Any], by: Viewer) -> Review:
    row = content_values(said["content"])
    compared = sorted(_compare_all(row, said["children"], by), key=lambda each: -each.total)
    mine = by.authority
    return Review(
        id=said["id"],
        supplied_at=datetime.fromisoformat(said["supplied_at"]),
        sector=said["sector"].replace("_", " "),
        why=WHY[said["why"]],
        name=f"{row.given_names} {row.family_name}".strip(),
        comparison=compared[0] if compared else None,
        others=max(len(compared) - 1, 0),
        other_authorities=tuple(get_authority(code).name for code in said["authorities"] if code != mine),
        is_passed=said["passed"],
        looked_by=said["looked_by"] or "",
    )


def _compare_all(row: SuppliedValues, children: Sequence[int], by: Viewer) -> list[Comparison]:
    rows = {child: read_open_rows(child=child) for child in children}
    codes = codes_of([row, *(each for said in rows.values() for each in said)])
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        compare(
            model=Model.load(), row=row, number=encode(child), child=said, names=names,
            numbers=by.visible_numbers,
        )
        for child, said in rows.items()
        if said
    ]  # fmt: skip


def read_open_rows(*, child: int) -> list[SuppliedValues]:
    """A child's open rows, the believed one first; inside the caller's logged transaction only."""
    rows = SuppliedRow.objects.filter(child_id=child, child__shielded=False).select_related("supplier")
    ordered = sorted(rows, key=lambda row: (row.supplier.precedence, -row.supplied_at.timestamp()))
    return [
        content_values(as_ended(row.content, row.ended_on) if row.ended_on else row.content)
        for row in ordered
    ]


def _decided(said: dict[str, Any]) -> Decided:
    child = said["child"]
    undone = said["undone_at"]
    return Decided(
        id=said["id"],
        answer=Answer(said["verdict"]),
        name=f"{child['given_names']} {child['family_name']}".strip(),
        number=encode(child["id"]),
        decided_by=said["decided_by"],
        decided_at=datetime.fromisoformat(said["decided_at"]),
        is_done=said["is_done"],
        undone_at=datetime.fromisoformat(undone) if undone else None,
    )
