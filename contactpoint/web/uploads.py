"""Where an upload lies while it is read: in the data folder, for the service's own account alone (SHI-9).

Only somebody signed in, and only on the page for it, may send one; anywhere else a file is not even read.
"""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import SkipFile, StopUpload, TemporaryFileUploadHandler

MOST = 4 * 2**30  # bytes; larger files come by command or inbox


class _PrivateFile(TemporaryUploadedFile):
    """Gone when it is closed, as its parent; but never in the machine's folder for temporary files."""

    def __init__(self, name: str, content_type: str | None, charset: str | None, folder: Path) -> None:
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=folder)  # noqa: SIM115
        super(TemporaryUploadedFile, self).__init__(file, name, content_type, 0, charset, None)


class PrivateUpload(TemporaryFileUploadHandler):
    """Django's handler with another folder, and a question first."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        request = self.request
        if request is None or not request.path.endswith("/upload/") or not request.user.is_authenticated:
            raise SkipFile
        folder = Path(settings.DATA_DIR) / "uploads"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = _PrivateFile(self.file_name or "", self.content_type, self.charset, folder)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MOST:
            raise StopUpload(connection_reset=True)
        self.file.write(raw_data)
