"""Two loads that begin at the same moment never wipe each other's private folder (SHI-9)."""

import threading
from pathlib import Path

from django.conf import LazySettings

from contactpoint.intake.scratch import private_folder


def test_folders_made_at_once_all_live_until_their_block_ends(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(25):
                with private_folder() as folder:
                    (folder / "rows").write_text("x")
                    assert (folder / "rows").read_text() == "x"
        except BaseException as trouble:  # noqa: BLE001  told to the test
            troubles.append(trouble)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []
    assert not any((tmp_path / "scratch").iterdir())
