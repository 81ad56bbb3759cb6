"""The forms of shielding cases: what was typed, read into what the actions take. They decide nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from unicodedata import category

from django import forms
from django.core.exceptions import ValidationError

from contactpoint.casework.grounds import GROUNDS, LIFTINGS, REFUSALS
from contactpoint.casework.policies import LONGEST_REPLY, LONGEST_TEXT
from contactpoint.casework.records import HeldRow, HeldVerdict
from contactpoint.codes.child_number import ChildNumber
from contactpoint.web.pages.fields import DateParts, Line, to_date, to_parts
from contactpoint.web.pages.words import say_child_number, say_date

LEAVE = "leave"
_CHOOSE = {"required": "Choose one", "invalid_choice": "Choose one of the answers shown"}


class Passage(forms.CharField):
    """Some lines of text."""

    def __init__(self, *, named: str, most: int = LONGEST_TEXT) -> None:
        super().__init__(required=False, strip=True)
        self.validators.clear()  # the one about null characters is in words of its own
        self.named = named
        self.most = most

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).replace("\r\n", "\n")
        if not text:
            raise ValidationError(f"Enter {self.named}")
        if len(text) > self.most:
            raise ValidationError(f"This must be {self.most:,} characters or fewer; it has {len(text):,}")
        if any(category(each) in ("Cc", "Cs") and each not in "\n\t" for each in text):
            raise ValidationError("This contains control characters: type it anew")
        return text


class RequestForm(forms.Form):
    """Why a record must be shielded, and how soon (SHI-4)."""

    ground = forms.ChoiceField(
        choices=[*GROUNDS.items()],
        error_messages={**_CHOOSE, "required": "Choose why the record must be shielded"},
    )
    text = Passage(named="what somebody else must know to decide")
    urgent = forms.ChoiceField(
        choices=[
            ("yes", "Yes: shield the record now, until an officer has decided"),
            ("no", "No: an officer decides first"),
        ],
        error_messages={**_CHOOSE, "required": "Choose whether the record must be shielded now"},
    )


class MessageForm(forms.Form):
    """What to pass on about a shielded child, and where the answer goes (SHI-2)."""

    text = Passage(named="your message")
    reply_to = Line(named="How to reach your office", max_length=LONGEST_REPLY, plain=True)

    def __init__(self, data: Any = None, *, offered: str = "") -> None:
        super().__init__(data)
        if not self.is_bound:
            self.data = {"reply_to": offered}

    def clean_reply_to(self) -> str:
        given = str(self.cleaned_data["reply_to"])
        if not given:
            raise ValidationError("Enter a telephone number or e-mail address of your office")
        return given


class NumberForm(forms.Form):
    """One ContactPoint number; whether there is such a record is found behind the door."""

    number = Line(named="ContactPoint number", max_length=40, plain=True)

    def clean_number(self) -> str:
        given = str(self.cleaned_data["number"])
        if not given:
            raise ValidationError("Enter a ContactPoint number")
        return given


class ShieldForm(forms.Form):
    """On what ground a shield is applied or kept, and until which review (SHI-4)."""

    ground = forms.ChoiceField(
        choices=[*GROUNDS.items()], error_messages={**_CHOOSE, "required": "Choose the ground"}
    )
    review_on = DateParts(named="Date of the next review", required=True)
    seen = forms.IntegerField(required=False)

    def __init__(self, data: Any = None, *, ground: str, review_on: date, seen: int = 0) -> None:
        super().__init__(data)
        if not self.is_bound:
            offered: Mapping[str, Any] = {"ground": ground, "seen": seen}
            self.data = {**offered, **to_parts("review_on", review_on.isoformat())}

    def given(self) -> dict[str, Any]:
        """Of a valid form."""
        return {"ground": self.cleaned_data["ground"], "review_on": to_date(self.cleaned_data["review_on"])}


class RefuseForm(forms.Form):
    """Why a request is refused."""

    ground = forms.ChoiceField(
        choices=[*REFUSALS.items()], error_messages={**_CHOOSE, "required": "Choose why it is refused"}
    )


class LiftForm(forms.Form):
    """Why a shield is lifted; `sure` comes with the second look."""

    ground = forms.ChoiceField(
        choices=[*LIFTINGS.items()], error_messages={**_CHOOSE, "required": "Choose why it is lifted"}
    )
    sure = forms.CharField(required=False)
    seen = forms.IntegerField(required=False)

    def __init__(self, data: Any = None, *, seen: int) -> None:
        super().__init__(data)
        if not self.is_bound:
            self.data = {"seen": seen}


class HeldForm(forms.Form):
    """Whose a held row is: one of the shielded children near it, another child's, or not known yet."""

    whose = forms.ChoiceField(error_messages={**_CHOOSE, "required": "Choose whose row this is"})

    def __init__(self, data: Any = None, *, row: HeldRow) -> None:
        super().__init__(data)
        near = [
            (
                str(child.number),
                f"It belongs to {child.name}, born {say_date(child.birth_date)}"
                f" ({say_child_number(child.number)})",
            )
            for child in row.near
        ]
        others = [
            (HeldVerdict.ANOTHER.value, "It belongs to another child, who is not shielded"),
            (LEAVE, "Leave it for now"),
        ]
        self.choices = [*near, *others]
        self.fields["whose"].choices = self.choices  # type: ignore[attr-defined]

    def answer(self) -> tuple[HeldVerdict | None, ChildNumber | None]:
        """Of a valid form; (None, None) where it is left."""
        whose = str(self.cleaned_data["whose"])
        if whose == LEAVE:
            return None, None
        if whose == HeldVerdict.ANOTHER.value:
            return HeldVerdict.ANOTHER, None
        return HeldVerdict.BELONGS, ChildNumber(whose)
