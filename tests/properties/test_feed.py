"""Whole files and single rows are judged alike, and what is stored reads back as what was said."""

import json
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from contactpoint.directory.values import (
    Address,
    AssessmentEntry,
    Carer,
    FormerName,
    Place,
    ServiceEntry,
    SuppliedValues,
    from_json,
)
from contactpoint.intake.content import build_content
from contactpoint.intake.fields import ROW_FIELDS
from contactpoint.intake.frames import REFUSING, judge_frame
from contactpoint.intake.policies import JudgedRow, judge_row
from contactpoint.intake.profiles import Profile, get_profile

ON = date(2026, 10, 5)
PROFILES = [
    get_profile(name=name) for name in ("ess-list-a", "social_care", "camhs", "births", "nhs_demographics")
]

# What such cells may hold: right, nearly right, and wrong in every way; never what the reader refuses.
CELLS = st.one_of(
    st.sampled_from(
        [
            "", " ", "A1", "M", "F", "Q", "1", "2", "9", "R", "V", "U", "Y", "N", "true", "J", "CIN",
            "CLA", "EHA", "CONSENT", "HARM", "CHILD", "PARENT", "330", "20160524", "2016-05-24",
            "24/05/2016", "2016-05", "2016", "20160231", "2031-01-01", "2006-01-01", "31", "13", "2010",
            "m1 1ae", "M1 1AE", "ZZ99 3VZ", "9434765919", "943 476 5919", "9434765918", "H801200001001",
            "h801200001001", "H801200001002", " padded ", "say \"hi\"", "back\\slash", "tab\tbed",
            "line\nbreak",
            "x" * 2001, "r" * 201,
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12),
)  # fmt: skip


@st.composite
def rows_of_a_profile(draw: st.DrawFn) -> tuple[Profile, list[dict[str, str]]]:
    profile = draw(st.sampled_from(PROFILES))
    row = st.fixed_dictionaries(dict.fromkeys(profile.columns, CELLS))
    return profile, draw(st.lists(row, min_size=1, max_size=6))


@settings(max_examples=60, deadline=None)
@given(rows_of_a_profile())
def test_a_file_is_judged_as_its_rows_are(drawn: tuple[Profile, list[dict[str, str]]]) -> None:
    profile, rows = drawn
    judged = judge_frame(profile=profile, frame=_frame(profile, rows), on=ON)
    told = sorted(judged.problems.iter_rows())
    expected = [judge_row(profile=profile, cells=row, on=ON) for row in rows]
    assert told == sorted(
        (number, problem.code, problem.column)
        for number, row in enumerate(expected)
        for problem in row.problems
    )
    for number, row in enumerate(expected):
        assert {
            path: value for path, value in judged.values.row(number, named=True).items() if path != "row"
        } == row.values
    refused = {number for number, code, _ in told if code in REFUSING}
    assert refused == {number for number, row in enumerate(expected) if not row.is_received}


@settings(max_examples=60, deadline=None)
@given(rows_of_a_profile())
def test_what_is_stored_reads_back_as_what_was_said(drawn: tuple[Profile, list[dict[str, str]]]) -> None:
    profile, rows = drawn
    frame = _frame(profile, rows)
    built = build_content(profile=profile, values=judge_frame(profile=profile, frame=frame, on=ON).values)
    for content, row in zip(built["content"], rows, strict=True):
        said = judge_row(profile=profile, cells=row, on=ON)
        assert from_json(json.loads(content)) == _values(profile, said)
    again = build_content(profile=profile, values=judge_frame(profile=profile, frame=frame, on=ON).values)
    assert again["digest"].to_list() == built["digest"].to_list()


def _frame(profile: Profile, rows: list[dict[str, str]]) -> pl.DataFrame:
    columns = {
        column: pl.Series([row[column] for row in rows], dtype=pl.String) for column in profile.columns
    }
    return pl.DataFrame({"row": pl.Series(range(len(rows)), dtype=pl.Int64), **columns})


def _values(profile: Profile, judged: JudgedRow) -> SuppliedValues:
    """The plain way from judged fields to values: what `build_content` must equal."""
    said = {path: value for path, value in judged.values.items() if path not in ROW_FIELDS}
    mapped = {each.path for each in profile.mapped}

    def part(prefix: str) -> dict[str, str]:
        return {path.removeprefix(prefix): value for path, value in said.items() if path.startswith(prefix)}

    def is_said(prefix: str, *needed: str) -> bool:
        supplied = any(value for path, value in said.items() if path.startswith(prefix) and path in mapped)
        return supplied and any(said.get(f"{prefix}{name}") for name in needed)

    def flag(text: str | None) -> bool | None:
        return {"true": True, "false": False}.get(text or "")

    addresses = []
    for index in range(3):
        at = part(f"addresses.{index}.")
        if is_said(f"addresses.{index}.", "lines.0", "lines.1", "town", "postcode", "uprn"):
            lines = tuple(at[name] for name in ("lines.0", "lines.1") if at.get(name))
            rest = {name: value for name, value in at.items() if value and not name.startswith("lines")}
            addresses.append(Address(lines=lines, **rest))
    carers = []
    for index in range(3):
        at = part(f"carers.{index}.")
        if is_said(f"carers.{index}.", "name"):
            carers.append(
                Carer(
                    name=at["name"],
                    relationship=at.get("relationship", ""),
                    responsibility=flag(at.get("responsibility")),
                    telephone=at.get("telephone", ""),
                    email=at.get("email", ""),
                )
            )
    former = part("former_names.0.")
    service = part("involvement.")
    place = part("practice.")
    assessment = part("assessment.")
    involved = "involvement.service" in said and is_said("involvement.", "service")
    return SuppliedValues(
        given_names=said.get("given_names", ""),
        family_name=said.get("family_name", ""),
        birth_date=said.get("birth_date", ""),
        gender=said.get("gender", ""),
        nhs=said.get("nhs", ""),
        upn=said.get("upn", ""),
        former_names=(FormerName(**{k: v for k, v in former.items() if v}),)
        if any(former.get(name) for name in ("given_names", "family_name"))
        else (),
        addresses=tuple(addresses),
        carers=tuple(carers),
        practice=Place(**place) if place.get("code") else None,
        involvement=ServiceEntry(**{**service, "lead": flag(service.get("lead")) or False})  # type: ignore[arg-type]
        if involved and not profile.sensitive
        else None,
        assessment=AssessmentEntry(**assessment) if assessment.get("kind") else None,
    )
