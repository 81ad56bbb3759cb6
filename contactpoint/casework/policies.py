"""Pure decisions about what is entered in a case: length, grounds, review dates (SHI-1, SHI-4)."""

from collections.abc import Mapping
from datetime import date, timedelta
from unicodedata import category

from contactpoint.errors import Invalid

LONGEST_TEXT = 2_000
LONGEST_REPLY = 200
LONGEST_REVIEW = timedelta(days=366)
DUE_SOON = timedelta(days=30)
_LINES = {"\n", "\r", "\t"}


class UnusableCase(Invalid):
    """What was entered cannot be kept as it is."""


def check_text(*, text: str, named: str, most: int = LONGEST_TEXT) -> str:
    """The text without spaces around it. Raises UnusableCase."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise UnusableCase(f"Enter {named}.")
    if len(text) > most:
        raise UnusableCase(f"What you wrote must be {most:,} characters or fewer; it has {len(text):,}.")
    if any(category(each) in ("Cc", "Cs") and each not in _LINES for each in text):
        raise UnusableCase("What you wrote contains control characters. Type it anew.")
    return text


def check_ground(*, ground: str, known: Mapping[str, str]) -> str:
    """Raises UnusableCase where the code is not one of that list."""
    if ground not in known:
        raise UnusableCase("Choose one of the grounds shown.")
    return ground


def check_review(*, review_on: date, on: date) -> date:
    """A shield is reviewed in the future, and within a year. Raises UnusableCase."""
    if not on < review_on <= on + LONGEST_REVIEW:
        raise UnusableCase("The review date must be after today and within a year.")
    return review_on


def is_overdue(*, review_on: date, on: date) -> bool:
    """Past its review: it escalates, and never lapses (SHI-4)."""
    return review_on < on


def is_due(*, review_on: date, on: date) -> bool:
    """Its review is near, or past."""
    return review_on <= on + DUE_SOON
