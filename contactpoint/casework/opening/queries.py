"""How far each authority has come, and what its next step lacks (SHI-10)."""

from dataclasses import dataclass
from datetime import date, datetime

from contactpoint.access.actions.insist import insist, insist_on
from contactpoint.access.records import Decision, Viewer
from contactpoint.access.roles import Action
from contactpoint.casework.opening.facts import find_facts, find_limits
from contactpoint.casework.opening.policies import (
    STEPS,
    TITLES,
    Signed,
    Step,
    find_done,
    find_missing,
    find_next,
)
from contactpoint.codes.authorities import AUTHORITIES, get_authority
from contactpoint.directory.models import OpeningStep
from contactpoint.directory.opening_up import find_opened_on


@dataclass(frozen=True, slots=True)
class Standing:
    """One authority in the national list. `since` is None before its first step."""

    code: str
    name: str
    step: str
    since: datetime | date | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: when it was signed and by whom, or what it lacks."""

    step: Step
    title: str
    done_at: datetime | None
    proposed_by: str
    signed_by: str
    missing: tuple[str, ...]
    is_next: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a second person."""

    id: int
    title: str
    is_reversal: bool
    reason: str
    proposed_by: str
    proposed_at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """One authority's page. `is_open` may be true without steps, where all children are made up."""

    code: str
    name: str
    is_open: bool
    opened_on: date | None
    steps: tuple[StepLine, ...]
    next: Step | None
    waiting: Waiting | None
    may_sign: bool

    @property
    def is_ready(self) -> bool:
        """May the next step be proposed?"""
        return any(line.is_next and not line.missing for line in self.steps) and not self.is_open


def list_standings(*, by: Viewer, at: datetime) -> tuple[Standing, ...]:
    """Every authority of today, in the order of names. Raises ActionRefused, which is logged."""
    _insist_on_seeing(by, at)
    return find_standings(at=at)


def find_standings(*, at: datetime) -> tuple[Standing, ...]:
    """The same for a command, whose right is the machine's."""
    signed: dict[str, list[Signed]] = {}
    for row in OpeningStep.objects.filter(signed_at__isnull=False).order_by("signed_at", "id"):
        if row.signed_at is not None:
            signed.setdefault(row.authority, []).append(
                Signed(Step(row.step), row.is_reversal, row.signed_at)
            )
    opened = find_opened_on()
    current = [each for each in AUTHORITIES.values() if each.is_current(at.date())]
    return tuple(
        _standing(each.code, each.name, signed.get(each.code, []), opened.get(each.code))
        for each in sorted(current, key=lambda each: each.name)
    )


def _standing(code: str, name: str, signed: list[Signed], opened_on: date | None) -> Standing:
    done = find_done(signed)
    last = [step for step in STEPS if step in done][-1:]
    since = signed[-1].at if signed else opened_on
    if opened_on is not None:
        return Standing(code, name, TITLES[Step.OPEN], since, is_open=True)
    return Standing(code, name, TITLES[last[0]] if last else "Not begun", since, is_open=False)


def get_readiness(*, code: str, by: Viewer, at: datetime) -> Readiness:
    """Its steps and what each lacks, for its own team and those who see all of them. Raises ActionRefused."""
    get_authority(code)
    insist(by=by, action=Action.SEE_OPENINGS, at=at, authority=code, organisation_id=0)
    may_sign = by.may(Action.SIGN_OPENING) and by.authority in (None, code)
    return find_readiness(code=code, at=at, account_id=by.account_id, may_sign=may_sign)


def find_readiness(*, code: str, at: datetime, account_id: int = 0, may_sign: bool = False) -> Readiness:
    """The same for a command. Raises NoSuchAuthority."""
    name = get_authority(code).name
    rows = list(
        OpeningStep.objects.filter(authority=code, dropped_at__isnull=True)
        .select_related("proposed_by", "signed_by")
        .order_by("signed_at", "id")
    )
    done = find_done(Signed(Step(r.step), r.is_reversal, r.signed_at) for r in rows if r.signed_at)
    facts, limits = find_facts(code=code, at=at), find_limits()
    names = {row.step: row for row in rows if row.signed_at and not row.is_reversal}
    now = find_next(done)
    waiting = next((row for row in rows if row.signed_at is None), None)
    opened_on = find_opened_on().get(code)
    return Readiness(
        code=code,
        name=name,
        is_open=opened_on is not None,
        opened_on=opened_on,
        steps=tuple(
            _line(
                step,
                done.get(step),
                names.get(step.value),
                find_missing(step=step, facts=facts, done=done, limits=limits, at=at),
                step is now,
                step is Step.OPEN and opened_on is not None,
            )
            for step in STEPS
        ),
        next=now,
        waiting=_waiting(waiting, account_id) if waiting else None,
        may_sign=may_sign,
    )


def _line(
    step: Step,
    done_at: datetime | None,
    row: OpeningStep | None,
    missing: tuple[str, ...],
    is_next: bool,
    is_open: bool,
) -> StepLine:
    is_done = done_at is not None and row is not None
    return StepLine(
        step=step,
        title=TITLES[step],
        done_at=done_at,
        proposed_by=row.proposed_by.name if is_done and row else "",
        signed_by=row.signed_by.name if is_done and row and row.signed_by else "",
        missing=missing,
        is_next=is_next,
        is_open=is_open,
    )


def _waiting(row: OpeningStep, account_id: int) -> Waiting:
    return Waiting(
        id=row.pk,
        title=TITLES[Step(row.step)],
        is_reversal=row.is_reversal,
        reason=row.back_why,
        proposed_by=row.proposed_by.name,
        proposed_at=row.proposed_at,
        is_own=row.proposed_by_id == account_id,
    )


def _insist_on_seeing(by: Viewer, at: datetime) -> None:
    allowed = by.may(Action.SEE_OPENINGS)
    decision = Decision(True) if allowed else Decision(False, ("Your role does not allow this.",), ("role",))
    insist_on(decision, by=by, action=Action.SEE_OPENINGS, at=at)
