"""How the codes of consent are said on a page."""

from collections.abc import Mapping

from contactpoint.codes.services import ROLES
from contactpoint.directory.sensitive.records import Basis, Giver, SensitiveEntry
from contactpoint.web.pages.words import say_date

BASIS_WORDS = {
    Basis.CONSENT: "Consent: the child or young person, or a parent or carer, has agreed",
    Basis.SIGNIFICANT_HARM: (
        "Significant harm: we have reasonable cause to suspect that the child suffers it or is likely to"
    ),
}
SHORT_BASIS = {Basis.CONSENT: "Consent", Basis.SIGNIFICANT_HARM: "Significant harm suspected"}
GIVER_WORDS = {Giver.CHILD: "The child or young person", Giver.PARENT_OR_CARER: "A parent or carer"}


def say_basis(basis: str) -> str:
    """In two words."""
    return SHORT_BASIS[Basis(basis)]


def say_giver(giver: str) -> str:
    """As it was chosen; a word of a feed that no list has, as it is."""
    return GIVER_WORDS[Giver(giver)] if giver in set(Giver) else giver


def say_post(role: str) -> str:
    """A role of our list in words; one that a feed gave, as it is."""
    return ROLES[role].name if role in ROLES else role.replace("_", " ").capitalize()


def say_answers(answers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each answer that counts: what was asked, what was said, and the name of the page that asks it."""
    said = [("Basis", say_basis(answers["basis"]), "sensitive_basis")]
    if answers["basis"] == Basis.CONSENT:
        said += [
            ("Consent given by", say_giver(answers["given_by"]), "sensitive_giver"),
            ("Obtained by", say_post(answers["obtained_by_role"]), "sensitive_receipt"),
            ("Date of consent", say_date(answers["obtained_on"]), "sensitive_receipt"),
            ("Ask again on", say_date(answers["review_on"]), "sensitive_receipt"),
        ]
    return [
        *said,
        ("Your role", say_post(answers["role"]), "sensitive_work"),
        ("Since", say_date(answers["started_on"]), "sensitive_work"),
    ]


def name_of(entry: SensitiveEntry) -> str:
    """The child's name as one line."""
    return f"{entry.given_names} {entry.family_name}".strip()


WORDS = {"say_basis": say_basis, "say_giver": say_giver, "say_post": say_post, "name_of": name_of}
