"""A message and where its answer goes, as the one text that is sealed."""

import json


def join_message(*, text: str, reply_to: str) -> str:
    """Both, for sealing."""
    return json.dumps({"text": text, "reply_to": reply_to})


def split_message(*, joined: str) -> tuple[str, str]:
    """Text and reply contact again; what cannot be read is text without one."""
    try:
        said = json.loads(joined)
        return str(said["text"]), str(said["reply_to"])
    except (ValueError, KeyError, TypeError):
        return joined, ""
