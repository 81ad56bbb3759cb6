"""A data manager decides doubtful matches at a terminal; Charlie does not, nor who cannot prove it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.core.cache import cache

from contactpoint.access.actions.stops import suspend_account
from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.queries import find_events_of_account
from contactpoint.codes.child_number import encode
from contactpoint.errors import Conflict, NotAllowed
from contactpoint.jobs.commands import review
from tests.children import DATABASES
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_founders, make_organisation
from tests.feeds import ask
from tests.reviews import MANCHESTER, make_across, make_doubt, work

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


@pytest.fixture(autouse=True)
def our_database(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def is_up() -> Iterator[None]:
        yield

    monkeypatch.setattr(review, "database", is_up)
    cache.clear()


@pytest.fixture
def now() -> datetime:
    """The commands read the machine's clock."""
    return datetime.now(UTC)


def person(now: datetime, name: str, role: Role) -> Account:
    home = make_organisation(
        at=now, code=f"TEAM{name}", name="ContactPoint team", sector=Sector.AUTHORITY, kind="authority",
        authority=MANCHESTER,
    )  # fmt: skip
    return make_cleared_account(
        at=now, name=name, email=f"{name.lower()}@bridgelane.example", organisation=home, roles=[role],
        password=PASSWORD, totp_secret=SECRET,
    )  # fmt: skip


@pytest.fixture
def dana(now: datetime) -> Account:
    return person(now, "Dana", Role.DATA_MANAGER)


def run(
    account: Account, *arguments: str, password: str = PASSWORD, code: str = "", then: str = ""
) -> Result:
    code = code or find_current_code(account_id=account.pk)
    said = f"{password}\n{code}\n{then}"
    arguments = (*arguments, "--as", account.email)
    return CliRunner().invoke(review.command, list(arguments), input=said, catch_exceptions=False)


def kinds(account: Account, now: datetime) -> list[str]:
    events = find_events_of_account(account_id=account.pk, since=now)
    return [
        f"{event.kind}{' refused' if event.refused else ''}"
        for event in sorted(events, key=lambda event: event.id)
        if event.actor.door == "command"
    ]


def test_a_whole_sitting_counts_question_and_decision(tmp_path: Path, now: datetime, dana: Account) -> None:
    make_doubt(tmp_path, at=now)
    told = run(dana, "work", then="s\n").output
    assert "Rows that wait for Manchester" in told
    assert "AMY" in told
    assert "1 YORK ROAD" in told
    assert "the same child" in told
    assert "bits" in told
    assert "Recorded: the same child." in told
    assert "Nothing else waits for you" in told
    assert PASSWORD not in told
    work(at=now)
    assert ask("SELECT count(*) FROM hidden.waiting_row") == [(0,)]
    assert [kind for kind in kinds(dana, now) if kind != "hidden-opened"] == ["signed-in", "match-decided"]


def test_one_step_at_a_time(
    tmp_path: Path, now: datetime, dana: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = str(make_across(tmp_path, at=now))
    monkeypatch.setattr("contactpoint.access.by_command.mark_code_used", lambda **_: True)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.TOTP._mark_code_used", lambda *_: True)
    told = run(dana, "show", row).output
    assert "Birmingham may decide it too" in told
    assert "no ContactPoint number" in run(dana, "decide", row, "same", "--child", "forged").output
    with pytest.raises(Conflict):  # a child that nobody asked about
        run(dana, "decide", row, "different", "--child", encode(12345))
    assert "Say with --child" in run(dana, "decide", row, "same").output
    assert "Sent to the other authority." in run(dana, "decide", row, "other-authority").output
    assert kinds(dana, now)[-1] == "match-passed"
    assert "change-refused refused" in kinds(dana, now)


def test_charlie_reaches_nothing(tmp_path: Path, now: datetime) -> None:
    row = make_doubt(tmp_path, at=now)
    charlie = person(now, "Charlie", Role.PRACTITIONER)
    with pytest.raises(NotAllowed, match="Only an authority’s data manager"):
        run(charlie, "show", str(row))
    assert kinds(charlie, now) == ["signed-in", "hidden-opened refused"]


@pytest.mark.parametrize("wrong", [{"password": "guessed"}, {"code": "000000"}], ids=["password", "code"])
def test_who_cannot_prove_it_is_refused_and_stopped(
    wrong: dict[str, str], tmp_path: Path, now: datetime, dana: Account
) -> None:
    make_doubt(tmp_path, at=now)
    for told in ["not correct"] * 5 + ["Too many attempts"]:
        with pytest.raises(NotAllowed, match=told):
            run(dana, "list", **wrong)
    with pytest.raises(NotAllowed, match="Too many attempts"):
        run(dana, "list")
    refused = "SELECT count(*) FROM audit_event WHERE kind = 'sign-in-refused' AND refused"
    assert ask(refused) == [(7,)]


def test_a_code_counts_once(tmp_path: Path, now: datetime, dana: Account) -> None:
    make_doubt(tmp_path, at=now)
    code = find_current_code(account_id=dana.pk)
    assert "waiting" in run(dana, "list", code=code).output
    with pytest.raises(NotAllowed, match="not correct"):
        run(dana, "list", code=code)


def test_who_is_not_cleared_any_more_is_refused(tmp_path: Path, now: datetime, dana: Account) -> None:
    make_doubt(tmp_path, at=now)
    _, approver = make_founders(at=now)
    suspend_account(account_id=dana.pk, by=approver, at=now)
    with pytest.raises(NotAllowed):
        run(dana, "list")
    assert kinds(dana, now) == ["access-refused refused"]
