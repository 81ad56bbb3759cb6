"""Training passed elsewhere, from one file: each row is judged alone and gets a receipt (ACC-3, ACC-11).

A row that is sent twice changes nothing, so a file that was stopped half way is simply sent again.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from contactpoint.access.actions.accounts import insist_on_account
from contactpoint.access.actions.insist import ActionRefused, insist_on
from contactpoint.access.actions.inviting_many import FORMULA, LONGEST, UnusableFile
from contactpoint.access.actions.training import count_training, ends_on, keep_result
from contactpoint.access.models import Account
from contactpoint.access.policies import ENGLAND, judge_check
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.access.training.modules import MODULES
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind

COLUMNS = ("email", "module", "version", "passed_on")
MOST_ROWS = 500
RECORDED, KNOWN = "Recorded", "Recorded already; nothing was changed."
NOBODY = "No account with this e-mail address that you answer for."
_ISO, _ENGLISH = (
    re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.A),
    re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.A),
)


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One row as sent; `number` is its line in the file, `problem` what is wrong with its shape."""

    number: int
    cells: tuple[str, ...]  # in the order of COLUMNS
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TrainingReceipt:
    """What became of one row. `outcome` is RECORDED, KNOWN, or what is wrong, in words."""

    row: int
    email: str
    module: str
    outcome: str

    @property
    def is_recorded(self) -> bool:
        return self.outcome == RECORDED


def import_training(*, text: str, by: Viewer, at: datetime) -> tuple[TrainingReceipt, ...]:
    """Record every row that is in order; the others are told why. Raises UnusableFile."""
    rows = read_training(text=text)
    seen: set[tuple[str, ...]] = set()
    receipts = []
    for row in rows:
        same = tuple(cell.lower() for cell in row.cells)
        outcome = row.problem or _find_problem(row.cells, at)
        if not outcome and same in seen:
            outcome = "The same row is in the file before."
        seen.add(same)
        receipts.append(
            TrainingReceipt(row.number, row.cells[0], row.cells[1], outcome or _record(row.cells, by, at))
        )
    done = sum(receipt.is_recorded for receipt in receipts)
    with transaction.atomic(durable=True):
        facts: dict[str, str | int] = {"rows": len(rows), "recorded": done}
        record_event(kind=EventKind.TRAINING_IMPORTED, actor=by.actor, at=at, facts=facts)
    return tuple(receipts)


def read_training(*, text: str) -> tuple[TrainingRow, ...]:
    """Rows in the order of the file. Raises UnusableFile."""
    try:
        lines = list(_lines(text))
    except csv.Error:
        raise UnusableFile("The file cannot be read as CSV.", about="file") from None
    header = [name.strip().lower() for name in lines[0][1]] if lines else []
    if sorted(header) != sorted(COLUMNS):
        raise UnusableFile(
            f"The first line must name the columns {', '.join(COLUMNS)}, once each, with commas between.",
            about="file",
        )
    if not 2 <= len(lines) <= MOST_ROWS + 1:
        raise UnusableFile(f"The file must have from 1 to {MOST_ROWS} rows.", about="file")
    return tuple(_row(number, cells, header) for number, cells in lines[1:])


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each with its number; lines without a word in them are passed over."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num


def _row(number: int, cells: list[str], header: list[str]) -> TrainingRow:
    given = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    ordered = tuple(given.get(name, "") for name in COLUMNS)
    problem = "" if len(cells) == len(header) else f"The row has {len(cells)} cells instead of {len(header)}."
    return TrainingRow(number, ordered, problem)


def _find_problem(cells: tuple[str, ...], at: datetime) -> str:
    """What is wrong with the row itself, whoever it is about."""
    email, module, version, passed_on = cells
    if words := _find_cell_problem(cells):
        return words
    if email.count("@") != 1:
        return "The e-mail address is not one."
    if module.lower() not in MODULES:
        return f"The training has no such module: it has {', '.join(MODULES)}."
    versions = MODULES[module.lower()].versions
    if version not in versions:
        return f"This version does not count: {' or '.join(versions)} does."
    return _find_date_problem(passed_on, at.astimezone(ENGLAND).date())


def _find_cell_problem(cells: tuple[str, ...]) -> str:
    empty = [name.replace("_", " ") for name, cell in zip(COLUMNS, cells, strict=True) if not cell]
    if empty:
        return f"Missing: {', '.join(empty)}."
    if any(cell.startswith(FORMULA) for cell in cells):
        return "A cell begins like a formula of a spreadsheet."
    if any(len(cell) > LONGEST or not cell.isprintable() for cell in cells):
        return "A cell is too long, or has characters that cannot be shown."
    return ""


def _find_date_problem(text: str, on: date) -> str:
    day = _read_date(text)
    if day is None:
        return "The date must be like 2026-03-27 or 27/03/2026."
    if day > on:
        return "The date is in the future."
    return (
        "" if ends_on(passed_on=day) >= on else "It was passed so long ago that it does not count any more."
    )


def _read_date(text: str) -> date | None:
    iso, english = _ISO.fullmatch(text), _ENGLISH.fullmatch(text)
    parts = iso.groups() if iso else english.groups()[::-1] if english else None
    try:
        return date(*(int(part) for part in parts)) if parts else None
    except ValueError:
        return None


def _record(cells: tuple[str, ...], by: Viewer, at: datetime) -> str:
    """The same words for who is not there and who is somebody else's to answer for; the latter is logged."""
    email, module, version, passed_on = cells
    account = Account.objects.select_related("organisation").filter(email__iexact=email).first()
    if account is None or account.closed_at is not None:
        return NOBODY
    try:
        insist_on_account(account, by=by, action=Action.INVITE_ACCOUNT, at=at)
    except ActionRefused:
        return NOBODY
    try:
        decision = judge_check(checker_id=by.account_id, account_id=account.pk)
        insist_on(decision, by=by, action=Action.INVITE_ACCOUNT, at=at)
    except ActionRefused as refusal:
        return str(refusal)
    day = _read_date(passed_on)
    assert day is not None  # noqa: S101  `_find_date_problem` saw to it
    return _keep(account.pk, module.lower(), version, day, by, at)


def _keep(account_id: int, module: str, version: str, passed_on: date, by: Viewer, at: datetime) -> str:
    with transaction.atomic(durable=True):
        is_new = keep_result(
            account_id=account_id,
            module=MODULES[module],
            version=version,
            passed_on=passed_on,
            recorded_by=by.account_id,
            at=at,
        )
        if not is_new:
            return KNOWN
        count_training(account_id=account_id)
        record_event(
            kind=EventKind.ACCOUNT_CHECKED,
            actor=by.actor,
            at=at,
            facts={"account": account_id, "part": "training", "module": module, "version": version},
        )
    return RECORDED
