"""Is this row acceptable? Every problem of a row, in the sender's words (SUP-3).

Pure: no database, no clock. `judge_value` and `judge_row` state the rules for one row;
`frames.judge_frame` applies the same functions to whole files, each distinct value once.
A problem never repeats the value, only what the sender calls its column.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from contactpoint.codes.gender import parse_gender
from contactpoint.codes.numbers import parse_nhs_number, parse_upn
from contactpoint.codes.partial_date import PartialDate, eighteenth_birthday
from contactpoint.codes.postcode import parse_postcode
from contactpoint.codes.services import ASSESSMENT_KINDS, ROLES, SENSITIVE_SERVICES, SERVICES
from contactpoint.intake.fields import REFERENCE, Kind
from contactpoint.intake.profiles import Mapped, Profile

SEPARATOR = "\x1f"  # between the cells of a field that several columns fill; no cell can hold it
LONGEST_VALUE = 2_000
LONGEST_REFERENCE = 200
OLDEST_AGREED_AGE = 25  # REC-1
IDENTITY = ("given_names", "family_name", "nhs", "upn")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A problem in words. `refuses` says that the row is not received; else the rest of it is."""

    words: str
    refuses: bool = False


PROBLEMS: dict[str, ProblemKind] = {
    "half-quoted": ProblemKind(
        "a quotation mark is opened and not closed, or stands inside a value: close or double it", True
    ),
    "cut-off": ProblemKind("the file ends in the middle of this row: send the file again", True),
    "too-few-columns": ProblemKind("has fewer columns than the header", True),
    "too-many-columns": ProblemKind(
        "has more columns than the header: put values that contain the separator in quotation marks", True
    ),
    "too-long": ProblemKind("is longer than 100,000 characters", True),
    "not-json": ProblemKind("is not one JSON object: write one object, whole, on a line of its own", True),
    "wrong-shape": ProblemKind(
        "has a list or an object where one value is expected, or the other way round: see the profile", True
    ),
    "control-character": ProblemKind("contains a character that is no text (such as NUL)", True),
    "several-values": ProblemKind(
        "has several different values where there can be one, such as two NHS numbers: send the current one",
        True,
    ),
    "no-reference": ProblemKind("is empty: every row needs the supplier's own reference", True),
    "long-reference": ProblemKind("is longer than 200 characters", True),
    "repeated-reference": ProblemKind(
        "stands in more than one row, with different content: send one row each", True
    ),
    "repeated-row": ProblemKind("repeats an earlier row word for word; that one is used", True),
    "no-name": ProblemKind("are both empty: a row needs a name, or an NHS number or UPN", True),
    "future-birth-date": ProblemKind("is in the future", True),
    "long-value": ProblemKind("is longer than 2,000 characters", True),
    "no-basis": ProblemKind(
        "gives neither consent nor reasonable cause to suspect significant harm: without one of them "
        "a sensitive service may not be recorded",
        True,
    ),
    "consent-incomplete": ProblemKind("consent needs who gave it (child, or parent or carer) and when", True),
    "sensitive-service": ProblemKind(
        "is a sensitive service, which this supplier is not set up to send", True
    ),
    "no-birth-date": ProblemKind("is empty: without at least the year, no new record can be made"),
    "impossible-date": ProblemKind("is no date; what can be used of it was kept"),
    "unknown-gender": ProblemKind("is not a known code; it was left out"),
    "wrong-nhs": ProblemKind("is not a valid NHS number (check digit); it was left out"),
    "wrong-upn": ProblemKind("is not a valid UPN (check letter); it was left out"),
    "wrong-postcode": ProblemKind("is not a postcode; it was left out"),
    "unknown-code": ProblemKind("is not a known code; it was left out"),
    "unknown-school": ProblemKind(
        "is in no register of schools that is loaded (URN, LAESTAB or UKPRN); it was kept as it is"
    ),
    "unknown-practice": ProblemKind(
        "is in no register of practices that is loaded (ODS code); it was kept as it is"
    ),
    "ends-before-start": ProblemKind("is before the start; the end was left out"),
    "already-18": ProblemKind("shows that the person is 18 already: received, and not published"),
    "agreed-too-long": ProblemKind("is beyond the 25th birthday: received, and not published"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a row; `column` is the sender's name, or '' for the row as a whole."""

    code: str
    column: str = ""

    @property
    def refuses(self) -> bool:
        return PROBLEMS[self.code].refuses

    @property
    def words(self) -> str:
        return f"{self.column or 'The row'}: {PROBLEMS[self.code].words}"


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """What a row says in our fields, and everything that is wrong with it."""

    values: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def is_received(self) -> bool:
        return not any(problem.refuses for problem in self.problems)


Judged = tuple[str, str]  # the value, or ''; the code of its problem, or ''
Found = list[tuple[str, str]]  # codes of problems, each with the path that it concerns


def judge_value(*, mapped: Mapped, text: str, dates: str) -> Judged:
    """One value of one field. `text` is the cell, or several cells with SEPARATOR between."""
    if mapped.is_parts:
        return _date_of_parts(text, mapped)
    value = " ".join(part for cell in text.split(SEPARATOR) if (part := cell.strip()))
    if len(value) > LONGEST_VALUE:
        return "", "long-value"
    coded = dict(mapped.codes).get(value.casefold())
    if coded is not None:
        value = coded
    if mapped.kind is Kind.DATE or mapped.kind is Kind.BIRTH_DATE:
        return _date_of_text(value, dates, partial=mapped.kind is Kind.BIRTH_DATE)
    return _READERS[mapped.kind](value) if value else ("", "")


def judge_row(*, profile: Profile, cells: Mapping[str, str], on: date) -> JudgedRow:
    """One row by itself; repeated references are judged over the whole file."""
    values: dict[str, str] = dict(profile.constants)
    problems: list[Problem] = []
    for mapped in profile.mapped:
        text = SEPARATOR.join(cells[column] for column in mapped.columns)
        value, code = judge_value(mapped=mapped, text=text, dates=profile.dates)
        values[mapped.path] = value
        if code:
            problems.append(Problem(code, mapped.shown))
    for rule in ROW_RULES:
        for code, path in rule.judge(profile, values, on):
            problems.append(Problem(code, profile.column_of(path)))
    for start, end in PERIODS:
        if values.get(start) and values.get(end) and values[end] < values[start]:
            problems.append(Problem("ends-before-start", profile.column_of(end)))
            values[end] = ""
    return JudgedRow(values, tuple(problems))


def _reference(profile: Profile, values: Mapping[str, str], on: date) -> Found:
    reference = values.get(REFERENCE, "")
    if not reference:
        return [("no-reference", REFERENCE)]
    return [("long-reference", REFERENCE)] if len(reference) > LONGEST_REFERENCE else []


def _identity(profile: Profile, values: Mapping[str, str], on: date) -> Found:
    return [] if any(values.get(path) for path in IDENTITY) else [("no-name", "family_name")]


def _birth(profile: Profile, values: Mapping[str, str], on: date) -> Found:
    born = values.get("birth_date", "")
    if not born:
        return [("no-birth-date", "birth_date")]
    return judge_age(birth_date=born, stays_until=values.get("stays_until", ""), on=on)


def judge_age(*, birth_date: str, stays_until: str, on: date) -> Found:
    """REC-10 and REC-1: not in the future; not 18 yet, or staying by consent until 25 at most."""
    born = PartialDate.parse(birth_date)
    if born is None:
        return [("no-birth-date", "birth_date")]
    if born.earliest > on:
        return [("future-birth-date", "birth_date")]
    if eighteenth_birthday(born) > on:
        return []
    agreed = PartialDate.parse(stays_until) if stays_until else None
    if agreed is None or agreed.latest < on:
        return [("already-18", "birth_date")]
    return [("agreed-too-long", "stays_until")] if agreed.year - born.year > OLDEST_AGREED_AGE else []


def _basis(profile: Profile, values: Mapping[str, str], on: date) -> Found:
    service = values.get("involvement.service", "")
    if service in SENSITIVE_SERVICES and not profile.sensitive:
        return [("sensitive-service", "involvement.service")]
    if not profile.sensitive:
        return []
    ground = values.get("basis.ground", "")
    if not ground:
        return [("no-basis", "basis.ground")]
    if ground == "consent" and not (values.get("basis.given_by") and values.get("basis.obtained_on")):
        return [("consent-incomplete", "basis.ground")]
    return []


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule over several fields; `paths` are all that it reads."""

    judge: Callable[[Profile, Mapping[str, str], date], Found]
    paths: tuple[str, ...]


ROW_RULES = (
    RowRule(_reference, (REFERENCE,)),
    RowRule(_identity, IDENTITY),
    RowRule(_birth, ("birth_date", "stays_until")),
    RowRule(_basis, ("involvement.service", "basis.ground", "basis.given_by", "basis.obtained_on")),
)
PERIODS = (
    ("involvement.started_on", "involvement.ended_on"),
    ("school.started_on", "school.ended_on"),
    ("practice.started_on", "practice.ended_on"),
    ("assessment.opened_on", "assessment.closed_on"),
    *((f"addresses.{index}.valid_from", f"addresses.{index}.valid_to") for index in range(10)),
)


def _date_of_parts(text: str, mapped: Mapped) -> Judged:
    cells = [cell.strip() for cell in text.split(SEPARATOR)]
    day, month, year = [""] * (3 - len(cells)) + cells
    return _best_date(year, month, day)


@lru_cache(maxsize=100_000)  # whole feeds repeat the same few thousand days
def _date_of_text(value: str, dates: str, *, partial: bool) -> Judged:
    if not value:
        return "", ""
    value = _TIME.sub("", value)
    found = re.fullmatch(_pattern(dates), value, re.ASCII)
    if found:
        judged = _best_date(found["year"], found["month"], found["day"])
    elif short := re.fullmatch(r"(?P<year>[0-9]{4})(?:[-/](?P<month>[0-9]{1,2}))?", value, re.ASCII):
        judged = _best_date(short["year"], short["month"] or "", "")
    else:
        return "", "impossible-date"
    # A period's dates are whole or absent: only a birth date may be partial (REC-10).
    if not partial and len(judged[0]) != 10:
        return "", "impossible-date"
    return judged


# A time of day behind a date, as databases, workbooks and FHIR write it; it says nothing here.
_TIME = re.compile(
    r"(?<=[0-9])[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$", re.ASCII
)


def _pattern(dates: str) -> str:
    # Without separators every part has its full width.
    least = "2" if len(dates) == 8 else "1,2"
    pattern = re.escape(dates)
    for token, name, width in (("YYYY", "year", "4"), ("MM", "month", least), ("DD", "day", least)):
        pattern = pattern.replace(token, f"(?P<{name}>[0-9]{{{width}}})")
    return pattern


def _best_date(year: str, month: str, day: str) -> Judged:
    """As much of a date as its parts make, and whether something had to be left out."""
    parts = [year, month, day]
    while parts and not parts[-1]:
        parts.pop()
    if not parts:
        return "", ""
    whole = len(parts)
    while parts:
        if all(re.fullmatch("[0-9]{1,4}", part, re.ASCII) for part in parts):
            widths = (4, 2, 2)
            iso = "-".join(part.zfill(width) for part, width in zip(parts, widths, strict=False))
            if PartialDate.parse(iso):
                return iso, "" if len(parts) == whole else "impossible-date"
        parts.pop()
    return "", "impossible-date"


def _gender(value: str) -> Judged:
    gender = parse_gender(value)
    return ("", "unknown-gender") if gender is None else (gender.value, "")


def _nhs(value: str) -> Judged:
    number = parse_nhs_number(value)
    return (number, "") if number else ("", "wrong-nhs")


def _upn(value: str) -> Judged:
    number = parse_upn(value)
    return (number, "") if number else ("", "wrong-upn")


def _postcode(value: str) -> Judged:
    postcode = parse_postcode(value)
    return (postcode, "") if postcode else ("", "wrong-postcode")


_FLAGS = dict.fromkeys(("y", "yes", "true", "1", "t"), "true") | dict.fromkeys(
    ("n", "no", "false", "0", "f"), "false"
)
_INTENTS = frozenset({"returns", "stays-away", "unknown"})
_GROUNDS = {
    "consent": "consent",
    "c": "consent",
    "significant-harm": "significant-harm",
    "significant_harm": "significant-harm",
    "significant harm": "significant-harm",
    "harm": "significant-harm",
    "h": "significant-harm",
}
_GIVERS = {
    "child": "child",
    "parent": "parent-or-carer",
    "carer": "parent-or-carer",
    "parent-or-carer": "parent-or-carer",
    "parent_or_carer": "parent-or-carer",
    "parent or carer": "parent-or-carer",
}


def _flag(value: str) -> Judged:
    flag = _FLAGS.get(value.casefold())
    return (flag, "") if flag else ("", "unknown-code")


def _one_of(codes: Mapping[str, object] | frozenset[str]) -> Callable[[str], Judged]:
    return lambda value: (value, "") if value in codes else ("", "unknown-code")


def _looked_up(codes: Mapping[str, str]) -> Callable[[str], Judged]:
    def read(value: str) -> Judged:
        found = codes.get(value.casefold())
        return (found, "") if found else ("", "unknown-code")

    return read


def _marker(value: str) -> Judged:
    """SHI-8: R and V restrict; U does not. A marker that nobody knows restricts, to be on the safe side."""
    return ("", "") if value.casefold() in {"u", "n", "unrestricted", "0"} else (value.upper()[:1], "")


def _school(value: str) -> Judged:
    """URN, LAESTAB or UKPRN without what people write between the digits; other codes as they are."""
    digits = re.sub(r"[ /-]", "", value)
    return (digits if re.fullmatch("[0-9]{6,8}", digits, re.ASCII) else value), ""


_READERS: dict[Kind, Callable[[str], Judged]] = {
    Kind.TEXT: lambda value: (value, ""),
    Kind.SCHOOL: _school,
    Kind.PRACTICE: lambda value: (value.upper(), ""),
    Kind.GENDER: _gender,
    Kind.NHS: _nhs,
    Kind.UPN: _upn,
    Kind.POSTCODE: _postcode,
    Kind.FLAG: _flag,
    Kind.SERVICE: _one_of(SERVICES),
    Kind.ROLE: _one_of(ROLES),
    Kind.ASSESSMENT: _one_of(ASSESSMENT_KINDS),
    Kind.INTENT: _one_of(_INTENTS),
    Kind.MARKER: _marker,
    Kind.AUTHORITY: lambda value: (
        (value, "") if re.fullmatch("[0-9]{3}", value, re.ASCII) else ("", "unknown-code")
    ),
    Kind.GROUND: _looked_up(_GROUNDS),
    Kind.GIVEN_BY: _looked_up(_GIVERS),
}
