"""The forms of the archive and of the register of disclosures. They decide nothing."""

from typing import Any

from django import forms

from contactpoint.casework.archive.disclosing import LONGEST
from contactpoint.casework.archive.records import (
    DISCLOSURE_GROUNDS,
    FIRST_YEAR_GROUNDS,
    GROUNDS,
    Told,
    Whom,
)
from contactpoint.web.casework.forms import NumberForm, Passage
from contactpoint.web.pages.fields import DateParts, Line

LONGEST_NAME = 200
_GROUND = {"required": "Choose the ground", "invalid_choice": "Choose one of the grounds shown"}


class WhomForm(forms.Form):
    """Which archived record is meant: a number, or a whole name with a full date of birth."""

    number = Line(named="Number", max_length=40, plain=True)
    given_name = Line(named="Given name", max_length=LONGEST_NAME)
    family_name = Line(named="Family name", max_length=LONGEST_NAME)
    birth_date = DateParts(named="Date of birth")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        named = ("given_name", "family_name", "birth_date")
        is_read = not {"number", *named} & self.errors.keys()
        if is_read and not given.get("number") and not all(given.get(name) for name in named):
            self.add_error("number", "Enter a number, or given name, family name and date of birth")
        return given

    @property
    def whom(self) -> Whom:
        """Of a valid form."""
        given = self.cleaned_data
        return Whom(given["number"], given["given_name"], given["family_name"], given["birth_date"])


class FirstYearForm(WhomForm):
    """A data manager opens a record at once."""

    ground = forms.ChoiceField(choices=[*FIRST_YEAR_GROUNDS.items()], error_messages=_GROUND)
    case = Line(named="The reference of your case", max_length=100, plain=True)

    def clean_case(self) -> str:
        given = str(self.cleaned_data["case"])
        if not given:
            raise forms.ValidationError("Enter the reference of your case")
        return given


class AskForm(WhomForm):
    """A custodian asks another one to agree."""

    ground = forms.ChoiceField(choices=[*GROUNDS.items()], error_messages=_GROUND)
    text = Passage(named="why the record is needed")


class DisclosureForm(NumberForm):
    """What was disclosed outside the service."""

    ground = forms.ChoiceField(choices=[*DISCLOSURE_GROUNDS.items()], error_messages=_GROUND)
    disclosed_on = DateParts(named="Day of the disclosure", required=True)
    to = Passage(named="to whom it was disclosed", most=LONGEST)
    scope = Passage(named="what it was about", most=LONGEST)
    released = Passage(named="what was released", most=LONGEST)
    decided_by = Passage(named="who decided", most=LONGEST)

    @property
    def told(self) -> Told:
        """Of a valid form."""
        given = self.cleaned_data
        return Told(given["to"], given["scope"], given["released"], given["decided_by"])


class ReasonForm(forms.Form):
    """Why a file is needed."""

    reason = Line(named="Reason", max_length=LONGEST)

    def clean_reason(self) -> str:
        given = str(self.cleaned_data["reason"])
        if not given:
            raise forms.ValidationError("Enter why you need this file")
        return given
