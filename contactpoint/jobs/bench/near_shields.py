"""What holding rows near shields costs and brings: the one declared exception to SHI-3 (SHI-5).

Cost: rows of other children that wait because they are like a shielded child's, for each shield.
Benefit: rows of shielded children that would else have become open copies, among the suppliers' own rows and
among look-alikes planted on purpose, by the ways of 2009.
Every supplier's whole file goes the way of every feed, one child in 200 being marked as restricted.
"""

import csv
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connections

from contactpoint.audit.records import Actor
from contactpoint.intake.actions import load_file
from contactpoint.intake.profiles import FeedKind, get_profile
from contactpoint.intake.reference import load_reference
from contactpoint.jobs.bench.figures import interval, share
from contactpoint.jobs.bench.place import Place
from contactpoint.jobs.bench.state import finish_stage, read_stages
from contactpoint.progress import Progress
from contactpoint.synthetic.england import make_england

ONE_IN = 200
MARKS = "nhs_demographics"
SUPPLIERS = (
    MARKS,
    "births",
    "child_benefit",
    "school_census",
    "social_care",
    "youth_justice",
    "local_services",
)
PLANTED = "local_services"
SERVICE = Actor(account_id=None, organisation_id=None, door="command")
STAGE = "supplied"
Row = Mapping[str, Any]
Sent = dict[str, str]

_WHERE = """
SELECT supplier_id, reference, 'open' FROM directory_suppliedrow
UNION ALL SELECT supplier_id, reference, 'joined' FROM hidden.supplied_row
UNION ALL SELECT supplier_id, reference, CASE why WHEN 'near-shield' THEN 'held' ELSE 'asked' END
FROM hidden.waiting_row
"""


def supply(*, place: Place, children: int, seed: int, progress: Progress) -> None:
    """Make the England up, mark one child in 200, and load every file, unless that was done."""
    asked = {"children": children, "seed": seed}
    if read_stages(place.state).get(STAGE, {}).get("settings") == asked:
        return
    folder = place.folder / "england"
    if not (folder / "truth" / "rows.parquet").exists():
        make_england(children=children, seed=seed, out=folder, on=datetime.now(UTC).date(), progress=progress)
    _mark(folder / f"{MARKS}.csv")
    load_reference(folder=folder, by=SERVICE, at=datetime.now(UTC), progress=progress)
    for name in SUPPLIERS:
        path = folder / f"{name}.csv"
        if pl.read_csv(path, infer_schema=False, separator=get_profile(name=name).delimiter).is_empty():
            continue  # a small England has no young offenders
        report = load_file(
            path=path, profile=get_profile(name=name), by=SERVICE, at=datetime.now(UTC), progress=progress
        )
        if report.held:
            raise ValueError(f"the gate held the made-up file of {name}")
    finish_stage(path=place.state, stage=STAGE, settings=asked, result={}, at=datetime.now(UTC))


def _mark(path: Path) -> None:
    """Every two-hundredth row is restricted, and no other."""
    rows = pl.read_csv(path, infer_schema=False)
    chosen = pl.int_range(pl.len()) % ONE_IN == ONE_IN // 2
    marker = pl.when(chosen).then(pl.lit("R")).otherwise(pl.lit("")).alias("CONFIDENTIALITY")
    rows.with_columns(marker).fill_null("").write_csv(path)


def measure_near_shields(*, place: Place, progress: Progress) -> dict[str, Any]:
    """What became of every row near a shield, and of the planted ones."""
    truth = pl.read_parquet(place.folder / "england" / "truth" / "rows.parquet")
    owners = {
        (file, reference): child
        for file, reference, child in truth.select("file", "reference", "child_id").iter_rows()
    }
    fates = _fates()
    shielded = {
        owners[key] for key, fate in fates.items() if fate == "joined" and key[0] == MARKS and key in owners
    }
    own = [fate for key, fate in fates.items() if key[0] != MARKS and owners.get(key) in shielded]
    others = [key for key, fate in fates.items() if fate == "held" and owners.get(key) not in shielded]
    rows = sum(key[0] != MARKS for key in fates)
    planted = _plant(place, shielded, progress)
    caught, sent = (sum(each[name] for each in planted.values()) for name in ("caught", "sent"))
    return {
        "planted": planted,
        "suppliers": {
            "rows": rows,
            "of_shielded": len(own),
            **{fate: own.count(fate) for fate in ("joined", "held", "asked", "open")},
        },
        "headline": {
            "shields": len(shielded),
            "rows_of_others_held": len(others),
            "rows_of_others_held_per_shield": round(len(others) / max(len(shielded), 1), 2),
            "share_of_all_rows_held": share(part=len(others), whole=rows),
            "suppliers_rows_kept_from_an_open_copy": len(own) - own.count("open"),
            "suppliers_rows_that_became_open": own.count("open"),
            "planted": sent,
            "planted_caught": share(part=caught, whole=sent),
            "planted_caught_between": list(interval(part=caught, whole=sent)),
        },
    }


def _fates() -> dict[tuple[str, str], str]:
    with connections["match"].cursor() as cursor:
        cursor.execute(_WHERE)
        return {(supplier, reference): fate for supplier, reference, fate in cursor.fetchall()}


def _plant(place: Place, shielded: set[int], progress: Progress) -> dict[str, dict[str, Any]]:
    """Send look-alikes of every shielded child, each kind as a file of its own."""
    children = pl.read_parquet(place.folder / "england" / "truth" / "children.parquet")
    known = [row for row in children.iter_rows(named=True) if row["child_id"] in shielded]
    told = {}
    for number, (kind, change) in enumerate(KINDS.items()):
        sent = [
            {**_as_known(row), **change(row), "LocalRef": f"LIKE-{number}-{row['child_id']}"} for row in known
        ]
        path = place.folder / f"look-alikes-{number}.csv"
        _write(path, sent)
        load_file(
            path=path, profile=get_profile(name=PLANTED), by=SERVICE, at=datetime.now(UTC),
            kind=FeedKind.DELTA, progress=progress,
        )  # fmt: skip
        path.unlink()
        fates = _fates()
        ends = [fates.get((PLANTED, row["LocalRef"]), "nowhere") for row in sent]
        caught = len(ends) - ends.count("open") - ends.count("nowhere")
        told[kind] = {
            "sent": len(sent),
            "caught": caught,
            "between": list(interval(part=caught, whole=len(sent))),
            **{fate: ends.count(fate) for fate in ("joined", "held", "asked", "open")},
        }
    return told


def _write(path: Path, rows: list[Sent]) -> None:
    profile = get_profile(name=PLANTED)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, profile.columns, delimiter=profile.delimiter, restval="", extrasaction="ignore"
        )
        writer.writeheader()
        writer.writerows(rows)


def _as_known(row: Row) -> Sent:
    return {
        "NHSNumber": row["nhs"] or "",
        "FirstName": row["given_name"],
        "LastName": row["family_name"] or "",
        "DateOfBirth": row["birth_date"].isoformat(),
        "Gender": {"F": "Female", "M": "Male"}.get(row["gender"], "Not known"),
        "AddressLine1": row["address"] or "",
        "Town": row["town"] or "",
        "Postcode": row["postcode"] or "",
        "LA": row["authority"],
    }


# Where nobody of the made-up England lives.
_AWAY = {"AddressLine1": "Flat 9, 7 Refuge Yard", "Town": "", "Postcode": ""}
_NO_NUMBER = {"NHSNumber": ""}


def _former(row: Row) -> Sent:
    return {"LastName": row["former_family_name"] or row["family_name"] or ""}


def _both(row: Row) -> Sent:
    return {"LastName": f"{row['family_name'] or ''}-{row['former_family_name'] or 'Smith'}"}


def _slip(row: Row) -> Sent:
    given, family = row["given_name"], row["family_name"] or ""
    return {"FirstName": given[:2] + given[3:], "LastName": family[:3] + family[4:]}


def _year(row: Row) -> Sent:
    return {"DateOfBirth": row["birth_date"].isoformat()[:4]}


KINDS: dict[str, Callable[[Row], Sent]] = {
    "moved, no number": lambda row: {**_NO_NUMBER, **_AWAY},
    "former name where there is one, moved, no number": lambda row: {**_NO_NUMBER, **_AWAY, **_former(row)},
    "both surnames, moved, no number": lambda row: {**_NO_NUMBER, **_AWAY, **_both(row)},
    "a slip in each name, moved, no number": lambda row: {**_NO_NUMBER, **_AWAY, **_slip(row)},
    "year of birth alone, at home, no number": lambda row: {**_NO_NUMBER, **_year(row)},
    "the number under another name, moved": lambda row: {**_AWAY, "FirstName": "Kit", "LastName": "Vance"},
}
