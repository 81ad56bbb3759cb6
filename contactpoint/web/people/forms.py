"""What is asked about people and organisations. Each form says how its questions look; none decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from contactpoint.access.actions.checks import DBS_LEVELS
from contactpoint.access.providers import find_providers
from contactpoint.access.roles import Role, Sector
from contactpoint.codes.authorities import AUTHORITIES
from contactpoint.web.pages.fields import DateParts, Line, to_parts


@dataclass(frozen=True, slots=True)
class Ask:
    """How one question looks: 'text', 'email', 'date', 'radios', 'select' or 'tick'."""

    name: str
    kind: str
    label: str
    hint: str = ""


class Questions(forms.Form):
    """A form of a few questions; `offered` are the answers first shown, dates as ISO text."""

    asks: tuple[Ask, ...] = ()

    def __init__(self, data: Any = None, *, offered: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        if not self.is_bound and offered:
            shown = {name: value for name, value in offered.items() if value}
            for name, field in self.fields.items():
                if isinstance(field, DateParts) and offered.get(name):
                    shown |= to_parts(name, str(offered[name]))
            self.data = shown


class Needed(Line):
    """One line that has to be filled in."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            raise forms.ValidationError(f"Enter {self.named[0].lower()}{self.named[1:]}")
        return text


def _choice(choices: Any, problem: str, *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=choices, required=required, error_messages={"required": problem, "invalid_choice": problem}
    )


class ConfirmForm(Questions):
    """Nothing to answer: the button says it."""


class TakeBackForm(Questions):
    """Which step of an authority's opening is taken back, and why (SHI-10)."""

    step = _choice([], "Choose the step")
    reason = Needed(named="The reason", max_length=300)
    asks = (
        Ask("step", "radios", "Which step?", "The steps after it are taken back too."),
        Ask(
            "reason",
            "text",
            "Why?",
            "One line, never about a child. Those who look after the service read it.",
        ),
    )

    def offer(self, steps: Iterable[tuple[str, str]]) -> None:
        """Those that stand."""
        field = self.fields["step"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = list(steps)


class InviteForm(Questions):
    """Who is invited (ACC-3)."""

    name = Needed(named="The person’s name", max_length=100)
    email = Needed(named="Their work e-mail address", max_length=254, plain=True)
    job_title = Needed(named="Their job", max_length=100)
    telephone = Line(named="Office telephone number", max_length=40, plain=True)
    organisation = forms.IntegerField(error_messages={"required": "Choose the organisation"})
    asks = (
        Ask("name", "text", "Name"),
        Ask("email", "email", "Work e-mail address", "The invitation goes there."),
        Ask("job_title", "text", "Job"),
        Ask("telephone", "text", "Office telephone number", "Never a personal number."),
    )


class DateForm(Questions):
    """The day on which something was done."""

    on = DateParts(named="Date", required=True)
    asks = (Ask("on", "date", "When was it checked?", "For example, 27 3 2026"),)


class DbsForm(Questions):
    """Level and dates of a DBS check; never its content or number (ACC-3)."""

    level = _choice([(level, level.capitalize()) for level in DBS_LEVELS], "Choose the level")
    on = DateParts(named="Date of the check", required=True)
    next_check_on = DateParts(named="Date of the next check")
    asks = (
        Ask("level", "radios", "Level", "Only an enhanced check counts."),
        Ask("on", "date", "Date of the certificate", "For example, 27 3 2026"),
        Ask("next_check_on", "date", "When is the next check due? (optional)", "Three years at most."),
    )


class TrainingForm(Questions):
    """When the mandatory training was passed, and until when it counts."""

    passed_on = DateParts(named="Date passed", required=True)
    expires_on = DateParts(named="Date it expires", required=True)
    asks = (
        Ask("passed_on", "date", "When was it passed?", "For example, 27 3 2026"),
        Ask("expires_on", "date", "Until when does it count?", "For example, 27 3 2027"),
    )


class RoleForm(Questions):
    """Which role, and until when (ACC-8)."""

    role = _choice([(role.value, role.value) for role in Role], "Choose a role")
    until = DateParts(named="Last day")
    asks = (
        Ask("role", "radios", "Role", "Each allows the least that its job needs."),
        Ask("until", "date", "Last day (optional)", "Leave empty if the role has no end."),
    )

    def __init__(self, data: Any = None, *, offered: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, offered=offered)
        words = [(role.value, role.value.replace("-", " ").capitalize()) for role in Role]
        self.fields["role"].choices = words  # type: ignore[attr-defined]


class ProviderForm(Questions):
    """Who somebody is at a sign-in provider (ACC-4)."""

    provider = _choice([], "Choose the provider")
    subject = Needed(named="Their identifier at the provider", max_length=255, plain=True)
    asks = (
        Ask("provider", "radios", "Provider"),
        Ask(
            "subject",
            "text",
            "Their identifier there",
            "Never an e-mail address.",
        ),
    )

    def __init__(self, data: Any = None, *, offered: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, offered=offered)
        named = [(provider.key, provider.name) for provider in find_providers()]
        self.fields["provider"].choices = named  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        given = str(self.cleaned_data["subject"])
        if "@" in given:
            raise forms.ValidationError("Enter their identifier, not an e-mail address")
        return given


class MoveForm(Questions):
    """Where somebody moves to."""

    organisation = Needed(named="The code of the new organisation", max_length=40, plain=True)
    email = Needed(named="Their new work e-mail address", max_length=254, plain=True)
    asks = (
        Ask("organisation", "text", "Code of the new organisation", "URN, ODS code or the like."),
        Ask("email", "email", "New work e-mail address"),
    )


class MergeForm(Questions):
    """Into which organisation another one goes."""

    into = Needed(named="The code of the other organisation", max_length=40, plain=True)
    asks = (
        Ask(
            "into",
            "text",
            "Code of the organisation that goes on",
            "URN, ODS code or the like. It has to be accredited, in the same authority and sector.",
        ),
    )


class OrganisationForm(Questions):
    """A new organisation, as public registers have it."""

    name = Needed(named="The name", max_length=200)
    code = Needed(named="The code", max_length=40, plain=True)
    kind = Needed(named="What kind it is", max_length=60)
    sector = _choice(
        [(each.value, each.value.replace("_", " ").capitalize()) for each in Sector], "Choose a sector"
    )
    authority = _choice(
        [("", "None: a national body"), *((each.code, each.name) for each in AUTHORITIES.values())],
        "Choose an authority of the list",
        required=False,
    )
    telephone = Needed(named="The office telephone number", max_length=40, plain=True)
    out_of_hours = Line(named="Out-of-hours number", max_length=40, plain=True)
    secure_email = Needed(named="The secure e-mail address", max_length=254, plain=True)
    address = Line(named="Address", max_length=200)
    asks = (
        Ask("name", "text", "Name"),
        Ask("code", "text", "Code", "Of the public register: URN, ODS code or the like."),
        Ask("kind", "text", "Kind", "For example school, practice, team"),
        Ask("sector", "select", "Sector"),
        Ask("authority", "select", "Local authority"),
        Ask("telephone", "text", "Office telephone number", "Mediators call this number back."),
        Ask("out_of_hours", "text", "Out-of-hours number (optional)"),
        Ask("secure_email", "email", "Secure e-mail address"),
        Ask("address", "text", "Address (optional)"),
    )


class ContactForm(Questions):
    """How an organisation is reached."""

    telephone = Needed(named="The office telephone number", max_length=40, plain=True)
    out_of_hours = Line(named="Out-of-hours number", max_length=40, plain=True)
    secure_email = Needed(named="The secure e-mail address", max_length=254, plain=True)
    address = Line(named="Address", max_length=200)
    asks = OrganisationForm.asks[5:]


class EvidenceForm(Questions):
    """What an organisation shows against each criterion (ACC-2); gaps may be filled later."""

    security_certificate = _choice(
        [
            ("Data Security and Protection Toolkit", "Data Security and Protection Toolkit"),
            ("Cyber Essentials Plus", "Cyber Essentials Plus"),
        ],
        "Choose one of those shown",
        required=False,
    )
    security_certificate_expires_on = DateParts(named="Date the certificate expires")
    disciplinary_procedure = forms.BooleanField(required=False)
    safeguarding_lead = Line(named="Safeguarding lead", max_length=100)
    email_domains = Line(named="E-mail domains", max_length=300, plain=True)
    caldicott_approver = Line(named="Caldicott Guardian", max_length=100)
    asks = (
        Ask("security_certificate", "radios", "Security certificate"),
        Ask(
            "security_certificate_expires_on",
            "date",
            "When does the certificate expire?",
            "For example, 27 3 2027",
        ),
        Ask(
            "disciplinary_procedure", "tick", "It has a disciplinary procedure that covers misuse of records"
        ),
        Ask("safeguarding_lead", "text", "Name of the safeguarding lead"),
        Ask(
            "email_domains",
            "text",
            "E-mail domains of its staff",
            "Separate several by spaces, for example school.example trust.example",
        ),
        Ask("caldicott_approver", "text", "Caldicott Guardian who approves (NHS bodies only)"),
    )


class AccreditForm(Questions):
    """Until when it is accredited."""

    expires_on = DateParts(named="Last day", required=True)
    asks = (Ask("expires_on", "date", "Accredited until", "Not longer than the security certificate."),)
