"""Reads XML as a stream: of each record only the elements that the profile maps are ever held.

Used for the Department for Education's Common Transfer File and school census; see the profiles
`common_transfer_file` and `school_census_xml` for the versions and sources of their elements.
Parsed through defusedxml: a document type, and so any entity (billion laughs) or outside file, is refused.
Namespaces are left out of names; an attribute is `@name`. Rows have the line on which the record begins.
"""

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from contactpoint.intake.readers.nested import Found
from contactpoint.intake.readers.paths import Tree
from contactpoint.intake.readers.table import LONGEST_VALUE, BrokenRow, Dropped, UnreadableFile

_BLOCK = 1 << 16
MOST_SILENT = 4 << 20  # bytes without a single element or piece of text: a name or value without end
MOST_DEPTH = 100


def read_xml(
    *,
    path: Path,
    records: tuple[str, ...],
    tree: Tree,
    outside_tree: Tree,
    outside: dict[str, Any],
    counted: Dropped,
) -> Iterator[Found]:
    """The records at the paths `records`, as nested lists of the elements in `tree`.

    Fills `outside` as far as the file was read. Raises UnreadableFile.
    """
    target = _Target([tuple(each.split(".")) for each in records], tree, outside_tree, outside, counted)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    expat = parser.parser  # guarded by defusedxml; its events come to us without a detour
    expat.ordered_attributes = False
    expat.StartElementHandler, expat.EndElementHandler = target.start, target.end
    expat.CharacterDataHandler = target.data
    target.line_of = lambda: expat.CurrentLineNumber
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                target.silent += len(block)
                parser.feed(block)
                if target.silent > MOST_SILENT:
                    raise UnreadableFile("The XML has a name or value without end. Nothing was loaded.")
                while target.found:
                    yield target.found.popleft()
        parser.close()
    except DefusedXmlException:
        raise UnreadableFile(
            "The XML declares a document type or entities, as an attack does (billion laughs). "
            "Nothing was loaded; ask the sender for XML without <!DOCTYPE>."
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(_what_is_wrong(error)) from None
    yield from target.found


def _what_is_wrong(error: Exception) -> str:
    line = getattr(error, "position", (0, 0))[0]
    where = f"at line {line}" if line else "at its beginning"
    return (
        f"The XML is cut off, damaged or in a wrong encoding {where}. "
        "Nothing was loaded; ask the sender for the file again."
    )


class _Target:
    """Takes the parser's events. Text outside wanted leaves is not kept, not even for a moment."""

    def __init__(
        self,
        records: list[tuple[str, ...]],
        tree: Tree,
        outside_tree: Tree,
        outside: dict[str, Any],
        counted: Dropped,
    ) -> None:
        self.records, self.tree, self.counted = records, tree, counted
        self.found: deque[Found] = deque()
        self.line_of: Callable[[], int] = int
        self.silent = 0
        self._names: list[str] = []  # of the open elements
        self._skipped = 0  # how deep we are in something unmapped
        self._open: list[tuple[str, Tree, Any]] = []  # name, names below, what is being built
        self._text: list[str] | None = None
        self._length = 0
        self._is_leaf = self._has_text = False  # of the last element begun
        self._line = 0
        self._depth = 0  # of the record's own element
        self._is_too_long = False
        self._outside_tree, self._outside = outside_tree, outside

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.silent, self._is_leaf, self._has_text = 0, True, False
        name = tag.rpartition("}")[2]
        self._names.append(name)
        if len(self._names) > MOST_DEPTH:
            raise UnreadableFile(f"The XML is nested more than {MOST_DEPTH} deep. Nothing was loaded.")
        if self._skipped:
            self._skipped += 1
        elif self._open:
            below = self._open[-1][1].get(name)
            if below is None:
                self._skipped = 1
            else:
                self._begin(name, below, attributes)
        elif self._is_record():
            self._line, self._depth, self._is_too_long = self.line_of(), len(self._names), False
            self._begin(name, self.tree, attributes)
        else:
            self._text, self._length = ([] if self._is_named_outside() else None), 0

    def _is_record(self) -> bool:
        return any(tuple(self._names[-len(record) :]) == record for record in self.records)

    def _is_named_outside(self) -> bool:
        """Whether a path from the root of the file ends at the open element."""
        below: Tree | None = self._outside_tree
        for name in self._names[1:]:
            below = below.get(name) if below else None
        return below == {} and len(self._names) > 1

    def _begin(self, name: str, below: Tree, attributes: dict[str, str]) -> None:
        built: dict[str, Any] = {
            f"@{key.rpartition('}')[2]}": [value]
            for key, value in attributes.items()
            if f"@{key.rpartition('}')[2]}" in below
        }
        self._open.append((name, below, built))
        self._text, self._length = (None if below else []), 0

    def data(self, text: str) -> None:
        self.silent = 0
        if self._skipped:
            self._has_text = self._has_text or not text.isspace()
        elif self._text is not None:
            self._length += len(text)
            if self._length <= LONGEST_VALUE:
                self._text.append(text)
            else:
                self._is_too_long = True

    def end(self, _: str) -> None:
        self.silent = 0
        if self._skipped:
            if self._is_leaf and self._has_text:
                self.counted.count(".".join(self._names[self._depth :]))
            self._skipped -= 1
            self._names.pop()
        elif self._open:
            self._names.pop()
            self._end_inside()
        else:
            self._end_outside(self._names.pop())
        self._is_leaf = self._has_text = False

    def _end_outside(self, name: str) -> None:
        """Keep the text of an element that a path from the root names; the first of several stands."""
        if self._text is not None:
            built = self._outside
            for each in self._names[1:]:
                built = built.setdefault(each, {})
            built.setdefault(name, "".join(self._text).strip())
        self._text = None

    def _end_inside(self) -> None:
        name, below, built = self._open.pop()
        value = built if below else "".join(self._text or []).strip()
        self._text = None
        if self._open:
            self._open[-1][2].setdefault(name, []).append(value)
        else:
            self.found.append(BrokenRow(self._line, "too-long") if self._is_too_long else (self._line, built))

    def close(self) -> None:
        return None
