"""What waits for somebody by their roles, and the switches that they may turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contactpoint.access.actions.insist import insist_on
from contactpoint.access.models import Stop
from contactpoint.access.policies import find_scope
from contactpoint.access.queries.log import may_read_log
from contactpoint.access.queries.organisations import count_organisations
from contactpoint.access.queries.people import MOST_COUNTED, Show, count_people
from contactpoint.access.records import Decision, Viewer
from contactpoint.access.roles import Action
from contactpoint.codes.authorities import AUTHORITIES


@dataclass(frozen=True, slots=True)
class Queue:
    """A list of work: its name for the page, and how many wait; None where it is not counted.

    `or_more`: counting stopped there.
    """

    name: str
    count: int | None
    or_more: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """`scope` is 'authority' or 'service'; `stopped_by` '' while it is on."""

    scope: str
    code: str
    name: str
    stopped_at: datetime | None
    stopped_by: str
    is_own: bool


def list_queues(*, by: Viewer, at: datetime) -> tuple[Queue, ...]:
    """The lists that are theirs, in the order of work. Empty for somebody who has none."""
    return tuple(_queues(by, at))


def _queues(by: Viewer, at: datetime) -> Iterator[Queue]:
    for show, count in _count_people(by, at).items():
        yield Queue(show.value, count, count >= MOST_COUNTED)
    if by.may(Action.MANAGE_ORGANISATION):
        organisations = count_organisations(by=by, at=at)
        yield Queue("applications", organisations["waiting"])
        yield Queue("accreditations", organisations["ending"])
    if may_read_log(viewer=by):
        yield Queue("log", None)
    if by.may(Action.MANAGE_ORGANISATION) or by.may(Action.OPERATE):
        yield Queue(
            "switches", Stop.objects.filter(scope__in=["authority", "service"], lifted_at=None).count()
        )


def _count_people(by: Viewer, at: datetime) -> dict[Show, int]:
    invited = (Show.WAITING, Show.LAPSING, Show.STOPPED)
    if find_scope(viewer=by, action=Action.INVITE_ACCOUNT) == find_scope(viewer=by, action=Action.RECERTIFY):
        return count_people(by=by, at=at, shows=(*invited, Show.RECERTIFY))
    return {
        **count_people(by=by, at=at, shows=invited),
        **count_people(by=by, at=at, shows=(Show.RECERTIFY,), action=Action.RECERTIFY),
    }


def find_switches(*, by: Viewer, at: datetime) -> tuple[Switch, ...]:
    """Those that they may turn. A national manager sees every authority that is switched off.

    Raises ActionRefused, which is logged.
    """
    may_stop_authority, may_stop_service = by.may(Action.MANAGE_ORGANISATION), by.may(Action.OPERATE)
    if not (may_stop_authority or may_stop_service):
        refused = Decision(False, ("Your role does not allow this.",), ("role",))
        insist_on(refused, by=by, action=Action.SUSPEND, at=at)
    off = {
        (stop.scope, stop.authority or ""): stop
        for stop in Stop.objects.select_related("stopped_by").filter(
            scope__in=["authority", "service"], lifted_at=None
        )
    }
    codes = [by.authority] if by.authority else sorted(code for scope, code in off if scope == "authority")
    wanted = [("authority", code) for code in codes] if may_stop_authority else []
    wanted += [("service", "")] if may_stop_service else []
    return tuple(_switch(scope, code, off.get((scope, code)), by) for scope, code in wanted)


def _switch(scope: str, code: str, stop: Stop | None, by: Viewer) -> Switch:
    authority = AUTHORITIES.get(code)
    return Switch(
        scope=scope,
        code=code,
        name=authority.name if authority else code or "The whole service",
        stopped_at=stop.stopped_at if stop else None,
        stopped_by=stop.stopped_by.name if stop else "",
        is_own=bool(stop) and stop.stopped_by_id == by.account_id if stop else False,
    )
