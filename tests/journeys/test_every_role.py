"""ACC-8: every address of those who answer for people × every role, generated; and no address breaks for any.

Whoever's role does not allow what an address is for is refused, by looking and by sending a form.
"""

from datetime import datetime

import pytest
from django.urls import get_resolver

from contactpoint.access.roles import ALLOWED, Action, Role
from tests.factories import make_account, make_cleared_account, make_organisation
from tests.journeys.conftest import MakeWalker
from tests.repository.test_addresses import ADDRESSES, CLEARED, served

OURS = ("mediated/", "people/", "organisations/", "switches/", "log/", "team/", "openings/")
INVITE, APPROVE = (Action.INVITE_ACCOUNT,), (Action.APPROVE_ACCOUNT,)
MANAGE, SUSPEND = (Action.MANAGE_ORGANISATION,), (Action.SUSPEND,)
WATCH = (Action.READ_LOG, Action.READ_LOG_OF_AUTHORITY, Action.READ_LOG_OF_STAFF)
SWITCH = (Action.MANAGE_ORGANISATION, Action.OPERATE)
ANYBODY = tuple(Action)

# For each address the actions of which a role must allow one.
NEEDS = {
    "team": ANYBODY,
    **dict.fromkeys(["mediated", "mediated_caller", "mediated_code", "end_mediated"], (Action.MEDIATE,)),
    "openings": (Action.SEE_OPENINGS,),
    "opening": (Action.SEE_OPENINGS,),
    **dict.fromkeys(["propose_opening", "sign_opening", "drop_opening"], (Action.SIGN_OPENING,)),
    "take_back_opening": (Action.SEE_OPENINGS,),
    "invited_many": ANYBODY,  # one's own last file
    "training_receipts": ANYBODY,  # one's own last file
    "recertify": (Action.RECERTIFY,),
    "log": WATCH,
    "export_log": WATCH,
    "switches": SWITCH,
    "stop_authority": SWITCH,
    "restore_authority": SWITCH,
    "stop_service": SWITCH,
    "restore_service": SWITCH,
    **dict.fromkeys(
        ["people", "person", "invite_person", "invite_many", "import_training", "send_link", "link_person"],
        INVITE,
    ),
    **dict.fromkeys(["check_identity", "check_dbs", "check_training"], INVITE),
    **dict.fromkeys(["approve_person", "give_role", "end_roles", "move_person", "renew_factors"], APPROVE),
    **dict.fromkeys(["suspend_person", "reinstate_person", "close_person"], SUSPEND),
    **dict.fromkeys(["organisations", "register_organisation", "organisation"], MANAGE),
    **dict.fromkeys(["organisation_contact", "organisation_evidence", "accredit_organisation"], MANAGE),
    **dict.fromkeys(["merge_organisation", "sign_merger", "drop_merger"], MANAGE),
    **dict.fromkeys(["refuse_application", "suspend_organisation", "reinstate_organisation"], MANAGE),
}


def routes() -> dict[str, str]:
    """Every cleared address by name, with its parts still to be filled in."""
    return {
        name: f"/{route}"
        for name, route in served(get_resolver("contactpoint.urls"))
        if ADDRESSES[name][0] == CLEARED
    }


def test_every_address_of_ours_says_what_it_needs() -> None:
    ours = {name for name, route in routes().items() if route.lstrip("/").startswith(OURS)}
    assert ours == set(NEEDS)


@pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])
@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_reaches_what_it_allows_and_is_refused_the_rest(
    role: Role, walk: MakeWalker, now: datetime
) -> None:
    """ACC-8."""
    home = make_organisation(at=now)
    colleague = make_account(at=now, name="Some Colleague", organisation=home)
    caller = make_cleared_account(at=now, name="Some Caller", organisation=home)
    walker = walk(name="The Walker", organisation=home, roles=(role,))
    refused = 0
    for name, route in routes().items():
        number = home.pk if route.startswith("/organisations/") else colleague.pk
        number = caller.pk if route.startswith("/mediated/") else number
        number = 330 if route.startswith("/openings/") else number
        address = route.replace("<int:entry>", str(number)).replace("<str:token>", "x")
        looked = walker.client.get(address).status_code
        assert looked in (200, 302, 400, 403, 404, 405, 409), (name, looked)
        if name not in NEEDS:
            continue
        if ALLOWED[role] & set(NEEDS[name]):
            allowed = (302, 405) if name == "mediated_code" else (200, 405)  # no code waits
            assert looked in allowed, (name, looked)
        else:
            sent = walker.client.post(address).status_code
            assert (looked in (403, 405), sent in (403, 405)) == (True, True), (name, looked, sent)
            refused += 1
    log = walker.kinds()
    assert refused == 0 or log.count("action-refused refused") >= refused
