"""The forms of brokered contact: what was typed, read into what the actions take. They decide nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contactpoint.casework.brokering.records import Case
from contactpoint.casework.policies import LONGEST_REPLY
from contactpoint.web.casework.forms import Passage
from contactpoint.web.pages.fields import Line


class AskForm(forms.Form):
    """Why the contact is needed (SEN-5)."""

    text = Passage(named="why you need the contact")


class TakeForm(forms.Form):
    """Who had the case when the broker looked; empty for nobody."""

    seen = forms.IntegerField(required=False)


class ProviderForm(forms.Form):
    """Which of the services on the page is asked, by its place there."""

    place = forms.IntegerField(min_value=0)

    def chosen(self, case: Case) -> tuple[str, str]:
        """Organisation and service; of a valid form. Two empty words where the page was another."""
        place = self.cleaned_data["place"]
        if place >= len(case.providers):
            return "", ""
        return case.providers[place].organisation, case.providers[place].service


class AcceptForm(forms.Form):
    """How the service is reached: its own telephone or e-mail, never anybody's own (INV-2)."""

    ask_for = Line(named="Whom to ask for", max_length=LONGEST_REPLY, plain=True)
    telephone = Line(named="Telephone", max_length=LONGEST_REPLY, plain=True)
    email = Line(named="Secure e-mail", max_length=LONGEST_REPLY, plain=True)

    def __init__(self, data: Any = None, *, ask_for: str, telephone: str, email: str) -> None:
        super().__init__(data)
        if not self.is_bound:
            self.data = {"ask_for": ask_for, "telephone": telephone, "email": email}

    def clean_ask_for(self) -> str:
        given = str(self.cleaned_data["ask_for"])
        if not given:
            raise ValidationError("Enter whom to ask for")
        return given

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not given.get("telephone") and not given.get("email") and not self.errors:
            self.add_error("telephone", "Enter a telephone number or an e-mail address of your service")
        return given
