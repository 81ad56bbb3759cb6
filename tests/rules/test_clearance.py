"""ACC-2, ACC-3: who may act, as a truth table of dates."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contactpoint.access.policies import judge_clearance
from contactpoint.access.records import AccreditationFacts, ClearanceFacts

TODAY = date(2026, 10, 5)
AT = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)

COMPLETE = ClearanceFacts(
    identity_checked_on=date(2026, 1, 5),
    dbs_level="enhanced",
    dbs_checked_on=date(2024, 3, 1),
    dbs_next_check_on=date(2027, 3, 1),
    training_passed_on=date(2026, 1, 5),
    training_expires_on=date(2027, 1, 5),
    agreement_signed_on=date(2026, 1, 5),
    approved_at=datetime(2026, 1, 6, 12, 0, tzinfo=UTC),
    recertified_on=date(2026, 7, 6),
    used_at=datetime(2026, 10, 2, 16, 0, tzinfo=UTC),
    accreditation=AccreditationFacts(date(2026, 1, 1), date(2026, 12, 31), None),
    has_role=True,
)


def accreditation(**changes: object) -> AccreditationFacts:
    assert COMPLETE.accreditation is not None
    return replace(COMPLETE.accreditation, **changes)  # type: ignore[arg-type]


MAY_ACT = {
    "everything in order": {},
    "DBS check due today": {"dbs_next_check_on": TODAY},
    "training expires today": {"training_expires_on": TODAY},
    "accreditation expires today": {"accreditation": accreditation(expires_on=TODAY)},
    "everything done today": {
        "identity_checked_on": TODAY,
        "dbs_checked_on": TODAY,
        "training_passed_on": TODAY,
        "agreement_signed_on": TODAY,
        "approved_at": AT,
    },
    "suspension that begins later": {"account_suspended_at": AT + DAY},
}

MAY_NOT_ACT = {
    "no role": ({"has_role": False}, "no-role"),
    "suspended now": ({"account_suspended_at": AT}, "account-suspended"),
    "closed": ({"account_closed_at": AT - DAY}, "account-closed"),
    "identity never checked": ({"identity_checked_on": None}, "identity-missing"),
    "identity to be checked tomorrow": ({"identity_checked_on": TODAY + DAY}, "identity-missing"),
    "no DBS check": ({"dbs_checked_on": None}, "dbs-missing"),
    "basic DBS check": ({"dbs_level": "basic"}, "dbs-level"),
    "standard DBS check": ({"dbs_level": "standard"}, "dbs-level"),
    "DBS check due yesterday": ({"dbs_next_check_on": TODAY - DAY}, "dbs-lapsed"),
    "DBS check without a next date": ({"dbs_next_check_on": None}, "dbs-lapsed"),
    "training never passed": ({"training_passed_on": None}, "training-missing"),
    "training expired yesterday": ({"training_expires_on": TODAY - DAY}, "training-lapsed"),
    "agreement not signed": ({"agreement_signed_on": None}, "agreement-missing"),
    "not approved": ({"approved_at": None}, "approval-missing"),
    "approved tomorrow": ({"approved_at": AT + DAY}, "approval-missing"),
    "organisation suspended": ({"organisation_suspended_at": AT}, "organisation-suspended"),
    "organisation never accredited": ({"accreditation": None}, "accreditation-missing"),
    "accreditation expired yesterday": (
        {"accreditation": accreditation(expires_on=TODAY - DAY)},
        "accreditation-lapsed",
    ),
    "accreditation suspended": ({"accreditation": accreditation(suspended_at=AT)}, "accreditation-suspended"),
    "accreditation from tomorrow": (
        {"accreditation": accreditation(accredited_on=TODAY + DAY)},
        "accreditation-missing",
    ),
}


@pytest.mark.parametrize("changes", MAY_ACT.values(), ids=MAY_ACT)
def test_may_act(changes: dict[str, object]) -> None:
    """ACC-2, ACC-3."""
    decision = judge_clearance(facts=replace(COMPLETE, **changes), at=AT)  # type: ignore[arg-type]
    assert decision.allowed, decision.why
    assert decision.why == ()


@pytest.mark.parametrize(("changes", "code"), MAY_NOT_ACT.values(), ids=MAY_NOT_ACT)
def test_may_not_act_and_is_told_why(changes: dict[str, object], code: str) -> None:
    """ACC-2, ACC-3."""
    decision = judge_clearance(facts=replace(COMPLETE, **changes), at=AT)  # type: ignore[arg-type]
    assert not decision.allowed
    assert decision.codes == (code,)
    assert len(decision.why) == 1


def test_every_missing_part_is_told_at_once() -> None:
    """ACC-3."""
    decision = judge_clearance(facts=ClearanceFacts(), at=AT)
    assert decision.codes == (
        "no-role",
        "accreditation-missing",
        "identity-missing",
        "dbs-missing",
        "training-missing",
        "agreement-missing",
        "approval-missing",
    )


def test_a_manager_is_told_of_each_in_short() -> None:
    """ACC-3."""
    from contactpoint.web.people.words import LACKS

    told = {code for _, code in MAY_NOT_ACT.values()}
    assert told | {"service-stopped", "authority-stopped", "disuse", "disuse-closed"} | {
        "recertification-lapsed"
    } == set(LACKS)


def test_days_are_those_of_england() -> None:
    """At 23:30 UTC in summer it is already tomorrow in England: what expired yesterday has lapsed."""
    expiring = replace(COMPLETE, training_expires_on=date(2026, 7, 1))
    assert judge_clearance(facts=expiring, at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC)).allowed
    assert not judge_clearance(facts=expiring, at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC)).allowed
