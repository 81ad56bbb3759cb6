"""What can be observed in one world, with all that is drawn at random written alike.

A page is its status, headers and body to the letter; a table is every row that the role `app` can read.

Declared to differ, and nothing else (SEN-3): to who may ask for brokered contact, on the page or value of a record
that is open, one block of constant words, there exactly where an open entry of a sensitive service exists.
What such an entry says, how many there are, and anything at all to anybody else, may not differ.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpResponse

from contactpoint.errors import ContactPointError
from tests.sensitive_line import take_line_out

_RANDOM = (
    (re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+'), r"\1*"),
    (re.compile(r"(nonce[-=]\"?)[A-Za-z0-9+/=_-]+"), r"\1*"),
    # Ids of supplied rows, by which forms name them: from a counter that hidden rows use too (as in ALIKE below).
    (re.compile(r"(/matches/)\d+(?=/)"), r"\1*"),
    (re.compile(r'((?:name|id)="(?:value|pieces)[^>]*value="(?:row-)?)\d+'), r"\1*"),
)

# What of a table may differ between the worlds, and why. Every other table is compared whole.
ALIKE = {
    # Ids are drawn from counters that hidden rows use too: where a row stands in its order is no value.
    "directory_suppliedrow": "SELECT child_id, supplier_id, reference, content, digest, supplied_at FROM {}",
    # Of whom nothing is left: children of rows that were taken back.
    "directory_child": "SELECT * FROM {} WHERE live_until > %(today)s",
    "directory_name": "SELECT folded FROM {}",
    "directory_namekey": "SELECT k.key, n.folded FROM {} k JOIN directory_name n ON n.id = k.name_id",
    "directory_searchname": "SELECT s.child_id, g.folded, f.folded AS family, s.born FROM {} s"
    " JOIN directory_name g ON g.id = s.given_id JOIN directory_name f ON f.id = s.family_id",
    # Digest and shares are those of a whole file: of the one whose restricted rows differ they differ too.
    "intake_load": "SELECT to_jsonb(t) - 'digest' -"
    " CASE supplier_id WHEN 'nhs_demographics' THEN 'measures' ELSE '' END FROM {} t",
    # When the worker was told, by the real clock.
    "procrastinate_events": "SELECT job_id, type FROM {}",
    # Sealed and random. What was logged is compared below, from the moment when the children are shielded.
    "django_session": "SELECT session_key FROM {}",
    "audit_event": "SELECT e.kind, e.refused, e.account_id, e.purpose,"
    # Rows by their ids, which the counter above gives.
    " ((convert_from(e.body, 'UTF8')::jsonb -> 'facts') - 'digest' - 'row')"
    " - (CASE convert_from(e.body, 'UTF8')::jsonb #>> '{{facts,shown}}' WHEN 'match' THEN 'which' ELSE '' END)"
    " AS facts,"
    # Sorted: without an order the plan decides, which changes when statistics are gathered in between.
    " (SELECT array_agg(c.child_id ORDER BY c.child_id) FROM audit_event_child c WHERE c.event_id = e.id)"
    " AS children"
    " FROM {} e WHERE e.at > %(since)s",
    "audit_event_child": "SELECT child_id, at FROM {} WHERE at > %(since)s",
}
_PARTITION = re.compile(r"_\d{4}_\d{2}$")
_READABLE = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
  AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
ORDER BY 1
"""


def observe_page(response: HttpResponse) -> tuple[Any, ...]:
    headers = sorted((name, _plain(value)) for name, value in response.headers.items())
    cookies = sorted((name, morsel["max-age"], morsel["path"]) for name, morsel in response.cookies.items())
    return response.status_code, headers, cookies, _plain(response.content.decode())


def observe_record(response: HttpResponse, *, has_line: bool) -> tuple[Any, ...]:
    """A record's page without the declared block; with a word where the block is not as was declared."""
    status, headers, cookies, body = observe_page(response)
    without, is_shown = take_line_out(body)
    if is_shown:
        longer = len(body.encode()) - len(without.encode())
        headers = [
            (name, str(int(value) - longer) if name == "Content-Length" else value) for name, value in headers
        ]
    return status, headers, cookies, without, as_declared(is_shown, has_line and status == 200)


def as_declared(is_shown: bool, has_line: bool) -> str:
    """The same in both worlds unless the line is there without an entry, or an entry without the line."""
    return "" if is_shown == has_line else f"line shown: {is_shown}, entry: {has_line}"


def observe_call(call: Callable[[], Any]) -> tuple[str, Any]:
    """What a door gives, or the error with its words."""
    try:
        return "gave", call()
    except ContactPointError as error:
        return type(error).__name__, str(error)
    except DatabaseError as error:
        return type(error).__name__, ""


def observe_tables(*, since: Any) -> dict[str, list[str]]:
    """Everything that the server may read, sorted."""
    seen = {}
    with connection.cursor() as cursor:
        cursor.execute(_READABLE)
        for (table,) in cursor.fetchall():
            if not _PARTITION.search(table):
                query = ALIKE.get(table, "SELECT * FROM {}").format(f'"{table}"')
                cursor.execute(
                    f"SELECT t::text FROM ({query}) t ORDER BY 1", {"since": since, "today": since.date()}
                )
                seen[table] = [row for (row,) in cursor.fetchall()]
    return seen


def _plain(text: str) -> str:
    for pattern, instead in _RANDOM:
        text = pattern.sub(instead, text)
    return text
