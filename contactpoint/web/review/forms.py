"""Forms of joining and parting. They say what can be read; what may be done is decided behind the door."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contactpoint.casework.review.changing import JOINING, PARTING
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.web.pages.fields import Line

_VALUE = re.compile(r"[0-9]{1,15}-[a-z_]{1,20}")
_PIECE = re.compile(r"(row|involvement|assessment)-[0-9]{1,15}")


class NumberForm(forms.Form):
    """The ContactPoint number of the other record."""

    other = Line(named="The ContactPoint number", max_length=20, plain=True)

    def clean_other(self) -> ChildNumber:
        value = decode(str(self.cleaned_data["other"]))
        if value is None:
            raise ValidationError("Enter the ContactPoint number of the other record, 10 characters")
        return encode(value)


class JoinForm(forms.Form):
    """How one knows that it is one child."""

    known_by = forms.ChoiceField(
        choices=list(JOINING.items()),
        error_messages={"required": "Choose how you know that it is one child"},
    )


class PartForm(forms.Form):
    """What is another child's, as `kind-id`, and how one knows."""

    pieces = forms.MultipleChoiceField(error_messages={"required": "Choose what is another child’s"})
    known_by = forms.ChoiceField(
        choices=list(PARTING.items()),
        error_messages={"required": "Choose how you know that there are two children"},
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        given = data.getlist("pieces") if data is not None else []
        some = [each for each in given if _PIECE.fullmatch(each)]
        self.fields["pieces"].choices = [(each, each) for each in some]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """Arguments of `propose_part`."""
        chosen: dict[str, list[int]] = {"row": [], "involvement": [], "assessment": []}
        for each in self.cleaned_data["pieces"]:
            kind, number = each.split("-")
            chosen[kind].append(int(number))
        return {
            "rows": chosen["row"],
            "involvements": chosen["involvement"],
            "assessments": chosen["assessment"],
            "reason": self.cleaned_data["known_by"],
        }


class WrongForm(forms.Form):
    """Which value is wrong, as `row-field`. No free text: the supplier looks at its own source (REC-3)."""

    value = forms.CharField(error_messages={"required": "Choose the value that is wrong"})

    def clean_value(self) -> str:
        text = str(self.cleaned_data["value"])
        if not _VALUE.fullmatch(text):
            raise ValidationError("Choose the value that is wrong")
        return text

    @property
    def chosen(self) -> dict[str, Any]:
        """Arguments of `ask_correction`."""
        row, _, field = str(self.cleaned_data["value"]).partition("-")
        return {"row": int(row), "field": field}
