"""Schools and practices that rows name: found in the registers by any code, or told to the sender (IDN).

A row keeps what it says: an unknown code is stored as it is, and a later register gives it its name.
"""

from collections.abc import Collection, Mapping

import polars as pl

from contactpoint.access.models import Organisation
from contactpoint.intake.frames import PROBLEM_SCHEMA, ROW
from contactpoint.intake.known import USING
from contactpoint.intake.models import PlaceCode
from contactpoint.intake.profiles import Profile

_PLACES = (("school.code", "unknown-school"), ("practice.code", "unknown-practice"))


def look_up_places(profile: Profile, values: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The values with each school's and practice's own code, and problems for codes in no register."""
    problems = [pl.DataFrame(schema=PROBLEM_SCHEMA)]
    for path, problem in _PLACES:
        if path not in values.columns:
            continue
        said = [code for code in values[path].unique().to_list() if code]
        known = find_places(codes=said)
        unknown = [code for code in said if code not in known]
        rows = values.filter(pl.col(path).is_in(unknown)).select(ROW)
        told = rows.with_columns(
            pl.lit(problem).alias("code"), pl.lit(profile.column_of(path)).alias("column")
        )
        problems.append(told.cast(PROBLEM_SCHEMA))  # type: ignore[arg-type]
        if others := {code: own for code, own in known.items() if code != own}:
            values = values.with_columns(pl.col(path).replace(others))
    return values, pl.concat(problems)


def find_places(*, codes: Collection[str]) -> Mapping[str, str]:
    """Each known code with the code under which we hold the organisation."""
    own = Organisation.objects.using(USING).filter(code__in=codes).values_list("code", "code")
    others = PlaceCode.objects.using(USING).filter(code__in=codes).values_list("code", "organisation_code")
    return {**dict(others), **dict(own)}
