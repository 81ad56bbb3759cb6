"""How the state of an account is said."""

from dataclasses import dataclass
from datetime import date

from contactpoint.access.providers import find_providers
from contactpoint.access.queries.people import Person, Show
from contactpoint.access.roles import ALLOWED, Action

SHOWN = {
    Show.WAITING: "Not approved yet",
    Show.LAPSING: "Lapsing within 30 days",
    Show.STOPPED: "Stopped or lapsed",
    Show.ALL: "Everybody",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One step towards an active account. `state` is 'done', 'missing' or 'lapsed'."""

    title: str
    state: str
    on: date | None = None
    until: date | None = None
    address: str = ""
    verb: str = ""


def say_steps(person: Person, *, linked: frozenset[str] = frozenset()) -> tuple[Part, ...]:
    """Every step of ACC-3 in its order, with where it is recorded.

    `linked`: the sign-in providers at which the person is known, which may stand for password and factor.
    """
    facts, codes = person.facts, set(person.decision.codes)

    def state(part: str, is_there: object) -> str:
        if f"{part}-lapsed" in codes or f"{part}-level" in codes:
            return "lapsed"
        return "done" if is_there else "missing"

    has_way_in = person.has_password or bool(linked)
    has_two = any(each.two_factors for each in find_providers() if each.key in linked)
    approved_on = facts.approved_at.date() if facts.approved_at else None
    return (
        Part(
            "Password set by the person" if person.has_password or not linked else "Sign-in provider linked",
            "done" if has_way_in else "missing",
            address="" if has_way_in else "send_link",
            verb="Send the invitation again",
        ),
        Part(
            "Second factor enrolled by the person"
            if person.has_factor or not has_two
            else "Two factors there",
            "done" if person.has_factor or has_two else "missing",
        ),
        Part(
            "Agreement signed by the person",
            state("agreement", facts.agreement_signed_on),
            facts.agreement_signed_on,
        ),
        Part(
            "Identity checked",
            state("identity", facts.identity_checked_on),
            facts.identity_checked_on,
            address="check_identity",
            verb="Record",
        ),
        Part(
            "Enhanced DBS check",
            state("dbs", facts.dbs_checked_on),
            facts.dbs_checked_on,
            facts.dbs_next_check_on,
            "check_dbs",
            "Record",
        ),
        Part(
            "Training passed",
            state("training", facts.training_passed_on),
            facts.training_passed_on,
            facts.training_expires_on,
            "check_training",
            "Record",
        ),
        Part("Approved by a second person", state("approval", facts.approved_at), approved_on),
        Part(
            "Confirmed by the manager, twice a year",
            state("recertification", person.recertify_by),
            facts.recertified_on,
            person.recertify_by,
        ),
    )


@dataclass(frozen=True, slots=True)
class Right:
    """What one role lets somebody do, and where."""

    role: str
    reach: str
    actions: tuple[str, ...]


def say_rights(person: Person) -> tuple[Right, ...]:
    """What somebody may do and why, role by role."""
    return tuple(
        Right(
            role=grant.role.value.replace("-", " "),
            reach=grant.authority,
            actions=tuple(action.value for action in Action if action in ALLOWED[grant.role]),
        )
        for grant in person.grants
    )


LACKS = {
    "service-stopped": "the whole service is switched off",
    "authority-stopped": "the authority’s access is switched off",
    "account-closed": "the account is closed",
    "account-suspended": "the account is suspended",
    "disuse": "not used for three months",
    "disuse-closed": "not used for a year",
    "no-role": "no role",
    "organisation-suspended": "the organisation is suspended",
    "accreditation-missing": "the organisation is not accredited",
    "accreditation-suspended": "the accreditation is suspended",
    "accreditation-lapsed": "the accreditation has expired",
    "identity-missing": "identity not checked",
    "dbs-missing": "no DBS check",
    "dbs-level": "the DBS check is not an enhanced one",
    "dbs-lapsed": "the DBS check is out of date",
    "training-missing": "training not passed",
    "training-lapsed": "training out of date",
    "agreement-missing": "agreement not signed",
    "approval-missing": "not approved",
    "recertification-lapsed": "not confirmed by the manager",
}


def say_lacks(person: Person) -> tuple[str, ...]:
    """Everything that keeps an account from acting, in short, for those who manage it."""
    return tuple(LACKS[code] for code in person.decision.codes)
