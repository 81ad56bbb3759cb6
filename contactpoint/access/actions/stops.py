"""Switches: an account, an organisation, an authority, the whole service (ACC-5).

Each is turned off by one action, which ends the sessions concerned in the same transaction,
and turned on again by somebody other than who turned it off, which the database holds too.
"""

from datetime import datetime

from django.db import transaction

from contactpoint.access.actions.accounts import AlreadyDone, get_account, insist_on_account
from contactpoint.access.actions.insist import insist, insist_on
from contactpoint.access.actions.organisations import get_organisation
from contactpoint.access.actions.sessions import end_sessions_of
from contactpoint.access.models import Account, Organisation, Stop
from contactpoint.access.policies import judge_disuse, judge_lift, judge_operator
from contactpoint.access.queries.who import LIMITS, get_facts
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.authorities import get_authority

NO_ORGANISATION = 0


def suspend_account(*, account_id: int, by: Viewer, at: datetime) -> None:
    """Stop the account and end its session, in one step (ACC-5). Raises ActionRefused and AlreadyDone."""
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.SUSPEND, at=at)
    with transaction.atomic(durable=True):
        if not Account.objects.filter(pk=account_id, suspended_at__isnull=True).update(suspended_at=at):
            raise AlreadyDone("This account was suspended before. Nothing was changed.")
        Stop.objects.create(
            scope="account", account_id=account_id, stopped_at=at, stopped_by_id=by.account_id
        )
        ended = end_sessions_of(account_id=account_id, at=at)
        record_event(
            kind=EventKind.ACCOUNT_SUSPENDED,
            actor=by.actor,
            at=at,
            facts={"account": account_id, "sessions": ended},
        )


def reinstate_account(*, account_id: int, by: Viewer, at: datetime) -> None:
    """Let a suspended or unused account go on: somebody other than who suspended it, and not oneself.

    Raises ActionRefused and AlreadyDone.
    """
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.SUSPEND, at=at)
    stop = Stop.objects.filter(scope="account", account_id=account_id, lifted_at__isnull=True).first()
    unused = judge_disuse(facts=get_facts(account_id=account_id, at=at), at=at, limits=LIMITS)
    is_stopped = bool(stop or account.suspended_at or unused)
    if account.closed_at or unused == "disuse-closed" or not is_stopped:
        raise AlreadyDone("This account is not suspended, or was closed for good. Nothing was changed.")
    decision = judge_lift(
        stopped_by=stop.stopped_by_id if stop else None, lifted_by=by.account_id, account_id=account_id
    )
    insist_on(decision, by=by, action=Action.SUSPEND, at=at)
    with transaction.atomic(durable=True):
        _lift(stop, by=by, at=at)
        Account.objects.filter(pk=account_id).update(suspended_at=None, reinstated_at=at)
        record_event(kind=EventKind.ACCOUNT_REINSTATED, actor=by.actor, at=at, facts={"account": account_id})


def suspend_organisation(*, organisation_id: int, by: Viewer, at: datetime) -> None:
    """Stop all its people at once and end their sessions (ACC-2, ACC-5).

    Raises ActionRefused and AlreadyDone.
    """
    organisation = get_organisation(organisation_id)
    insist(
        by=by, action=Action.SUSPEND, at=at, authority=organisation.authority, organisation_id=organisation.pk
    )
    with transaction.atomic(durable=True):
        running = Organisation.objects.filter(pk=organisation_id, suspended_at__isnull=True)
        if not running.update(suspended_at=at):
            raise AlreadyDone("This organisation was suspended before. Nothing was changed.")
        Stop.objects.create(
            scope="organisation",
            organisation_id=organisation_id,
            stopped_at=at,
            stopped_by_id=by.account_id,
        )
        ended = end_sessions_of(organisation_id=organisation_id, at=at)
        record_event(
            kind=EventKind.ORGANISATION_SUSPENDED,
            actor=by.actor,
            at=at,
            facts={"organisation": organisation_id, "sessions": ended},
        )


def reinstate_organisation(*, organisation_id: int, by: Viewer, at: datetime) -> None:
    """Let its people go on: somebody other than who suspended it. Raises ActionRefused and AlreadyDone."""
    organisation = get_organisation(organisation_id)
    insist(
        by=by, action=Action.SUSPEND, at=at, authority=organisation.authority, organisation_id=organisation.pk
    )
    stop = _get_stop(scope="organisation", organisation_id=organisation_id)
    decision = judge_lift(stopped_by=stop.stopped_by_id, lifted_by=by.account_id)
    insist_on(decision, by=by, action=Action.SUSPEND, at=at)
    with transaction.atomic(durable=True):
        _lift(stop, by=by, at=at)
        Organisation.objects.filter(pk=organisation_id).update(suspended_at=None)
        record_event(
            kind=EventKind.ORGANISATION_REINSTATED,
            actor=by.actor,
            at=at,
            facts={"organisation": organisation_id},
        )


def stop_authority(*, code: str, by: Viewer, at: datetime) -> None:
    """Everybody whom this authority answers for is out at once. Raises ActionRefused and AlreadyDone."""
    get_authority(code)
    insist(by=by, action=Action.MANAGE_ORGANISATION, at=at, authority=code, organisation_id=NO_ORGANISATION)
    with transaction.atomic(durable=True):
        if Stop.objects.filter(scope="authority", authority=code, lifted_at__isnull=True).exists():
            raise AlreadyDone("This authority’s access was switched off before. Nothing was changed.")
        Stop.objects.create(scope="authority", authority=code, stopped_at=at, stopped_by_id=by.account_id)
        ended = end_sessions_of(authority=code, at=at)
        record_event(
            kind=EventKind.AUTHORITY_STOPPED,
            actor=by.actor,
            at=at,
            facts={"authority": code, "sessions": ended},
        )


def restore_authority(*, code: str, by: Viewer, at: datetime) -> None:
    """Somebody else lets them go on. Raises ActionRefused and AlreadyDone."""
    insist(by=by, action=Action.MANAGE_ORGANISATION, at=at, authority=code, organisation_id=NO_ORGANISATION)
    stop = _get_stop(scope="authority", authority=code)
    decision = judge_lift(stopped_by=stop.stopped_by_id, lifted_by=by.account_id)
    insist_on(decision, by=by, action=Action.MANAGE_ORGANISATION, at=at)
    with transaction.atomic(durable=True):
        _lift(stop, by=by, at=at)
        record_event(kind=EventKind.AUTHORITY_RESTORED, actor=by.actor, at=at, facts={"authority": code})


def stop_service(*, by: Viewer, at: datetime) -> None:
    """Everybody is out at once, but for those who run the service. Raises ActionRefused and AlreadyDone."""
    insist_on(judge_operator(viewer=by), by=by, action=Action.OPERATE, at=at)
    with transaction.atomic(durable=True):
        if Stop.objects.filter(scope="service", lifted_at__isnull=True).exists():
            raise AlreadyDone("The service was switched off before. Nothing was changed.")
        Stop.objects.create(scope="service", stopped_at=at, stopped_by_id=by.account_id)
        ended = end_sessions_of(at=at, spare=by.account_id)
        record_event(kind=EventKind.SERVICE_STOPPED, actor=by.actor, at=at, facts={"sessions": ended})


def restore_service(*, by: Viewer, at: datetime) -> None:
    """Another operator turns it on again. Raises ActionRefused and AlreadyDone."""
    insist_on(judge_operator(viewer=by), by=by, action=Action.OPERATE, at=at)
    stop = _get_stop(scope="service")
    decision = judge_lift(stopped_by=stop.stopped_by_id, lifted_by=by.account_id)
    insist_on(decision, by=by, action=Action.OPERATE, at=at)
    with transaction.atomic(durable=True):
        _lift(stop, by=by, at=at)
        record_event(kind=EventKind.SERVICE_RESTORED, actor=by.actor, at=at)


def _get_stop(**which: object) -> Stop:
    found = Stop.objects.filter(lifted_at__isnull=True, **which).first()
    if found is None:
        raise AlreadyDone("This is not switched off. Nothing was changed.")
    return found


def _lift(stop: Stop | None, *, by: Viewer, at: datetime) -> None:
    """Inside the caller's transaction; whoever comes second finds that it is done."""
    if stop is None:
        return
    still_off = Stop.objects.filter(pk=stop.pk, lifted_at__isnull=True)
    if not still_off.update(lifted_at=at, lifted_by_id=by.account_id):
        raise AlreadyDone("Somebody has turned this on again meanwhile. Nothing was changed.")
