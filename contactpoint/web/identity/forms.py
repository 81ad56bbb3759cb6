"""The forms of new identities. They decide nothing."""

from dataclasses import replace
from typing import Any

from django import forms

from contactpoint.casework.grounds import GROUNDS
from contactpoint.casework.identity.records import LINK_GROUNDS, NewIdentity, RowVerdict
from contactpoint.codes.numbers import parse_nhs_number, parse_upn
from contactpoint.web.casework.forms import NumberForm
from contactpoint.web.pages.fields import Line
from contactpoint.web.pages.forms import EntryForm

LEAVE = "leave"
LONGEST_CASE = 100


class IdentityForm(EntryForm):
    """Who the child is from now on; `sure` comes with the second look."""

    nhs = Line(named="NHS number", max_length=20, plain=True)
    upn = Line(named="UPN", max_length=20, plain=True)
    ground = forms.ChoiceField(
        choices=[*GROUNDS.items()],
        error_messages={"required": "Choose the ground", "invalid_choice": "Choose one of the grounds shown"},
    )
    shielded = forms.ChoiceField(
        choices=[
            ("yes", "Yes: it shows the new name, gender and date of birth, and nothing else"),
            ("no", "No: it is a record like any other"),
        ],
        error_messages={
            "required": "Choose whether the fresh record is shielded",
            "invalid_choice": "Choose one of the answers shown",
        },
    )
    sure = forms.CharField(required=False)

    def clean_nhs(self) -> str:
        given = str(self.cleaned_data["nhs"])
        return parse_nhs_number(given) or given

    def clean_upn(self) -> str:
        given = str(self.cleaned_data["upn"])
        return parse_upn(given) or given

    def identity(self) -> NewIdentity:
        """Of a valid form."""
        numbers = {"nhs": self.cleaned_data["nhs"], "upn": self.cleaned_data["upn"]}
        return NewIdentity(replace(self.values(), **numbers), self.cleaned_data["shielded"] == "yes")


class LinkForm(NumberForm):
    """Which record became which: by a number that one has, on a ground, for a case."""

    ground = forms.ChoiceField(
        choices=[*LINK_GROUNDS.items()],
        error_messages={"required": "Choose the ground", "invalid_choice": "Choose one of the grounds shown"},
    )
    case = Line(named="The reference of your case", max_length=LONGEST_CASE, plain=True)

    def clean_case(self) -> str:
        given = str(self.cleaned_data["case"])
        if not given:
            raise forms.ValidationError("Enter the reference of your case")
        return given


class SealedRowForm(forms.Form):
    """Whose a row near a sealed identity is."""

    whose = forms.ChoiceField(
        choices=[
            (RowVerdict.FORMER.value, "The former identity: it joins the sealed side and is never shown"),
            (
                RowVerdict.CLEANED.value,
                "The new identity, or not known: go on without the numbers and former names that lead back",
            ),
            (RowVerdict.OTHER.value, "Another child altogether: go on with it as it is"),
            (LEAVE, "Leave it for now"),
        ],
        error_messages={"required": "Choose whose row this is", "invalid_choice": "Choose one"},
    )

    @property
    def verdict(self) -> RowVerdict | None:
        """Of a valid form; None where it is left."""
        whose: Any = self.cleaned_data["whose"]
        return None if whose == LEAVE else RowVerdict(whose)
