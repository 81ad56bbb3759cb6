"""The made-up England: repeatable, whole, plausible, and wrong only as often as it says."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from contactpoint.codes.authorities import authority_for_postcode, current_authorities
from contactpoint.codes.numbers import valid_nhs_number, valid_upn
from contactpoint.codes.partial_date import PartialDate, eighteenth_birthday
from contactpoint.codes.postcode import parse_postcode
from contactpoint.codes.services import ROLES, SENSITIVE_SERVICES, SERVICES
from contactpoint.synthetic import slips
from contactpoint.synthetic.england import DEFAULT_DAY, make_england
from contactpoint.synthetic.files import COLUMNS, REFERENCE_COLUMNS, TRUTH, CannotWrite
from tests.unit.synthetic.conftest import CHILDREN, England


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        make_england(children=300, seed=seed, out=tmp_path / name)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert not set(digest(tmp_path / "a").items()) & {
        (name, content) for name, content in digest(tmp_path / "c").items() if "organisations" not in name
    }


def test_a_file_is_the_same_whichever_others_are_written(tmp_path: Path) -> None:
    make_england(children=300, seed=3, out=tmp_path / "all")
    make_england(children=300, seed=3, out=tmp_path / "some", suppliers=["births", "camhs"])
    every, some = digest(tmp_path / "all"), digest(tmp_path / "some")
    assert set(every) - set(some) == {f"{file}.csv" for file in COLUMNS} - {"births.csv", "camhs.csv"}
    assert all(every[name] == content for name, content in some.items() if name != "truth/rows.parquet")


def test_every_file_is_there_with_its_columns(england: England) -> None:
    for file, columns in (COLUMNS | REFERENCE_COLUMNS).items():
        frame = england.read(file)
        assert tuple(frame.columns) == columns
        assert frame.height == england.made.rows[file] > 0
    assert tuple(england.children.columns) == TRUTH
    assert england.children.height == CHILDREN
    assert not list(england.folder.rglob("*.part"))


def test_the_truth_knows_every_row_and_no_reference_comes_twice(england: England) -> None:
    for file in COLUMNS:
        references = england.read(file).to_series(0)
        assert references.n_unique() == len(references)
        known = england.rows.filter(pl.col("file") == file)["reference"]
        assert set(known) == set(references)
    assert set(england.rows["child_id"]) <= set(england.children["child_id"])


def test_true_numbers_are_valid_and_nobody_shares_one(england: England) -> None:
    children = england.children
    assert children.select(valid_nhs_number(pl.col("nhs")).all()).item()
    assert children["nhs"].n_unique() == CHILDREN
    upns = children.filter(pl.col("upn") != "")
    assert upns.select(valid_upn(pl.col("upn")).all()).item()
    assert upns["upn"].n_unique() == upns.height


def test_all_are_children_that_day(england: England) -> None:
    for born in england.children["birth_date"].unique():
        assert born <= DEFAULT_DAY < eighteenth_birthday(PartialDate.of(born))


def test_homes_are_where_the_postcode_says(england: England) -> None:
    sample = england.children.head(500)
    for postcode, authority in sample.select("postcode", "authority").iter_rows():
        assert parse_postcode(postcode) == postcode
        assert authority_for_postcode(postcode, DEFAULT_DAY) == authority
    assert england.children["authority"].n_unique() > 140


def test_every_authority_has_every_team_with_people_and_a_contact(england: England) -> None:
    teams = england.read("organisations").filter(pl.col("kind") == "team")
    authorities = current_authorities(DEFAULT_DAY)
    services = set(teams["service"])
    assert services >= SENSITIVE_SERVICES | {
        "social_care",
        "youth_justice",
        "health_visiting",
        "send",
        "voluntary",
    }
    assert services <= SERVICES.keys()
    assert teams.group_by("authority").agg(pl.col("service").n_unique()).height == len(authorities) == 153
    assert (teams["telephone"] != "").all()
    assert teams["secure_email"].str.ends_with("@example.org").all()
    people = england.read("practitioners")
    assert set(teams["code"]) <= set(people["organisation"])
    assert set(people["role"]) <= ROLES.keys()


def test_teams_and_places_in_the_files_exist(england: England) -> None:
    teams = set(england.read("organisations")["code"])
    assert set(england.read("social_care")["Team"]) <= teams
    assert set(england.read("youth_justice")["Team"]) <= teams
    assert set(england.read("camhs")["TeamCode"]) <= teams
    assert set(england.read("school_census")["URN"]) <= set(england.read("schools")["urn"])
    assert set(england.read("nhs_demographics")["GP_PRACTICE"]) - {""} <= set(
        england.read("practices")["ods_code"]
    )


def test_telephone_numbers_ring_nowhere(england: England) -> None:
    drama = r"^(07700 900|01632 960|020 7946 0|01(1[3-8]|21|51|61) 496 0|0191 498 0)[0-9]{3}$"
    for file, column in (
        ("child_benefit", "CLAIMANT_TEL"),
        ("school_census", "Guardian1Phone"),
        ("organisations", "telephone"),
        ("schools", "telephone"),
        ("practices", "telephone"),
    ):
        numbers = england.read(file)[column].unique()
        assert numbers.filter((numbers != "") & ~numbers.str.contains(drama)).to_list() == []


def test_families_have_siblings_and_twins_with_names_of_their_own(england: England) -> None:
    children = england.children
    homes = children.group_by("household_id").agg(pl.len(), pl.col("given_name").n_unique().alias("names"))
    assert (homes["len"] > 1).mean() > 0.3
    assert (homes["len"] != homes["names"]).mean() < 0.001
    assert 0.01 < children["is_twin"].mean() < 0.06
    twins = children.filter("is_twin").group_by("household_id").agg(pl.col("birth_date").n_unique(), pl.len())
    assert (twins["len"] >= 2).mean() > 0.98


def test_names_are_diverse_and_skewed_as_england_s(england: England) -> None:
    children = england.children
    smith = (children["family_name"] == "Smith").mean()
    assert 0.006 < smith < 0.018  # 1.1 % by design, within what 6,000 children allow
    assert children["origin"].n_unique() == 8
    assert children["family_name"].n_unique() > CHILDREN * 0.35
    names = children["family_name"]
    assert names.str.contains("-", literal=True).any()
    assert (~names.str.contains(r"^[ -~]*$")).any()
    assert (children["former_family_name"] != "").any()
    assert children["is_mover"].any()
    assert children["is_looked_after"].any()


@pytest.mark.parametrize(
    ("file", "given", "family", "least", "most"),
    [
        ("births", "Forenames", None, 0.004, 0.03),
        ("nhs_demographics", "GIVEN_NAMES", "FAMILY_NAME", 0.01, 0.06),
        ("school_census", "Forename", "Surname", 0.02, 0.07),
        ("local_services", "FirstName", "LastName", 0.03, 0.16),
    ],
)
def test_names_differ_about_as_often_as_stated(
    england: England, file: str, given: str, family: str | None, least: float, most: float
) -> None:
    beside = england.with_truth(file)
    first = beside[given].str.splitn(" ", 2).struct.field("field_0")
    assert least < (first != beside["given_name"]).mean() < most
    if family:
        assert least < (beside[family] != beside["family_name"]).mean() < most


def test_numbers_in_the_files_are_the_true_ones_or_missing(england: England) -> None:
    for file, column, truth in (
        ("births", "NHSNumber", "nhs"),
        ("nhs_demographics", "NHS_NUMBER", "nhs"),
        ("school_census", "UPN", "upn"),
        ("social_care", "UPN", "upn"),
    ):
        # A left-hand column of the same meaning keeps its own name in each file.
        beside = england.with_truth(file).filter(pl.col(column) != "")
        assert beside.filter(pl.col(column) != pl.col(truth)).is_empty()
        assert beside.height > 0


def test_dates_are_in_each_file_s_form_and_never_in_the_future(england: England) -> None:
    forms = {"births": ("DateOfBirth", "%Y%m%d"), "child_benefit": ("CHILD_DOB", "%d/%m/%Y"),
             "school_census": ("DOB", "%d/%m/%Y"), "youth_justice": ("DateOfBirth", "%d-%m-%Y"),
             "camhs": ("BirthDate", "%Y%m%d")}  # fmt: skip
    for file, (column, form) in forms.items():
        text = england.read(file)[column]
        days = text.filter(text != "").str.to_date(form, strict=True)
        assert days.max() <= DEFAULT_DAY
    partial = england.read("social_care")["DOB"].str.len_chars().unique().to_list()
    assert set(partial) <= {0, 4, 7, 10}


def test_restricted_children_are_marked_in_nhs_demographics(england: England) -> None:
    beside = england.with_truth("nhs_demographics")
    assert (beside["CONFIDENTIALITY"] == beside["restricted"]).all()
    marked = (england.children["restricted"] != "").mean()
    assert 0 < marked < 5 * (slips.RESTRICTED + slips.VERY_RESTRICTED)


def test_sensitive_rows_have_a_basis_but_for_the_stated_share(england: England) -> None:
    camhs = england.read("camhs")
    assert set(camhs["ConsentBasis"]) == {"", "HARM", "CONSENT"}
    assert 0 < (camhs["ConsentBasis"] == "").mean() < 3 * slips.NO_BASIS
    with_consent = camhs.filter(pl.col("ConsentBasis") == "CONSENT")
    assert set(with_consent["ConsentGivenBy"]) == {"CHILD", "PARENT"}
    assert (with_consent["ConsentDate"] != "").all()
    assert (camhs.filter(pl.col("ConsentBasis") != "CONSENT")["ConsentGivenBy"] == "").all()


def test_a_stopped_run_leaves_what_was_there(tmp_path: Path) -> None:
    make_england(children=50, seed=1, out=tmp_path)
    before = digest(tmp_path)

    def stop(stage: str, done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_england(children=80, seed=2, out=tmp_path, progress=stop)
    assert digest(tmp_path) == before


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    make_england(
        children=20, seed=1, out=tmp_path, progress=lambda _, done, total: told.append((done, total))
    )
    assert told[0] == (0, 20)
    assert told[-1] == (20, 20)


@pytest.mark.parametrize("children", [0, -1, 100_000_000])
def test_an_impossible_number_of_children_is_refused(tmp_path: Path, children: int) -> None:
    with pytest.raises(CannotWrite, match="nothing was written"):
        make_england(children=children, seed=1, out=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(CannotWrite, match="choose another folder"):
        make_england(children=10, seed=1, out=blocked)
    assert blocked.read_text() == "in the way"


def test_another_day_makes_other_children(tmp_path: Path) -> None:
    make_england(children=200, seed=1, out=tmp_path, on=date(2024, 2, 29))
    born = pl.read_parquet(tmp_path / "truth" / "children.parquet")["birth_date"]
    assert born.max() <= date(2024, 2, 29)
    assert born.min() > date(2006, 2, 27)
