"""One small England for all these tests."""

from pathlib import Path

import polars as pl
import pytest

from contactpoint.synthetic.england import Made, make_england
from contactpoint.synthetic.files import SEPARATORS

CHILDREN = 6_000


class England:
    """Its folder, and its files as text."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.folder = made.folder
        self.children = pl.read_parquet(made.folder / "truth" / "children.parquet")
        self.rows = pl.read_parquet(made.folder / "truth" / "rows.parquet")

    def read(self, file: str) -> pl.DataFrame:
        path = self.folder / f"{file}.csv"
        frame = pl.read_csv(path, infer_schema=False, separator=SEPARATORS.get(file, ","))
        return frame.with_columns(pl.all().fill_null(""))

    def with_truth(self, file: str) -> pl.DataFrame:
        """The file's rows beside the true children."""
        rows = self.read(file)
        whose = self.rows.filter(pl.col("file") == file)
        return rows.join(whose, left_on=rows.columns[0], right_on="reference").join(
            self.children, on="child_id"
        )


@pytest.fixture(scope="session")
def england(tmp_path_factory: pytest.TempPathFactory) -> England:
    out: Path = tmp_path_factory.mktemp("england")
    return England(make_england(children=CHILDREN, seed=7, out=out))
