"""A file's rows for linking alone: nothing is loaded, so age plays no part."""

from datetime import date
from pathlib import Path

import polars as pl

from contactpoint.intake.content import MATCHED
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.frames import REFUSING, ROW
from contactpoint.intake.profiles import Profile
from contactpoint.intake.staging import stage_file
from contactpoint.matching.standardise import standardise_frame
from contactpoint.progress import Progress

AGE = {"future-birth-date"}


def read_linkable(
    *, path: Path, profile: Profile, on: date, folder: Path, progress: Progress
) -> tuple[pl.DataFrame, int]:
    """Standardised rows keyed by reference, and how many rows could not be used.

    Raises UnreadableFile, WrongColumns.
    """
    staged = stage_file(path=path, profile=profile, on=on, folder=folder, progress=progress)
    refusing = [code for code in REFUSING if code not in AGE]
    unusable = staged.problems.filter(pl.col("code").is_in(refusing))[ROW].unique()
    rows = pl.concat([chunk.select(ROW, REFERENCE, *MATCHED) for chunk in staged.chunks()])
    rows = rows.filter(~pl.col(ROW).is_in(unusable.implode()))
    return standardise_frame(rows.rename({REFERENCE: "key"})), len(unusable)
