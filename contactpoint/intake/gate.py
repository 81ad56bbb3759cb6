"""The gate: may this feed be loaded, or must a person look first? (SUP-4)

Pure: figures in, reasons in words out; no reason repeats a value.
Compared with the supplier's own history; for a first load, with what no sound file shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from statistics import median

from contactpoint.intake.measuring import FIRST_OF_JANUARY, Measures
from contactpoint.intake.profiles import FeedKind

LEAST = 100  # rows: smaller files vary too much to be judged by shares
HISTORY = 10  # loads
VOLUME = {FeedKind.SNAPSHOT: (0.6, 1.7), FeedKind.DELTA: (0.1, 10.0)}  # of the usual number of rows
VANISHED_SHARE, VANISHED_LEAST = 0.2, 5
CHANGED = 0.5  # of the rows that are known already, in a snapshot
JUMP = 0.15  # more than usual, as a share of all rows
MATCH_DROP = 0.3
FIRST_MISSING = {"given_names": 0.5, "family_name": 0.3, "birth_date": 0.3}
FIRST_INVALID, FIRST_REFUSED = 0.3, 0.3
FIRST_TOP = {
    "given_names": 0.3,
    "family_name": 0.3,
    "birth_date": 0.1,
    "postcode": 0.6,
    "nhs": 0.02,
    "upn": 0.02,
    FIRST_OF_JANUARY: 0.25,
}
WORDS = {
    "given_names": "given name",
    "family_name": "family name",
    "birth_date": "date of birth",
    "postcode": "postcode",
    "nhs": "NHS number",
    "upn": "UPN",
}


def judge_feed(
    *,
    measures: Measures,
    history: Sequence[Measures],
    kind: FeedKind,
    names: Mapping[str, str],
    extracted_on: date | None = None,
    newest_on: date | None = None,
) -> tuple[str, ...]:
    """Every reason to hold the feed; none: it passes.

    `history` are the supplier's earlier loads of this kind, `names` the sender's columns by our fields.
    `newest_on` is when the newest file that was loaded had been made.
    """
    reasons = list(_late(extracted_on, newest_on))
    reasons += _vanished(measures, kind)
    if history:
        reasons += _volume(measures, history, kind)
    if measures.rows >= LEAST:
        earlier = [each for each in history if each.rows >= LEAST]
        reasons += _shape(measures, history)
        reasons += _against_history(measures, earlier) if earlier else _first(measures, names)
        reasons += _dominated(measures, earlier)
    reasons += _changed(measures, kind)
    return tuple(dict.fromkeys(reasons))


def _late(extracted_on: date | None, newest_on: date | None) -> Iterator[str]:
    if extracted_on and newest_on and extracted_on < newest_on:
        yield (
            f"The file was made on {_day(extracted_on)}, and one made on {_day(newest_on)} has been loaded "
            "already: older values would replace newer ones."
        )


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _vanished(measures: Measures, kind: FeedKind) -> Iterator[str]:
    share = measures.vanished / measures.current if measures.current else 0
    if kind is FeedKind.SNAPSHOT and measures.vanished >= VANISHED_LEAST and share > VANISHED_SHARE:
        yield (
            f"{measures.vanished:,} of the {measures.current:,} rows that this supplier holds are not in the "
            f"file ({share:.0%}); what they say would end."
        )


def _volume(measures: Measures, history: Sequence[Measures], kind: FeedKind) -> Iterator[str]:
    usual = median(each.rows for each in history)
    least, most = VOLUME[kind]
    if max(usual, measures.rows) >= LEAST and not least * usual <= measures.rows <= most * usual:
        yield f"The file has {measures.rows:,} rows; usual are about {usual:,.0f}."


def _shape(measures: Measures, history: Sequence[Measures]) -> Iterator[str]:
    before = next((set(each.columns) for each in history if each.columns), None)
    now = set(measures.columns)
    if before is not None and before != now:
        parts = [("has no longer", before - now), ("has now", now - before)]
        told = [f"{words} {', '.join(sorted(names)[:5])}" for words, names in parts if names]
        yield f"The columns are not those of the last file: it {' and '.join(told)}."


def _against_history(measures: Measures, history: Sequence[Measures]) -> Iterator[str]:
    for words, now, before in (
        ("are empty", measures.missing, [each.missing for each in history]),
        ("could not be read", measures.invalid, [each.invalid for each in history]),
    ):
        for column, share in now.items():
            usual = median(each.get(column, 0.0) for each in before)
            if share > usual + JUMP:
                yield f"{column}: {share:.0%} of the values {words}; usual are {usual:.0%}."
    usual = median(each.refused for each in history)
    if measures.refused > usual + JUMP:
        yield f"{measures.refused:.0%} of the rows would be refused; usual are {usual:.0%}."
    rates = [each.matched for each in history if each.matched is not None]
    if rates and measures.matched is not None and measures.matched < median(rates) - MATCH_DROP:
        yield (
            f"{measures.matched:.0%} of a sample of new rows are in open records already; "
            f"usual are {median(rates):.0%}."
        )


def _first(measures: Measures, names: Mapping[str, str]) -> Iterator[str]:
    for path, most in FIRST_MISSING.items():
        column = names.get(path, "")
        if measures.missing.get(column, 0.0) > most:
            yield f"{column}: {measures.missing[column]:.0%} of the values are empty."
    for column, share in measures.invalid.items():
        if share > FIRST_INVALID:
            yield f"{column}: {share:.0%} of the values could not be read."
    if measures.refused > FIRST_REFUSED:
        yield f"{measures.refused:.0%} of the rows would be refused."


def _dominated(measures: Measures, history: Sequence[Measures]) -> Iterator[str]:
    for path, most in FIRST_TOP.items():
        share = measures.top.get(path, 0.0)
        usual = median(each.top.get(path, 0.0) for each in history) if history else 0.0
        if share > max(most, usual + JUMP if history else 0.0):
            if path == FIRST_OF_JANUARY:
                yield f"{share:.0%} of the dates of birth are a 1 January."
            else:
                yield f"{share:.0%} of the rows give the same {WORDS[path]}."


def _changed(measures: Measures, kind: FeedKind) -> Iterator[str]:
    if kind is FeedKind.SNAPSHOT and measures.known >= LEAST and measures.changed > CHANGED:
        yield f"{measures.changed:.0%} of the rows that are known say something else than before."
