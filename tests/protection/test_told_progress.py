"""How far a load is must not tell who is hidden: the page of a feed shows it to the supplier's own people.

Each file has one row about a hidden child, or near one, and one about somebody else.
What is told of it is what is told of a file about two strangers, row for row (SHI-3, SHI-7).
"""

from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from contactpoint.intake import linking, meeting
from contactpoint.intake.actions import load_file
from contactpoint.intake.profiles import FeedKind, get_profile
from contactpoint.progress import STEP, in_rows_of
from tests.feeds import DATABASES, US, ask, load_rows, write_file
from tests.protection.test_sealed_copies import LATER, NEW_CENSUS, fresh  # noqa: F401 - a fixture
from tests.protection.test_unshielded_copies import CENSUS, NHS

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
STRANGERS = (
    ("Bettina", "Oakham", "11/02/2012"),
    ("Corwin", "Sedgley", "29/09/2014"),
    ("Ilse", "Tarrant", "3/7/2017"),
)


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture(params=["looked up", "compared with everybody"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the engine, which counts what it compares."""
    small = request.param == "looked up"
    monkeypatch.setattr(linking, "is_small", lambda **_: small)
    monkeypatch.setattr(meeting, "FEW", 0)


def stranger(place: int) -> dict[str, str]:
    given, family, born = STRANGERS[place]
    return {
        **CENSUS, "PupilRef": f"X{place}", "Forename": given, "Surname": family, "DOB": born,
        "Address1": f"{place + 3} Mill Lane", "Postcode": "LS6 3AA",
    }  # fmt: skip


def told_of(folder: Path, rows: list[dict[str, str]], at: datetime) -> list[tuple[str, int, int | None]]:
    told: list[tuple[str, int, int | None]] = []
    load_file(
        path=write_file(folder / "census.csv", rows, supplier="school_census"),
        profile=get_profile(name="school_census"),
        kind=FeedKind.DELTA,
        by=US,
        at=at,
        progress=lambda *each: told.append(each),
    )
    return told


@pytest.mark.usefixtures("way")
def test_a_row_near_a_shielded_child_is_told_as_any_other(tmp_path: Path, now: datetime) -> None:
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "S"}], at=now, supplier="nhs_demographics")
    strangers = told_of(tmp_path, [stranger(0), stranger(1)], now)
    near = told_of(tmp_path, [CENSUS, stranger(2)], now + LATER)
    assert ask("SELECT count(*) FROM hidden.waiting_row") == [(1,)] or _joined_hidden()
    assert near == strangers
    assert {total for _, _, total in near} <= {None, 0, 2, 100}


def _joined_hidden() -> bool:
    return ask("SELECT count(*) FROM hidden.supplied_row WHERE supplier_id = 'school_census'") == [(1,)]


@pytest.mark.usefixtures("fresh", "way")
@pytest.mark.parametrize(
    "row", [CENSUS, {**NEW_CENSUS, "FormerSurname": "Hargreaves"}], ids=["joins", "held"]
)
def test_a_row_of_a_former_identity_is_told_as_any_other(
    tmp_path: Path,
    now: datetime,
    row: dict[str, str],
) -> None:
    strangers = told_of(tmp_path, [stranger(0), stranger(1)], now + 2 * LATER)
    near = told_of(tmp_path, [row, stranger(2)], now + 3 * LATER)
    sealed = (
        "SELECT (SELECT count(*) FROM hidden.sealed_arrival) + (SELECT count(*) FROM hidden.sealed_question)"
    )
    assert ask(sealed) == [(1,)]
    assert near == strangers


@given(rows=st.integers(0, 95_000), ways=st.lists(st.lists(st.integers(0, 95_000), max_size=8), min_size=2))
def test_what_is_told_depends_on_the_size_of_the_file_alone(rows: int, ways: list[list[int]]) -> None:
    told = [tell_all(rows, sorted(way)) for way in ways]
    assert all(each == told[0] for each in told)
    assert told[0] == sorted({0, *range(0, rows, STEP), rows})


def tell_all(rows: int, counts: list[int]) -> list[int]:
    """Some work told at these counts; the last one is its end."""
    told: list[int] = []
    tell = in_rows_of(rows, lambda _, done, total: told.append(done))
    tell("publishing", 0, counts[-1] if counts else 0)
    for count in counts:
        tell("publishing", count, counts[-1])
    return told
