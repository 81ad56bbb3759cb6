"""`contactpoint receipts`: the receipts of a load, to send back to the supplier (SUP-3)."""

import shutil
import sys
from pathlib import Path

import click

HELP = "The receipts of a load: what was received and what was refused, row by row."


@click.command(help=HELP)
@click.argument("load", type=int)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write; else they are shown."
)
@click.option("--refused", is_flag=True, help="Only the rows that have problems.")
def command(load: int, out: Path | None, *, refused: bool) -> None:
    import django

    django.setup()
    from contactpoint.intake.receipts import copy_receipts

    if out is None:
        copy_receipts(load_id=load, to=sys.stdout, only_problems=refused)
        return
    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        copy_receipts(load_id=load, to=file, only_problems=refused)
    shutil.move(part, out)
    click.echo(f"Written to {out}.")
