"""The forms of the journey: what was typed, read into what the doors take. They decide nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from contactpoint.access.records import Viewer
from contactpoint.codes.gender import Gender
from contactpoint.codes.services import ASSESSMENT_KINDS, ROLES, SERVICES, Reach, Service
from contactpoint.directory.records import PURPOSE_WORDS, Purpose, SearchQuery
from contactpoint.directory.values import Address, SuppliedValues
from contactpoint.web.pages.fields import DateParts, Line
from contactpoint.web.pages.words import NUMBER_WORDS

LONGEST_NAME = 100
OLDEST = 25  # REC-1
GENDERS = [(gender.value, gender.words) for gender in Gender]


class Age(forms.IntegerField):
    """A whole number of years, or nothing."""

    def __init__(self, *, named: str) -> None:
        said = f"{named} must be a whole number of years from 0 to {OLDEST}"
        wrong = {"invalid": said, "min_value": said, "max_value": said}
        super().__init__(required=False, min_value=0, max_value=OLDEST, error_messages=wrong)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(str(value or "").strip())


class SearchForm(forms.Form):
    """What SEA-2 lets somebody search by; whether it is enough is decided behind the door."""

    given_name = Line(named="Given name", max_length=LONGEST_NAME)
    family_name = Line(named="Family name", max_length=LONGEST_NAME)
    birth_date = DateParts(named="Date of birth", partial=True)
    age_from = Age(named="Age")
    age_to = Age(named="Oldest age")
    postcode = Line(named="Postcode", max_length=10)
    gender = forms.ChoiceField(
        choices=[("", "Not known"), *GENDERS],
        required=False,
        error_messages={"invalid_choice": "Choose one of the genders shown"},
    )
    number_kind = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose a kind of number that is shown"}
    )
    number = Line(named="Number", max_length=40)

    def __init__(self, data: Any = None, *, viewer: Viewer) -> None:
        super().__init__(data)
        kinds = ["contactpoint", *sorted(viewer.visible_numbers & {"nhs", "upn"})]
        self.kinds = [(kind, NUMBER_WORDS[kind]) for kind in kinds]
        # A kind that is not shown to this sector is read too, so that its refusal is logged (ACC-9).
        self.fields["number_kind"].choices = [("", ""), *NUMBER_WORDS.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("number") and not given.get("number_kind") and "number_kind" not in self.errors:
            self.add_error("number_kind", "Choose which number you typed")
        return given

    def query(self) -> SearchQuery:
        """Of a valid form. One age alone means exactly that age; a kind without a number means nothing."""
        given = self.cleaned_data
        oldest = given["age_to"] if given["age_to"] is not None else given["age_from"]
        youngest = given["age_from"] if given["age_from"] is not None else oldest
        return SearchQuery(
            given_name=given["given_name"],
            family_name=given["family_name"],
            birth_date=given["birth_date"],
            age_from=youngest,
            age_to=oldest,
            postcode=given["postcode"],
            gender=given["gender"],
            number_kind=given["number_kind"] if given["number"] else "",
            number=given["number"],
        )

    def typed(self) -> dict[str, str]:
        """As typed, field by field, so that it can be shown and read again."""
        names = [*self.fields, *(f"birth_date-{part}" for part in ("day", "month", "year"))]
        return {name: str(self.data.get(name, "")).strip() for name in names}


class ReasonForm(forms.Form):
    """Why a record is opened (SEA-1)."""

    purpose = forms.ChoiceField(
        choices=[(purpose.value, words) for purpose, words in PURPOSE_WORDS.items()],
        error_messages={
            "required": "Choose why you need to open this record",
            "invalid_choice": "Choose one of the reasons shown",
        },
    )
    reference = Line(named="Your own case reference", max_length=60, plain=True)

    @property
    def reason(self) -> tuple[Purpose, str]:
        return Purpose(self.cleaned_data["purpose"]), self.cleaned_data["reference"]


class InvolvementForm(forms.Form):
    """That the person works with the child (INV-1, INV-2)."""

    service = forms.ChoiceField(
        error_messages={"required": "Choose your service", "invalid_choice": "Choose a service of the list"}
    )
    role = forms.ChoiceField(
        error_messages={"required": "Choose your role", "invalid_choice": "Choose a role of the list"}
    )
    started_on = DateParts(named="Date you began", required=True)
    team_telephone = Line(named="Team telephone number", max_length=40, plain=True)
    team_email = Line(named="Team e-mail address", max_length=200, plain=True)

    def __init__(self, data: Any = None, *, viewer: Viewer, offered: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        _offer(self, offered)
        self.services = _services_for(viewer)
        self.roles = sorted(((role.code, role.words) for role in ROLES.values()), key=lambda item: item[1])
        self.fields["service"].choices = self.services  # type: ignore[attr-defined]
        self.fields["role"].choices = self.roles  # type: ignore[attr-defined]


def _offer(form: forms.Form, offered: Mapping[str, str] | None) -> None:
    """First answers to show in a form that nobody has sent yet, so that none is called wrong."""
    if not form.is_bound and offered:
        form.data = dict(offered)


def _services_for(viewer: Viewer) -> list[tuple[str, str]]:
    """Those of one's own sector first, then the others; never a sensitive one (SEN-2)."""

    def order(service: Service) -> tuple[bool, str]:
        return service.sector.value != viewer.sector.value, service.name

    shown = [service for service in SERVICES.values() if service.reach is not Reach.SENSITIVE]
    return [(service.code, service.words) for service in sorted(shown, key=order)]


class AssessmentForm(forms.Form):
    """That a common assessment exists: kind and date, never its content (REC-3)."""

    kind = forms.ChoiceField(
        error_messages={"required": "Choose the kind of assessment", "invalid_choice": "Choose a kind shown"}
    )
    opened_on = DateParts(named="Date it was opened", required=True)

    def __init__(self, data: Any = None, *, on: date) -> None:
        super().__init__(data)
        self.kinds = [(kind.code, kind.words) for kind in ASSESSMENT_KINDS.values() if kind.is_current(on)]
        self.fields["kind"].choices = self.kinds  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """The date on which something ended."""

    ended_on = DateParts(named="Date it ended", required=True)


class EntryForm(forms.Form):
    """A child who cannot be found (SEA-7)."""

    given_names = Line(named="Given names", max_length=LONGEST_NAME)
    family_name = Line(named="Family name", max_length=LONGEST_NAME)
    birth_date = DateParts(named="Date of birth", partial=True, required=True)
    gender = forms.ChoiceField(
        choices=GENDERS,
        error_messages={
            "required": "Choose a gender, or ‘Not specified’",
            "invalid_choice": "Choose one of the genders shown",
        },
    )
    address = Line(named="Building and street", max_length=200)
    town = Line(named="Town or city", max_length=100)
    postcode = Line(named="Postcode", max_length=10)

    def __init__(self, data: Any = None, *, offered: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        _offer(self, offered)

    def values(self) -> SuppliedValues:
        """Of a valid form, in the one form that supplied values have."""
        given = self.cleaned_data
        lines = (given["address"],) if given["address"] else ()
        address = Address(lines=lines, town=given["town"], postcode=given["postcode"])
        return SuppliedValues(
            given_names=given["given_names"],
            family_name=given["family_name"],
            birth_date=given["birth_date"],
            gender=given["gender"],
            addresses=(address,) if address != Address() else (),
        )


def entry_from_search(typed: dict[str, str]) -> dict[str, str]:
    """What was searched for, as the first answers of the form for adding a child."""
    same = ("family_name", "postcode", "gender", "birth_date-day", "birth_date-month", "birth_date-year")
    return {"given_names": typed.get("given_name", ""), **{name: typed.get(name, "") for name in same}}
