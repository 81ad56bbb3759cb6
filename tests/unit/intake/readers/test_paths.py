"""How a profile's paths choose among repeated elements; what they cannot read is told, never guessed."""

from datetime import date

import pytest

from contactpoint.intake.readers.paths import (
    WrongPath,
    WrongShape,
    name_tree,
    parse_path,
    read_value,
)

ON = date(2026, 10, 5)
PATIENT = {
    "name": [
        {"use": "old", "family": "Jones"},
        {"use": "usual", "family": "Smyth", "given": ["Amy", "Jane"]},
        {"use": "official", "family": "Smith", "given": ["Amy", "Jane"]},
    ],
    "address": [
        {"use": "home", "line": ["1 Old St"], "period": {"end": "2020-01-31"}},
        {"use": "home", "line": ["2 New St", "Flat 3"], "period": {"start": "2020-02"}},
        {"use": "temp", "line": ["3 Later St"], "period": {"start": "2027-01-01"}},
        {"line": ["4 No Use St"]},
    ],
    "telecom": [
        {"system": "phone", "value": "1"},
        {"system": "email", "value": "e"},
        {"system": "phone", "value": "2"},
    ],
    "contact": [
        {"relationship": [{"coding": [{"code": "X"}, {"code": "MTH"}]}], "name": {"family": "Smith"}},
        {"relationship": [{"coding": [{"code": "FTH"}]}], "name": {"family": "Brown"}},
    ],
    "active": True,
    "times": None,
    "birthDate": "2016-05",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("birthDate", "2016-05"),
        ("active", "true"),
        ("times", ""),
        ("absent.anything", ""),
        ("name[use=official].family", "Smith"),
        ("name[use=USUAL|official].family", "Smyth"),
        ("name[use=nickname|*].family", "Jones"),
        ("name[use=nickname].family", ""),
        ("name[use!=old].family", "Smyth"),
        ("name[1].given", "Amy Jane"),
        ("name[-1].given[0]", "Amy"),
        ("name[7].given", ""),
        ("address[use=home][current].line[0]", "2 New St"),
        ("address[use=home][current].line[1]", "Flat 3"),
        ("address[ended].line[0]", "1 Old St"),
        ("address[use=temp][current].line[0]", ""),
        ("address[use=].line[0]", "4 No Use St"),
        ("address[use=home|*][1].line[0]", "2 New St"),
        ("telecom[system=phone][1].value", "2"),
        ("contact[relationship.coding.code=MTH].name.family", "Smith"),
        ("contact[relationship.coding.code=FTH|MTH][1].name.family", "Smith"),
        ("nickname | birthDate", "2016-05"),
        ("name[use=nickname].family | name[use=old].family", "Jones"),
    ],
)
def test_a_path_finds(path: str, value: str) -> None:
    assert read_value(record=PATIENT, path=parse_path(path), on=ON, seen={}) == value


@pytest.mark.parametrize("path", ["name", "birthDate.year", "name[1].given.first", "contact.relationship"])
def test_a_thing_of_another_kind_is_no_value(path: str) -> None:
    with pytest.raises(WrongShape):
        read_value(record=PATIENT, path=parse_path(path), on=ON, seen={})


@pytest.mark.parametrize(
    "path", ["", "name.", ".name", "name[use", "name[]", "name[use>1]", "a]b", "a |  | b"]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(WrongPath, match=r"path|rule"):
        parse_path(path)


def test_names_that_rules_look_at_belong_to_the_tree() -> None:
    paths = [parse_path(each) for each in ("a[b.c=1][current].d", "a.e | f")]
    tree = {"a": {"b": {"c": {}}, "d": {}, "e": {}, "period": {"start": {}, "end": {}}}, "f": {}}
    assert name_tree(paths) == tree
