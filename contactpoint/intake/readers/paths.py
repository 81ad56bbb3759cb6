"""How a profile addresses a value in a nested format: JSON, FHIR, XML.

    name.family                              a member of a member
    address[use=home].postalCode             of several, the first whose `use` is home
    name[use=official|usual|*].family        in this order of preference; * is any other
    address[use=home|*][current].line[0]     those whose `period` has not ended; the first line
    telecom[system=phone][1].value           the second telephone
    Phones.Phone[TelephoneType!=M].PhoneNo   all but mobiles
    school[current(From, To)].code           with other names for the two dates of a period
    identifier[system=x][only].value         two that differ refuse the record: nobody could say which
    PostTown | Town                          the first that says anything
    /Header.SourceSchool.URN                 from the root of the file, outside the records (XML)

Of several things the first is taken; several texts at the end of a path are joined by a space.
Pure: knows no format, no file and no clock.
"""

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from contactpoint.errors import Invalid

_STEP = re.compile(r"(?P<name>[^.\[\]|]+)(?P<rules>(?:\[[^\]]*\])*)(?:\.|$)")
_RULE = re.compile(r"\[([^\]]*)\]")
_PERIOD = re.compile(r"(current|ended)(?:\(([^,()]+),([^,()]+)\))?")
_CHOICE = re.compile(r"([^=!]+)(!?=)(.*)")

_NOTHING = frozenset({""})

Tree = dict[str, Any]  # names, each with those below it; an empty one is a leaf
Rule = Callable[[list[Any], date], list[Any]]


class WrongPath(Invalid):
    """A path of a profile cannot be read."""


class WrongShape(Exception):
    """A record has a thing of another kind where a path expects a value. Says no value."""


class SeveralValues(Exception):
    """A record has several different things where `[only]` expects one. Says no value."""


@dataclass(frozen=True, slots=True)
class Step:
    """One name, the rules that choose among several of that name, and the names that the rules look at.

    `until` is the path's text so far: paths that begin alike find the same there.
    """

    name: str
    rules: tuple[Rule, ...]
    looked_at: tuple[tuple[str, ...], ...]
    until: str


@dataclass(frozen=True, slots=True)
class Path:
    """Alternatives; `is_outside` is of a path from the root of the file."""

    alternatives: tuple[tuple[Step, ...], ...]
    is_outside: bool


@cache
def parse_path(text: str) -> Path:
    """Raises WrongPath."""
    is_outside = text.startswith("/")
    parts = re.split(r"\s+\|\s+", text.removeprefix("/").strip())
    return Path(tuple(tuple(_steps(part, text)) for part in parts), is_outside)


def _steps(part: str, whole: str) -> Iterator[Step]:
    at = 0
    while at < len(part):
        found = _STEP.match(part, at)
        if found is None or not found["name"].strip():
            raise WrongPath(
                f"`{whole}` is no path; see docs/how-to/write-a-profile.md for how paths are written."
            )
        rules = [_rule(each.strip(), whole) for each in _RULE.findall(found["rules"])]
        looked_at = tuple(name for _, names in rules for name in names)
        until = part[: found.end()].removesuffix(".")
        yield Step(found["name"].strip(), tuple(rule for rule, _ in rules), looked_at, until)
        at = found.end()
    if not part or part.endswith("."):
        raise WrongPath(f"`{whole}` is no path: a name is missing.")


def _rule(text: str, whole: str) -> tuple[Rule, list[tuple[str, ...]]]:
    if re.fullmatch(r"-?[0-9]{1,3}", text):
        place = int(text)
        return (lambda items, _: [items[place]] if -len(items) <= place < len(items) else []), []
    if text == "only":
        return _insist_one, []
    if period := _PERIOD.fullmatch(text):
        names = [tuple((period[2] or "period.start").strip().split("."))]
        names.append(tuple((period[3] or "period.end").strip().split(".")))
        wanted = period[1] == "current"
        return (lambda items, on: [i for i in items if _is_current(i, names, on) is wanted]), names
    if choice := _CHOICE.fullmatch(text):
        name = tuple(choice[1].strip().split("."))
        values = [value.strip().casefold() for value in choice[3].split("|")]
        if choice[2] == "!=":
            return (lambda items, _: [i for i in items if values[0] not in _said(i, name)]), [name]
        return (lambda items, _: _preferred(items, name, values)), [name]
    raise WrongPath(f"`[{text}]` in `{whole}` is no rule; see docs/how-to/write-a-profile.md.")


def _insist_one(items: list[Any], _: date) -> list[Any]:
    if any(item != items[0] for item in items[1:]):
        raise SeveralValues
    return items[:1]


def _preferred(items: list[Any], name: tuple[str, ...], values: list[str]) -> list[Any]:
    """The items that say one of the values, in the order of the values; `*` stands for all others."""
    ranked = [(_rank(_said(item, name), values), place) for place, item in enumerate(items)]
    return [items[place] for rank, place in sorted(ranked) if rank < len(values)]


def _rank(said: Set[str], values: list[str]) -> int:
    named = [rank for rank, value in enumerate(values) if value != "*" and value in said]
    return named[0] if named else values.index("*") if "*" in values else len(values)


def _is_current(item: Any, names: list[tuple[str, ...]], on: date) -> bool:
    """Begun and not ended that day, as far as it says. Compares ISO dates, partial ones included."""
    today = on.isoformat()
    starts, ends = (_said(item, name) for name in names)
    return all(start[:10] <= today for start in starts if start) and all(
        end[:10] >= today[: len(end[:10])] for end in ends if end
    )


def _said(item: Any, name: tuple[str, ...]) -> Set[str]:
    """All texts at a name below an item, folded; '' where there is none: `use=` finds what has no use."""
    found = [item]
    for part in name:
        below = [node[part] for node in found if isinstance(node, dict) and node.get(part) is not None]
        if not below:
            return _NOTHING
        found = [each for node in below for each in (node if isinstance(node, list) else [node])]
    return {str(each).strip().casefold() for each in found if not isinstance(each, dict | list)} or _NOTHING


Seen = dict[str, list[Any]]  # what was found at the beginnings of paths, for one record


def read_value(*, record: Any, path: Path, on: date, seen: Seen) -> str:
    """The text at a path of a record; '' where it says nothing. Raises WrongShape, SeveralValues.

    `seen` is one dictionary for all paths of a record, so that what they share is looked for once.
    """
    for steps in path.alternatives:
        nodes = _find(record, steps, on, seen)
        if text := _joined(nodes):
            return text
    return ""


def _find(record: Any, steps: tuple[Step, ...], on: date, seen: Seen) -> list[Any]:
    nodes = [record]
    for step in steps:
        found = seen.get(step.until)
        if found is None:
            found = seen[step.until] = _below(nodes[0], step, on)
        if not found:
            return found
        nodes = found
    return nodes


def _below(node: Any, step: Step, on: date) -> list[Any]:
    if not isinstance(node, dict):
        raise WrongShape
    below = node.get(step.name)
    if below is None:
        return []
    nodes = [each for each in below if each is not None] if isinstance(below, list) else [below]
    for rule in step.rules:
        nodes = rule(nodes, on)
    return nodes


def _joined(nodes: list[Any]) -> str:
    if len(nodes) == 1 and isinstance(nodes[0], str):
        return nodes[0].strip()
    if any(isinstance(node, dict | list) for node in nodes):
        raise WrongShape
    texts = (("true" if node else "false") if isinstance(node, bool) else str(node) for node in nodes)
    return " ".join(text for each in texts if (text := each.strip()))


def name_tree(paths: list[Path]) -> Tree:
    """Every name that the paths read, nested: what is not in it is left unread."""
    tree: Tree = {}
    for path in paths:
        for steps in path.alternatives:
            below = tree
            for step in steps:
                below = below.setdefault(step.name, {})
                for names in step.looked_at:
                    looked = below
                    for name in names:
                        looked = looked.setdefault(name, {})
    return tree


def plain_name(text: str) -> str:
    """A path as people say it: its first alternative, without the rules."""
    return _RULE.sub("", re.split(r"\s+\|\s+", text.removeprefix("/"))[0])
