"""Schools, practices, authorities and teams of the made-up England, and who works in them.

Codes are recognisably made up: URNs from 900000, practices Z00001, teams by authority and service.
Telephone numbers are Ofcom's drama numbers; e-mail is at example.org.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from contactpoint.codes.services import get_service
from contactpoint.synthetic.names import origins
from contactpoint.synthetic.places import Geography, draw_homes, write_homes
from contactpoint.synthetic.spelling import to_ascii

Ints = npt.NDArray[np.int64]

ENGLAND = 12_000_000
# Schools and practices in England, to scale; each authority has at least the second number.
PRIMARIES, LEAST_PRIMARIES = 16_800, 2
SECONDARIES, LEAST_SECONDARIES = 3_500, 1
PRACTICES, LEAST_PRACTICES = 6_200, 2

# Each authority's teams: service, name, roles of those who work there.
TEAMS = (
    (
        "social_care",
        "Assessment and Safeguarding Team",
        "social_worker social_worker social_worker duty_worker",
    ),
    ("social_care", "Family Support and Protection Team", "social_worker social_worker social_worker"),
    ("looked_after", "Children Looked After Team", "social_worker social_worker"),
    ("leaving_care", "Leaving Care Team", "personal_adviser personal_adviser"),
    ("disabled_children", "Disabled Children's Team", "social_worker"),
    ("youth_justice", "Youth Justice Service", "youth_justice_officer youth_justice_officer"),
    ("health_visiting", "Health Visiting Team", "health_visitor health_visitor health_visitor"),
    ("early_help", "Early Help Team", "early_help_worker family_support_worker"),
    ("education_welfare", "Education Welfare Service", "education_welfare_officer"),
    ("send", "SEND Service", "senco educational_psychologist"),
    ("speech_therapy", "Speech and Language Therapy", "speech_therapist"),
    ("young_carers", "Young Carers Project", "voluntary_worker"),
    ("voluntary", "Family Friends", "voluntary_worker voluntary_worker"),
    ("camhs", "CAMHS", "mental_health_practitioner mental_health_practitioner"),
    ("sexual_health", "Young People's Sexual Health Clinic", "sexual_health_nurse"),
    ("substance_misuse", "Young People's Substance Use Service", "substance_use_worker"),
)
_NATIONAL = (
    ("NHSE", "NHS England (made up)", "health"),
    ("DFE", "Department for Education (made up)", "education"),
    ("YJB", "Youth Justice Board (made up)", "youth_justice"),
)
_PLACE_WORDS = """
Church Park Hill Green Abbey Manor Grange River Oak Elm Field Meadow Castle Priory Mill Bridge
"""
_SCHOOL_WORDS = _PLACE_WORDS.split()
_PRACTICE_WORDS = ["Surgery", "Medical Centre", "Health Centre", "Family Practice", "Medical Practice"]
_DRAMA = {
    "London": "020 7946 0",
    "330": "0121 496 0",
    "352": "0161 496 0",
    "383": "0113 496 0",
    "373": "0114 496 0",
    "892": "0115 496 0",
    "856": "0116 496 0",
    "801": "0117 496 0",
    "870": "0118 496 0",
    "341": "0151 496 0",
    "391": "0191 498 0",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Bodies of one kind, in the order of authorities: `first` and `count` say which are whose."""

    codes: pl.Series
    first: Ints
    count: Ints

    def draw(self, rng: np.random.Generator, authority: Ints) -> Ints:
        """One of each authority's own, as a place in `codes`."""
        share = rng.random(len(authority))
        return np.asarray(self.first[authority] + (share * self.count[authority]).astype(np.int64))


@dataclass(frozen=True, slots=True)
class Bodies:
    """All organisations and their people."""

    organisations: pl.DataFrame
    practitioners: pl.DataFrame
    schools: pl.DataFrame
    practices: pl.DataFrame
    primaries: Choice
    secondaries: Choice
    surgeries: Choice
    teams: dict[str, Choice]
    workers: dict[str, Choice]  # by service, in the order of that service's teams


def telephone(authority: str, region: str, number: int) -> str:
    """An office number that rings nowhere."""
    start = _DRAMA.get(authority) or _DRAMA.get(region)
    return f"{start}{number % 1000:03d}" if start else f"01632 960{number % 1000:03d}"


def make_bodies(geography: Geography, *, children: int, seed: int) -> Bodies:
    """Everything that a child can belong to, enough for so many children."""
    rng = np.random.default_rng([seed, 2])
    schools = _make_schools(geography, rng, children)
    practices = _make_practices(geography, rng, children)
    teams = _make_teams(geography)
    codes = [each.code for each in geography.authorities]
    by_service = {
        service: _choose(teams, pl.col("service") == service, "code", codes) for service, *_ in TEAMS
    }
    people = _make_people(rng, teams, schools, practices)
    workers = {
        service: _choose(people, pl.lit(value=True), "name", choice.codes.to_list(), owner="organisation")
        for service, choice in by_service.items()
    }
    return Bodies(
        organisations=pl.concat([_national(), _authorities(geography), teams]),
        practitioners=people,
        schools=schools,
        practices=practices,
        primaries=_choose(schools, pl.col("phase") == "primary", "urn", codes),
        secondaries=_choose(schools, pl.col("phase") == "secondary", "urn", codes),
        surgeries=_choose(practices, pl.lit(value=True), "ods_code", codes),
        teams=by_service,
        workers=workers,
    )


def _choose(
    frame: pl.DataFrame, which: pl.Expr, column: str, owners: list[str], owner: str = "authority"
) -> Choice:
    order = pl.DataFrame({owner: owners, "place": range(len(owners))})
    kept = (
        frame.filter(which)
        .join(order, on=owner, how="inner", maintain_order="left")
        .sort("place", maintain_order=True)
    )
    place = kept["place"].to_numpy()
    return Choice(
        codes=kept[column],
        first=np.searchsorted(place, np.arange(len(owners))).astype(np.int64),
        count=np.bincount(place, minlength=len(owners)).astype(np.int64),
    )


def _scaled(geography: Geography, children: int, england: int, least: int) -> list[int]:
    total = sum(each.children for each in geography.authorities)
    scale = min(1.0, children / ENGLAND) * england / total
    return [max(least, round(each.children * scale)) for each in geography.authorities]


def _contacts(
    geography: Geography, rng: np.random.Generator, owner: list[int], names: list[str]
) -> pl.DataFrame:
    written = write_homes(geography, draw_homes(geography, rng, np.array(owner, dtype=np.int64)))
    held = [geography.authorities[place] for place in owner]
    slugs = [to_ascii(name).lower().replace("'", "").replace(" ", "-") for name in names]
    return pl.DataFrame(
        {
            "authority": [each.code for each in held],
            "telephone": [telephone(each.code, each.region, at) for at, each in enumerate(held)],
            "secure_email": [f"office.{at}.{slug}@example.org" for at, slug in enumerate(slugs)],
            "address": written["address"],
            "town": written["town"],
            "postcode": written["postcode"],
        }
    )


def _make_schools(geography: Geography, rng: np.random.Generator, children: int) -> pl.DataFrame:
    owner: list[int] = []
    phase: list[str] = []
    number: list[int] = []
    primaries = _scaled(geography, children, PRIMARIES, LEAST_PRIMARIES)
    secondaries = _scaled(geography, children, SECONDARIES, LEAST_SECONDARIES)
    for place, (small, large) in enumerate(zip(primaries, secondaries, strict=True)):
        owner += [place] * (small + large)
        phase += ["primary"] * small + ["secondary"] * large
        number += [*range(2001, 2001 + small), *range(4001, 4001 + large)]
    words = rng.integers(0, len(_SCHOOL_WORDS), (2, len(owner)))
    kinds = {"primary": "Primary School", "secondary": "Academy"}
    names = [
        f"{_SCHOOL_WORDS[a]} {_SCHOOL_WORDS[b]} {kinds[each]}" if a != b else f"St {saint}'s {kinds[each]}"
        for a, b, each, saint in zip(*words, phase, _saints(len(owner)), strict=True)
    ]
    contacts = _contacts(geography, rng, owner, names)
    return contacts.with_columns(
        urn=pl.Series([str(900_000 + at) for at in range(len(owner))]),
        laestab=pl.Series(
            [f"{geography.authorities[place].code}{each}" for place, each in zip(owner, number, strict=True)]
        ),
        ukprn=pl.Series([str(19_000_000 + at) for at in range(len(owner))]),
        name=pl.Series(names),
        phase=pl.Series(phase),
    )


def _saints(count: int) -> list[str]:
    saints = [
        "Mary",
        "Peter",
        "Paul",
        "Anne",
        "Joseph",
        "Luke",
        "Mark",
        "Andrew",
        "George",
        "Bede",
        "Hilda",
        "Aidan",
        "Chad",
        "Oswald",
        "Cuthbert",
    ]
    return [saints[at % len(saints)] for at in range(count)]


def _make_practices(geography: Geography, rng: np.random.Generator, children: int) -> pl.DataFrame:
    counts = _scaled(geography, children, PRACTICES, LEAST_PRACTICES)
    owner = [place for place, count in enumerate(counts) for _ in range(count)]
    words = rng.integers(0, len(_SCHOOL_WORDS), len(owner))
    kinds = rng.integers(0, len(_PRACTICE_WORDS), len(owner))
    names = [f"{_SCHOOL_WORDS[a]} {_PRACTICE_WORDS[b]}" for a, b in zip(words, kinds, strict=True)]
    return _contacts(geography, rng, owner, names).with_columns(
        ods_code=pl.Series([f"Z{at:05d}" for at in range(1, len(owner) + 1)]), name=pl.Series(names)
    )


def _make_teams(geography: Geography) -> pl.DataFrame:
    rows = []
    for place, authority in enumerate(geography.authorities):
        for number, (service, title, _) in enumerate(TEAMS, start=1):
            rows.append(
                {
                    "code": f"T{authority.code}-{number:02d}",
                    "name": f"{_short(authority.name)} {title}",
                    "kind": "team",
                    "sector": get_service(service).sector.value,
                    "service": service,
                    "authority": authority.code,
                    "telephone": telephone(authority.code, authority.region, place * len(TEAMS) + number),
                    "secure_email": f"duty.{number:02d}.{authority.code}@example.org",
                    "address": f"Civic Centre, {_short(authority.name)}",
                }
            )
    return pl.DataFrame(rows)


def _short(name: str) -> str:
    return name.split(",", maxsplit=1)[0]


def _authorities(geography: Geography) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "code": f"LA{each.code}",
                "name": f"{_short(each.name)} Children's Services",
                "kind": "authority",
                "sector": "social_care",
                "service": "",
                "authority": each.code,
                "telephone": telephone(each.code, each.region, 999 - place),
                "secure_email": f"contactpoint.{each.code}@example.org",
                "address": f"Civic Centre, {_short(each.name)}",
            }
            for place, each in enumerate(geography.authorities)
        ]
    )


def _national() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "code": code,
                "name": name,
                "kind": "national",
                "sector": sector,
                "service": "",
                "authority": "",
                "telephone": "020 7946 0999",
                "secure_email": f"contactpoint.{code.lower()}@example.org",
                "address": "Whitehall, London",
            }
            for code, name, sector in _NATIONAL
        ]
    )


def _make_people(
    rng: np.random.Generator, teams: pl.DataFrame, schools: pl.DataFrame, practices: pl.DataFrame
) -> pl.DataFrame:
    roles = [roles.split() for _, _, roles in TEAMS]
    posts = [(code, role) for at, code in enumerate(teams["code"]) for role in roles[at % len(TEAMS)]]
    posts += [(urn, "designated_safeguarding_lead") for urn in schools["urn"]]
    posts += [(code, "gp") for code in practices["ods_code"]]
    count = len(posts)
    which = rng.choice(len(origins()), count, p=np.array([each.share for each in origins()]))
    given = np.empty(count, dtype=object)
    family = np.empty(count, dtype=object)
    for at, origin in enumerate(origins()):
        mine = which == at
        given[mine] = origin.boys.spell(origin.boys.draw(rng, int(mine.sum())))
        family[mine] = origin.families.spell(origin.families.draw(rng, int(mine.sum())))
        women = mine & (rng.random(count) < 0.6)
        given[women] = origin.girls.spell(origin.girls.draw(rng, int(women.sum())))
    names = [f"{first} {last}" for first, last in zip(given, family, strict=True)]
    return pl.DataFrame(
        {
            "organisation": [code for code, _ in posts],
            "name": names,
            "role": [role for _, role in posts],
            "email": [
                f"{to_ascii(name).lower().replace(' ', '.').replace(chr(39), '')}.{at}@example.org"
                for at, name in enumerate(names)
            ],
        }
    )
