"""Addresses of the archive and of the register of disclosures. No address names a child."""

from django.urls import path

from contactpoint.web.archive import disclosing, opening

urlpatterns = [
    path("archive/", opening.first_year, name="archive"),
    path("archive/requests/", opening.requests, name="archive_requests"),
    path("archive/requests/new/", opening.ask, name="ask_for_archive"),
    path("archive/requests/<int:entry>/decide/", opening.decide, name="decide_archive"),
    path("archive/requests/<int:entry>/open/", opening.open_agreed, name="open_archive"),
    path("disclosures/", disclosing.show, name="disclosures"),
    path("disclosures/new/", disclosing.record, name="record_disclosure"),
    path("disclosures/export/", disclosing.export, name="export_disclosures"),
]
