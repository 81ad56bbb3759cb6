"""The table of roles and numbers as a page for people to judge; `docs/reference/roles.md` is its output.

After changing a role run `python -m contactpoint.access.roles_table > docs/reference/roles.md`.
"""

import sys

from contactpoint.access.roles import ALLOWED, VISIBLE_NUMBERS, Action

NUMBERS = {"nhs": "NHS number", "upn": "UPN", "uln": "ULN"}


def make_table() -> str:
    """The page, as Markdown."""
    lines = [
        "# Who may do what",
        "",
        "Made from `contactpoint/access/roles.py` by `python -m contactpoint.access.roles_table`.",
        "A role allows the least that does its job.",
        "Whether an action is allowed on one record is decided besides.",
        "",
        "| Role | May |",
        "|---|---|",
    ]
    for role, actions in ALLOWED.items():
        words = "; ".join(action.value for action in Action if action in actions)
        lines.append(f"| {role.value.replace('-', ' ')} | {words} |")
    lines += [
        "",
        "Nobody may, by any role yet: "
        + "; ".join(one.value for one in Action if not any(one in some for some in ALLOWED.values()))
        + ".",
        "",
        "| Sector | Identifying numbers seen and searched by |",
        "|---|---|",
    ]
    for sector, kinds in VISIBLE_NUMBERS.items():
        words = ", ".join(NUMBERS[kind] for kind in sorted(kinds)) or "none"
        lines.append(f"| {sector.value.replace('_', ' ')} | {words} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(make_table())
