"""A drafted profile: right in the ordinary case, honest where not sure, never of what is prohibited."""

import csv
import io
import json
import random
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from contactpoint.intake.profiles import Profile, read_profile
from contactpoint.intake.profiles_suggesting import NothingToSuggest, suggest_profile
from contactpoint.intake.readers.table import UnreadableFile, WrongColumns
from contactpoint.synthetic.england import make_england
from contactpoint.synthetic.files import COLUMNS

ON = date(2026, 10, 5)
GIVEN = ["Amy", "Zoë", "Kofi", "Wei", "Fatima", "Aoife", "Priya", "Tomasz", "Noah", "Isla"]
FAMILY = [
    "Hargreaves",
    "Okonkwo",
    "Patel",
    "O'Neill",
    "Chen",
    "Kowalski",
    "Nguyễn",
    "Ali",
    "Smith-Jones",
    "Roy",
]
NHS = ["9434765919", "9000000009", "9990000018", "9990000026"]


def children(count: int = 20) -> list[dict[str, str]]:
    """Rows as a nursery of no known system might keep them."""
    chance = random.Random(1)
    return [
        {
            "Child Ref": f"N{at:04}",
            "First Name": GIVEN[at % 10],
            "Last Name": FAMILY[at * 3 % 10],
            "D.O.B.": f"{1 + at:02}/0{1 + at % 9}/202{at % 5}",
            "M/F": chance.choice("MF"),
            "House": f"{at + 1} High Street",
            "Town": "Leeds",
            "Post Code": f"LS{1 + at % 9} 1AA",
            "Mum's Name": f"Ann {FAMILY[at * 3 % 10]}",
            "Mum's Mobile": f"07700 9000{at:02}",
            "Ethnic Group": "CANARY",
            "Allergies": "CANARY",
            "Session Notes": "CANARY",
            "Favourite Colour": chance.choice(["red", "blue"]),
            "Health No": NHS[at % 4],
        }
        for at in range(count)
    ]


def as_csv(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def suggest(path: Path, **more: str) -> tuple[str, Profile]:
    text = suggest_profile(path=path, on=ON, **more)
    return text, read_profile(content=text.encode(), source="draft")


def fields(profile: Profile) -> dict[str, tuple[str, ...]]:
    return {each.path: each.columns for each in profile.mapped}


EXPECTED = {
    "reference": ("Child Ref",),
    "given_names": ("First Name",),
    "family_name": ("Last Name",),
    "birth_date": ("D.O.B.",),
    "gender": ("M/F",),
    "addresses.0.lines.0": ("House",),
    "addresses.0.town": ("Town",),
    "addresses.0.postcode": ("Post Code",),
    "carers.0.name": ("Mum's Name",),
    "carers.0.telephone": ("Mum's Mobile",),
    "nhs": ("Health No",),  # by its check digits alone
}


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-16-le")]
)
def test_a_text_file_is_drafted_whatever_its_delimiter_and_encoding(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    path = tmp_path / "Sunny Nursery 2026.csv"
    path.write_bytes(as_csv(children(), delimiter).encode(encoding))
    text, profile = suggest(path)
    assert fields(profile) == EXPECTED
    assert (profile.supplier, profile.dates, profile.delimiter) == (
        "sunny_nursery_2026",
        "DD/MM/YYYY",
        delimiter,
    )
    assert dict(profile.constants) == {"carers.0.relationship": "mother"}
    assert "CANARY" not in text


def test_windows_1252_is_found_by_reading_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [*children(3), {**children(1)[0], "Child Ref": "X", "Last Name": "Brontë"}]
    text = as_csv(rows).replace("ễ", "e")
    path.write_bytes(text.encode("cp1252"))
    assert suggest(path)[1].form.encoding == "windows-1252"


def test_prohibited_columns_are_named_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(as_csv(children()))
    text, profile = suggest(path)
    assert not {"Ethnic Group", "Allergies", "Session Notes"} & set(profile.columns)
    for line in (
        "Ethnic Group: ethnicity, which is never held",
        "Allergies: medical data, which is never held",
        "Session Notes: case notes or free text, which is never held",
        "Favourite Colour: no field of ours seems to fit",
    ):
        assert f"#   {line}" in text


def test_workbooks_parquet_and_json_lines_are_drafted_alike(tmp_path: Path) -> None:
    rows = children()
    book = openpyxl.Workbook()
    book.active.append(["Children, autumn 2026"])
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.create_sheet("Help").append(["see", "the", "manual"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(WrongColumns, match="several sheets"):
        suggest(tmp_path / "a.xlsx")
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    for name, more in (("a.xlsx", {"sheet": "Sheet"}), ("a.parquet", {})):
        assert fields(suggest(tmp_path / name, **more)[1]) == EXPECTED


NESTED = [
    {
        "id": f"K{at}",
        "child": {
            "forename": GIVEN[at % 10],
            "surname": FAMILY[at % 10],
            "dob": f"202{at % 5}-0{1 + at % 9}-11",
        },
        "homes": [{"line": f"{at} Hill", "postcode": f"M{1 + at % 9} 1AE"}],
        "ethnicity": "CANARY",
    }
    for at in range(12)
]
NESTED_FIELDS = {
    "reference": ("id",),
    "given_names": ("child.forename",),
    "family_name": ("child.surname",),
    "birth_date": ("child.dob",),
    "addresses.0.lines.0": ("homes.line",),
    "addresses.0.postcode": ("homes.postcode",),
}


@pytest.mark.parametrize("shape", ["lines", "list", "member"])
def test_json_is_drafted_by_paths(tmp_path: Path, shape: str) -> None:
    written = {
        "lines": "".join(json.dumps(each) + "\n" for each in NESTED),
        "list": json.dumps(NESTED, indent=1),
        "member": json.dumps({"made": "today", "data": {"children": NESTED}}, indent=1),
    }
    path = tmp_path / "a.json"
    path.write_text(written[shape])
    text, profile = suggest(path)
    assert fields(profile) == NESTED_FIELDS
    assert profile.form.records == (("data.children",) if shape == "member" else ())
    assert "ethnicity: ethnicity, which is never held" in text


def test_xml_is_drafted_by_the_element_that_repeats(tmp_path: Path) -> None:
    pupils = "".join(
        f"<Kid no='{at}'><Id>K{at}</Id><Name><Forename>{GIVEN[at % 10]}</Forename>"
        f"<Surname>{FAMILY[at % 10]}</Surname></Name><DOB>2020-03-{10 + at}</DOB>"
        "<SENneed>CANARY</SENneed></Kid>"
        for at in range(9)
    )
    path = tmp_path / "a.xml"
    path.write_text(f"<Export><Made>today</Made><Kids>{pupils}</Kids></Export>")
    text, profile = suggest(path, authority="330")
    assert profile.form.records == ("Kids.Kid",)
    assert fields(profile) == {
        "reference": ("Id",),
        "given_names": ("Name.Forename",),
        "family_name": ("Name.Surname",),
        "birth_date": ("DOB",),
    }
    assert profile.authority == "330"
    assert "CANARY" not in text


@pytest.mark.parametrize(
    ("content", "known"),
    [
        ('{"resourceType": "Patient", "id": "1"}\n', "fhir_patient"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}', "fhir_patient"),
        ("<CTfile><CTFpupilData><Pupil><UPN>1</UPN></Pupil></CTFpupilData></CTfile>", "common_transfer_file"),
        ("<Message><Pupils><PupilsOnRoll/></Pupils></Message>", "school_census_xml"),
    ],
)
def test_a_published_format_extends_the_profile_that_reads_it(
    tmp_path: Path, content: str, known: str
) -> None:
    path = tmp_path / "St Mary's.dat"
    path.write_text(content)
    text, profile = suggest(path)
    assert f'extends = "{known}"' in text
    assert profile.supplier == "st_mary_s"
    assert len(profile.mapped) > 5


def test_dates_whose_order_nothing_tells_are_said_to_be_doubtful(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ref,forename,dob\n1,A,01/02/2020\n2,B,03/04/2021\n")
    assert 'dates = "DD/MM/YYYY"  # likely: no day above 12' in suggest(path)[0]
    path.write_text("ref,forename,dob\n1,A,01/22/2020\n2,B,03/04/2021\n")
    assert 'dates = "MM/DD/YYYY"  # sure' in suggest(path)[0]


def test_columns_whose_values_belie_their_names_are_left_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "ref,forename,dob,postcode\n1,A,LS1 1AA,2020-01-02\n2,B,LS1 1AB,2020-01-03\n3,C,M1 1AE,2020-01-04\n"
    )
    text, profile = suggest(path)
    assert fields(profile)["addresses.0.postcode"] == ("dob",)  # a postcode is known by its look
    assert "#   postcode: its name says addresses.0.postcode, and its values do not look like that" in text


@pytest.mark.parametrize("values", [["", "", ""], ["", "R", ""], ["no", "yes", "no"]])
def test_a_restricted_marker_is_never_left_out(tmp_path: Path, values: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "ref,forename,Restricted\n" + "".join(f"{at},A,{value}\n" for at, value in enumerate(values))
    )
    text, profile = suggest(path)
    assert fields(profile)["marker"] == ("Restricted",)
    assert ('"no" = "U"' in text) is ("no" in values)


def test_a_file_without_a_key_of_its_own_cannot_be_drafted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("forename,dob\nA,2020-01-01\nA,2020-01-01\n")
    with pytest.raises(NothingToSuggest, match="reference of its own"):
        suggest(path)


@pytest.mark.parametrize(
    "content", ["", "<File/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><File>&a;</File>", "ref,name\n"]
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(UnreadableFile):
        suggest(path)


def test_every_file_of_the_made_up_england_is_drafted_with_what_matching_needs(tmp_path: Path) -> None:
    make_england(children=2000, seed=5, out=tmp_path)
    needed = {
        "reference",
        "given_names",
        "family_name",
        "birth_date",
        "gender",
        "addresses.0.postcode",
        "addresses.0.lines.0",
    }
    for name in COLUMNS:
        _, profile = suggest(tmp_path / f"{name}.csv")
        assert needed <= set(fields(profile)), name
        assert profile.supplier == f"{name}_new"  # never the supplier that exists
        assert not {"SENprovision", "FSMeligible"} & set(profile.columns)
    assert "marker" in fields(suggest(tmp_path / "nhs_demographics.csv")[1])


SMALL = """Ref No;Child Forename(s);Child Surname;Known As;D.O.B.;M/F;Home Address;Town/City;Post Code;\
Parent/Carer 1;Relationship;Parent Tel;Parent PR;NHS No.;Setting URN;Notes
SC-001;Amelia Rose;Whitford-Jones;Millie;03/04/2021;F;12 Larch Grove;Leeds;LS8 2AB;Sarah W;Mother;\
0113 496 0101;Y;943 476 5919;EY1;CANARY
SC-002;Yusuf;Rahman;;17/11/2020;M;Flat 3, 40 Mill Road;Leeds;LS7 1HB;Amina R;Mother;0113 496 0102;Yes;;EY1;
SC-003;Mai;Trần;Mai;29/02/2020;F;7 Spencer Place;Leeds;LS7 4BR;Lan T;Mother;;N;;EY1;
SC-004;Oscar;O'Neill;;1/8/2022;M;9 Chapel Way;Leeds;LS7 4NZ;Declan O;Father;0113 496 0104;Y;;EY1;
SC-005;Unknown;Baker;;15/13/2021;X;1 High St;Leeds;LS1;;;;;;;
"""


def test_a_few_wrong_values_in_a_small_file_cost_no_column(tmp_path: Path) -> None:
    """A childminder's five rows, with a date and a postcode that are none: told, and mapped all the same."""
    path = tmp_path / "childminder.csv"
    path.write_text(SMALL, encoding="utf-8")
    text = suggest_profile(path=path, on=ON)
    assert "likely: 80% of its values look like that" in text
    assert "CANARY" not in text
    profile = read_profile(content=text.encode(), source="draft")
    assert (profile.sector, profile.dates) == ("education", "DD/MM/YYYY")
    mapped = {each.path: each.shown for each in profile.mapped}
    assert {name: mapped[name] for name in ("birth_date", "addresses.0.postcode")} == {
        "birth_date": "D.O.B.",
        "addresses.0.postcode": "Post Code",
    }
    carer = {
        "name": "Parent/Carer 1", "relationship": "Relationship", "telephone": "Parent Tel",
        "responsibility": "Parent PR",
    }  # fmt: skip
    assert {part: mapped[f"carers.0.{part}"] for part in carer} == carer
