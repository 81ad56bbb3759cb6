"""Writing the vocabulary and the pairs under which children are filed, set by set.

Runs inside the publishing transaction, so that search and record change together.
Adding names holds a lock shared, taking pairs away holds it alone: a name that somebody just began to use
can't be removed as unused.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from contactpoint.directory.copying import array, copy_lines
from contactpoint.directory.search.index import Pair
from contactpoint.directory.search.keys import name_keys

_LOCK = 0x636F6E74  # any fixed number: the vocabulary's advisory lock

_UNUSED = """
DELETE FROM directory_name n
WHERE n.id = ANY(%s)
  AND NOT EXISTS (SELECT 1 FROM directory_searchname s WHERE s.family_id = n.id)
  AND NOT EXISTS (SELECT 1 FROM directory_searchname s WHERE s.given_id = n.id)
RETURNING n.id, n.folded
"""


def lock_vocabulary(cursor: Any, *, alone: bool) -> None:
    """Until the transaction ends. Ask for the stronger lock at once: asking later may deadlock."""
    cursor.execute(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(%s)", [_LOCK])


def file_children(
    cursor: Any,
    pairs: Mapping[int, Iterable[Pair]],
    born: Mapping[int, date],
    *,
    further: Mapping[int, Iterable[Pair]] = MappingProxyType({}),
) -> None:
    """File children that are not filed at all now, each under its pairs with its (earliest) birth date.

    `further` are children who are filed, with pairs to add to those that they have.
    """
    said = (pair for filed in (pairs, further) for each in filed.values() for pair in each)
    ids = ensure_names(cursor, {name for pair in said for name in pair})
    copy_lines(
        cursor,
        "directory_searchname",
        "child_id, given_id, family_id, born",
        (
            f"{child}\t{ids[given]}\t{ids[family]}\t{born[child]}"
            for child, each in pairs.items()
            for given, family in each
        ),
    )
    rows = [
        (child, ids[given], ids[family], born[child])
        for child, each in further.items()
        for given, family in each
    ]
    if rows:
        cursor.execute(
            "INSERT INTO directory_searchname (child_id, given_id, family_id, born)"
            " SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::date[]) ON CONFLICT DO NOTHING",
            [array(column) for column in zip(*rows, strict=True)],
        )


def unfile_children(cursor: Any, children: list[int]) -> None:
    """Take all pairs of these children away, and every name that nobody is filed by any more."""
    cursor.execute(
        "DELETE FROM directory_searchname WHERE child_id = ANY(%s::bigint[]) RETURNING given_id, family_id",
        [array(children)],
    )
    names = {name for pair in cursor.fetchall() for name in pair}
    if names:
        remove_unused_names(cursor, sorted(names))


def remove_unused_names(cursor: Any, names: list[int]) -> None:
    """Remove those names that no pair uses, with their keys. Needs the vocabulary locked alone."""
    cursor.execute(_UNUSED, [names])
    gone = [(key, name) for name, folded in cursor.fetchall() for key in name_keys(folded)]
    if gone:
        cursor.execute(
            "DELETE FROM directory_namekey k USING unnest(%s::bigint[], %s::int[]) AS gone(key, name_id)"
            " WHERE k.key = gone.key AND k.name_id = gone.name_id",
            [[key for key, _ in gone], [name for _, name in gone]],
        )


def ensure_names(cursor: Any, names: set[str]) -> dict[str, int]:
    """The id of every name; new ones join the vocabulary with their keys.

    Once a transaction: new names are added in one order, and a second lot would begin that order again.
    """
    wanted = sorted(names)
    known = _find_names(cursor, wanted)
    missing = [name for name in wanted if name not in known]
    if missing:
        # In one order everywhere, so that two transactions with the same new names wait and don't deadlock.
        cursor.execute(
            "INSERT INTO directory_name (folded) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING"
            " RETURNING folded, id",
            [array(missing)],
        )
        made = dict(cursor.fetchall())
        copy_lines(
            cursor,
            "directory_namekey",
            "key, name_id",
            (f"{key}\t{number}" for name, number in made.items() for key in name_keys(name)),
        )
        known |= made
        elsewhere = [name for name in missing if name not in made]
        known |= _find_names(cursor, elsewhere) if elsewhere else {}
    return known


def _find_names(cursor: Any, names: list[str]) -> dict[str, int]:
    cursor.execute("SELECT folded, id FROM directory_name WHERE folded = ANY(%s::text[])", [array(names)])
    return dict(cursor.fetchall())
