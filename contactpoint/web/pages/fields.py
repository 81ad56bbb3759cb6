"""Fields that the pages' forms share: one line of text, and a date in three parts.

They say what can be read at all; whether it is enough is decided behind the door.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from unicodedata import category

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from contactpoint.codes.partial_date import PartialDate
from contactpoint.errors import Invalid

PARTS = ("day", "month", "year")
UNUSABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, breaks of lines


class Line(forms.CharField):
    """One line of text: any script, any emoji, with the joiners that names and emoji are written with.

    `plain` allows no invisible character at all, for what is no name.
    """

    def __init__(self, *, named: str, max_length: int, plain: bool = False) -> None:
        super().__init__(required=False, strip=True)
        self.validators.clear()  # the one about null characters is in words of its own
        self.named = named
        self.most = max_length
        self.plain = plain

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if len(text) > self.most:
            raise ValidationError(f"{self.named} must be {self.most} characters or fewer")
        if any(category(each) in UNUSABLE for each in text) or (self.plain and not text.isprintable()):
            raise ValidationError(f"{self.named} must be one line without control characters")
        return text


class _ThreeInputs(forms.Widget):
    """Reads `name-day`, `name-month` and `name-year`."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> tuple[str, ...]:
        return tuple(str(data.get(f"{name}-{part}", "")).strip() for part in PARTS)


class DateParts(forms.Field):
    """A date in three parts, as ISO text; '' where it is left empty.

    `partial` allows a year, or a month and year, alone (REC-10).
    """

    widget = _ThreeInputs

    def __init__(self, *, named: str, partial: bool = False, required: bool = False) -> None:
        super().__init__(required=required)
        self.named = named
        self.partial = partial

    def clean(self, value: Any) -> str:
        day, month, year = value
        if not any(value):
            if self.required:
                raise ValidationError(f"Enter the {self.named[0].lower()}{self.named[1:]}")
            return ""
        if not year:
            raise ValidationError(f"{self.named} must include a year")
        if not self.partial and not (day and month):
            raise ValidationError(f"{self.named} must include a day, a month and a year")
        known = _read(day, month, year)
        if known is None:
            raise ValidationError(f"{self.named} must be a real date, for example 24 5 2016")
        return known.iso


def to_parts(name: str, iso: str) -> dict[str, str]:
    """What the three inputs of this name show for a date."""
    year, month, day = [*iso.split("-"), "", ""][:3]
    return {f"{name}-day": day.lstrip("0"), f"{name}-month": month.lstrip("0"), f"{name}-year": year}


def to_date(iso: str) -> date:
    """Of a whole date."""
    return date.fromisoformat(iso)


def _read(day: str, month: str, year: str) -> PartialDate | None:
    if len(year) != 4 or any(part and not (part.isascii() and part.isdigit()) for part in (day, month, year)):
        return None
    return PartialDate.parse(
        "-".join([year, *(part.zfill(2) for part in (month, day) if part)]) if month or not day else ""
    )


def add_refusal(form: forms.Form, refusal: Invalid) -> None:
    """What the door refused, beside the field that it is about; else at the top alone."""
    for about, words in refusal.parts:
        form.add_error(about if about in form.fields else None, words)


def sent(request: HttpRequest) -> QueryDict | None:
    """What the form carried, even if nothing; None where nobody has sent it yet."""
    return request.POST if request.method == "POST" else None
