"""The forms of leavers. They decide nothing."""

from django import forms

from contactpoint.casework.leavers.records import CONSENT_ROLES, DEATH_SOURCES, INTENTS, Kind, Statement
from contactpoint.web.casework.forms import NumberForm
from contactpoint.web.pages.fields import DateParts, to_date

_CHOOSE = {"required": "Choose one", "invalid_choice": "Choose one of the answers shown"}
KINDS = {
    Kind.LEFT: "The child has left England",
    Kind.DIED: "The child has died",
    Kind.STAYS: "The young person wants their record to stay after 18",
}


class KindForm(forms.Form):
    """What is stated?"""

    kind = forms.ChoiceField(
        choices=[(kind.value, words) for kind, words in KINDS.items()],
        error_messages={**_CHOOSE, "required": "Choose what has happened"},
    )


class WhichForm(NumberForm, KindForm):
    """Of which child, where there is no record open."""


class LeftForm(forms.Form):
    """Left England (REC-9)."""

    on = DateParts(named="Day of leaving", required=True)
    intent = forms.ChoiceField(
        choices=[*INTENTS.items()],
        error_messages={**_CHOOSE, "required": "Choose whether the child returns"},
    )

    @property
    def statement(self) -> Statement:
        given = self.cleaned_data
        return Statement(Kind.LEFT, to_date(given["on"]), intent=given["intent"])


class DiedForm(forms.Form):
    """A death, and how it is known (REC-9)."""

    on = DateParts(named="Day of death", required=True)
    source = forms.ChoiceField(
        choices=[*DEATH_SOURCES.items()],
        error_messages={**_CHOOSE, "required": "Choose how this is known"},
    )

    @property
    def statement(self) -> Statement:
        given = self.cleaned_data
        return Statement(Kind.DIED, to_date(given["on"]), source=given["source"])


class StaysForm(forms.Form):
    """Stays after 18, by the young person's own consent (REC-1)."""

    on = DateParts(named="Day until which the record stays", required=True)
    obtained_by_role = forms.ChoiceField(
        choices=[*CONSENT_ROLES.items()],
        error_messages={**_CHOOSE, "required": "Choose who obtained the consent"},
    )
    obtained_on = DateParts(named="Day of the consent", required=True)

    @property
    def statement(self) -> Statement:
        given = self.cleaned_data
        return Statement(
            Kind.STAYS,
            to_date(given["on"]),
            obtained_by_role=given["obtained_by_role"],
            obtained_on=to_date(given["obtained_on"]),
        )


FORMS: dict[Kind, type[LeftForm | DiedForm | StaysForm]] = {
    Kind.LEFT: LeftForm,
    Kind.DIED: DiedForm,
    Kind.STAYS: StaysForm,
}
