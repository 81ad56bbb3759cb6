"""What a person sees of loads: how far each has come, in words. Never what matching made of its rows (SUP-3).

`find_…` are for commands; pages go through `feeds_door`, which asks who is looking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contactpoint.intake.holding import NoSuchLoad
from contactpoint.intake.models import Load
from contactpoint.intake.register import OWN
from contactpoint.intake.states import GONE, UNDER_WAY, LoadState
from contactpoint.progress import say_pace

MOST = 100
WORDS = {
    LoadState.RECEIVED: "Received",
    LoadState.CHECKED: "Checked",
    LoadState.HELD: "Held: somebody must decide",
    LoadState.PASSED: "Passed the gate",
    LoadState.MATCHED: "Being published",
    LoadState.PUBLISHED: "Published",
    LoadState.REFUSED: "Refused: the file is of no use",
    LoadState.REJECTED: "Rejected",
    LoadState.LEFT: "Left: another file followed",
    LoadState.WITHDRAWING: "Being withdrawn",
    LoadState.WITHDRAWN: "Withdrawn",
}
STEPS = (
    (LoadState.RECEIVED, "Received"),
    (LoadState.CHECKED, "Checked"),
    (LoadState.PASSED, "Gate"),
    (LoadState.MATCHED, "Matched"),
    (LoadState.PUBLISHED, "Published"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the journey."""

    name: str
    done: bool
    now: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """One load as a data manager sees it."""

    id: int
    supplier: str
    supplier_name: str
    file_name: str
    kind: str
    state: LoadState
    started_at: datetime
    finished_at: datetime | None
    extracted_on: date | None
    received: int
    refused: int
    unpublished: int
    columns_dropped: int
    refused_why: str
    held_why: tuple[str, ...]
    decided_at: datetime | None
    decided_why: str
    decided_by: str
    uploaded_by: str
    stage: str
    stage_done: int
    stage_total: int | None
    stage_seconds: float

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY or self.state is LoadState.WITHDRAWING

    @property
    def steps(self) -> tuple[Step, ...]:
        """How far it has come; a held one stands at the gate."""
        order = [state for state, _ in STEPS]
        state = {LoadState.HELD: LoadState.CHECKED, LoadState.REJECTED: LoadState.CHECKED}.get(
            self.state, LoadState.PUBLISHED if self.state in GONE else self.state
        )
        reached = order.index(state) if state in order else 0
        return tuple(
            Step(name, place <= reached, place == reached + 1 and self.state is not LoadState.REJECTED)
            for place, (_, name) in enumerate(STEPS)
        )

    @property
    def progress(self) -> str:
        """How far the present part is."""
        if not self.is_under_way or not self.stage:
            return ""
        stage = self.stage[0].upper() + self.stage[1:]
        if not self.stage_done and not self.stage_total:
            return stage
        total = f" of {self.stage_total:,}" if self.stage_total else ""
        pace = say_pace(done=self.stage_done, total=self.stage_total, seconds=self.stage_seconds)
        return f"{stage}: {self.stage_done:,}{total}{pace}"


def find_feeds(*, suppliers: Sequence[str] | None = None) -> tuple[Feed, ...]:
    """The latest loads, held ones first; of these suppliers, or of all."""
    loads = Load.objects.exclude(supplier_id=OWN).select_related("supplier", "decided_by", "uploaded_by")
    if suppliers is not None:
        loads = loads.filter(supplier_id__in=list(suppliers))
    feeds = [_feed(load) for load in loads.order_by("-pk")[:MOST]]
    return tuple(sorted(feeds, key=lambda feed: (feed.state is not LoadState.HELD, -feed.id)))


def find_feed(*, load_id: int) -> Feed:
    """Raises NoSuchLoad."""
    loads = Load.objects.exclude(supplier_id=OWN).select_related("supplier", "decided_by", "uploaded_by")
    load = loads.filter(pk=load_id).first()
    if load is None:
        raise NoSuchLoad("There is no load of this number.")
    return _feed(load)


def _feed(load: Load) -> Feed:
    return Feed(
        id=load.pk,
        supplier=load.supplier_id,
        supplier_name=load.supplier.name,
        file_name=load.file_name,
        kind=load.kind,
        state=LoadState(load.state),
        started_at=load.started_at,
        finished_at=load.finished_at,
        extracted_on=load.extracted_on,
        received=load.rows_received,
        refused=load.rows_refused,
        unpublished=load.rows_unpublished,
        columns_dropped=load.columns_dropped,
        refused_why=load.refused_why,
        held_why=tuple(load.held_why),
        decided_at=load.decided_at,
        decided_why=load.decided_why,
        decided_by=load.decided_by.name if load.decided_by else "",
        uploaded_by=load.uploaded_by.name if load.uploaded_by else "",
        stage=load.stage,
        stage_done=load.stage_done,
        stage_total=load.stage_total,
        stage_seconds=(load.stage_noted_at - load.stage_began_at).total_seconds()
        if load.stage_noted_at and load.stage_began_at
        else 0.0,
    )
