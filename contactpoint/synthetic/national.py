"""The national suppliers: registration of births, child benefit, NHS demographics, school census.

Owns who is in each file and what it says when nothing went wrong; mistakes come from `slips`.
"""

import numpy as np
import polars as pl

from contactpoint.synthetic import slips
from contactpoint.synthetic.supply import (
    Batch,
    Supplied,
    birth_in_form,
    choose_children,
    day_in_form,
    email,
    finish,
    full_name,
    keep_former_name,
    references,
)

# Shares of children in each file.
BORN_HERE_BRITISH, BORN_HERE_OTHERS = 0.95, 0.72
CLAIMED = 0.90  # families with a high income often do not claim
WITH_NHS_RECORD = 0.985
_REGISTERED_WITHIN = 42  # days
_CLAIMED_BY_MOTHER = 0.88
_NHS_GENDER = {"M": "1", "F": "2", "O": "9", "U": "0"}


def make_births(batch: Batch) -> Supplied:
    """Names and address at birth; the father only where both registered."""
    rng = batch.chance("births")
    born_here = np.where(batch.children["origin"] == "british", BORN_HERE_BRITISH, BORN_HERE_OTHERS)
    delay = (rng.random(batch.children.height) * _REGISTERED_WITHIN).astype(np.int64)
    registered = batch.children["age_days"].to_numpy() >= delay
    frame = batch.children.with_columns(registered_day=batch.children["birth_day"] + delay)
    mask = (rng.random(frame.height) < born_here) & registered
    frame = choose_children(Batch(frame, batch.bodies, batch.seed, batch.chunk, batch.on), rng, mask)
    frame = frame.with_columns(
        pl.when(pl.col("former_family_name") != "")
        .then("former_family_name")
        .otherwise("family")
        .alias("family"),
        *(pl.col(f"birth_{name}").alias(name) for name in ("address", "locality", "town", "postcode")),
    )
    frame = slips.make_slips(frame, rates=slips.BIRTHS, rng=rng)
    joint = pl.col("father_given") != ""
    return finish(
        frame,
        "births",
        {
            "EntryNo": references(frame, file="births", prefix="B"),
            "Forenames": pl.concat_str(["given", "middles"], separator=" ").str.strip_chars(),
            "Surname": pl.col("family"),
            "DateOfBirth": birth_in_form("births"),
            "Sex": pl.col("gender").replace_strict({"M": "1", "F": "2"}, default="9"),
            "NHSNumber": pl.col("nhs"),
            "Address": pl.col("address"),
            "Locality": pl.col("locality"),
            "Town": pl.col("town"),
            "Postcode": pl.col("postcode"),
            "MotherForename": pl.col("mother_given"),
            "MotherSurname": pl.col("mother_family"),
            "FatherForename": pl.col("father_given"),
            "FatherSurname": pl.col("father_family"),
            "Informants": pl.when(joint).then(pl.lit("J")).otherwise(pl.lit("M")),
            "RegisteredOn": day_in_form(pl.col("registered_day"), "births"),
        },
    )


def make_child_benefit(batch: Batch) -> Supplied:
    """Capitals only; nobody claims for a child who is looked after."""
    rng = batch.chance("child_benefit")
    children = batch.children
    mask = (rng.random(children.height) < CLAIMED) & (children["age_days"].to_numpy() > 40)
    mask &= ~children["is_looked_after"].to_numpy()
    frame = choose_children(batch, rng, mask)
    frame = keep_former_name(frame, rng, 0.15)
    frame = slips.choose_home(frame, rates=slips.CHILD_BENEFIT, rng=rng, on_day=batch.today)
    frame = slips.make_slips(frame, rates=slips.CHILD_BENEFIT, rng=rng)
    mother = pl.lit(pl.Series(rng.random(frame.height) < _CLAIMED_BY_MOTHER)) | (pl.col("father_given") == "")
    started = pl.lit(pl.Series(rng.integers(10, 40, frame.height)))
    columns = {
        "CB_REF": references(frame, file="child_benefit", prefix="CHB"),
        "CHILD_FORENAMES": pl.concat_str(["given", "middles"], separator=" ").str.strip_chars(),
        "CHILD_SURNAME": pl.col("family"),
        "CHILD_DOB": birth_in_form("child_benefit"),
        "CHILD_SEX": pl.col("gender").replace({"O": "", "U": ""}),
        "ADDR_LINE_1": pl.col("address"),
        "ADDR_LINE_2": pl.col("locality"),
        "POST_TOWN": pl.col("town"),
        "POSTCODE": pl.col("postcode"),
        "CLAIMANT_FORENAME": pl.when(mother).then("mother_given").otherwise("father_given"),
        "CLAIMANT_SURNAME": pl.when(mother).then("mother_family").otherwise("father_family"),
        "CLAIMANT_RELATIONSHIP": pl.when(mother).then(pl.lit("MOTHER")).otherwise(pl.lit("FATHER")),
        "CLAIMANT_TEL": pl.col("telephone"),
        "CLAIM_START": day_in_form(pl.col("birth_day") + started, "child_benefit"),
    }
    return finish(
        frame, "child_benefit", {name: column.str.to_uppercase() for name, column in columns.items()}
    )


def make_nhs_demographics(batch: Batch) -> Supplied:
    """Everybody who was born here or met a doctor, with the restricted marker (SHI-8)."""
    rng = batch.chance("nhs_demographics")
    frame = choose_children(batch, rng, rng.random(batch.children.height) < WITH_NHS_RECORD)
    frame = keep_former_name(frame, rng, 0.10)
    frame = slips.choose_home(frame, rates=slips.NHS, rng=rng, on_day=batch.today)
    frame = slips.make_slips(frame, rates=slips.NHS, rng=rng)
    moved = pl.col("moved_day").is_not_null() & ~pl.col("stale")
    since = pl.when(moved).then("moved_day")
    return finish(
        frame,
        "nhs_demographics",
        {
            "RECORD_ID": references(frame, file="nhs_demographics", prefix="P"),
            "NHS_NUMBER": pl.col("nhs"),
            "GIVEN_NAMES": pl.concat_str(["given", "middles"], separator=" ").str.strip_chars(),
            "FAMILY_NAME": pl.col("family"),
            "PREVIOUS_FAMILY_NAME": pl.col("former"),
            "BIRTH_DATE": birth_in_form("nhs_demographics"),
            "GENDER": pl.col("gender").replace_strict(_NHS_GENDER, default="0"),
            "ADDRESS_1": pl.col("address"),
            "ADDRESS_2": pl.col("locality"),
            "TOWN": pl.col("town"),
            "POSTCODE": pl.col("postcode"),
            "ADDRESS_FROM": day_in_form(since, "nhs_demographics"),
            "PREVIOUS_POSTCODE": pl.when(moved).then("old_postcode").otherwise(pl.lit("")),
            "GP_PRACTICE": pl.col("gp"),
            "GP_FROM": day_in_form(
                pl.when(moved).then("moved_day").otherwise("birth_day"), "nhs_demographics"
            ),
            "CONFIDENTIALITY": pl.col("restricted"),
        },
    )


def make_school_census(batch: Batch) -> Supplied:
    """Pupils of state schools; two columns that may never be held are in it, as in life (REC-3)."""
    rng = batch.chance("school_census")
    frame = choose_children(batch, rng, (batch.children["urn"] != "").to_numpy())
    frame = keep_former_name(frame, rng, 0.20)
    frame = slips.choose_home(frame, rates=slips.CENSUS, rng=rng, on_day=batch.today)
    frame = slips.make_slips(frame, rates=slips.CENSUS, rng=rng)
    tells = pl.lit(pl.Series(rng.random(frame.height) < 0.5))
    known = pl.lit(pl.Series(rng.random(frame.height) >= slips.CENSUS.unknown_carer))
    mother = known & ~pl.col("is_looked_after")
    secondary = pl.col("age_days") >= 11.4 * 365.25
    # In September after the fourth, or the eleventh, birthday.
    years = pl.when(secondary).then(11).otherwise(4)
    entry = pl.concat_str(
        [pl.lit("01/09/"), (pl.col("birth").str.slice(0, 4).cast(pl.Int32) + years).cast(pl.String)]
    )
    return finish(
        frame,
        "school_census",
        {
            "PupilRef": references(frame, file="school_census", prefix="SC"),
            "UPN": pl.col("upn"),
            "Surname": pl.col("family"),
            "Forename": pl.col("given"),
            "MiddleNames": pl.col("middles"),
            "FormerSurname": pl.when(tells).then("former").otherwise(pl.lit("")),
            "DOB": birth_in_form("school_census"),
            "Sex": pl.col("gender").replace({"O": "", "U": ""}),
            "Address1": pl.col("address"),
            "Address2": pl.col("locality"),
            "Town": pl.col("town"),
            "Postcode": pl.col("postcode"),
            "URN": pl.col("urn"),
            "EntryDate": entry,
            "Guardian1Name": pl.when(mother)
            .then(full_name("mother_given", "mother_family"))
            .otherwise(pl.lit("")),
            "Guardian1Relationship": pl.when(mother).then(pl.lit("Mother")).otherwise(pl.lit("")),
            "Guardian1PR": pl.when(mother).then(pl.lit("Y")).otherwise(pl.lit("")),
            "Guardian1Phone": pl.when(mother).then("telephone").otherwise(pl.lit("")),
            "Guardian1Email": pl.when(mother)
            .then(email("mother_given", "mother_family"))
            .otherwise(pl.lit("")),
            "SENprovision": pl.lit(
                pl.Series(rng.choice(["N", "K", "E"], frame.height, p=[0.83, 0.13, 0.04]))
            ),
            "FSMeligible": pl.lit(pl.Series(rng.choice(["N", "Y"], frame.height, p=[0.75, 0.25]))),
        },
    )
