"""The embedded server's settings follow the memory that it may use."""

import os
from pathlib import Path

import pytest

from contactpoint.database import tuning
from contactpoint.database.tuning import FIXED, choose_settings, read_memory

GB = 1024**3


@pytest.mark.parametrize(
    ("memory", "buffers", "cache"),
    [(512 * 1024**2, "128MB", "256MB"), (4 * GB, "682MB", "2048MB"), (24 * GB, "4096MB", "12288MB")],
)
def test_buffers_grow_with_memory_and_have_an_end(memory: int, buffers: str, cache: str) -> None:
    chosen = choose_settings(memory=memory)
    assert (chosen["shared_buffers"], chosen["effective_cache_size"]) == (buffers, cache)
    assert choose_settings(memory=512 * GB)["shared_buffers"] == "4096MB"


def test_no_size_of_machine_lets_values_into_the_servers_log() -> None:
    for memory in (GB, 64 * GB):
        chosen = choose_settings(memory=memory)
        assert chosen["log_min_error_statement"] == "panic"
        assert chosen["log_parameter_max_length"] == chosen["log_parameter_max_length_on_error"] == "0"


def test_a_containers_limit_counts_where_it_is_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, none = tmp_path / "memory.max", tmp_path / "none"
    none.write_text("max\n")
    monkeypatch.setattr(tuning, "LIMITS", (str(none), str(tmp_path / "absent")))
    assert read_memory() == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit.write_text(f"{GB}\n")
    monkeypatch.setattr(tuning, "LIMITS", (str(none), str(limit)))
    assert read_memory() == GB


def test_every_setting_has_its_reason() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "postgresql-settings.md").read_text()
    for name in {*FIXED, *choose_settings(memory=GB)}:
        assert f"`{name}`" in page, name
