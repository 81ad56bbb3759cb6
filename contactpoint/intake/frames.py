"""The rules of `policies` over whole files: each distinct value or combination is judged once.

Nothing is decided here: every verdict comes from `policies`, and a property test holds the two equal.
Long columns of nearly distinct values (names, numbers, postcodes) go through the expressions of `codes`.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from contactpoint.codes.numbers import clean_number, valid_nhs_number, valid_upn
from contactpoint.codes.postcode import normalise_postcode
from contactpoint.intake.fields import REFERENCE, Kind
from contactpoint.intake.policies import (
    IDENTITY,
    LONGEST_REFERENCE,
    LONGEST_VALUE,
    PERIODS,
    PROBLEMS,
    ROW_RULES,
    SEPARATOR,
    RowRule,
    judge_value,
)
from contactpoint.intake.profiles import Mapped, Profile

ROW = "row"
PROBLEM_SCHEMA = {ROW: pl.Int64, "code": pl.String, "column": pl.String}
REFUSING = sorted(code for code, kind in PROBLEMS.items() if kind.refuses)
UNPUBLISHED = ["already-18", "agreed-too-long"]


@dataclass(frozen=True, slots=True)
class JudgedFrame:
    """`values` has `row` and one text column for each path; `problems` has row, code and column."""

    values: pl.DataFrame
    problems: pl.DataFrame

    @property
    def refused_rows(self) -> pl.Series:
        return self.problems.filter(pl.col("code").is_in(REFUSING))[ROW].unique()


def judge_frame(*, profile: Profile, frame: pl.DataFrame, on: date) -> JudgedFrame:
    """Judge rows of the mapped columns, with their line number in `row`."""
    values = frame.select(ROW)
    problems = []
    for path, constant in profile.constants:
        values = values.with_columns(pl.lit(constant).alias(path))
    for mapped in profile.mapped:
        value, code = _judge_column(mapped, frame, profile.dates)
        values = values.with_columns(value.alias(mapped.path))
        problems.append(_told(frame[ROW], code, mapped.shown))
    for rule in ROW_RULES:
        problems.append(_judge_rule(rule, profile, values, on))
    for start, end in PERIODS:
        if {start, end} <= set(values.columns):
            wrong = (pl.col(start) != "") & (pl.col(end) != "") & (pl.col(end) < pl.col(start))
            rows = values.filter(wrong)[ROW]
            codes = pl.repeat("ends-before-start", len(rows), dtype=pl.String, eager=True)
            problems.append(_told(rows, codes, profile.column_of(end)))
            values = values.with_columns(pl.when(wrong).then(pl.lit("")).otherwise(pl.col(end)).alias(end))
    return JudgedFrame(values, pl.concat(problems))


def _told(rows: pl.Series, codes: pl.Series, column: str) -> pl.DataFrame:
    told = pl.DataFrame({ROW: rows, "code": codes}).filter(pl.col("code") != "")
    return told.with_columns(pl.lit(column).alias("column")).cast(PROBLEM_SCHEMA)  # type: ignore[arg-type]


def _judge_column(mapped: Mapped, frame: pl.DataFrame, dates: str) -> tuple[pl.Series, pl.Series]:
    if len(mapped.columns) == 1 and not mapped.codes and not mapped.is_parts and mapped.kind in _EXPRESSIONS:
        text = pl.col(mapped.columns[0]).str.strip_chars()
        judged = frame.select(text.alias("text"))
        value, code = _EXPRESSIONS[mapped.kind]
        long = pl.col("text").str.len_chars() > LONGEST_VALUE
        judged = judged.select(
            pl.when(long).then(pl.lit("")).otherwise(value).alias("value"),
            pl.when(long).then(pl.lit("long-value")).otherwise(code).alias("code"),
        )
        return judged["value"], judged["code"]
    texts = frame.select(pl.concat_str(mapped.columns, separator=SEPARATOR).alias("text"))
    distinct = texts["text"].unique()
    verdicts = [judge_value(mapped=mapped, text=each, dates=dates) for each in distinct]
    table = pl.DataFrame(
        {
            "text": distinct,
            "value": pl.Series([value for value, _ in verdicts], dtype=pl.String),
            "code": pl.Series([code for _, code in verdicts], dtype=pl.String),
        }
    )
    joined = texts.join(table, on="text", how="left", maintain_order="left")
    return joined["value"], joined["code"]


_TEXT = pl.col("text")
_NONE = pl.lit("")


def _number(valid: pl.Expr, code: str) -> tuple[pl.Expr, pl.Expr]:
    return (
        pl.when(valid).then(clean_number(_TEXT)).otherwise(_NONE),
        pl.when(valid | (_TEXT == "")).then(_NONE).otherwise(pl.lit(code)),
    )


_POSTCODE = normalise_postcode(_TEXT)
_EXPRESSIONS: dict[Kind, tuple[pl.Expr, pl.Expr]] = {
    Kind.TEXT: (_TEXT, _NONE),
    Kind.NHS: _number(valid_nhs_number(_TEXT), "wrong-nhs"),
    Kind.UPN: _number(valid_upn(_TEXT), "wrong-upn"),
    Kind.POSTCODE: (
        _POSTCODE.fill_null(""),
        pl.when(_POSTCODE.is_null() & (_TEXT != "")).then(pl.lit("wrong-postcode")).otherwise(_NONE),
    ),
}


def _judge_rule(rule: RowRule, profile: Profile, values: pl.DataFrame, on: date) -> pl.DataFrame:
    """Ask the rule once for each distinct combination of what it reads."""
    paths = [path for path in rule.paths if path in values.columns]
    doubtful = values.filter(_doubt(paths)) if rule.paths in {(REFERENCE,), IDENTITY} else values
    distinct = doubtful.select(paths).unique() if paths else pl.DataFrame()
    verdicts = []
    for said in distinct.iter_rows(named=True) if paths else ({},):
        for code, path in rule.judge(profile, said, on):
            verdicts.append({**said, "code": code, "column": profile.column_of(path)})
    if not verdicts:
        return pl.DataFrame(schema=PROBLEM_SCHEMA)
    table = pl.DataFrame(
        verdicts, schema={**dict.fromkeys(paths, pl.String), "code": pl.String, "column": pl.String}
    )
    told = doubtful.join(table, on=paths, how="inner") if paths else doubtful.join(table, how="cross")
    return told.select(ROW, "code", "column")


def _doubt(paths: list[str]) -> pl.Expr:
    """References and names are nearly all distinct: only empty or very long ones are worth asking about."""
    if paths == [REFERENCE]:
        return (pl.col(REFERENCE) == "") | (pl.col(REFERENCE).str.len_chars() > LONGEST_REFERENCE)
    return pl.all_horizontal([pl.col(path) == "" for path in paths]) if paths else pl.lit(value=True)
