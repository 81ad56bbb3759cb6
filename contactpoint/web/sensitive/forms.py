"""What is asked before a sensitive service is recorded. Nothing to type but dates: no free text (REC-3)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from contactpoint.codes.services import ROLES
from contactpoint.directory.sensitive.records import Basis, Consent, Giver
from contactpoint.web.pages.fields import DateParts, to_date, to_parts
from contactpoint.web.sensitive.words import BASIS_WORDS, GIVER_WORDS

OFFERED_REVIEW = timedelta(days=182)
POSTS = sorted(((role.code, role.words) for role in ROLES.values()), key=lambda item: item[1])


class AnswerForm(forms.Form):
    """`offered`: answers to show in a form that nobody has sent yet; dates as ISO text."""

    def __init__(self, data: Any = None, *, offered: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        if not self.is_bound and offered:
            shown = {name: value for name, value in offered.items() if name in self.fields}
            for name, field in self.fields.items():
                if isinstance(field, DateParts) and offered.get(name):
                    shown |= to_parts(name, offered[name])
            self.data = shown


class BasisForm(AnswerForm):
    """Consent or significant harm (SEN-2)."""

    basis = forms.ChoiceField(
        choices=[(basis.value, BASIS_WORDS[basis]) for basis in Basis],
        error_messages={
            "required": "Choose on what basis you record this",
            "invalid_choice": "Choose one of the two shown",
        },
    )


class GiverForm(AnswerForm):
    """Who gave consent (SEN-2)."""

    given_by = forms.ChoiceField(
        choices=[(giver.value, GIVER_WORDS[giver]) for giver in Giver],
        error_messages={"required": "Choose who gave consent", "invalid_choice": "Choose one of those shown"},
    )


class ReceiptForm(AnswerForm):
    """The rest of the receipt (SEN-6)."""

    obtained_by_role = forms.ChoiceField(
        choices=POSTS,
        error_messages={
            "required": "Choose the role of whoever obtained consent",
            "invalid_choice": "Choose a role of the list",
        },
    )
    obtained_on = DateParts(named="Date of consent", required=True)
    review_on = DateParts(named="Review date", required=True)

    def to_consent(self, *, given_by: str) -> Consent:
        """Of a valid form."""
        given = self.cleaned_data
        return Consent(
            given_by, given["obtained_by_role"], to_date(given["obtained_on"]), to_date(given["review_on"])
        )


class RenewForm(GiverForm, ReceiptForm):
    """A whole receipt on one page: the people who renew know the questions."""

    field_order = ("given_by", "obtained_by_role", "obtained_on", "review_on")


class WorkForm(AnswerForm):
    """One's own role and since when (INV-1)."""

    role = forms.ChoiceField(
        choices=POSTS,
        error_messages={"required": "Choose your role", "invalid_choice": "Choose a role of the list"},
    )
    started_on = DateParts(named="Date you began", required=True)


def offered_review(on: date) -> dict[str, str]:
    """Half a year ahead, as a first answer."""
    return {"review_on": (on + OFFERED_REVIEW).isoformat()}
