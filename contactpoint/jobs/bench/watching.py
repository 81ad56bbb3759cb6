"""How much memory and processor a measured run takes: this process, and the embedded database beside it."""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from contactpoint.jobs.bench.cpu import cpu_seconds, find_database

EVERY = 0.25  # seconds


class Watch:
    """Samples resident memory; shared pages of the database count once."""

    def __init__(self, *, cluster: Path) -> None:
        self.database = find_database(cluster)
        self.peak = 0
        self.peaks = {"python": 0, "database": 0}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def cpu(self) -> tuple[float, float]:
        """Processor seconds so far: of this process and of the database."""
        own = os.times()
        python = own.user + own.system + own.children_user + own.children_system
        return python, cpu_seconds(pid=self.database) if self.database else 0.0

    def _sample(self) -> None:
        while not self._stop.wait(EVERY):
            python = _resident(os.getpid())
            database = self._of_database()
            self.peaks["python"] = max(self.peaks["python"], python)
            self.peaks["database"] = max(self.peaks["database"], database)
            self.peak = max(self.peak, python + database)

    def _of_database(self) -> int:
        """Private memory of every process, and the most of the common buffers that one has mapped."""
        if not self.database:
            return 0
        private, shared = 0, 0
        for pid in (self.database, *_children_of(self.database)):
            said = _status(pid)
            private += said.get("RssAnon", 0)
            shared = max(shared, said.get("RssShmem", 0) + said.get("RssFile", 0))
        return private + shared


def private_memory(*, pid: int) -> int:
    """Bytes that this process and those below it hold for themselves; what they share is left out."""
    return _status(pid).get("RssAnon", 0) + sum(private_memory(pid=below) for below in _children_of(pid))


def _resident(pid: int) -> int:
    return _status(pid).get("VmRSS", 0)


def _status(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    found = (line.split() for line in lines if line.startswith(("VmRSS", "Rss")))
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in found}


def _children_of(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]
