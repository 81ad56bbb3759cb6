"""Keys of the log's months, destroyed by two at the same moment."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from contactpoint.audit.keys import KeyDestroyed, destroy_key, seal, unseal

MONTHS = [datetime(year, month, 3, tzinfo=UTC) for year in range(2030, 2034) for month in range(1, 13)]


def test_two_who_destroy_a_key_at_once_both_succeed(tmp_path: Path, settings: LazySettings) -> None:
    settings.KEYS_DIR = tmp_path
    sealed = {at: seal(text="typed", at=at) for at in MONTHS}
    start, errors = threading.Barrier(4), []

    def destroy() -> None:
        try:
            for at in MONTHS:
                start.wait(10)
                destroy_key(month=at.date())
        except BaseException as error:  # noqa: BLE001  told to the test
            errors.append(error)
            start.abort()

    threads = [threading.Thread(target=destroy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert list((tmp_path / "log").iterdir()) == []
    for at in MONTHS:
        with pytest.raises(KeyDestroyed):
            unseal(sealed=sealed[at], at=at)
