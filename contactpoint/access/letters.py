"""Letters by GOV.UK Notify, where its key is set: queued, sent by the worker, tried again until taken.

A page never waits for Notify. Until the worker has it, a letter lies in the queue sealed:
it may carry a one-time link. Notify is told address, subject and text, which are content-free.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from joserfc import jwt
from joserfc.jwk import OctKey

from contactpoint.access.models import Account
from contactpoint.audit.actions import record_event
from contactpoint.audit.keys import open_key
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict

log = logging.getLogger(__name__)

PATIENCE = 10  # seconds
KEY_PART = 36  # the service and the secret are the last two parts of a key, each a UUID
FAILED = ("permanent-failure", "temporary-failure", "technical-failure")


class NotTaken(Conflict):
    """Notify did not take the letter, or did not answer; the worker tries again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address."""

    to: str
    subject: str
    text: str


class NotifyBackend(BaseEmailBackend):
    """What Django calls to send mail, where settings choose Notify."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Put them in the queue; they go when the transaction that caused them is kept."""
        from contactpoint.access.tasks import send_letter

        letters = [
            Letter(to=address, subject=str(message.subject), text=str(message.body))
            for message in email_messages
            for address in message.recipients()
        ]
        for letter in letters:
            send_letter.defer(sealed=seal_letter(letter=letter))
        return len(letters)


def seal_letter(*, letter: Letter) -> str:
    """What the queue may hold of it."""
    text = json.dumps([letter.to, letter.subject, letter.text])
    return _key().encrypt(text.encode()).decode()


def open_letter(*, sealed: str) -> Letter:
    """The letter again."""
    return Letter(*json.loads(_key().decrypt(sealed.encode())))


def hand_over(*, letter: Letter, by: Actor, at: datetime) -> str:
    """Give it to Notify; gives Notify's own number of it, '' where the address is none.

    Raises NotTaken, after which the same letter is tried again.
    """
    said = {
        "email_address": letter.to,
        "template_id": settings.NOTIFY_TEMPLATE,
        "personalisation": {"subject": letter.subject, "body": letter.text},
    }
    status, answer = _ask("POST", "/v2/notifications/email", said, at=at)
    if status == requests.codes.created:
        return str(answer.get("id", ""))
    if status == requests.codes.bad_request and "email_address" in json.dumps(answer.get("errors", "")):
        mark_mail_failed(email=letter.to, by=by, at=at)
        return ""
    raise NotTaken(f"Notify answered {status}.")


def ask_what_became(*, number: str, email: str, by: Actor, at: datetime) -> bool:
    """Whether it is settled; a letter that came back is noted at its account. Raises NotTaken."""
    status, answer = _ask("GET", f"/v2/notifications/{number}", None, at=at)
    if status != requests.codes.ok:
        raise NotTaken(f"Notify answered {status}.")
    became = str(answer.get("status", ""))
    if became in FAILED:
        mark_mail_failed(email=email, by=by, at=at)
    elif became == "delivered":
        Account.objects.filter(email__iexact=email, mail_failed_at__isnull=False).update(mail_failed_at=None)
    return became in (*FAILED, "delivered")


def mark_mail_failed(*, email: str, by: Actor, at: datetime) -> None:
    """Those who manage the account see it, and can correct the address or ring."""
    with transaction.atomic(durable=True):
        for number in Account.objects.filter(email__iexact=email).values_list("pk", flat=True):
            Account.objects.filter(pk=number).update(mail_failed_at=at)
            record_event(kind=EventKind.MAIL_FAILED, actor=by, at=at, facts={"account": number})


def find_mail_failed(*, account_id: int) -> datetime | None:
    """When a letter to this account's address came back, if none has arrived since."""
    return Account.objects.filter(pk=account_id).values_list("mail_failed_at", flat=True).first()


def _ask(method: str, path: str, said: Any, *, at: datetime) -> tuple[int, dict[str, Any]]:
    """Status and answer; nothing of either is written down but the status."""
    service, secret = settings.NOTIFY_KEY[-2 * KEY_PART - 1 : -KEY_PART - 1], settings.NOTIFY_KEY[-KEY_PART:]
    claims = {"iss": service, "iat": int(at.timestamp())}
    token = jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(secret))
    try:
        answer = requests.request(
            method,
            settings.NOTIFY_ADDRESS + path,
            json=said,
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
            allow_redirects=False,
        )
        body = answer.json()
    except (requests.RequestException, ValueError) as problem:
        raise NotTaken(f"Notify did not answer ({type(problem).__name__}).") from None
    return answer.status_code, body if isinstance(body, dict) else {}


def _key() -> Fernet:
    return open_key(path=Path(settings.KEYS_DIR) / "letters.key")
