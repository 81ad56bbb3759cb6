"""An organisation merges into another: two people decide, nobody may do more than before (ACC-2)."""

from datetime import datetime

import pytest

from contactpoint.access.actions import merging
from contactpoint.access.models import Account, Organisation, RoleGrant
from contactpoint.access.queries import get_viewer
from contactpoint.access.queries.who import NotCleared
from contactpoint.access.roles import Role, Sector
from tests.factories import make_cleared_account, make_founders, make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])


@pytest.fixture
def managers(walk: MakeWalker, now: datetime) -> tuple[Walker, Walker]:
    team = make_organisation(at=now, code="TEAM", name="ContactPoint team", kind="authority")
    ada, ben = (
        walk(organisation=team, name=name, roles=(Role.ACCOUNT_MANAGER,))
        for name in ("Ada Moss", "Ben Ortiz")
    )
    return ada, ben


@pytest.fixture
def schools(now: datetime) -> tuple[Organisation, Organisation]:
    return (
        make_organisation(at=now, code="111111", name="Brook Infants"),
        make_organisation(at=now, code="222222", name="Brook Primary"),
    )


def test_two_people_merge_two_schools(
    managers: tuple[Walker, Walker],
    schools: tuple[Organisation, Organisation],
    walk: MakeWalker,
    now: datetime,
) -> None:
    ada, ben = managers
    infants, primary = schools
    jo = walk(name="Jo Teacher", organisation=infants)
    lin = make_cleared_account(at=now, name="Lin Head", organisation=infants, roles=(Role.LINE_MANAGER,))
    away = make_cleared_account(at=now, name="Away Person", organisation=infants)
    Account.objects.filter(pk=away.pk).update(email="away@infants.example")
    home = f"/organisations/{infants.pk}/"
    assert jo.post(f"{home}merge/", {"into": "222222"})[0] == 403
    assert "action-refused refused" in jo.kinds()
    assert "Proposed. Somebody else has to sign." in ada.post(f"{home}merge/", {"into": "222222"})[1]
    assert "waits already" in ada.post(f"{home}merge/", {"into": "222222"})[1]
    assert ada.post(f"{home}merge/sign/")[0] == 403
    page = ben.get(home)
    assert "2 people move" in page
    assert "Move them one by one: Away Person" in page
    assert "People who moved: 2." in ben.post(f"{home}merge/sign/")[1]

    assert jo.client.get("/").status_code == 302  # to sign in again
    viewer = get_viewer(account_id=jo.account.pk, at=now)
    assert (viewer.organisation_id, viewer.roles) == (primary.pk, {Role.PRACTITIONER})
    assert not RoleGrant.objects.filter(account=lin, valid_to__isnull=True).exists()
    with pytest.raises(NotCleared):
        get_viewer(account_id=away.pk, at=now)
    infants.refresh_from_db()
    assert infants.telephone == primary.telephone
    assert "organisation-merged" in ben.kinds()
    assert ben.post(f"{home}merge/sign/")[0] == 404  # there is nothing to sign any more


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"authority": "340"}, "two authorities"),
        ({"sector": Sector.HEALTH}, "different sectors"),
        ({"is_accredited": False}, "not accredited"),
    ],
    ids=["authority", "sector", "accreditation"],
)
def test_nobody_gains_by_a_merger(
    other: dict[str, object], why: str, walk: MakeWalker, now: datetime
) -> None:
    """ACC-8."""
    first = make_organisation(at=now, code="111111", name="Brook Infants")
    second = make_organisation(at=now, code="222222", name="Other", **other)  # type: ignore[arg-type]
    (by, _) = make_founders(at=now)
    with pytest.raises(merging.MergerRefused, match=why):
        merging.propose_merger(organisation_id=first.pk, into_id=second.pk, by=by, at=now)


def test_what_changed_meanwhile_stops_the_signature(
    managers: tuple[Walker, Walker], schools: tuple[Organisation, Organisation], now: datetime
) -> None:
    ada, ben = managers
    infants, primary = schools
    home = f"/organisations/{infants.pk}/"
    assert "There is a problem" in ada.post(f"{home}merge/", {"into": "999"})[1]
    ada.post(f"{home}merge/", {"into": "222222"})
    Organisation.objects.filter(pk=primary.pk).update(suspended_at=now)
    assert "cannot be signed as things are" in ben.get(home)
    assert ben.post(f"{home}merge/sign/")[0] == 409
    assert "dropped" in ada.post(f"{home}merge/drop/")[1]
    assert "merger-dropped" in ada.kinds()
    assert Organisation.objects.get(pk=infants.pk).suspended_at is None
