"""Letters by GOV.UK Notify, from the page to a server on 127.0.0.1 that refuses, is silent or returns."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from contactpoint.access import letters
from contactpoint.access.models import Account
from contactpoint.access.roles import Role
from contactpoint.audit.models import Event
from tests.factories import make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])
SERVICE, SECRET = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"


class Notify:
    """What it was sent and what it answers."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.answers: list[tuple[int, Any]] = []
        self.became = "delivered"
        self.silences: list[float] = []  # seconds before the next answers

    def answer(self, method: str, authorization: str, said: Any) -> tuple[int, Any]:
        token = jwt.decode(authorization.removeprefix("Bearer "), OctKey.import_key(SECRET))
        assert token.claims["iss"] == SERVICE
        if method == "GET":
            return 200, {"status": self.became}
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(said)
        return 201, {"id": f"letter-{len(self.taken)}"}


@pytest.fixture
def notify(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notify]:
    """Running, and chosen by the settings. The worker's threads leave no connection behind."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    service = Notify()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, said: Any) -> None:
            threading.Event().wait(service.silences.pop(0) if service.silences else 0)
            status, answer = service.answer(self.command, self.headers["Authorization"], said)
            self.send_response(status)
            self.end_headers()
            with suppress(BrokenPipeError):  # who asked did not wait
                self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.EMAIL_BACKEND = "contactpoint.access.letters.NotifyBackend"
    settings.NOTIFY_KEY = f"a-key-{SERVICE}-{SECRET}"
    settings.NOTIFY_TEMPLATE = "template-1"
    settings.NOTIFY_ADDRESS = f"http://127.0.0.1:{server.server_port}"
    yield service
    server.shutdown()
    server.server_close()


@pytest.fixture
def manager(walk: MakeWalker, now: datetime) -> Walker:
    team = make_organisation(at=now, code="TEAM")
    return walk(name="Ada Moss", organisation=team, roles=(Role.ACCOUNT_MANAGER,))


def invite(manager: Walker) -> Account:
    status, page = manager.post(
        "/people/invite/",
        {
            "name": "New Comer",
            "email": "new@bridgelane.example",
            "job_title": "Teacher",
            "organisation": str(manager.account.organisation_id),
        },
    )
    assert (status, "an invitation was sent" in page) == (200, True)
    return Account.objects.get(email="new@bridgelane.example")


def work() -> None:
    """What waits is due now, and is done once."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(wait=False, concurrency=1)


def jobs(name: str) -> list[str]:
    rows = ProcrastinateJob.objects.filter(task_name=f"contactpoint.access.tasks.{name}").order_by("id")
    return list(rows.values_list("status", flat=True))


def test_an_invitation_arrives_and_lay_sealed_in_the_queue(notify: Notify, manager: Walker) -> None:
    account = invite(manager)
    assert not notify.taken  # the page did not wait for it
    held = str(ProcrastinateJob.objects.values_list("args", flat=True))
    assert ("welcome" in held, account.email in held) == (False, False)
    work()
    (letter,) = notify.taken
    assert (letter["email_address"], letter["template_id"]) == (account.email, "template-1")
    assert letter["personalisation"]["subject"] == "Set up your ContactPoint account"
    link = next(line for line in letter["personalisation"]["body"].splitlines() if "/welcome/" in line)
    assert Client().get(link.removeprefix("http://testserver")).status_code == 200
    work()
    assert (jobs("send_letter"), jobs("ask_of_letter")) == (["succeeded"], ["succeeded"])


@pytest.mark.parametrize(
    "refused",
    [(500, {}), (429, {"errors": []}), (403, {"errors": []}), (200, "no answer of Notify's")],
    ids=str,
)
def test_a_letter_that_is_not_taken_is_tried_again(
    notify: Notify, manager: Walker, refused: tuple[int, Any]
) -> None:
    notify.answers = [refused, refused]
    invite(manager)
    work()
    assert len(notify.taken) == 1
    assert jobs("send_letter") == ["succeeded"]


def test_a_letter_is_sent_again_after_a_silence(
    notify: Notify, manager: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice rather than never: whether a silent Notify took it cannot be known."""
    monkeypatch.setattr(letters, "PATIENCE", 0.2)
    notify.silences = [0.5]
    invite(manager)
    work()
    assert jobs("send_letter") == ["succeeded"]
    assert {letter["email_address"] for letter in notify.taken} == {"new@bridgelane.example"}


@pytest.mark.parametrize("way", ["refused at once", "came back later"])
def test_who_manages_the_account_sees_that_a_letter_came_back(
    notify: Notify, manager: Walker, way: str
) -> None:
    if way == "refused at once":
        wrong = {"error": "ValidationError", "message": "email_address Not a valid email address"}
        notify.answers = [(400, {"errors": [wrong]})]
    notify.became = "permanent-failure"
    account = invite(manager)
    work()
    work()
    assert Event.objects.filter(kind="mail-failed").count() == 1
    assert "A letter to this address came back" in manager.get(f"/people/{account.pk}/")
    notify.became, notify.answers = "delivered", []
    manager.post(f"/people/{account.pk}/link/")
    work()
    work()
    assert "came back" not in manager.get(f"/people/{account.pk}/")
