"""The forms of moves. They decide nothing."""

from typing import Any

from django import forms

from contactpoint.casework.moves.records import REJECTIONS
from contactpoint.codes.authorities import AUTHORITIES
from contactpoint.web.casework.forms import NumberForm

ACCEPT = "accept"


class MoveForm(NumberForm):
    """Which child, and which authority becomes responsible."""

    to = forms.ChoiceField(
        error_messages={"required": "Choose the authority", "invalid_choice": "Choose one of the authorities"}
    )

    def __init__(self, data: Any = None, *, on: Any, number: str = "") -> None:
        super().__init__(data)
        current = sorted((each.name, code) for code, each in AUTHORITIES.items() if each.is_current(on))
        self.authorities = [("", "Choose"), *((code, name) for name, code in current)]
        self.fields["to"].choices = self.authorities  # type: ignore[attr-defined]
        if not self.is_bound and number:
            self.data = {"number": number}

    def clean_number(self) -> str:
        given = str(self.cleaned_data["number"])
        if not given:
            raise forms.ValidationError("Enter the ContactPoint number")
        return given


class DecisionForm(forms.Form):
    """Accepted, or rejected for a reason."""

    decision = forms.ChoiceField(
        choices=[(ACCEPT, "Accept: it counts at once"), *REJECTIONS.items()],
        error_messages={"required": "Choose what you decide", "invalid_choice": "Choose one of the answers"},
    )
