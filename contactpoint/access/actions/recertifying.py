"""Managers confirm twice a year that their people still need access (ACC-10)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from contactpoint.access.actions.accounts import get_account, insist_on_account
from contactpoint.access.actions.insist import insist, insist_on
from contactpoint.access.models import Clearance
from contactpoint.access.policies import ENGLAND, judge_check
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind


def recertify_accounts(*, account_ids: Sequence[int], by: Viewer, at: datetime) -> int:
    """These people still need access; gives how many. Nobody confirms themselves.

    Raises ActionRefused; then nobody was confirmed.
    """
    insist(
        by=by,
        action=Action.RECERTIFY,
        at=at,
        authority=by.authority,
        organisation_id=by.organisation_id,
    )
    for account_id in account_ids:
        insist_on_account(get_account(account_id), by=by, action=Action.RECERTIFY, at=at)
        decision = judge_check(checker_id=by.account_id, account_id=account_id)
        insist_on(decision, by=by, action=Action.RECERTIFY, at=at)
    on = at.astimezone(ENGLAND).date()
    with transaction.atomic(durable=True):
        confirmed = Clearance.objects.filter(account_id__in=account_ids, approved_at__isnull=False)
        count = confirmed.update(recertified_on=on, recertified_by_id=by.account_id)
        for account_id in account_ids:
            record_event(
                kind=EventKind.ACCOUNT_RECERTIFIED, actor=by.actor, at=at, facts={"account": account_id}
            )
    return count
