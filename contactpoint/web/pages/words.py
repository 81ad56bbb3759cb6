"""How stored codes and dates are said on a page: filters for templates, pure."""

import re
from collections.abc import Callable
from datetime import date, datetime

from contactpoint.casework.grounds import GROUNDS, LIFTINGS, REFUSALS
from contactpoint.codes.child_number import ChildNumber, format_child_number
from contactpoint.codes.gender import Gender
from contactpoint.codes.numbers import format_nhs_number
from contactpoint.codes.partial_date import PartialDate, Precision
from contactpoint.codes.services import SERVICES
from contactpoint.directory.records import PURPOSE_WORDS, Purpose

NUMBER_WORDS = {
    "contactpoint": "ContactPoint number",
    "nhs": "NHS number",
    "upn": "Unique pupil number (UPN)",
    "uln": "Unique learner number (ULN)",
}
NAME_USES = {"former": "Former name", "alias": "Also known as", "birth": "Name at birth", "current": "Name"}


def say_date(iso: str) -> str:
    """'24 May 2016', 'May 2016' or '2016'."""
    known = PartialDate.parse(iso)
    return known.words if known else iso


def say_age(iso: str, at: datetime) -> str:
    """'10 years old', '7 months old', or '9 or 10 years old' where the day is not known."""
    known = PartialDate.parse(iso)
    on = at.date()
    if known is None or known.earliest > on:
        return ""
    youngest, oldest = _years(min(known.latest, on), on), _years(known.earliest, on)
    if youngest != oldest:
        return f"{youngest} or {oldest} years old"
    if oldest >= 2:
        return f"{oldest} years old"
    if known.precision is not Precision.DAY:
        return f"under {oldest + 1} year{'s' if oldest else ''} old"
    months = _months(known.earliest, on)
    return "under 1 month old" if months == 0 else f"{months} month{'' if months == 1 else 's'} old"


def say_gender(code: str) -> str:
    """In words; 'Not specified' is a value."""
    return Gender(code).words if code in set(Gender) else Gender.NOT_SPECIFIED.words


def say_child_number(number: ChildNumber) -> str:
    """XXXXX-XXXXX, as people read it out."""
    return format_child_number(number)


def say_number(shown: str, kind: str) -> str:
    """An NHS number in threes and fours; any other as it is."""
    return format_nhs_number(shown) if kind == "nhs" and " " not in shown else shown


def say_number_kind(kind: str) -> str:
    """What a kind of number is called."""
    return NUMBER_WORDS.get(kind, kind)


def say_name_use(use: str) -> str:
    """What another name was or is for."""
    return NAME_USES.get(use, use.capitalize())


def say_purpose(purpose: str) -> str:
    """The reason as the person chose it."""
    return PURPOSE_WORDS[Purpose(purpose)]


def say_service(code: str) -> str:
    """Today's word for a service."""
    return SERVICES[code].name if code in SERVICES else code


def say_ground(code: str) -> str:
    """Why a shield is asked for, refused or lifted."""
    return {**GROUNDS, **REFUSALS, **LIFTINGS}.get(code, code.capitalize())


def say_asker(stored: str) -> str:
    """Who asked for a shield, in words; the request has a page of its own while it waits."""
    if stored.startswith("request "):
        return "Somebody who works with the child"
    return "A shielding officer" if stored == "a shielding officer" else "A supplier’s marker"


def dial(telephone: str) -> str:
    """The address that a telephone dials."""
    number, _, extension = telephone.partition(" ext ")
    dialled = re.sub(r"[^0-9+]", "", number.replace("(0)", "") if "+" in number else number)
    return f"tel:{dialled}" + (f";ext={extension}" if extension.isdigit() else "")


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _months(born: date, on: date) -> int:
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


FILTERS: dict[str, Callable[..., str]] = {
    "said_date": say_date,
    "said_age": say_age,
    "said_gender": say_gender,
    "said_child_number": say_child_number,
    "said_number": say_number,
    "said_number_kind": say_number_kind,
    "said_name_use": say_name_use,
    "said_purpose": say_purpose,
    "said_service": say_service,
    "said_asker": say_asker,
    "said_ground": say_ground,
    "dial": dial,
}
