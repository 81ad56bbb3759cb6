"""Many invitations from one file: each row is judged alone and gets a receipt (ACC-3)."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from contactpoint.access.actions.accounts import EmailTaken, WrongDomain, invite_account
from contactpoint.access.actions.insist import ActionRefused
from contactpoint.access.actions.links import send_invitation
from contactpoint.access.models import Organisation
from contactpoint.access.records import AccountId, Viewer
from contactpoint.errors import Invalid

COLUMNS = ("name", "email", "job_title", "telephone", "organisation")
NEEDED = ("name", "email", "job_title", "organisation")
MOST_ROWS = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST = 254


class UnusableFile(Invalid):
    """The file as a whole cannot be read; nobody was invited."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one row: `problem` is '' where the person was invited."""

    row: int
    email: str
    problem: str
    account_id: AccountId | None


def invite_many(*, text: str, site: str, by: Viewer, at: datetime) -> tuple[Receipt, ...]:
    """Invite everybody in a CSV file whose row is in order; the others are told why, in order of rows.

    Raises UnusableFile.
    """
    rows = read_rows(text=text)
    codes = {row["organisation"] for row in rows}
    homes = dict(Organisation.objects.filter(code__in=codes).values_list("code", "pk"))
    seen: set[str] = set()
    receipts = []
    for number, row in enumerate(rows, start=2):
        email = row["email"].lower()
        problem = _find_problem(row, is_known=row["organisation"] in homes, is_twice=email in seen)
        seen.add(email)
        account = None
        if not problem:
            account, problem = _invite(row, homes[row["organisation"]], site=site, by=by, at=at)
        receipts.append(Receipt(number, row["email"], problem, account))
    return tuple(receipts)


def read_rows(*, text: str) -> tuple[dict[str, str], ...]:
    """Rows by column. Raises UnusableFile."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    given = [str(name).strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in NEEDED if name not in given]
    if missing:
        raise UnusableFile(f"The file needs the columns {', '.join(missing)}.", about="file")
    reader.fieldnames = given
    try:
        rows = [{name: str(row.get(name) or "").strip() for name in COLUMNS} for row in reader]
    except csv.Error:
        raise UnusableFile("The file cannot be read as CSV.", about="file") from None
    rows = [row for row in rows if any(row.values())]
    if not rows or len(rows) > MOST_ROWS:
        raise UnusableFile(f"The file must have from 1 to {MOST_ROWS} rows.", about="file")
    return tuple(rows)


def _find_problem(row: dict[str, str], *, is_known: bool, is_twice: bool) -> str:
    empty = [name.replace("_", " ") for name in NEEDED if not row[name]]
    if empty:
        return f"Missing: {', '.join(empty)}."
    if any(value.startswith(FORMULA) and not _is_telephone(name, value) for name, value in row.items()):
        return "A cell begins like a formula of a spreadsheet."
    if any(len(value) > LONGEST or not value.isprintable() for value in row.values()):
        return "A cell is too long, or has characters that cannot be shown."
    if row["email"].count("@") != 1:
        return "The e-mail address is not one."
    if is_twice:
        return "The same e-mail address is in the file before."
    return "" if is_known else "No organisation with this code is registered."


def _is_telephone(name: str, value: str) -> bool:
    return name == "telephone" and value[1:].replace(" ", "").isdigit()


def _invite(
    row: dict[str, str], home: int, *, site: str, by: Viewer, at: datetime
) -> tuple[AccountId | None, str]:
    try:
        account = invite_account(
            email=row["email"],
            name=row["name"],
            job_title=row["job_title"],
            telephone=row["telephone"],
            organisation_id=home,
            by=by,
            at=at,
        )
    except (ActionRefused, WrongDomain, EmailTaken) as refusal:
        return None, str(refusal)
    send_invitation(account_id=account, site=site, by=by, at=at)
    return account, ""
