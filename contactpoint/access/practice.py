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


@dataclass(frozen=True, slots=True)
class PracticeNewcomer:
    """Somebody who was invited and has not been approved; nobody signs in as them before that."""

    email: str
    name: str
    job_title: str
    organisation: str
    is_checked: bool  # every check made, so that only the second person's yes is missing


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
        "bea.lind@authority.example",
        "Bea Lind",
        "Broker",
        "PRACTICE-AUTHORITY",
        Role.BROKER,
        "TZP53HREN3ZTPRON5SAAM2G3DG3SGU6Q",
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
        "cass.keeper@authority.example",
        "Cass Keeper",
        "Custodian of sealed identities",
        "PRACTICE-AUTHORITY",
        Role.SEALED_CUSTODIAN,
        "KNSWG4TFORZWCY3BONZWWZLFOBSXE2LO",
    ),
    PracticePerson(
        "ada.locke@authority.example",
        "Ada Locke",
        "Archive custodian",
        "PRACTICE-AUTHORITY",
        Role.ARCHIVE_CUSTODIAN,
        "KNSWG4TFORQWIYJMMFXGIIDDNBSXE2LO",
    ),
    PracticePerson(
        "grace.holt@authority.example",
        "Grace Holt",
        "Archive custodian, the second",
        "PRACTICE-AUTHORITY",
        Role.ARCHIVE_CUSTODIAN,
        "KNSWG4TFORTXEYLDMUWGC3TEEBSXM2LE",
    ),
    PracticePerson(
        "rowan.hale@authority.example",
        "Rowan Hale",
        "Account manager",
        "PRACTICE-AUTHORITY",
        Role.ACCOUNT_MANAGER,
        "NZ5J7GZHRB77AS5LYNENZEK63YPZ3OFD",
    ),
    PracticePerson(
        "imogen.das@authority.example",
        "Imogen Das",
        "Account manager, the second",
        "PRACTICE-AUTHORITY",
        Role.ACCOUNT_MANAGER,
        "7EC73NYZX3GKBJMTB3L7BJMDEZWR64J6",
    ),
    PracticePerson(
        "morag.lane@children.example",
        "Morag Lane",
        "Line manager",
        "PRACTICE-TEAM",
        Role.LINE_MANAGER,
        "HCHJXSX77HCJRCX7ANCDTOLDNQN6I64U",
    ),
    PracticePerson(
        "theo.quill@bridgelane.example",
        "Theo Quill",
        "School administrator",
        "PRACTICE-SCHOOL",
        Role.ORGANISATION_ADMINISTRATOR,
        "IK7HMHW2M3PP4OVUN2VXJO5P4VLC4G27",
    ),
    PracticePerson(
        "nadia.frost@authority.example",
        "Nadia Frost",
        "National auditor",
        "PRACTICE-AUTHORITY",
        Role.NATIONAL_AUDITOR,
        "5JH4WM7TBUZVWDULELYJVK6X7B32TAUJ",
    ),
    PracticePerson(
        "ola.berg@authority.example",
        "Ola Berg",
        "Service operator",
        "PRACTICE-AUTHORITY",
        Role.SERVICE_OPERATOR,
        "475R6HOESYS7EKEBTCGQ5LUHPPPD5267",
    ),
    PracticePerson(
        "pip.wren@authority.example",
        "Pip Wren",
        "Service operator, the second",
        "PRACTICE-AUTHORITY",
        Role.SERVICE_OPERATOR,
        "ZZH3QOAAT3BX4HNNUQ6WKASDPGPC2R65",
    ),
    PracticePerson(
        "mel.stone@authority.example",
        "Mel Stone",
        "Mediator, looks for people who telephone",
        "PRACTICE-AUTHORITY",
        Role.MEDIATOR,
        "KNSWG4TFORZW63ZANVSWIZLTMFSGC3TF",
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

NEWCOMERS = (
    PracticeNewcomer(
        "idris.cole@riverside.example", "Idris Cole", "School nurse", "PRACTICE-HEALTH", is_checked=True
    ),
    PracticeNewcomer(
        "tess.morrow@bridgelane.example", "Tess Morrow", "Head of year", "PRACTICE-SCHOOL", is_checked=False
    ),
)
# Asked to be accredited; somebody other than who entered it decides.
APPLICANT = PracticeOrganisation(
    "PRACTICE-VOLUNTARY",
    "Harbour Youth Project",
    "charity",
    Sector.VOLUNTARY,
    "0121 496 0700",
    "office@harbour.example",
)
