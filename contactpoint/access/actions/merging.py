"""One organisation merges into another: its people go along, by two people's decision (ACC-2, ACC-3, ACC-8).

Nobody may do more afterwards than before. So both belong to one authority and one sector, the other is
accredited, neither provides a sensitive service, and roles that reach an organisation's people end:
the organisation is larger now.
Who has an e-mail address of a domain that the other is not accredited for stays behind, and is named first.
Entries on records keep the old organisation's name, and lead to the new one's telephone.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from contactpoint.access.actions.insist import insist_on
from contactpoint.access.actions.organisations import get_organisation, insist_on_organisation
from contactpoint.access.actions.sessions import end_sessions_of
from contactpoint.access.models import Account, Accreditation, Merger, Organisation, RoleGrant, Stop
from contactpoint.access.policies import ENGLAND, judge_domain, judge_merger
from contactpoint.access.records import Decision, MergerFacts, Viewer
from contactpoint.access.roles import Action, Role
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.errors import Conflict, NotFound

REACHING = (Role.LINE_MANAGER.value, Role.ORGANISATION_ADMINISTRATOR.value)
CONTACT = ("telephone", "out_of_hours", "secure_email", "address")


class MergerRefused(Conflict):
    """These two cannot be merged; the message says why. Nothing was changed."""


class NoMerger(NotFound):
    """No merger of this organisation waits for a decision."""


@dataclass(frozen=True, slots=True)
class MergerView:
    """A merger that waits, or is thought of: what it does, and what stands against it."""

    into_id: int
    into: str
    into_code: str
    proposed_by_id: int | None
    proposed_by: str
    proposed_at: datetime | None
    people: int
    left_behind: tuple[str, ...]  # names: their address is of a domain that the other may not have
    decision: Decision


def propose_merger(*, organisation_id: int, into_id: int, by: Viewer, at: datetime) -> None:
    """Ask that it merge; somebody else signs. Raises ActionRefused, NoSuchOrganisation, MergerRefused."""
    source, target = _get_both(organisation_id, into_id, by, at)
    decision = judge_merger(_facts(source, target, at))
    if not decision.allowed:
        raise MergerRefused(" ".join(decision.why))
    try:
        with transaction.atomic(durable=True):
            Merger.objects.create(
                organisation=source, into=target, proposed_at=at, proposed_by_id=by.account_id
            )
            _record(EventKind.MERGER_PROPOSED, source, target, by, at)
    except IntegrityError as error:
        if "merger_one_waiting" not in str(error):
            raise
        raise MergerRefused("A merger of this organisation waits already. Nothing was changed.") from None


def find_merger(*, organisation_id: int, by: Viewer, at: datetime) -> MergerView | None:
    """The merger that waits, judged as things are today; None where none does. Raises ActionRefused."""
    source = get_organisation(organisation_id)
    insist_on_organisation(source, by=by, at=at)
    waiting = Merger.objects.select_related("into", "proposed_by").filter(
        organisation=source, decided_at__isnull=True
    )
    merger = waiting.first()
    if merger is None:
        return None
    moving, behind = _split(source, merger.into)
    return MergerView(
        into_id=merger.into_id,
        into=merger.into.name,
        into_code=merger.into.code,
        proposed_by_id=merger.proposed_by_id,
        proposed_by=merger.proposed_by.name,
        proposed_at=merger.proposed_at,
        people=len(moving),
        left_behind=tuple(account.name for account in behind),
        decision=judge_merger(_facts(source, merger.into, at)),
    )


def sign_merger(*, organisation_id: int, by: Viewer, at: datetime) -> int:
    """The second person's yes: the people move, the old one stops. Gives how many moved.

    Raises ActionRefused (for who proposed it too), NoMerger, MergerRefused where something has changed since.
    """
    source = get_organisation(organisation_id)
    insist_on_organisation(source, by=by, at=at)
    with transaction.atomic(durable=True):
        merger = _lock(source)
        allowed = merger.proposed_by_id != by.account_id
        decision = judge_merger(_facts(source, merger.into, at))
        if allowed and decision.allowed:
            moved = _merge(source, merger, by, at)
    if not allowed:
        why = ("You proposed this: somebody else has to sign.",)
        insist_on(Decision(False, why, ("own-proposal",)), by=by, action=Action.MANAGE_ORGANISATION, at=at)
    if not decision.allowed:
        raise MergerRefused(" ".join(decision.why))
    return moved


def drop_merger(*, organisation_id: int, by: Viewer, at: datetime) -> None:
    """It is not merged after all; anybody who may manage it. Raises ActionRefused and NoMerger."""
    source = get_organisation(organisation_id)
    insist_on_organisation(source, by=by, at=at)
    with transaction.atomic(durable=True):
        merger = _lock(source)
        _decide(merger, "dropped", by, at)
        _record(EventKind.MERGER_DROPPED, source, merger.into, by, at)


def _get_both(
    organisation_id: int, into_id: int, by: Viewer, at: datetime
) -> tuple[Organisation, Organisation]:
    source, target = get_organisation(organisation_id), get_organisation(into_id)
    insist_on_organisation(source, by=by, at=at)
    insist_on_organisation(target, by=by, at=at)
    return source, target


def _lock(source: Organisation) -> Merger:
    waiting = Merger.objects.select_for_update(of=("self",)).select_related("into")
    merger = waiting.filter(organisation=source, decided_at__isnull=True).first()
    if merger is None:
        raise NoMerger("No merger of this organisation waits. Nothing was changed.")
    return merger


def _merge(source: Organisation, merger: Merger, by: Viewer, at: datetime) -> int:
    """Inside the caller's transaction."""
    target = merger.into
    moving, _ = _split(source, target)
    ids = [account.pk for account in moving]
    ended = end_sessions_of(organisation_id=source.pk, at=at)
    open_grants = RoleGrant.objects.filter(account__in=ids, role__in=REACHING, valid_to__isnull=True)
    roles = open_grants.update(valid_to=at)
    Account.objects.filter(pk__in=ids).update(organisation=target)
    Organisation.objects.filter(pk=source.pk).update(
        suspended_at=at, **{name: getattr(target, name) for name in CONTACT}
    )
    Stop.objects.create(
        scope="organisation", organisation=source, stopped_at=at, stopped_by_id=merger.proposed_by_id
    )
    _decide(merger, "merged", by, at)
    facts = {"people": len(ids), "roles": roles, "sessions": ended}
    _record(EventKind.ORGANISATION_MERGED, source, target, by, at, **facts)
    return len(ids)


def _decide(merger: Merger, outcome: str, by: Viewer, at: datetime) -> None:
    merger.outcome, merger.decided_at, merger.decided_by_id = outcome, at, by.account_id
    merger.save(update_fields=["outcome", "decided_at", "decided_by"])


def _split(source: Organisation, target: Organisation) -> tuple[list[Account], list[Account]]:
    """Whose address fits the other's domains, and whose does not; closed accounts stay where they ended."""
    current = Accreditation.objects.filter(organisation=target, superseded_at__isnull=True).first()
    domains = tuple(current.email_domains) if current else ()
    people = Account.objects.filter(organisation=source, closed_at__isnull=True).order_by("name", "pk")
    moving: list[Account] = []
    behind: list[Account] = []
    for account in people:
        fits = judge_domain(email=account.email, domains=domains).allowed
        (moving if fits else behind).append(account)
    return moving, behind


def _facts(source: Organisation, target: Organisation, at: datetime) -> MergerFacts:
    on = at.astimezone(ENGLAND).date()
    current = Accreditation.objects.filter(organisation=target, superseded_at__isnull=True).first()
    return MergerFacts(
        is_same=source.pk == target.pk,
        is_one_authority=source.authority == target.authority,
        is_one_sector=source.sector == target.sector,
        is_sensitive=bool(source.sensitive_service or target.sensitive_service),
        is_accredited=bool(current and current.expires_on >= on and not target.suspended_at),
        was_merged=Merger.objects.filter(organisation__in=[source, target], outcome="merged").exists(),
    )


def _record(
    kind: EventKind, source: Organisation, target: Organisation, by: Viewer, at: datetime, **more: int
) -> None:
    facts: dict[str, str | int] = {"organisation": source.pk, "into": target.pk, **more}
    record_event(kind=kind, actor=by.actor, at=at, facts=facts)
