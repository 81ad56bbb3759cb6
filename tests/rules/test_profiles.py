"""How somebody is reached, as they said themselves: what may be said, and for how long it counts (INV-2)."""

from datetime import date, datetime, timedelta

import pytest

from contactpoint.access.actions.profile import (
    UnusableProfile,
    change_own_contact,
    change_own_cover,
    end_own_cover,
)
from contactpoint.access.actions.stops import suspend_account
from contactpoint.access.actions.tidying import warn_and_tidy
from contactpoint.access.models import Account, Organisation, Profile
from contactpoint.access.queries import find_team_contact, get_viewer
from contactpoint.access.queries.profiles import find_profiles, get_own_profile
from contactpoint.access.records import Viewer
from contactpoint.audit.queries import find_events_of_account
from contactpoint.audit.records import Actor
from contactpoint.casework.hidden_record import compose_hidden
from contactpoint.codes.telephones import find_telephone_problem, write_telephone
from contactpoint.directory.models import Child
from tests.factories import make_account, make_cleared_account, make_founders, make_organisation

DAY = timedelta(days=1)


@pytest.mark.parametrize("text", ["0121 496 0100", "+44 121 496 0100", "+44 (0)121 496 0100", "0121 4960100 ext 12", "01204 12345", "07700 900123"])  # fmt: skip
def test_numbers_that_can_be_rung(text: str) -> None:
    """INV-2."""
    assert find_telephone_problem(text=text) == ""


@pytest.mark.parametrize("text", ["496 0100", "+33 1 42 27 00 00", "ask Morag", "0121", "0121 496 0100 0100", "070 1234 5678", "0909 879 0000", "=0121 496 0100", "०१२१ ४९६ ०१००"])  # fmt: skip
def test_numbers_that_cannot(text: str) -> None:
    """INV-2: nor those that charge whoever rings."""
    assert find_telephone_problem(text=text) != ""


@pytest.fixture
def home(db: None, now: datetime) -> Organisation:
    return make_organisation(at=now)


@pytest.fixture
def jo(home: Organisation, now: datetime) -> Viewer:
    return _viewer(now, home, "jo@bridgelane.example", "Jo Bloggs")


@pytest.fixture
def morag(home: Organisation, now: datetime) -> Viewer:
    return _viewer(now, home, "morag@bridgelane.example", "Morag Lane")


def _viewer(at: datetime, home: Organisation, email: str, name: str) -> Viewer:
    account = make_cleared_account(at=at, organisation=home, email=email, name=name)
    return get_viewer(account_id=account.pk, at=at)


def _go_away(by: Viewer, at: datetime, *, since: int = 0, until: int = 7, cover: str = "morag@bridgelane.example") -> None:  # fmt: skip
    change_own_cover(away_from=_on(at, since), away_to=_on(at, until), cover_email=cover, by=by, at=at)


def _on(at: datetime, days: int) -> date:
    return (at + days * DAY).date()


@pytest.mark.parametrize(
    "email", ["duty@gmail.com", "duty@bridgelane.example.com", "duty", "a@b@bridgelane.example", "@bridgelane.example"]
)  # fmt: skip
def test_an_address_is_in_a_domain_of_the_organisation(jo: Viewer, now: datetime, email: str) -> None:
    """ACC-2, INV-2."""
    with pytest.raises(UnusableProfile) as refusal:
        change_own_contact(telephone="ring me", email=email, by=jo, at=now)
    assert [about for about, _ in refusal.value.parts] == ["telephone", "email"]
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("0121  496 0100x12", "0121 496 0100 ext 12"), (" 0121 496 0100 ", "0121 496 0100"), ("0121 496 0100 Extension 7", "0121 496 0100 ext 7")],
)  # fmt: skip
def test_an_extension_is_shown_in_one_way_and_dialled(typed: str, shown: str) -> None:
    """INV-2."""
    assert write_telephone(text=typed) == shown


def test_what_is_said_stands_before_the_organisations_and_the_log_has_no_value(jo: Viewer, now: datetime) -> None:  # fmt: skip
    """INV-2, AUD-8."""
    change_own_contact(telephone="0121 496 0777", email="Duty@bridgelane.example", by=jo, at=now)
    assert find_team_contact(account_id=jo.account_id) == ("0121 496 0777", "duty@bridgelane.example")
    change_own_contact(telephone="", email="", by=jo, at=now)
    assert find_team_contact(account_id=jo.account_id) == ("0121 496 0000", "office@bridgelane.example")
    events = [each for each in find_events_of_account(account_id=jo.account_id, since=now - DAY) if each.kind == "profile-changed"]  # fmt: skip
    assert [each.facts for each in events] == [{"part": "contact"}] * 2


@pytest.mark.parametrize(
    ("since", "until", "about"),
    [(3, 2, "away_to"), (-9, -1, "away_to"), (0, 367, "away_to"), (367, 370, "away_from")],
    ids=["ends before it begins", "over already", "longer than a year", "more than a year ahead"],
)
def test_an_absence_that_cannot_be(jo: Viewer, morag: Viewer, now: datetime, since: int, until: int, about: str) -> None:  # fmt: skip
    """INV-2."""
    with pytest.raises(UnusableProfile) as refusal:
        _go_away(jo, now, since=since, until=until)
    assert refusal.value.parts[0][0] == about


def test_who_cannot_be_named_as_cover_is_told_in_the_same_words(jo: Viewer, home: Organisation, now: datetime) -> None:  # fmt: skip
    """SEA-6: nobody learns from it who has an account where."""
    elsewhere = make_organisation(at=now)
    make_cleared_account(at=now, organisation=elsewhere, email="other@bridgelane.example")
    make_account(at=now, organisation=home, email="unchecked@bridgelane.example")
    said = set()
    for name in ("nobody", "other", "unchecked"):
        with pytest.raises(UnusableProfile) as refusal:
            _go_away(jo, now, cover=f"{name}@bridgelane.example")
        said.add(str(refusal.value))
    assert len(said) == 1
    with pytest.raises(UnusableProfile, match="yourself"):
        _go_away(jo, now, cover="JO@bridgelane.example")
    assert not Profile.objects.exists()


def test_who_is_away_too_covers_for_nobody(jo: Viewer, morag: Viewer, now: datetime) -> None:
    """INV-2."""
    _go_away(jo, now, since=2, until=4)
    with pytest.raises(UnusableProfile, match="away in that time"):
        _go_away(morag, now, since=4, until=9, cover="jo@bridgelane.example")
    _go_away(morag, now, since=5, until=9, cover="jo@bridgelane.example")
    assert [name for name, _, _ in get_own_profile(account_id=morag.account_id, at=now).covers] == ["Jo Bloggs"]  # fmt: skip


@pytest.mark.parametrize(("days", "is_away"), [(-1, False), (2, False), (3, True), (5, True), (6, False)])
def test_an_absence_counts_between_its_days_and_ends_by_itself(jo: Viewer, morag: Viewer, now: datetime, days: int, is_away: bool) -> None:  # fmt: skip
    """INV-2: by dates at every read, without any nightly run."""
    _go_away(jo, now, since=3, until=5)
    found = find_profiles(accounts={jo.account_id}, at=now + days * DAY)[jo.account_id]
    assert (found.away_to is not None, found.cover is not None) == (is_away, is_away)


def test_back_already(jo: Viewer, morag: Viewer, now: datetime) -> None:
    """INV-2."""
    _go_away(jo, now)
    end_own_cover(by=jo, at=now)
    assert find_profiles(accounts={jo.account_id}, at=now)[jo.account_id].away_to is None


def test_a_cover_who_may_not_act_any_more_is_not_named(jo: Viewer, morag: Viewer, now: datetime) -> None:
    """ACC-3: asked at every read."""
    _go_away(jo, now)
    suspend_account(account_id=morag.account_id, by=make_founders(at=now)[0], at=now)
    found = find_profiles(accounts={jo.account_id}, at=now)[jo.account_id]
    assert (found.away_to, found.cover) == (_on(now, 7), None)
    own = get_own_profile(account_id=jo.account_id, at=now)
    assert (own.is_away, own.cover) == (True, None)


def test_a_move_leaves_the_profile_behind_and_the_night_forgets(jo: Viewer, morag: Viewer, now: datetime) -> None:  # fmt: skip
    """INV-2: nothing is kept of how somebody was reached."""
    _go_away(jo, now)
    warn_and_tidy(by=Actor(None, None, "worker"), at=now + 8 * DAY)
    assert Profile.objects.get().cover is None
    change_own_contact(telephone="0121 496 0777", email="", by=jo, at=now)
    Account.objects.filter(pk=jo.account_id).update(organisation=make_organisation(at=now))
    assert find_profiles(accounts={jo.account_id}, at=now) == {}
    assert find_team_contact(account_id=jo.account_id)[0] == "0121 496 0000"
    warn_and_tidy(by=Actor(None, None, "worker"), at=now + 8 * DAY)
    assert not Profile.objects.exists()


@pytest.mark.parametrize(("days_ago", "shown"), [(0, "0121 496 0777"), (30, "0121 496 0100")], ids=["today", "as of a day before"])  # fmt: skip
def test_an_override_says_who_to_ring_today_and_the_archive_what_stood_there(jo: Viewer, morag: Viewer, now: datetime, days_ago: int, shown: str) -> None:  # fmt: skip
    """SHI-6, RET-2, INV-2."""
    change_own_contact(telephone="0121 496 0777", email="", by=jo, at=now)
    _go_away(jo, now)
    entry = {
        **dict.fromkeys(("ended_on", "lead_from")),
        "id": 1,
        "account_id": jo.account_id,
        "organisation_id": jo.organisation_id,
        "practitioner": "Jo Bloggs",
        "service": "social_care",
        "role": "social_worker",
        "team_telephone": "0121 496 0100",
        "team_email": "",
        "started_on": "2026-01-01",
        "recorded_at": now.isoformat(),
        "confirmed_at": now.isoformat(),
    }
    record = compose_hidden(
        child=Child(id=1, given_names="A", family_name="B", birth_date="2016", live_until=_on(now, 900)),
        said={"rows": [], "entries": [entry], "assessments": []},
        by=morag,
        at=now,
        on=_on(now, -days_ago),
    )
    (involvement,) = record.involvements
    assert involvement.contact.telephone == shown
    assert (involvement.away is None) is (days_ago > 0)
