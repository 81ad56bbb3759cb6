"""Addresses of signing in and of one's own account.

Of the sign-in library only what is listed here exists: no sign-up, no e-mail pages, no removing a factor.
"""

from allauth.account import views as account_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.webauthn import views as key_views
from django.urls import path

from contactpoint.web import accounts, enrolling, keys, profile, providers, sessions, training

urlpatterns = [
    path("", accounts.own_account, name="mfa_index"),
    path("login/", accounts.SignInView.as_view(), name="account_login"),
    path("with/<slug:provider>/", providers.start, name="provider_start"),
    path("with/<slug:provider>/back/", providers.back, name="provider_back"),
    path("with/<slug:provider>/link/", providers.link, name="link_provider"),
    path("with/<slug:provider>/unlink/", providers.unlink, name="unlink_provider"),
    path("welcome/<str:token>/", enrolling.welcome, name="welcome"),
    path("forgotten/", enrolling.forgotten, name="forgotten_password"),
    path("agreement/", enrolling.agreement, name="agreement"),
    path("logout/", account_views.logout, name="account_logout"),
    path("sessions/", sessions.own_sessions, name="own_sessions"),
    path("profile/", profile.own_profile, name="own_profile"),
    path("profile/contact/", profile.own_team_contact, name="own_team_contact"),
    path("profile/away/", profile.own_cover, name="own_cover"),
    path("profile/back/", profile.end_cover, name="end_cover"),
    path("training/", training.own_training, name="own_training"),
    path("training/<slug:module>/", training.take_training, name="take_training"),
    path("session/", sessions.session_left, name="session_left"),
    path("session/stay/", sessions.stay_signed_in, name="stay_signed_in"),
    path("session/over/", sessions.timed_out, name="timed_out"),
    path("password/change/", account_views.password_change, name="account_change_password"),
    path("reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("2fa/authenticate/", factor_views.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", factor_views.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/reauthenticate/key/", key_views.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/enrol/", accounts.enrol, name="account_enrol"),
    path("2fa/enrol/key/", keys.enrol_with_key, name="enrol_with_key"),
    path("2fa/keys/add/", keys.add_security_key, name="add_security_key"),
    path("2fa/keys/<int:entry>/remove/", keys.remove_security_key, name="remove_security_key"),
    path("2fa/replace/", accounts.replace_authenticator, name="account_replace_authenticator"),
    path("2fa/recovery-codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        recovery_views.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
]
