"""Telephone numbers of the United Kingdom, as far as their shape tells (INV-2). Facts, no database."""

import re

_SHAPE = re.compile(
    r"(?P<number>\+?[0-9 ()-]+?)(?:\s*(?:ext\.?|extension|x)\s*(?P<extension>[0-9]{1,6}))?", re.I
)
_NATIONAL = re.compile(r"0[1-9][0-9]{8,9}")
_PAID = ("070", "09")  # personal numbering and premium rate: whoever rings pays


def write_telephone(*, text: str) -> str:
    """A number that can be rung, tidied, any extension written in one way: 0121 496 0100 ext 12."""
    known = _SHAPE.fullmatch(text.strip())
    assert known is not None  # noqa: S101  `find_telephone_problem` saw to it
    number = " ".join(known["number"].split())
    return f"{number} ext {known['extension']}" if known["extension"] else number


def find_telephone_problem(*, text: str) -> str:
    """What is wrong with a number as typed, in words; '' where it can be rung."""
    known = _SHAPE.fullmatch(text.strip())
    if known is None:
        return "Enter a telephone number, like 0121 496 0100 or 0121 496 0100 ext 12"
    digits = re.sub(r"[^0-9+]", "", known["number"].replace("(0)", ""))
    national = "0" + digits[3:] if digits.startswith("+44") else digits
    if not _NATIONAL.fullmatch(national):
        return "Enter a telephone number of the United Kingdom, with its area code"
    if national.startswith(_PAID):
        return "Numbers that begin 070 or 09 charge whoever rings: enter another"
    return ""
