"""What people type, look up and supply: what is visible, and all that only hidden values would answer."""

from hypothesis import strategies as st

from contactpoint.codes.child_number import encode
from contactpoint.directory.records import SearchQuery
from tests.protection.population import NOBODY, OLIVERS, OPEN, SHIELDED, VARIANTS, Hidden, Person

PEOPLE = (*SHIELDED, *SHIELDED, *OPEN, OLIVERS[0], NOBODY)
variants = st.sampled_from(VARIANTS)
people = st.sampled_from(PEOPLE)
shielded = st.sampled_from(SHIELDED)
# For whom a shield is asked. Not for those of whom a sensitive service tells something else in each world: near a
# shield, rows are published sooner or later by what it knows too, which is the declared exception (SHI-5).
open_numbers = st.sampled_from([encode(person.id) for person in (*SHIELDED, OPEN[0], OPEN[4], NOBODY)])
numbers = st.sampled_from([encode(person.id) for person in (*SHIELDED, *OPEN[1:4], NOBODY)])
numbers = st.sampled_from([encode(person.id) for person in PEOPLE] + [encode(5)])
GIVEN = ("", "Amina", "Amna", "Thomas", "Tom", "Oliver", "Sara", "Quentin", "TEAM-N")


@st.composite
def queries(draw: st.DrawFn) -> SearchQuery:
    """About one child: each field as everybody knows it, as only the hidden side has it, or left empty."""
    person, hidden = draw(people), draw(variants)
    way = draw(st.integers(0, 5))
    if way == 0:
        return draw(number_queries(person, hidden.nhs, hidden.upn))
    if way < 4 and len(person.born) == 10:
        return draw(plain_queries(person, hidden))
    day = person.born if len(person.born) == 10 else f"{person.born}-11"
    year = int(person.born[:4])
    born = draw(st.sampled_from([day, day, day, person.born, person.born[:4], ""]))
    return SearchQuery(
        given_name=draw(st.sampled_from([person.given, person.given, *GIVEN])),
        family_name=draw(st.sampled_from([person.family, person.family, hidden.former, ""])),
        birth_date=born,
        age_from=None if born else 2025 - year,
        age_to=None if born else 2027 - year,
        postcode=draw(st.sampled_from(["", "", hidden.postcode, hidden.old_postcode, person.postcode])),
        gender=draw(st.sampled_from(["", person.gender])),
    )


@st.composite
def plain_queries(draw: st.DrawFn, person: Person, hidden: Hidden) -> SearchQuery:
    """The right name and day, alone or with where the child may live; or a place instead of the family name."""
    postcode = draw(st.sampled_from(["", hidden.postcode, hidden.postcode, person.postcode]))
    family = draw(st.sampled_from([person.family, person.family, hidden.former])) or person.family
    return SearchQuery(
        given_name=person.given,
        family_name=draw(st.sampled_from([family, family, ""])) if postcode else family,
        birth_date=person.born,
        postcode=postcode,
    )


@st.composite
def number_queries(draw: st.DrawFn, person: Person, nhs: str, upn: str) -> SearchQuery:
    kind = draw(st.sampled_from(["nhs", "upn", "contactpoint"]))
    known = {"nhs": [nhs, person.nhs], "upn": [upn], "contactpoint": [encode(person.id), encode(5)]}[kind]
    return SearchQuery(number_kind=kind, number=draw(st.sampled_from(known)) or "1")


def typed_form(query: SearchQuery) -> dict[str, str]:
    """The same as the page's form sends it."""
    year, month, day = [*query.birth_date.split("-"), "", ""][:3]
    return {
        "given_name": query.given_name,
        "family_name": query.family_name,
        "birth_date-day": day,
        "birth_date-month": month,
        "birth_date-year": year,
        "age_from": "" if query.age_from is None else str(query.age_from),
        "age_to": "" if query.age_to is None else str(query.age_to),
        "postcode": query.postcode,
        "gender": query.gender,
        "number_kind": query.number_kind,
        "number": query.number,
    }
