"""Records of a nested format become rows: each mapped path is read, all else is counted and left.

A record that has a list or an object where a value should be is refused, not half read:
what is lost might be the restricted marker (SHI-8).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from contactpoint.intake.readers.paths import (
    Path,
    Seen,
    SeveralValues,
    Tree,
    WrongShape,
    name_tree,
    parse_path,
    read_value,
)
from contactpoint.intake.readers.table import (
    CONTROL,
    BrokenRow,
    Chunk,
    Dropped,
    UnreadableFile,
    build_chunk,
)

Found = tuple[int, Any] | BrokenRow  # a record with its line or place in the file


@dataclass(slots=True)
class NestedReader:
    """Records being read. `outside` is what the paths from the root find; it fills as the file is read."""

    wanted: tuple[str, ...]
    records: Iterator[Found]
    on: date
    nothing_found: str
    counted: Dropped = field(default_factory=Dropped)
    outside: dict[str, Any] = field(default_factory=dict)
    counts_members: bool = True

    @property
    def dropped(self) -> Mapping[str, int]:
        return self.counted.counts

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows, `size` at a time. Raises UnreadableFile where the file goes wrong or has no record."""
        paths = [parse_path(each) for each in self.wanted]
        tree = name_tree([path for path in paths if not path.is_outside])
        is_empty = True
        while batch := list(islice(self.records, size)):
            is_empty = False
            yield self._chunk(batch, paths, tree)
        if is_empty:
            raise UnreadableFile(f"{self.nothing_found} Nothing was loaded.")

    def _chunk(self, batch: list[Found], paths: list[Path], tree: Tree) -> Chunk:
        numbers: list[int] = []
        rows: list[list[str]] = []
        broken: list[BrokenRow] = []
        for found in batch:
            if isinstance(found, BrokenRow):
                broken.append(found)
                continue
            number, record = found
            try:
                row = self._row(record, paths)
            except WrongShape:
                broken.append(BrokenRow(number, "wrong-shape"))
                continue
            except SeveralValues:
                broken.append(BrokenRow(number, "several-values"))
                continue
            if self.counts_members:
                self._count_dropped(record, tree, "")
            if any(CONTROL.search(value) for value in row):
                broken.append(BrokenRow(number, "control-character"))
                continue
            numbers.append(number)
            rows.append(row)
        columns = [[row[place] for row in rows] for place in range(len(paths))]
        return build_chunk(self.wanted, numbers, columns, broken)

    def _row(self, record: Any, paths: list[Path]) -> list[str]:
        seen: Seen = {}
        outside: Seen = {}
        return [
            read_value(record=self.outside, path=path, on=self.on, seen=outside)
            if path.is_outside
            else read_value(record=record, path=path, on=self.on, seen=seen)
            for path in paths
        ]

    def _count_dropped(self, node: Any, tree: Tree, prefix: str) -> None:
        """Count what the paths do not name; does not look below it, where names may be values."""
        if isinstance(node, list):
            for each in node:
                self._count_dropped(each, tree, prefix)
        elif isinstance(node, dict):
            for name, below in node.items():
                if name not in tree:
                    if below not in (None, "", [], {}):
                        self.counted.count(f"{prefix}{name}")
                elif tree[name]:
                    self._count_dropped(below, tree[name], f"{prefix}{name}.")
