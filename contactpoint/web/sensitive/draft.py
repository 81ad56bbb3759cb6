"""Answers given so far, on the way from one question to the next; one draft a session.

Sealed as the visit is: the table of sessions is one that the server can read, and this must not be (SHI-9).
"""

import base64
import hashlib
import json
from datetime import date

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from contactpoint.directory.sensitive.records import Basis, Consent
from contactpoint.web.pages.fields import to_date

KEY = "draft"
Answers = dict[str, str]


def load_answers(session: SessionBase, *, token: str) -> Answers:
    """What was answered about the child of this address; nothing about any other."""
    sealed = str(session.get(KEY, ""))
    try:
        kept: Answers = json.loads(_cipher().decrypt(sealed.encode())) if sealed else {}
    except InvalidToken:  # the service's secret was changed
        return {}
    return kept if kept.get("token") == token else {}


def keep_answers(session: SessionBase, *, token: str, answers: Answers) -> None:
    """Adds to what is there about this child; drops a draft about another."""
    kept = {**load_answers(session, token=token), **answers, "token": token}
    session[KEY] = _cipher().encrypt(json.dumps(kept).encode()).decode()


def forget_answers(session: SessionBase) -> None:
    """It is recorded."""
    session.pop(KEY, None)


def find_missing(answers: Answers) -> str:
    """The address name of the first question without an answer; '' where all are answered."""
    asked = [("sensitive_basis", "basis")]
    if answers.get("basis") == Basis.CONSENT:
        asked += [("sensitive_giver", "given_by"), ("sensitive_receipt", "obtained_on")]
    asked.append(("sensitive_work", "started_on"))
    return next((name for name, answer in asked if not answers.get(answer)), "")


def to_consent(answers: Answers) -> Consent | None:
    """Of whole answers; None where the basis is not consent."""
    if answers.get("basis") != Basis.CONSENT:
        return None
    return Consent(
        given_by=answers["given_by"],
        obtained_by_role=answers["obtained_by_role"],
        obtained_on=to_date(answers["obtained_on"]),
        review_on=_day(answers["review_on"]),
    )


def _day(iso: str) -> date | None:
    return to_date(iso) if iso else None


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"contactpoint draft\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
