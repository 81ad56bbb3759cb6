"""`contactpoint found`: the first two account managers of a service that has nobody yet (ACC-3).

Reads one small TOML file, for there are two people and a dozen dates; prints each first password once.
Both enrol an authenticator when they first sign in, and invite and approve everybody else.
"""

import secrets
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contactpoint.errors import Invalid
from contactpoint.jobs.database import database

if TYPE_CHECKING:
    from contactpoint.access.actions import Founder

HELP = "Appoint the first two account managers, who approve each other and everybody else."
EXAMPLE = """\
[organisation]
code = "NATIONAL"
name = "ContactPoint national team"
telephone = "020 7946 0000"
secure_email = "team@contactpoint.example"
email_domains = ["contactpoint.example"]
security_certificate = "Cyber Essentials Plus"
security_certificate_expires_on = 2027-06-30
safeguarding_lead = "Head of safeguarding"
accredited_until = 2027-06-30

[first]
email = "alex@contactpoint.example"
name = "Alex Example"
identity_checked_on = 2026-10-01
dbs_checked_on = 2026-09-01
dbs_next_check_on = 2029-09-01
training_passed_on = 2026-10-01
training_expires_on = 2027-10-01
agreement_signed_on = 2026-10-01

[second]
# the same lines for the second person
"""
DATES = (
    "identity_checked_on",
    "dbs_checked_on",
    "dbs_next_check_on",
    "training_passed_on",
    "training_expires_on",
    "agreement_signed_on",
)


class FoundingFileNotUsable(Invalid):
    """The file lacks something; the message has every gap."""


@click.command(help=HELP)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--example", is_flag=True, help="Print a file to begin from.")
def command(file: Path | None, *, example: bool) -> None:
    if example:
        click.echo(EXAMPLE, nl=False)
        return
    if file is None:
        raise click.UsageError(
            "Name the file with the two people; `contactpoint found --example` prints one."
        )
    content = read_file(file.read_bytes())
    with database(migrate=True):
        passwords = _found(content, at=datetime.now(UTC))
    for email, password in passwords.items():
        click.echo(f"{email}  first password: {password}")
    click.echo("Each sets up an authenticator app at the first sign-in, and should then change the password.")


def read_file(content: bytes) -> dict[str, Any]:
    """The file's three parts, complete. Raises FoundingFileNotUsable with every gap."""
    try:
        parts = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FoundingFileNotUsable(f"The file is not TOML: {error}. Nothing was changed.") from None
    wanted = {
        "organisation": {
            "code": str,
            "name": str,
            "email_domains": list,
            "security_certificate": str,
            "security_certificate_expires_on": date,
            "safeguarding_lead": str,
            "accredited_until": date,
        },
        **{who: {"email": str, "name": str, **dict.fromkeys(DATES, date)} for who in ("first", "second")},
    }
    tables = {part: parts[part] if isinstance(parts.get(part), dict) else {} for part in wanted}
    gaps = [
        f"[{part}] {name}"
        for part, names in wanted.items()
        for name, kind in names.items()
        if not isinstance(tables[part].get(name), kind)
    ]
    if gaps:
        raise FoundingFileNotUsable("The file lacks, or has in another form: " + ", ".join(gaps) + ".")
    if parts["first"]["email"].lower() == parts["second"]["email"].lower():
        raise FoundingFileNotUsable("The two people must be two people: their e-mail addresses are the same.")
    return parts


def _found(content: dict[str, Any], *, at: datetime) -> dict[str, str]:
    from contactpoint.access.actions import Criteria, NewOrganisation, found_service
    from contactpoint.access.roles import Sector

    home = content["organisation"]
    first, second = (_founder(content[who]) for who in ("first", "second"))
    found_service(
        organisation=NewOrganisation(
            code=home["code"],
            name=home["name"],
            kind="national",
            sector=Sector.NATIONAL,
            telephone=home.get("telephone", ""),
            secure_email=home.get("secure_email", ""),
        ),
        criteria=Criteria(
            security_certificate=home["security_certificate"],
            security_certificate_expires_on=home["security_certificate_expires_on"],
            disciplinary_procedure=True,
            safeguarding_lead=home["safeguarding_lead"],
            email_domains=tuple(home["email_domains"]),
        ),
        accredited_until=home["accredited_until"],
        first=first,
        second=second,
        at=at,
    )
    return {one.email: one.password or "" for one in (first, second)}


def _founder(person: dict[str, Any]) -> "Founder":
    from contactpoint.access.actions import Founder

    dates = {name: person[name] for name in DATES}
    return Founder(email=person["email"], name=person["name"], password=secrets.token_urlsafe(15), **dates)
