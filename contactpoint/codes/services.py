"""Services, roles and kinds of assessment: today's word, the old one, when it changed (INV-6, INV-7).

Owns the code lists that involvements use; adding a code is a change here and nowhere else.
`Reach.SENSITIVE` is fixed here: sexual health, mental health and substance misuse, CAMHS always (SEN-1).
Dates of a changed word are those of the guidance or law that changed it, or of its common use where none did.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contactpoint.errors import NotFound


class NoSuchCode(NotFound):
    """No code list has this code."""


class Reach(StrEnum):
    """Who may see that a service is involved."""

    UNIVERSAL = "universal"
    ADDITIONAL = "additional"
    SENSITIVE = "sensitive"


class Sector(StrEnum):
    EDUCATION = "education"
    HEALTH = "health"
    SOCIAL_CARE = "social_care"
    YOUTH_JUSTICE = "youth_justice"
    EARLY_HELP = "early_help"
    POLICE = "police"
    HOUSING = "housing"
    VOLUNTARY = "voluntary"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Word:
    """A code and what it is called; `old_name` was the word until `renamed_on`."""

    code: str
    name: str
    old_name: str | None = None
    renamed_on: date | None = None

    def name_on(self, on: date) -> str:
        if self.old_name is not None and self.renamed_on is not None and on < self.renamed_on:
            return self.old_name
        return self.name

    @property
    def words(self) -> str:
        """Today's word, with the old one said once."""
        return self.name if self.old_name is None else f"{self.name} (was: {self.old_name})"


@dataclass(frozen=True, slots=True)
class Service(Word):
    reach: Reach = Reach.ADDITIONAL
    sector: Sector = Sector.SOCIAL_CARE


@dataclass(frozen=True, slots=True)
class AssessmentKind(Word):
    """A kind of assessment whose existence, holder and date may be recorded, never its content (REC-3)."""

    valid_from: date = date(2006, 4, 1)
    valid_to: date | None = None

    def is_current(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def _universal(code: str, name: str, sector: Sector) -> Service:
    return Service(code, name, reach=Reach.UNIVERSAL, sector=sector)


def _additional(
    code: str, name: str, sector: Sector, old_name: str | None = None, renamed_on: date | None = None
) -> Service:
    return Service(code, name, old_name, renamed_on, Reach.ADDITIONAL, sector)


def _sensitive(code: str, name: str, old_name: str | None = None, renamed_on: date | None = None) -> Service:
    return Service(code, name, old_name, renamed_on, Reach.SENSITIVE, Sector.HEALTH)


_SERVICES = (
    _universal("school", "School", Sector.EDUCATION),
    _universal("early_years", "Nursery or childcare", Sector.EDUCATION),
    _universal("college", "College or training", Sector.EDUCATION),
    _universal("elective_home_education", "Elective home education", Sector.EDUCATION),
    _universal("gp_practice", "GP practice", Sector.HEALTH),
    _universal("midwifery", "Midwifery", Sector.HEALTH),
    _universal("health_visiting", "Health visiting", Sector.HEALTH),
    _universal("school_nursing", "School nursing", Sector.HEALTH),
    _additional("social_care", "Children's social care", Sector.SOCIAL_CARE),
    _additional("looked_after", "Children looked after team", Sector.SOCIAL_CARE),
    _additional("leaving_care", "Leaving care team", Sector.SOCIAL_CARE),
    _additional("fostering", "Fostering service", Sector.SOCIAL_CARE),
    _additional("disabled_children", "Disabled children's team", Sector.SOCIAL_CARE),
    _additional(
        "youth_justice",
        "Youth justice service",
        Sector.YOUTH_JUSTICE,
        "Youth offending team",
        date(2023, 4, 1),
    ),
    _additional("education_welfare", "Education welfare service", Sector.EDUCATION),
    _additional(
        "send",
        "Special educational needs and disability service",
        Sector.EDUCATION,
        "Special educational needs service",
        date(2014, 9, 1),
    ),
    _additional("educational_psychology", "Educational psychology", Sector.EDUCATION),
    _additional("virtual_school", "Virtual school", Sector.EDUCATION),
    _additional(
        "early_help", "Early help", Sector.EARLY_HELP, "Common assessment framework team", date(2013, 4, 15)
    ),
    _additional("family_help", "Family help", Sector.EARLY_HELP, "Targeted early help", date(2025, 4, 1)),
    _additional("family_hub", "Family hub", Sector.EARLY_HELP, "Children's centre", date(2022, 4, 1)),
    _additional("youth_service", "Youth service", Sector.EARLY_HELP),
    _additional("speech_therapy", "Speech and language therapy", Sector.HEALTH),
    _additional("community_paediatrics", "Community paediatrics", Sector.HEALTH),
    _additional("occupational_therapy", "Occupational therapy", Sector.HEALTH),
    _additional("police_protection", "Police child protection team", Sector.POLICE),
    _additional("housing", "Housing support", Sector.HOUSING),
    _additional("young_carers", "Young carers' service", Sector.VOLUNTARY),
    _additional("voluntary", "Voluntary organisation", Sector.VOLUNTARY),
    _sensitive(
        "camhs",
        "Children and young people's mental health service",
        "Child and adolescent mental health service (CAMHS)",
        date(2019, 1, 7),
    ),
    _sensitive("sexual_health", "Sexual health service"),
    _sensitive(
        "substance_misuse",
        "Young people's substance use service",
        "Substance misuse service",
        date(2021, 12, 6),
    ),
)

_ROLES = (
    Word("lead_practitioner", "Lead practitioner", "Lead professional", date(2018, 7, 4)),
    Word("social_worker", "Social worker"),
    Word("personal_adviser", "Personal adviser"),
    Word("youth_justice_officer", "Youth justice officer", "Youth offending team officer", date(2023, 4, 1)),
    Word("health_visitor", "Health visitor"),
    Word("school_nurse", "School nurse"),
    Word("midwife", "Midwife"),
    Word("gp", "General practitioner"),
    Word("teacher", "Teacher"),
    Word(
        "designated_safeguarding_lead",
        "Designated safeguarding lead",
        "Child protection officer",
        date(2014, 4, 3),
    ),
    Word("senco", "Special educational needs co-ordinator"),
    Word("education_welfare_officer", "Education welfare officer"),
    Word("educational_psychologist", "Educational psychologist"),
    Word("family_support_worker", "Family support worker"),
    Word("early_help_worker", "Early help worker"),
    Word("speech_therapist", "Speech and language therapist"),
    Word("mental_health_practitioner", "Mental health practitioner"),
    Word("sexual_health_nurse", "Sexual health nurse"),
    Word("substance_use_worker", "Substance use worker", "Drug and alcohol worker", date(2021, 12, 6)),
    Word("voluntary_worker", "Project worker"),
    Word("police_officer", "Police officer"),
    Word("duty_worker", "Duty worker"),
)

_ASSESSMENTS = (
    AssessmentKind("caf", "Common assessment (CAF)", valid_from=date(2006, 4, 1), valid_to=date(2018, 7, 3)),
    AssessmentKind(
        "early_help", "Early help assessment", "Common assessment (CAF)", date(2013, 4, 15), date(2013, 4, 15)
    ),
    AssessmentKind("family_help", "Family help assessment", valid_from=date(2025, 4, 1)),
)

SERVICES: dict[str, Service] = {service.code: service for service in _SERVICES}
ROLES: dict[str, Word] = {role.code: role for role in _ROLES}
ASSESSMENT_KINDS: dict[str, AssessmentKind] = {kind.code: kind for kind in _ASSESSMENTS}
SENSITIVE_SERVICES = frozenset(code for code, service in SERVICES.items() if service.reach is Reach.SENSITIVE)


def get_service(code: str) -> Service:
    """The service with this code; raises NoSuchCode."""
    try:
        return SERVICES[code]
    except KeyError:
        raise NoSuchCode(
            "There is no service with this code; the list is in contactpoint/codes/services.py."
        ) from None


def get_assessment_kind(code: str) -> AssessmentKind:
    """The kind of assessment with this code; raises NoSuchCode."""
    try:
        return ASSESSMENT_KINDS[code]
    except KeyError:
        raise NoSuchCode(
            "There is no kind of assessment with this code; the list is in contactpoint/codes/services.py."
        ) from None
