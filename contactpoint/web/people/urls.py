"""Addresses of those who answer for people and organisations. A number in one is never a child's."""

from django.urls import path

from contactpoint.web.people import lists, log, many, organisations, steps, team

urlpatterns = [
    path("team/", team.team, name="team"),
    path("team/re-certify/", team.recertify, name="recertify"),
    path("log/", log.show, name="log"),
    path("log/export/", log.export, name="export_log"),
    path("switches/", team.switches, name="switches"),
    path("switches/authority/off/", team.stop_authority, name="stop_authority"),
    path("switches/authority/on/", team.restore_authority, name="restore_authority"),
    path("switches/service/off/", team.stop_service, name="stop_service"),
    path("switches/service/on/", team.restore_service, name="restore_service"),
    path("people/", lists.people, name="people"),
    path("people/invite/", lists.invite, name="invite_person"),
    path("people/invite-many/upload/", many.upload, name="invite_many"),
    path("people/invite-many/receipts/", many.receipts, name="invited_many"),
    path("people/<int:entry>/", lists.person, name="person"),
    path("people/<int:entry>/identity/", steps.check_identity, name="check_identity"),
    path("people/<int:entry>/dbs/", steps.check_dbs, name="check_dbs"),
    path("people/<int:entry>/training/", steps.check_training, name="check_training"),
    path("people/<int:entry>/approve/", steps.approve, name="approve_person"),
    path("people/<int:entry>/role/", steps.give_role, name="give_role"),
    path("people/<int:entry>/no-role/", steps.end_roles, name="end_roles"),
    path("people/<int:entry>/link/", steps.send_link, name="send_link"),
    path("people/<int:entry>/provider/", steps.link_provider, name="link_person"),
    path("people/<int:entry>/suspend/", steps.suspend, name="suspend_person"),
    path("people/<int:entry>/reinstate/", steps.reinstate, name="reinstate_person"),
    path("people/<int:entry>/close/", steps.close, name="close_person"),
    path("people/<int:entry>/move/", steps.move, name="move_person"),
    path("people/<int:entry>/lost-key/", steps.renew_factors, name="renew_factors"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/new/", organisations.register, name="register_organisation"),
    path("organisations/<int:entry>/", organisations.organisation, name="organisation"),
    path("organisations/<int:entry>/contact/", organisations.contact, name="organisation_contact"),
    path("organisations/<int:entry>/evidence/", organisations.evidence, name="organisation_evidence"),
    path("organisations/<int:entry>/accredit/", organisations.accredit, name="accredit_organisation"),
    path("organisations/<int:entry>/refuse/", organisations.refuse, name="refuse_application"),
    path("organisations/<int:entry>/suspend/", organisations.suspend, name="suspend_organisation"),
    path("organisations/<int:entry>/reinstate/", organisations.reinstate, name="reinstate_organisation"),
]
