"""REC-9: a date of death counts at once from the register of deaths alone."""

import json
from datetime import date

import polars as pl
import pytest

from contactpoint.intake.content import build_content
from contactpoint.intake.frames import judge_frame
from contactpoint.intake.profiles import read_profile

PROFILE = """
supplier = "hospital"
name = "Hospital"
sector = "health"
must = false
legal_basis = "made-up data only"
may_supply = ["given_names", "family_name", "birth_date", "died_on"]
registers_deaths = {registers}

[file]
delimiter = ","
kind = "delta"
dates = "YYYY-MM-DD"

[fields]
reference = "Ref"
given_names = "Given"
family_name = "Family"
birth_date = "Born"
died_on = "Died"
"""
ROW = {
    "row": [1],
    "Ref": ["1"],
    "Given": ["Amina"],
    "Family": ["Khan"],
    "Born": ["2016-05-24"],
    "Died": ["2026-02-01"],
}


@pytest.mark.parametrize(("registers", "kept"), [("true", "died_on"), ("false", "death_reported_on")])
def test_only_a_register_of_deaths_says_that_a_child_died(registers: str, kept: str) -> None:
    profile = read_profile(content=PROFILE.format(registers=registers).encode(), source="hospital")
    judged = judge_frame(profile=profile, frame=pl.DataFrame(ROW), on=date(2026, 10, 5))
    content = json.loads(build_content(profile=profile, values=judged.values)["content"][0])
    assert {name: value for name, value in content.items() if value == "2026-02-01"} == {kept: "2026-02-01"}
