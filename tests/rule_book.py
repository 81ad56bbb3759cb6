"""Writes docs/reference/rule-book.md: each rule with the cases that prove it, for a safeguarding lead.

`python -m tests.rule_book` writes it; a test fails when it is stale.
A case is a string in a test that names a rule, or a test whose docstring names one;
a module whose docstring names one rule alone speaks for those of its tests that name none.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "reference" / "rules.toml"
BOOK = ROOT / "docs" / "reference" / "rule-book.md"
FOLDERS = ("rules", "journeys", "protection", "properties", "matching", "unit", "repository", "browser")
CODE = re.compile(r"\b([A-Z]{3})-(\d+)(?: to \1-(\d+))?")
LONGEST = 160


def write_book() -> str:
    """The whole text."""
    families = tomllib.loads(RULES.read_text())
    proved = collect_cases({f"{family}-{number}" for family in families for number in families[family]})
    lines = [
        "# The rules and what proves them",
        "",
        "Written from docs/reference/rules.toml and the tests; `python -m tests.rule_book` writes it again.",
        "A rule under which no case stands is not proved yet.",
    ]
    for family, rules in families.items():
        lines += ["", f"## {rules.pop('title')}"]
        for number, sentence in rules.items():
            name = f"{family}-{number}"
            lines += ["", f"### {name}", "", sentence, ""]
            cases = sorted(proved.get(name, ()))
            lines += [f"- {case} ({where})" for where, case in cases] or ["- No case yet."]
    return "\n".join(lines) + "\n"


def collect_cases(known: set[str]) -> dict[str, set[tuple[str, str]]]:
    """By rule: (file, case in words)."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for folder in FOLDERS:
        for path in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
            where = str(path.relative_to(ROOT / "tests"))
            for rule, case in _cases_of(ast.parse(path.read_text())):
                if rule in known:
                    found[rule].add((where, case))
    return found


def _cases_of(module: ast.Module) -> Iterator[tuple[str, str]]:
    docstrings = {_docstring_node(node) for node in ast.walk(module) if _may_have_docstring(node)}
    for node in ast.walk(module):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
        if is_text and len(node.value) < LONGEST:  # type: ignore[attr-defined]
            for rule in _rules_in(node.value):  # type: ignore[attr-defined]
                yield rule, _case_words(node.value)  # type: ignore[attr-defined]
    general = _rules_in(ast.get_docstring(module) or "")
    general = general if len(general) == 1 else []
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for rule in _rules_in(ast.get_docstring(node) or "") or general:
                yield rule, node.name.removeprefix("test_").replace("_", " ")


def _may_have_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)


def _docstring_node(node: ast.AST) -> ast.AST | None:
    first = node.body[0] if node.body else None  # type: ignore[attr-defined]
    return first.value if isinstance(first, ast.Expr) else None


def _rules_in(text: str) -> list[str]:
    """Every rule named; "SEA-3 to SEA-7" names five."""
    return [
        f"{family}-{number}"
        for family, first, last in CODE.findall(text)
        for number in range(int(first), int(last or first) + 1)
    ]


def _case_words(text: str) -> str:
    without = CODE.sub("", text).replace("()", "").strip(" :,()")
    return " ".join(without.split()) or text


def main() -> int:
    BOOK.write_text(write_book())
    sys.stdout.write(f"Wrote {BOOK.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
