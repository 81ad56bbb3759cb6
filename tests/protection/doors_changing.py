"""More doors of the machine: what data managers change by pages, what everybody may send, and the worker.

Joining and parting records, corrections, feeds; and any form of the service, sent by anybody with anything in it.
Children whose sensitive services differ between the worlds are joined among themselves alone, and never shielded:
near a shield, rows are published sooner or later by what such a service knows, the declared exception (SHI-5).
"""

import re
from itertools import permutations
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from hypothesis import strategies as st

from contactpoint.casework.review.moving import carry_out_change
from contactpoint.codes.child_number import encode
from contactpoint.intake.waiting_files import process_kept
from contactpoint.intake.withdrawing import withdraw_load
from tests.feeds import US, ask, write_file
from tests.protection import feeding, walking
from tests.protection.doors import DANA, door, find_record, plain_rows, whoever
from tests.protection.observing import observe_call, observe_page
from tests.protection.population import OLIVER, OLIVERS, OPEN, SHIELDED, Person
from tests.protection.worlds import World

# All of one authority, but for the shielded, whose is hidden.
PAIRS = (
    (OLIVERS[0], OLIVERS[1]),
    (OLIVERS[2], OLIVER),
    (OLIVER, OLIVERS[3]),
    (OLIVER, SHIELDED[0]),
    *permutations(OPEN[1:4], 2),
)
PARTED = (*OPEN[1:4], OLIVERS[0])
OWN_SUPPLIER = "local_services"
_VALUE = re.compile(r'name="value" type="radio" value="([\w-]+)"')
_PIECE = re.compile(r'name="pieces" type="checkbox" value="([\w-]+)"')
_READY = (
    "SELECT id FROM hidden.record_change WHERE done_at IS NULL AND declined_at IS NULL AND given @> needs"
    " ORDER BY id"
)


def _send(world: World, who: int, address: str, form: dict[str, Any]) -> HttpResponse:
    return world.clients[who].post(address, form)


# Joining and parting


@door(pair=st.sampled_from(PAIRS), sure=st.sampled_from([True, True, False]))
def join_by_page(world: World, pair: tuple[Person, Person], sure: bool) -> Any:
    """Proposed by the data manager and, where nobody else must agree, carried out by the worker."""
    address = f"{find_record(world, DANA, pair[0])}join/"
    form = {"other": encode(pair[1].id)} | ({"sure": "yes", "known_by": "checked"} if sure else {})
    answer = observe_page(_send(world, DANA, address, form))
    return answer, _carry_out(world)


@door(person=st.sampled_from(PARTED), chosen=st.sets(st.integers(0, 4), min_size=1, max_size=3))
def part_by_page(world: World, person: Person, chosen: set[int]) -> Any:
    address = f"{find_record(world, DANA, person)}part/"
    page = world.clients[DANA].get(address)
    pieces = _PIECE.findall(page.content.decode())
    picked = [pieces[place] for place in sorted(chosen) if place < len(pieces)]
    sent = _send(world, DANA, address, {"pieces": picked, "known_by": "checked"})
    return observe_page(page), observe_page(sent), _carry_out(world)


@door(change=st.integers(1, 4), what=st.sampled_from(["agree", "decline", "undo", "undo"]))
def answer_change_by_page(world: World, change: int, what: str) -> Any:
    answer = observe_page(_send(world, DANA, f"/record-changes/{change}/{what}/", {}))
    return answer, _carry_out(world)


def _carry_out(world: World) -> Any:
    """What the worker does; whether it did is seen on the page of changes."""
    for (change,) in ask(_READY):
        carry_out_change(change=change, by=US, at=world.at)
    return observe_page(world.clients[DANA].get("/record-changes/"))


# Corrections


@door(who=whoever, person=st.sampled_from((*OPEN, *SHIELDED[:1])), place=st.integers(0, 5))
def correct_by_page(world: World, who: int, person: Person, place: int) -> Any:
    record = find_record(world, who, person)
    _send(world, who, f"{record}reason/", {"purpose": "data-quality"})
    address = f"{record}wrong/"
    page = world.clients[who].get(address)
    values = _VALUE.findall(page.content.decode())
    sent = _send(world, who, address, {"value": values[place % len(values)] if values else "1-nhs"})
    return observe_page(page), observe_page(sent)


@door(supplier=st.sampled_from(["child_benefit", "local_services", "nhs_demographics", "camhs"]))
def list_corrections(world: World, supplier: str) -> Any:
    pages = ("/corrections/", "/corrections/list.csv")
    return [observe_page(world.clients[DANA].get(page, {"supplier": supplier})) for page in pages]


# Feeds


@door(rows=plain_rows, what=st.sampled_from(["load", "load", "rehearse"]))
def upload_by_page(world: World, rows: list[tuple[int, int, bool]], what: str) -> Any:
    """An authority's data manager sends a local supplier's file, and the worker loads it."""
    world.folder.mkdir(parents=True, exist_ok=True)
    path = write_file(
        world.folder / f"{OWN_SUPPLIER}.csv",
        feeding.plain_sent(world, rows, OWN_SUPPLIER),
        supplier=OWN_SUPPLIER,
    )
    file = SimpleUploadedFile("rows.csv", path.read_bytes(), content_type="text/csv")
    answer = _send(world, DANA, f"/feeds/suppliers/{OWN_SUPPLIER}/upload/", {"file": file, "what": what})
    found = re.fullmatch(r"/feeds/(\d+)/", answer.headers.get("Location", ""))
    if found is None:
        return observe_page(answer)
    process_kept(load_id=int(found[1]), by=US, at=world.at)
    receipts = b"".join(world.clients[DANA].get(f"/feeds/{found[1]}/receipts/").streaming_content)  # type: ignore[attr-defined]
    return observe_page(answer), observe_page(world.clients[DANA].get(f"/feeds/{found[1]}/")), receipts


@door(load=st.integers(1, 12), what=st.sampled_from(["release", "reject", "withdraw"]), who=whoever)
def decide_on_feed(world: World, load: int, what: str, who: int) -> Any:
    answer = _send(world, who, f"/feeds/{load}/{what}/", {"reason": "Rang the supplier."})
    if what == "withdraw" and answer.status_code == 302:
        withdrawn = observe_call(lambda: withdraw_load(load_id=load, by=US, at=world.at))[0]
        return observe_page(answer), withdrawn, observe_page(world.clients[who].get(f"/feeds/{load}/"))
    return observe_page(answer)


# Any form, by anybody

# These put shields on, or join: each has a door of its own, which knows for whom.
SENT_ELSEWHERE = ("/record/<str:token>/shield/", "/record/<str:token>/join/")
SENT = [address for address in walking.ADDRESSES if address not in SENT_ELSEWHERE]


@door(
    who=whoever,
    which=st.integers(0, 9),
    number=st.integers(0, 9),
    address=st.sampled_from(SENT),
    text=st.sampled_from(["", "It was checked.", "Amina", "LS1 1UR", "383", "same"]),
)
def send(world: World, who: int, which: int, number: int, address: str, text: str) -> Any:
    """Whatever stands in it: who may not do a thing learns nothing from being refused, or from an error."""
    form = {
        "text": text, "reason": text, "reply_to": text, "purpose": "assessment", "reference": "", "seen": "",
        "known_by": "checked", "sure": "yes", "understood": "yes", "ground": "refuge", "outcome": "justified",
        "other": encode(SHIELDED[number % 4].id), "number": encode(SHIELDED[number % 4].id), "place": "0",
        "value": f"{number}-addresses", "pieces": [f"row-{number}"], "answer": text, "whose": text,
        "child": world.token(who, which), "kind": "early_help", "what": "load", "given_name": text,
        "family_name": text, "ask_for": text, "telephone": text, "email": text, "verdict": text,
    }  # fmt: skip
    return observe_page(
        _send(world, who, walking.fill(address, token=world.token(who, which), number=number), form)
    )
