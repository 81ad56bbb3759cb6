"""The forms of break-glass and of closing an investigation. They decide nothing."""

from django import forms

from contactpoint.casework.override.records import Outcome
from contactpoint.directory.records import PURPOSE_WORDS
from contactpoint.web.casework.forms import Passage
from contactpoint.web.override.words import OUTCOMES


class OverrideForm(forms.Form):
    """Why it cannot wait for a message to be answered, and that the warning was read (SHI-6)."""

    purpose = forms.ChoiceField(
        choices=[(each.value, words) for each, words in PURPOSE_WORDS.items()],
        error_messages={"required": "Choose why you need the record", "invalid_choice": "Choose one"},
    )
    text = Passage(named="why this cannot wait")
    understood = forms.BooleanField(
        error_messages={"required": "Confirm that you know that an investigation begins"}
    )


class CloseForm(forms.Form):
    """How the investigation ended."""

    outcome = forms.ChoiceField(
        choices=[(each.value, words) for each, words in OUTCOMES.items()],
        error_messages={"required": "Choose how it ended", "invalid_choice": "Choose one"},
    )

    @property
    def chosen(self) -> Outcome:
        """Of a valid form."""
        return Outcome(self.cleaned_data["outcome"])
