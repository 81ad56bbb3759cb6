"""The text of a case, sealed under a key of the month that no backup of the database holds (AUD-8, RET-4)."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from contactpoint.audit.keys import open_key

LOST = "This can no longer be read: its key was destroyed."


def seal_text(*, text: str, at: datetime) -> bytes:
    """Authenticated encryption under the key of the month of `at`, which is made where it is the first."""
    return open_key(path=_path(at)).encrypt_at_time(text.encode(), int(at.timestamp()))


def unseal_text(*, sealed: bytes, at: datetime) -> str:
    """The text again, or a sentence that says that it is gone."""
    path = _path(at)
    if not path.exists():
        return LOST
    key: Fernet = open_key(path=path)
    try:
        return key.decrypt(sealed).decode()
    except InvalidToken:
        return LOST


def _path(at: datetime) -> Path:
    return Path(settings.KEYS_DIR) / "casework" / f"{at.astimezone(UTC):%Y-%m}.key"
