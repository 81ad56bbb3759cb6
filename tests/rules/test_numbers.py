"""The numbers and codes of the rule book (IDN), as tables of named cases."""

import pytest

from contactpoint.codes.numbers import (
    format_nhs_number,
    nhs_check_digit,
    parse_nhs_number,
    parse_uln,
    parse_upn,
    parse_uprn,
    upn_check_letter,
)
from contactpoint.codes.postcode import parse_postcode


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("an issued form", "9434765919", "9434765919"),
        ("lowest of the nine hundreds", "9000000009", "9000000009"),
        ("test range", "9990000018", "9990000018"),
        ("test range again", "9990000026", "9990000026"),
        ("spaced as shown", " 943 476 5919 ", "9434765919"),
        ("hyphens", "943-476-5919", "9434765919"),
        ("wrong check digit", "9434765918", None),
        ("two digits swapped", "9434756919", None),
        ("nine digits", "943476591", None),
        ("eleven digits", "94347659190", None),
        ("a letter", "943476591A", None),
        ("digits of another script", "９４３４７６５９１９", None),
        ("all zeros", "0000000000", None),
        ("all fours pass the check but are a placeholder", "4444444444", None),
        ("blank", "", None),
    ],
)
def test_nhs_number(name: str, text: str, expected: str | None) -> None:
    assert parse_nhs_number(text) == expected, name


def test_an_nhs_number_whose_check_would_be_ten_does_not_exist() -> None:
    impossible = [f"94347659{last}" for last in range(10) if nhs_check_digit(f"94347659{last}") is None]
    assert impossible
    for first_nine in impossible:
        assert all(parse_nhs_number(f"{first_nine}{digit}") is None for digit in range(10))


def test_nhs_number_is_shown_three_three_four() -> None:
    assert format_nhs_number("9434765919") == "943 476 5919"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("permanent", "H801200001001", "H801200001001"),
        ("temporary: ends in a letter", "U80120000100A", "U80120000100A"),
        ("London", "P207000016049", "P207000016049"),
        ("lower case", "h801200001001", "H801200001001"),
        ("an authority made after 2011", upn_check_letter("940400024001") + "940400024001", "as given"),
        ("wrong check letter", "J801200001001", None),
        ("wrong digit", "H801200001002", None),
        ("letter I is not in the list", "H80120000100I", None),
        ("letter in the middle", "H8012A0001001", None),
        ("twelve characters", "H80120000100", None),
    ],
)
def test_upn(name: str, text: str, expected: str | None) -> None:
    assert parse_upn(text) == (text if expected == "as given" else expected), name


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("valid", "9276308686", "9276308686"),
        ("spaced", "92763 08686", "9276308686"),
        ("placeholder", "9999999999", None),
        ("first digit nought", "0276308686", None),
        ("wrong check digit", "9276308687", None),
        ("remainder nought is never valid", "1000000010", None),
    ],
)
def test_uln(name: str, text: str, expected: str | None) -> None:
    assert parse_uln(text) == expected, name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100023336956", "100023336956"),
        ("000000012345", "12345"),
        ("1000233369561", None),
        ("0", None),
        ("x", None),
    ],
)
def test_uprn(text: str, expected: str | None) -> None:
    assert parse_uprn(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M1 1AE", "M1 1AE"),
        ("m11ae", "M1 1AE"),
        ("SW1A1AA", "SW1A 1AA"),
        (" sw1a  1aa ", "SW1A 1AA"),
        ("CR2-6XH", "CR2 6XH"),
        ("DN55 1PT", "DN55 1PT"),
        ("W1A 1HQ", "W1A 1HQ"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("GIR 0AA", "GIR 0AA"),
        ("bfpo 57", "BFPO 57"),
        ("ZZ99 3VZ", "ZZ99 3VZ"),
        ("M1 IAE", "M1 1AE"),
        ("M2 OAE", "M2 0AE"),
        ("QQ1 1AA", None),
        ("M1 1CE", None),
        ("M111 1AE", None),
        ("not known", None),
        ("", None),
        ("M１ 1AE", None),
    ],
)
def test_postcode(text: str, expected: str | None) -> None:
    assert parse_postcode(text) == expected
