"""The local suppliers: social care, youth justice, an authority's other services, and one sensitive service.

Owns who is in each file and what it says when nothing went wrong; mistakes come from `slips`.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from contactpoint.synthetic import slips
from contactpoint.synthetic.supply import (
    Batch,
    Supplied,
    birth_in_form,
    choose_children,
    day_in_form,
    finish,
    full_name,
    keep_former_name,
    references,
)

# Shares of children in each file.
SOCIAL_CARE = 0.030  # beside those looked after
YOUTH_JUSTICE = 0.008  # from ten years on
YOUNG_CHILDREN, OLDER_CHILDREN = 0.16, 0.055  # with another local service: under and from five
CAMHS = 0.045  # from seven years on
_ENDED = 0.30
_NICKNAME_TOLD = 0.30

_TEAM_TYPES = (
    ("social_care", "CIN"),
    ("looked_after", "CLA"),
    ("leaving_care", "LC"),
    ("disabled_children", "DCT"),
)
_OLDER = ("early_help", "education_welfare", "send", "speech_therapy", "young_carers", "voluntary")
_OLDER_SHARES = (0.34, 0.16, 0.24, 0.10, 0.06, 0.10)
_WORKER_ROLES = {
    "health_visiting": "health_visitor",
    "early_help": "early_help_worker",
    "education_welfare": "education_welfare_officer",
    "send": "senco",
    "speech_therapy": "speech_therapist",
    "young_carers": "voluntary_worker",
    "voluntary": "voluntary_worker",
}
_CONSENT_ROLES = ("Mental health practitioner", "Clinical psychologist", "Consultant psychiatrist")


def make_social_care(batch: Batch) -> Supplied:
    """Children in need, looked after, leaving care; placements beside the family's address."""
    rng = batch.chance("social_care")
    looked_after = batch.children["is_looked_after"].to_numpy()
    frame = choose_children(batch, rng, looked_after | (rng.random(batch.children.height) < SOCIAL_CARE))
    placement = {name: frame[name] for name in ("address", "town", "postcode")}
    away = frame["is_looked_after"]
    frame = frame.with_columns(
        *(
            pl.when("is_looked_after").then(f"old_{name}").otherwise(name).alias(name)
            for name in ("address", "locality", "town", "postcode")
        ),
        *(
            pl.when(away).then(values).otherwise(pl.lit("")).alias(f"placed_{name}")
            for name, values in placement.items()
        ),
    )
    frame = keep_former_name(frame, rng, 0.25)
    settled = frame.with_columns(moved_day=pl.when(~pl.col("is_looked_after")).then("moved_day"))
    frame = slips.choose_home(settled, rates=slips.SOCIAL_CARE, rng=rng, on_day=batch.today).with_columns(
        placed_day=frame["moved_day"]
    )
    frame = slips.make_slips(frame, rates=slips.SOCIAL_CARE, rng=rng)
    service = _social_service(frame, rng)
    team, worker = _staff(batch, rng, frame, service)
    started, ended = _period(batch, rng, frame)
    open_now = ended < 0
    assessed = rng.random(frame.height)
    kind = np.where(assessed < 0.12, "FHA", np.where(assessed < 0.22, "EHA", "")).astype(object)
    carer, other = (
        pl.lit(pl.Series(rng.random(frame.height) >= slips.SOCIAL_CARE.unknown_carer)) for _ in range(2)
    )
    fathers = other & (pl.col("father_given") != "")
    known_as = pl.lit(pl.Series(rng.random(frame.height) < _NICKNAME_TOLD))
    nothing = pl.lit("")
    return finish(
        frame,
        "social_care",
        {
            "CaseRef": references(frame, file="social_care", prefix="CSC"),
            "LA": _home_codes(batch, frame),
            "UPN": pl.col("upn"),
            "NHSNumber": pl.col("nhs"),
            "FirstName": pl.concat_str(["given", "middles"], separator=" ").str.strip_chars(),
            "LastName": pl.col("family"),
            "AlsoKnownAs": pl.when(known_as).then("nickname").otherwise(nothing),
            "DOB": birth_in_form("social_care"),
            "Gender": pl.col("gender").replace({"O": "N"}),
            "HomeAddress1": pl.col("address"),
            "HomeAddress2": pl.col("locality"),
            "HomeTown": pl.col("town"),
            "HomePostcode": pl.col("postcode"),
            "PlacementAddress1": pl.col("placed_address"),
            "PlacementTown": pl.col("placed_town"),
            "PlacementPostcode": pl.col("placed_postcode"),
            "PlacementFrom": day_in_form(pl.when("is_looked_after").then("placed_day"), "social_care"),
            "Carer1Name": pl.when(carer).then(full_name("mother_given", "mother_family")).otherwise(nothing),
            "Carer1Relationship": pl.when(carer).then(pl.lit("Mother")).otherwise(nothing),
            "Carer1PR": pl.when(carer).then(pl.lit("Y")).otherwise(nothing),
            "Carer1Phone": pl.when(carer).then("telephone").otherwise(nothing),
            "Carer2Name": pl.when(fathers)
            .then(full_name("father_given", "father_family"))
            .otherwise(nothing),
            "Carer2Relationship": pl.when(fathers).then(pl.lit("Father")).otherwise(nothing),
            "Carer2PR": pl.when(fathers).then(_flags(rng, frame.height, "Y", "N", 0.8)).otherwise(nothing),
            "Team": _words(team),
            "TeamType": _words(service).replace_strict(dict(_TEAM_TYPES)),
            "SocialWorker": _words(worker),
            "Lead": _words(np.where(open_now & (rng.random(frame.height) < 0.5), "Y", "N").astype(object)),
            "StartDate": day_in_form(_days(started), "social_care"),
            "EndDate": day_in_form(_days(ended), "social_care"),
            "Assessment": _words(kind),
            "AssessmentDate": day_in_form(_days(np.where(kind == "", -1, started)), "social_care"),
        },
    )


def make_youth_justice(batch: Batch) -> Supplied:
    """Young people from ten on; no number that others have."""
    rng = batch.chance("youth_justice")
    age = batch.children["age_days"].to_numpy() / 365.25
    share = YOUTH_JUSTICE * np.where(age >= 14, 1.7, 0.4)
    frame = choose_children(batch, rng, (age >= 10) & (rng.random(len(age)) < share))
    frame = keep_former_name(frame, rng, 0.25)
    frame = slips.choose_home(frame, rates=slips.YOUTH_JUSTICE, rng=rng, on_day=batch.today)
    frame = slips.make_slips(frame, rates=slips.YOUTH_JUSTICE, rng=rng)
    team, worker = _staff(batch, rng, frame, np.full(frame.height, "youth_justice", dtype=object))
    started, ended = _period(batch, rng, frame)
    known_as = pl.lit(pl.Series(rng.random(frame.height) < _NICKNAME_TOLD))
    return finish(
        frame,
        "youth_justice",
        {
            "YjsRef": references(frame, file="youth_justice", prefix="YJ"),
            "Surname": pl.col("family"),
            "Forename": pl.col("given"),
            "AKA": pl.when(known_as).then("nickname").otherwise(pl.lit("")),
            "DateOfBirth": birth_in_form("youth_justice"),
            "Sex": pl.col("gender").replace_strict({"M": "1", "F": "2"}, default="9"),
            "Address": pl.col("address"),
            "Town": pl.col("town"),
            "Postcode": pl.col("postcode"),
            "Team": _words(team),
            "CaseManager": _words(worker),
            "InterventionStart": day_in_form(_days(started), "youth_justice"),
            "InterventionEnd": day_in_form(_days(ended), "youth_justice"),
        },
    )


def make_local_services(batch: Batch) -> Supplied:
    """Health visiting for the youngest; early help, school attendance, SEND, charities for the others."""
    rng = batch.chance("local_services")
    young = batch.children["age_days"].to_numpy() < 5 * 365
    share = np.where(young, YOUNG_CHILDREN, OLDER_CHILDREN)
    frame = choose_children(batch, rng, rng.random(len(young)) < share)
    frame = keep_former_name(frame, rng, 0.25)
    frame = slips.choose_home(frame, rates=slips.LOCAL_SERVICES, rng=rng, on_day=batch.today)
    frame = slips.make_slips(frame, rates=slips.LOCAL_SERVICES, rng=rng)
    service = np.where(
        (frame["age_days"].to_numpy() < 5 * 365) & (rng.random(frame.height) < 0.85),
        "health_visiting",
        rng.choice(_OLDER, frame.height, p=_OLDER_SHARES),
    ).astype(object)
    team, worker = _staff(batch, rng, frame, service)
    started, ended = _period(batch, rng, frame)
    kind = np.where((service == "early_help") & (rng.random(frame.height) < 0.7), "early_help", "").astype(
        object
    )
    parent = pl.lit(pl.Series(rng.random(frame.height) >= slips.LOCAL_SERVICES.unknown_carer))
    nothing = pl.lit("")
    closed = _days(np.where(kind == "", -1, ended))
    return finish(
        frame,
        "local_services",
        {
            "LocalRef": references(frame, file="local_services", prefix="LS"),
            "LA": _home_codes(batch, frame),
            "NHSNumber": pl.col("nhs"),
            "UPN": pl.col("upn"),
            "FirstName": pl.col("given"),
            "LastName": pl.col("family"),
            "DateOfBirth": birth_in_form("local_services"),
            "Gender": pl.col("gender").replace_strict({"M": "Male", "F": "Female"}, default="Not known"),
            "AddressLine1": pl.col("address"),
            "AddressLine2": pl.col("locality"),
            "Town": pl.col("town"),
            "Postcode": pl.col("postcode"),
            "ParentName": pl.when(parent).then(full_name("mother_given", "mother_family")).otherwise(nothing),
            "ParentRelationship": pl.when(parent).then(pl.lit("Mother")).otherwise(nothing),
            "ParentPhone": pl.when(parent).then("telephone").otherwise(nothing),
            "Service": _words(service),
            "Team": _words(team),
            "Worker": _words(worker),
            "WorkerRole": _words(service).replace_strict(_WORKER_ROLES),
            "Started": day_in_form(_days(started), "local_services"),
            "Ended": day_in_form(_days(ended), "local_services"),
            "Assessment": _words(kind),
            "AssessmentOpened": day_in_form(_days(np.where(kind == "", -1, started)), "local_services"),
            "AssessmentClosed": day_in_form(closed, "local_services"),
        },
    )


def make_camhs(batch: Batch) -> Supplied:
    """A sensitive service: rows say on what basis they may be held; those without must be refused (SEN-2)."""
    rng = batch.chance("camhs")
    age = batch.children["age_days"].to_numpy() / 365.25
    frame = choose_children(batch, rng, (age >= 7) & (rng.random(len(age)) < CAMHS))
    frame = slips.choose_home(frame, rates=slips.CAMHS, rng=rng, on_day=batch.today)
    frame = slips.make_slips(frame, rates=slips.CAMHS, rng=rng)
    team, worker = _staff(batch, rng, frame, np.full(frame.height, "camhs", dtype=object))
    started, ended = _period(batch, rng, frame)
    chance = rng.random(frame.height)
    basis = np.where(
        chance < slips.NO_BASIS, "", np.where(chance < slips.NO_BASIS + slips.HARM_BASIS, "HARM", "CONSENT")
    )
    consent = basis == "CONSENT"
    old_enough = frame["age_days"].to_numpy() >= 13 * 365.25
    giver = np.where(consent, np.where(old_enough, "CHILD", "PARENT"), "").astype(object)
    obtained = np.where(consent, rng.choice(_CONSENT_ROLES, frame.height), "").astype(object)
    return finish(
        frame,
        "camhs",
        {
            "PatientRef": references(frame, file="camhs", prefix="CM"),
            "NHSNumber": pl.col("nhs"),
            "Forename": pl.concat_str(["given", "middles"], separator=" ").str.strip_chars(),
            "Surname": pl.col("family"),
            "BirthDate": birth_in_form("camhs"),
            "Gender": pl.col("gender").replace_strict({"M": "1", "F": "2"}, default="9"),
            "AddressLine1": pl.col("address"),
            "Town": pl.col("town"),
            "Postcode": pl.col("postcode"),
            "TeamCode": _words(team),
            "Clinician": _words(worker),
            "ReferralStart": day_in_form(_days(started), "camhs"),
            "ReferralEnd": day_in_form(_days(ended), "camhs"),
            "ConsentBasis": _words(basis.astype(object)),
            "ConsentGivenBy": _words(giver),
            "ConsentObtainedBy": _words(obtained),
            "ConsentDate": day_in_form(_days(np.where(consent, started, -1)), "camhs"),
            "ConsentReview": day_in_form(_days(np.where(consent, started + 365, -1)), "camhs"),
        },
    )


def _social_service(frame: pl.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    looked_after = frame["is_looked_after"].to_numpy()
    leaving = looked_after & (frame["age_days"].to_numpy() >= 16.5 * 365.25)
    in_need = np.where(rng.random(frame.height) < 0.12, "disabled_children", "social_care")
    return np.where(leaving, "leaving_care", np.where(looked_after, "looked_after", in_need)).astype(object)


def _staff(
    batch: Batch, rng: np.random.Generator, frame: pl.DataFrame, service: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """A team of the home authority and, nine times in ten, one of its people by name."""
    team = np.full(frame.height, "", dtype=object)
    worker = np.full(frame.height, "", dtype=object)
    authority = frame["home_authority_index"].to_numpy()
    for each in sorted(set(service.tolist())):
        mine = np.flatnonzero(service == each)
        at = batch.bodies.teams[each].draw(rng, authority[mine])
        team[mine] = batch.bodies.teams[each].codes.gather(at).to_numpy()
        people = batch.bodies.workers[each]
        worker[mine] = people.codes.gather(people.draw(rng, at)).to_numpy()
    worker[rng.random(frame.height) < 0.1] = ""
    return team, worker


def _period(
    batch: Batch, rng: np.random.Generator, frame: pl.DataFrame
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last day of an involvement, within the child's life; -1 for one that goes on."""
    age = np.maximum(frame["age_days"].to_numpy(), 1)
    ago = np.minimum(rng.gamma(1.3, 300, frame.height).astype(np.int64), age - 1)
    started = batch.today - ago
    ended = started + (rng.random(frame.height) * ago).astype(np.int64)
    return started, np.where(rng.random(frame.height) < _ENDED, ended, -1)


def _home_codes(batch: Batch, frame: pl.DataFrame) -> pl.Expr:
    codes = batch.bodies.organisations.filter(pl.col("kind") == "authority")["authority"]
    return pl.lit(codes.gather(frame["home_authority_index"]))


def _words(values: npt.NDArray[np.object_]) -> pl.Expr:
    return pl.lit(pl.Series(values.tolist(), dtype=pl.String))


def _days(values: npt.NDArray[np.int64]) -> pl.Expr:
    return pl.lit(pl.Series(values).replace(-1, None))


def _flags(rng: np.random.Generator, count: int, yes: str, no: str, share: float) -> pl.Expr:
    return _words(np.where(rng.random(count) < share, yes, no).astype(object))
