"""`contactpoint found`: a file that is not complete changes nothing, and says all that it lacks."""

from datetime import UTC, datetime

import pytest

from contactpoint.access.models import Account
from contactpoint.access.queries import get_viewer
from contactpoint.access.roles import Role
from contactpoint.jobs.commands.found import EXAMPLE, FoundingFileNotUsable, _found, read_file

FIRST = EXAMPLE.split("[second]")[0]
SECOND = FIRST.split("[first]")[1].replace("alex@", "bo@").replace("Alex", "Bo")
WHOLE = f"{FIRST}[second]{SECOND}".encode()


def test_every_gap_is_told() -> None:
    with pytest.raises(FoundingFileNotUsable) as refused:
        read_file(EXAMPLE.replace('name = "Alex Example"', "").encode())
    assert "[first] name" in str(refused.value)
    assert "[second] dbs_checked_on" in str(refused.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"not toml", b""])
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(FoundingFileNotUsable):
        read_file(content)


@pytest.mark.parametrize("content", [b"[first", b"first = 3", b"\xec\x00", b"[[first]]\n[second]"])
def test_what_is_no_such_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(FoundingFileNotUsable, match=r"TOML|lacks"):
        read_file(content)


def test_the_two_are_two_people() -> None:
    with pytest.raises(FoundingFileNotUsable, match="two people"):
        read_file(WHOLE.replace(b"bo@", b"Alex@"))


@pytest.mark.django_db
def test_both_may_act_and_each_has_a_password_of_their_own() -> None:
    at = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    passwords = _found(read_file(WHOLE), at=at)
    assert len(set(passwords.values())) == 2
    for email, password in passwords.items():
        account = Account.objects.get(email=email)
        assert account.check_password(password)
        assert get_viewer(account_id=account.pk, at=at).roles == {Role.ACCOUNT_MANAGER}
