"""`contactpoint supplier`: the register: must or may, timetable, legal basis, contact (SUP-2)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from contactpoint.jobs.database import database

HELP = "The register of suppliers: who must send, when, and who is late."


@click.group(help=HELP)
def command() -> None:
    """Reads and changes the register."""


@command.command("list", help="Every supplier, the latest first.")
def list_command() -> None:
    with database():
        from contactpoint.intake.register import list_register

        suppliers = list_register(on=datetime.now(UTC).date())
    table = Table(title="Suppliers", title_justify="left")
    for heading in ("code", "name", "", "timetable", "last file", "due", "standing"):
        table.add_column(heading)
    for each in suppliers:
        table.add_row(
            each.code,
            each.name,
            "must" if each.must else "may",
            each.timetable,
            str(each.last_on or "none yet"),
            str(each.due_on or ""),
            each.standing,
        )
    Console().print(table)


@command.command("show", help="All that the register says of one supplier.")
@click.argument("supplier")
def show_command(supplier: str) -> None:
    with database():
        from contactpoint.intake.register import get_registered

        found = get_registered(supplier=supplier, on=datetime.now(UTC).date())
    table = Table(title=found.name, title_justify="left", show_header=False)
    for words, value in (
        ("Code", found.code),
        ("Sector", found.sector),
        ("Must or may", "must" if found.must else "may"),
        ("Legal basis", found.legal_basis),
        ("Authority", found.authority or "national"),
        ("Timetable", found.timetable),
        ("Last file", str(found.last_on or "none yet")),
        ("Due", str(found.due_on or "")),
        ("Standing", found.standing),
        (
            "Contact",
            ", ".join(filter(None, (found.contact_name, found.contact_email, found.contact_telephone))),
        ),
    ):
        table.add_row(words, value)
    Console().print(table)


@command.command("set", help="Change the register; --profile makes a new supplier known.")
@click.argument("supplier")
@click.option("--must/--may", default=None, help="Whether the law obliges the supplier to send.")
@click.option("--every-days", type=int, help="A file is expected so many days after the last.")
@click.option("--weekday", type=click.IntRange(1, 7), help="A file is expected on this day; 1 is Monday.")
@click.option("--grace-days", type=click.IntRange(0, 60), help="Late only after so many days more.")
@click.option("--legal-basis", help="Why the supplier may send.")
@click.option("--authority", help="DfE code of the authority whose supplier it is; empty for a national one.")
@click.option("--contact-name")
@click.option("--contact-email")
@click.option("--contact-telephone")
@click.option(
    "--profile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A .toml file: registered, so that pages and inboxes use it.",
)
def set_command(supplier: str, profile: Path | None, **given: Any) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.loads import enter_supplier
        from contactpoint.intake.register import get_supplier_profile, keep_profile, set_supplier

        known = keep_profile(path=profile) if profile else get_supplier_profile(supplier=supplier)
        if known.supplier != supplier:
            raise click.ClickException(f"This is the profile of {known.supplier}. Nothing was changed.")
        enter_supplier(profile=known)
        set_supplier(
            supplier=supplier,
            changes={name: value for name, value in given.items() if value is not None},
            by=Actor(account_id=None, organisation_id=None, door="command"),
            at=datetime.now(UTC),
        )
    click.echo("Changed.")
