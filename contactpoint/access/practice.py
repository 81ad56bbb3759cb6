"""The made-up people of the practice environment, with passwords that count there alone (ACC-11).

Data only: `jobs.demo_accounts` makes them by the same actions as real ones, and refuses outside a demo.
"""

from dataclasses import dataclass

from contactpoint.access.roles import Role, Sector

PASSWORD = "practice-makes-perfect"  # noqa: S105  printed on the demo's sign-in page


@dataclass(frozen=True, slots=True)
class PracticePerson:
    """`trouble` says what keeps them out; '' for those who are cleared. `secret` is the authenticator's."""

    email: str
    name: str
    job_title: str
    organisation: str  # a key of ORGANISATIONS
    role: Role | None
    secret: str
    trouble: str = ""
    is_training_lapsed: bool = False
    password: str = PASSWORD


@dataclass(frozen=True, slots=True)
class PracticeOrganisation:
    """Codes begin with PRACTICE, so that they meet no real register's."""

    code: str
    name: str
    kind: str
    sector: Sector
    telephone: str
    secure_email: str
    sensitive_service: str = ""


AUTHORITY = "330"  # Birmingham, by its code in the public register

ORGANISATIONS = (
    PracticeOrganisation(
        "PRACTICE-TEAM",
        "Children’s Services, North Team",
        "team",
        Sector.SOCIAL_CARE,
        "0121 496 0100",
        "north.team@children.example",
    ),
    PracticeOrganisation(
        "PRACTICE-SCHOOL",
        "Bridge Lane Primary School",
        "school",
        Sector.EDUCATION,
        "0121 496 0200",
        "office@bridgelane.example",
    ),
    PracticeOrganisation(
        "PRACTICE-HEALTH",
        "Riverside Health Visiting",
        "team",
        Sector.HEALTH,
        "0121 496 0300",
        "duty@riverside.example",
    ),
    PracticeOrganisation(
        "PRACTICE-CAMHS",
        "Lantern House Young People’s Service",
        "team",
        Sector.HEALTH,
        "0121 496 0500",
        "duty@lanternhouse.example",
        "camhs",
    ),
    PracticeOrganisation(
        "PRACTICE-AUTHORITY",
        "ContactPoint team of the authority",
        "authority",
        Sector.AUTHORITY,
        "0121 496 0400",
        "team@authority.example",
    ),
)

PEOPLE = (
    PracticePerson(
        "sam.okafor@children.example",
        "Sam Okafor",
        "Social worker",
        "PRACTICE-TEAM",
        Role.PRACTITIONER,
        "KNSWG4TFORZW6Y3JMFWHO33SNNSXEMBR",
    ),
    PracticePerson(
        "priya.shah@bridgelane.example",
        "Priya Shah",
        "Designated safeguarding lead",
        "PRACTICE-SCHOOL",
        Role.PRACTITIONER,
        "KNSWG4TFORZWC3DFMFSHG2DBNBUGKYLE",
    ),
    PracticePerson(
        "ruth.evans@riverside.example",
        "Ruth Evans",
        "Health visitor",
        "PRACTICE-HEALTH",
        Role.PRACTITIONER,
        "KNSWG4TFORZWQZLBNR2GQ5TJONUXI33S",
    ),
    PracticePerson(
        "noor.ahmed@lanternhouse.example",
        "Noor Ahmed",
        "Mental health practitioner",
        "PRACTICE-CAMHS",
        Role.PRACTITIONER,
        "KNSWG4TFORZW433POIWWC2DNMVSGCZLS",
    ),
    PracticePerson(
        "dana.kowalska@authority.example",
        "Dana Kowalska",
        "Data manager",
        "PRACTICE-AUTHORITY",
        Role.DATA_MANAGER,
        "KNSWG4TFORZWIYLUMFWWC3TBM5SXEMBT",
    ),
    PracticePerson(
        "sol.hughes@authority.example",
        "Sol Hughes",
        "Shielding officer",
        "PRACTICE-AUTHORITY",
        Role.SHIELDING_OFFICER,
        "KNSWG4TFORZXG2DJMVWGI2LOM5XWMZTJ",
    ),
    PracticePerson(
        "amina.yusuf@authority.example",
        "Amina Yusuf",
        "Auditor",
        "PRACTICE-AUTHORITY",
        Role.AUDITOR,
        "KNSWG4TFORZWC5LENF2G64RQGEZDGNBV",
    ),
    PracticePerson(
        "dara.quinn@children.example",
        "Dara Quinn",
        "Duty social worker, may open shielded records",
        "PRACTICE-TEAM",
        Role.SHIELD_OVERRIDE,
        "KNSWG4TFOQQGIYLSMEQG65TFOJZGSZDF",
    ),
    PracticePerson(
        "ines.romero@authority.example",
        "Ines Romero",
        "Investigator",
        "PRACTICE-AUTHORITY",
        Role.INVESTIGATOR,
        "KNSWG4TFOQQGS3TFOMQGK6DBNVUW4ZLT",
    ),
    PracticePerson(
        "lee.marsh@children.example",
        "Lee Marsh",
        "Social worker",
        "PRACTICE-TEAM",
        Role.PRACTITIONER,
        "KNSWG4TFORZWYYLQONSWI5DSMFUW42LO",
        "training has lapsed",
        is_training_lapsed=True,
    ),
    PracticePerson(
        "charlie.stone@children.example",
        "Charlie Stone",
        "Temporary worker",
        "PRACTICE-TEAM",
        None,
        "KNSWG4TFORZWG2DBOJWGSZLTORXW4ZJR",
        "was given no role",
    ),
)
