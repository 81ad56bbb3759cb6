"""Every address with who may go there and what the log has of it; a new one fails until it is listed here."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

EVERYBODY = "everybody"  # shows nothing of anybody
SIGNING_IN = "whoever is signing in"
ACCOUNT = "whoever is signed in, about themselves"
CLEARED = "cleared, by role"

# name: (who, events that it can write: after the stroke those of a refusal, else the same marked refused)
ADDRESSES = {
    "account_login": (SIGNING_IN, "sign-in-refused"),
    "account_logout": (ACCOUNT, "signed-out"),
    "own_sessions": (ACCOUNT, ""),
    # The training: one's own, and from a provider's file.
    "own_training": (ACCOUNT, ""),
    "take_training": (ACCOUNT, "training-answered, account-checked"),
    "import_training": (CLEARED, "training-imported, account-checked / action-refused"),
    "training_receipts": (CLEARED, ""),
    # One's own words on how one is reached.
    "own_profile": (CLEARED, ""),
    "own_team_contact": (CLEARED, "profile-changed"),
    "own_cover": (CLEARED, "profile-changed"),
    "end_cover": (CLEARED, "profile-changed"),
    # What a page left open asks for; it shows nothing of anybody but when the session ends.
    "session_left": (ACCOUNT, "session-ended"),
    "stay_signed_in": (ACCOUNT, "session-ended"),
    "timed_out": (EVERYBODY, "session-ended"),
    "account_change_password": (ACCOUNT, "password-changed"),
    "account_reauthenticate": (ACCOUNT, "sign-in-refused"),
    "mfa_authenticate": (SIGNING_IN, "signed-in / sign-in-refused"),
    "mfa_reauthenticate": (ACCOUNT, "sign-in-refused"),
    "mfa_reauthenticate_webauthn": (ACCOUNT, "sign-in-refused"),
    "mfa_index": (ACCOUNT, ""),
    "account_enrol": (SIGNING_IN, "factor-enrolled"),
    "enrol_with_key": (SIGNING_IN, "factor-enrolled"),
    "add_security_key": (ACCOUNT, "factor-enrolled"),
    "remove_security_key": (ACCOUNT, "factor-removed"),
    "account_replace_authenticator": (ACCOUNT, "factor-enrolled"),
    "mfa_view_recovery_codes": (ACCOUNT, ""),
    "mfa_generate_recovery_codes": (ACCOUNT, "factor-enrolled"),
    # By a provider elsewhere; coming back goes on as after a password.
    "provider_start": (SIGNING_IN, "sign-in-refused"),
    "provider_back": (SIGNING_IN, "signed-in, provider-linked / sign-in-refused"),
    "link_provider": (ACCOUNT, "sign-in-refused"),
    "unlink_provider": (ACCOUNT, "provider-unlinked"),
    # An invited person, and who forgot a password; the agreement is signed by oneself.
    "welcome": (SIGNING_IN, "password-changed"),
    "forgotten_password": (SIGNING_IN, "link-asked"),
    "agreement": (ACCOUNT, "account-checked"),
    # Those who answer for people and organisations.
    "team": (CLEARED, ""),
    "recertify": (CLEARED, "account-recertified / action-refused"),
    "log": (CLEARED, "log-read / action-refused"),
    "export_log": (CLEARED, "log-exported / action-refused"),
    "openings": (CLEARED, "action-refused"),
    "opening": (CLEARED, "action-refused"),
    "propose_opening": (CLEARED, "opening-step-proposed / action-refused"),
    "sign_opening": (CLEARED, "opening-step-signed, authority-opened, authority-closed / action-refused"),
    "drop_opening": (CLEARED, "opening-step-dropped / action-refused"),
    "take_back_opening": (CLEARED, "opening-step-proposed / action-refused"),
    "switches": (CLEARED, "action-refused"),
    "stop_authority": (CLEARED, "authority-stopped / action-refused"),
    "restore_authority": (CLEARED, "authority-restored / action-refused"),
    "stop_service": (CLEARED, "service-stopped / action-refused"),
    "restore_service": (CLEARED, "service-restored / action-refused"),
    "people": (CLEARED, "action-refused"),
    "invite_person": (CLEARED, "account-invited, link-sent / action-refused"),
    "invite_many": (CLEARED, "account-invited, link-sent / action-refused"),
    "invited_many": (CLEARED, ""),
    "person": (CLEARED, "action-refused"),
    "check_identity": (CLEARED, "account-checked / action-refused"),
    "check_dbs": (CLEARED, "account-checked / action-refused"),
    "check_training": (CLEARED, "account-checked / action-refused"),
    "approve_person": (CLEARED, "account-approved / action-refused"),
    "give_role": (CLEARED, "role-granted / action-refused"),
    "end_roles": (CLEARED, "role-ended / action-refused"),
    "send_link": (CLEARED, "link-sent / action-refused"),
    "link_person": (CLEARED, "provider-linked / action-refused"),
    "suspend_person": (CLEARED, "account-suspended / action-refused"),
    "reinstate_person": (CLEARED, "account-reinstated / action-refused"),
    "close_person": (CLEARED, "account-closed / action-refused"),
    "move_person": (CLEARED, "account-restarted / action-refused"),
    "renew_factors": (CLEARED, "account-restarted, link-sent / action-refused"),
    "organisations": (CLEARED, "action-refused"),
    "register_organisation": (CLEARED, "organisation-registered / action-refused"),
    "organisation": (CLEARED, "action-refused"),
    "organisation_contact": (CLEARED, "organisation-changed / action-refused"),
    "organisation_evidence": (CLEARED, "organisation-applied / action-refused"),
    "accredit_organisation": (CLEARED, "organisation-accredited / action-refused"),
    "merge_organisation": (CLEARED, "merger-proposed / action-refused"),
    "sign_merger": (CLEARED, "organisation-merged / action-refused"),
    "drop_merger": (CLEARED, "merger-dropped / action-refused"),
    "refuse_application": (CLEARED, "application-refused / action-refused"),
    "suspend_organisation": (CLEARED, "organisation-suspended / action-refused"),
    "reinstate_organisation": (CLEARED, "organisation-reinstated / action-refused"),
    "choose_child_for_identity": (CLEARED, "hidden-opened"),
    "give_identity": (CLEARED, "identity-given, shield-applied, hidden-opened / change-refused"),
    "sealed_identities": (CLEARED, "sealed-rows-listed, identity-link-opened"),
    "sealed_row": (CLEARED, "sealed-rows-listed, sealed-row-decided"),
    "privacy": (EVERYBODY, ""),
    "who_can_see_what": (EVERYBODY, ""),
    "accessibility": (EVERYBODY, ""),
    "help": (EVERYBODY, ""),
    "for_children": (EVERYBODY, ""),
    "find_child": (CLEARED, ""),  # a form; its answer is the results page
    "change_search": (CLEARED, ""),
    "results": (CLEARED, "searched / search-refused, limit-reached"),
    "reason": (CLEARED, ""),  # a question; its answer opens the record
    "record": (CLEARED, "record-opened / record-refused, limit-reached"),
    "record_involvement": (CLEARED, "involvement-recorded / change-refused"),
    "my_involvements": (CLEARED, "own-involvements-listed"),
    "involvement": (CLEARED, "own-involvements-listed"),
    "confirm_involvement": (CLEARED, "involvement-confirmed / change-refused"),
    "end_involvement": (CLEARED, "involvement-ended / change-refused"),
    "take_back_involvement": (CLEARED, "involvement-taken-back / change-refused"),
    "become_lead": (CLEARED, "lead-recorded / change-refused"),
    "stop_being_lead": (CLEARED, "lead-taken-back / change-refused"),
    "record_assessment": (CLEARED, "assessment-recorded / change-refused"),
    "close_assessment": (CLEARED, "assessment-closed / change-refused"),
    "take_back_assessment": (CLEARED, "assessment-taken-back / change-refused"),
    "add_child": (CLEARED, "child-added / change-refused"),
    "entry_received": (CLEARED, ""),
    "my_entries": (CLEARED, "own-involvements-listed"),
    # For mediators; what they look at for a caller are the pages above.
    "mediated": (CLEARED, "caller-looked-up / caller-looked-up, action-refused"),
    "mediated_caller": (CLEARED, "mediated-code-sent / caller-looked-up, mediated-code-sent, action-refused"),
    "mediated_code": (CLEARED, "mediated-visit-began / mediated-code-refused, action-refused"),
    "end_mediated": (CLEARED, "mediated-visit-ended / action-refused"),
    # For an authority's data managers.
    "matches": (CLEARED, "hidden-opened"),
    "next_match": (CLEARED, "hidden-opened"),
    "match": (
        CLEARED,
        "hidden-opened, match-decided, match-passed, match-left / hidden-opened, change-refused",
    ),
    "match_decisions": (CLEARED, "hidden-opened"),
    "undo_match": (CLEARED, "match-undone / change-refused"),
    # About shields: whoever may look asks; officers decide.
    "request_shield": (CLEARED, "shield-requested / change-refused"),
    "request_shield_by_number": (CLEARED, "searched / search-refused, limit-reached"),
    "pass_message": (CLEARED, "message-passed / change-refused"),
    "shielding_queue": (CLEARED, "hidden-opened"),
    "shield_request": (CLEARED, "hidden-opened"),
    "confirm_request": (CLEARED, "hidden-opened, shield-request-decided / hidden-opened, change-refused"),
    "refuse_request": (CLEARED, "hidden-opened, shield-request-decided / hidden-opened, change-refused"),
    "held_row": (CLEARED, "hidden-opened, held-row-decided / hidden-opened, change-refused"),
    "shield_message": (CLEARED, "hidden-opened, message-answered / hidden-opened, change-refused"),
    "shields": (CLEARED, "hidden-opened"),
    "shield": (CLEARED, "hidden-opened, shield-decided / hidden-opened, change-refused"),
    "lift_shield": (CLEARED, "hidden-opened, shield-decided / hidden-opened, change-refused"),
    "choose_child_to_shield": (CLEARED, "hidden-opened"),
    "search_child_to_shield": (CLEARED, "searched / search-refused, limit-reached"),
    "apply_shield": (CLEARED, "hidden-opened, shield-decided / hidden-opened, change-refused"),
    "join_records": (CLEARED, "hidden-opened, record-change-proposed / hidden-opened, change-refused"),
    "part_record": (
        CLEARED,
        "record-history-read, record-change-proposed / hidden-opened, change-refused",
    ),
    "record_changes": (CLEARED, "hidden-opened"),
    "agree_change": (CLEARED, "record-change-agreed / change-refused"),
    "decline_change": (CLEARED, "record-change-declined / change-refused"),
    "undo_change": (CLEARED, "record-change-proposed / change-refused"),
    # Break-glass, and those who investigate it.
    "override_shield": (CLEARED, "hidden-opened, shield-overridden / hidden-opened"),
    "investigations": (CLEARED, "hidden-opened"),
    "investigation": (CLEARED, "hidden-opened"),
    "tell_manager": (CLEARED, "investigation-noted"),
    "suspend_overrider": (CLEARED, "hidden-opened, account-suspended, investigation-noted"),
    "leavers": (CLEARED, "endings-listed"),
    "new_ending": (CLEARED, "endings-listed"),
    "choose_ending": (CLEARED, "endings-listed"),
    **dict.fromkeys(["state_left", "state_died", "state_stays"], (CLEARED, "endings-listed, ending-stated")),
    "settle_ending": (CLEARED, "ending-settled"),
    "moves": (CLEARED, "moves-listed"),
    "propose_move": (CLEARED, "moves-listed, move-proposed"),
    "move_record": (CLEARED, "moves-listed, move-proposed"),
    "decide_move": (CLEARED, "moves-listed, move-decided"),
    "withdraw_move": (CLEARED, "move-withdrawn"),
    "archive": (CLEARED, "archive-opened"),
    "archive_requests": (CLEARED, "archive-requests-listed"),
    "ask_for_archive": (CLEARED, "archive-requests-listed, archive-asked"),
    "decide_archive": (CLEARED, "archive-decided"),
    "open_archive": (CLEARED, "archive-opened"),
    "disclosures": (CLEARED, "disclosures-read"),
    "record_disclosure": (CLEARED, "disclosures-read, disclosure-recorded"),
    "export_disclosures": (CLEARED, "disclosures-exported"),
    "close_investigation": (CLEARED, "investigation-closed"),
    # Brokered contact: who asks, the broker, the provider.
    "ask_contact": (CLEARED, "contact-asked / change-refused"),
    "my_requests": (CLEARED, "hidden-opened, own-requests-listed / change-refused"),
    "own_contact": (CLEARED, "hidden-opened, contact-seen / change-refused"),
    "contact_cases": (CLEARED, "hidden-opened, contact-case-read / change-refused"),
    "contact_case": (CLEARED, "hidden-opened, contact-case-read / change-refused"),
    "take_contact_case": (CLEARED, "contact-case-taken / change-refused"),
    "ask_provider": (CLEARED, "hidden-opened, contact-case-read, contact-provider-asked / change-refused"),
    "close_contact_case": (CLEARED, "hidden-opened, contact-case-read, contact-case-closed / change-refused"),
    "contact_questions": (CLEARED, "hidden-opened, contact-questions-listed / change-refused"),
    "contact_question": (CLEARED, "hidden-opened, contact-questions-listed / change-refused"),
    "accept_contact": (CLEARED, "hidden-opened, contact-questions-listed, contact-answered / change-refused"),
    "decline_contact": (
        CLEARED,
        "hidden-opened, contact-questions-listed, contact-answered / change-refused",
    ),
    "value_history": (CLEARED, "hidden-opened"),
    "corrections": (CLEARED, "hidden-opened"),
    "corrections_file": (CLEARED, "hidden-opened"),
    "wrong_value": (
        CLEARED,
        "record-history-read, correction-asked / record-history-read, change-refused",
    ),  # for everybody who reads records
    # For data managers: loads and suppliers, never a child.
    "feeds": (CLEARED, "action-refused"),
    "feed": (CLEARED, "action-refused"),
    "feed_receipts": (CLEARED, "receipts-read / action-refused"),
    "release_feed": (CLEARED, "feed-released / action-refused"),
    "reject_feed": (CLEARED, "feed-rejected / action-refused"),
    "withdraw_feed": (CLEARED, "feed-withdrawn / action-refused"),
    "data_quality": (CLEARED, "action-refused"),
    "supplier": (CLEARED, "action-refused"),
    "change_supplier": (CLEARED, "supplier-changed / action-refused"),
    "upload_feed": (CLEARED, "feed-uploaded / action-refused"),
    "rehearsal": (CLEARED, "action-refused"),
    # For people of a sensitive service; each tells others that it is not for them.
    "sensitive_basis": (CLEARED, "change-refused"),
    "sensitive_giver": (CLEARED, "change-refused"),
    "sensitive_receipt": (CLEARED, "change-refused"),
    "sensitive_work": (CLEARED, "change-refused"),
    "sensitive_check": (CLEARED, "sensitive-recorded / change-refused"),
    "what_others_see": (CLEARED, "record-opened / record-refused, change-refused, limit-reached"),
    "sensitive_entries": (CLEARED, "hidden-opened, sensitive-listed"),
    "sensitive_entry": (CLEARED, "hidden-opened, sensitive-listed"),
    "renew_consent": (CLEARED, "hidden-opened, sensitive-listed, sensitive-renewed / change-refused"),
    "end_sensitive": (CLEARED, "hidden-opened, sensitive-listed, sensitive-ended / change-refused"),
    "withdraw_consent": (CLEARED, "hidden-opened, sensitive-listed, sensitive-withdrawn / change-refused"),
}


def served(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    """(name, route) of everything below."""
    for item in resolver.url_patterns:
        route = before + str(item.pattern)
        if isinstance(item, URLPattern):
            yield str(item.name), route
        else:
            yield from served(item, route)


def addresses() -> list[tuple[str, str]]:
    """(name, address) with something in place of each part that varies."""
    return [
        (
            name,
            "/" + re.sub("<(str:token|slug:provider|slug:module)>", "x", route).replace("<int:entry>", "1"),
        )
        for name, route in served(get_resolver("contactpoint.urls"))
    ]


def test_every_address_is_listed_with_its_permission_and_its_event() -> None:
    names = [name for name, _ in addresses()]
    assert len(names) == len(set(names))
    assert set(names) == set(ADDRESSES)


def test_each_event_exists() -> None:
    from contactpoint.audit.kinds import EventKind

    for _, events in ADDRESSES.values():
        for event in events.replace(" / ", ", ").split(", "):
            assert not event or event in set(EventKind)


def test_no_address_can_carry_a_childs_number_name_or_date() -> None:
    varying = {
        part
        for _, route in served(get_resolver("contactpoint.urls"))
        for part in route.split("/")
        if "<" in part
    }
    # A sign-in provider is one of the settings’ names, a module one of the training’s; else it is not found.
    assert varying <= {"<str:token>", "<int:entry>", "<slug:provider>", "<slug:module>"}


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_what_is_for_everybody_answers_a_stranger(client: Client, method: str) -> None:
    for name, address in addresses():
        who, _ = ADDRESSES[name]
        answer = getattr(client, method)(address)
        if who == EVERYBODY:
            assert answer.status_code == (200 if method == "get" else 405), name
        elif who in (CLEARED, ACCOUNT):
            is_wrong_method = answer.status_code == 405
            assert is_wrong_method or answer.status_code == 302, (name, answer.status_code)
            assert is_wrong_method or answer["Location"].startswith(("/accounts/login/", "/accounts/2fa/")), (
                name
            )


@pytest.mark.django_db
def test_whatever_needs_clearance_tells_an_account_without_it_what_is_missing(client: Client) -> None:
    from datetime import UTC, datetime

    from tests.factories import make_account
    from tests.journeys.walker import Walker

    now = datetime.now(UTC)
    charlie = Walker(make_account(at=now, name="Charlie"), at=now)
    asked = 0
    for name, address in addresses():
        if ADDRESSES[name][0] == CLEARED:
            answer = charlie.client.get(address)
            if answer.status_code == 405:
                answer = charlie.client.post(address)
            assert answer.status_code == 403, name
            assert "Your access is not complete" in answer.content.decode(), name
            asked += 1
    assert charlie.kinds() == ["access-refused refused"] * asked
