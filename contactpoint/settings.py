"""Every setting of the service, and the only place that reads the environment.

Rules that an operator may change are at the end, each with the rule it belongs to.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE

from contactpoint.database.facts import APP, MATCH, OWNER, get_facts

PROJECT = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("CONTACTPOINT_DATA") or PROJECT / ".data")
# A data folder marked for practice has its own database, and shows the banner, whatever the environment says.
PRACTICE = (DATA_DIR / "practice.mark").exists()
DATABASE = get_facts(data=DATA_DIR, url="" if PRACTICE else os.environ.get("DATABASE_URL", ""))
DEMO = PRACTICE or os.environ.get("CONTACTPOINT_DEMO") == "1"
DEBUG = False


def _secret_key() -> str:
    """From the environment, else made once and kept in the data folder, readable by us alone."""
    given = os.environ.get("CONTACTPOINT_SECRET_KEY")
    if given:
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


SECRET_KEY = _secret_key()
# Keys of the log's months and of hidden values: outside what a database backup holds (RET-4).
KEYS_DIR = Path(os.environ.get("CONTACTPOINT_KEYS") or DATA_DIR / "keys")
# Wraps the keys of archived records: several with commas between, the first wraps. Else a file is made.
MASTER_KEY = os.environ.get("CONTACTPOINT_MASTER_KEY", "")
# Shields, withdrawals and destructions, to be replayed over a restored database (RET-4).
LOG_YEARS = 6  # AUD-8: how long events of the log are kept
BACKUP_DAYS = 35  # RET-4: what was destroyed may still be in older backups
LEDGER_DIR = Path(os.environ.get("CONTACTPOINT_LEDGER") or DATA_DIR / "ledger")

ALLOWED_HOSTS = os.environ.get("CONTACTPOINT_HOSTS", "localhost,127.0.0.1").split(",")
ROOT_URLCONF = "contactpoint.urls"
WSGI_APPLICATION = "contactpoint.wsgi.application"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "contactpoint.audit",
    "contactpoint.access",
    "contactpoint.directory",
    "contactpoint.intake",
    "contactpoint.casework",
    "contactpoint.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "contactpoint.web.middleware.NeverCached",
    "contactpoint.web.middleware.KnownBrowsers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "contactpoint.web.middleware.SessionRules",
    "contactpoint.web.middleware.OurErrors",
]

# `default` is the server: it may not read hidden tables, nor change the log.
# `match` is intake; `owner` runs migrations and is used by nothing else.
DATABASES = {
    "default": {**DATABASE.django(APP), "TEST": {"MIRROR": "owner"}},
    "match": {**DATABASE.django(MATCH), "TEST": {"MIRROR": "owner"}},
    "owner": DATABASE.django(OWNER),
}
# The server keeps a pool of connections; commands and tests open what they need.
if os.environ.get("CONTACTPOINT_POOL"):
    DATABASES["default"]["OPTIONS"] = {
        **DATABASE.django(APP)["OPTIONS"],
        "pool": {"min_size": 2, "max_size": int(os.environ["CONTACTPOINT_POOL"]), "timeout": 10},
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["match"]["CONN_MAX_AGE"] = 60
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Shared between processes: replay protection of codes and rate limits depend on it.
    # Django's own limit of 300 entries would let anybody push out what was counted, by typing new names.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    },
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PROJECT / "contactpoint" / "web" / "templates"],
        "OPTIONS": {
            "environment": "contactpoint.web.jinja.environment",
            "context_processors": ["contactpoint.web.jinja.with_one_token"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [PROJECT / "contactpoint" / "web" / "static"]
WHITENOISE_USE_FINDERS = True
# Built files carry their digest in their names: browsers may keep them for ever.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/built/.+\.[0-9a-f]{12}\.(css|js|svg)$"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

# Signing in (ACC-4): allauth does it, contactpoint.access adds what it lacks.
AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = ["contactpoint.access.reading_account.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "contactpoint.access.sign_in.AccountAdapter"
MFA_ADAPTER = "contactpoint.access.sign_in.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # by account alone; ours: access/attempts.py
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # the key asks for its PIN or a finger
MFA_FORMS = {
    "authenticate": "contactpoint.access.sign_in.AuthenticateForm",
    "authenticate_webauthn": "contactpoint.access.sign_in.AuthenticateKeyForm",
    "reauthenticate_webauthn": "contactpoint.access.sign_in.ReauthenticateKeyForm",
    "reauthenticate": "contactpoint.access.sign_in.ReauthenticateForm",
}
MFA_TOTP_ISSUER = "ContactPoint"
MFA_TOTP_TOLERANCE = 1
# Providers with whom people may also sign in (ACC-4): a file, docs/how-to/sign-in-with-a-provider.md.
SIGN_IN_PROVIDERS = os.environ.get("CONTACTPOINT_SIGN_IN_PROVIDERS", "")
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
# By GOV.UK Notify, where its key is set (docs/how-to/send-mail.md).
NOTIFY_KEY = os.environ.get("CONTACTPOINT_NOTIFY_KEY", "")
NOTIFY_TEMPLATE = os.environ.get("CONTACTPOINT_NOTIFY_TEMPLATE", "")
NOTIFY_ADDRESS = os.environ.get(
    "CONTACTPOINT_NOTIFY_ADDRESS", "https://api.notifications.service.gov.uk"
).rstrip("/")
if NOTIFY_KEY:
    EMAIL_BACKEND = "contactpoint.access.letters.NotifyBackend"
EMAIL_FILE_PATH = DATA_DIR / "outbox"
DEFAULT_FROM_EMAIL = os.environ.get("CONTACTPOINT_FROM", "contactpoint@localhost")

# Sessions (ACC-5) live in the database; SessionRules enforces idle and absolute limits.
SECURE = os.environ.get("CONTACTPOINT_SECURE", "0" if DEMO else "1") == "1"
SESSION_ENGINE = "contactpoint.web.session_store"
SESSION_COOKIE_NAME = "contactpoint"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = SECURE
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "contactpoint.web.errors.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
# Not "no-referrer": browsers then send `Origin: null` with forms, which the forgery check refuses.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_HANDLERS = ["contactpoint.web.uploads.PrivateUpload"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],  # a page left open asks when its session ends (ADR 110)
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "contactpoint.log_lines.WithoutValues",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # A database that has stopped is said once a page, not once a try of the pool.
        "psycopg.pool": {"level": "ERROR", "propagate": True},
        # A query's parameters may be a child's values: never write them.
        "django.db.backends": {"level": "ERROR", "propagate": True},
        # A form that somebody filled in wrongly is answered on its page, and is no news to an operator.
        "django.request": {"level": "ERROR", "propagate": True},
    },
}

# Settings of the rule book.
SESSION_IDLE = timedelta(minutes=15)  # ACC-5
SESSION_ABSOLUTE = timedelta(hours=8)  # ACC-5
SESSION_WARNING = timedelta(minutes=3)  # how long before its end a page warns
SESSIONS_SHOWN_FOR = timedelta(days=90)  # with what and from where somebody signed in, to themselves
SHIELD_REVIEW_AFTER = timedelta(days=183)  # SHI-4: six months
SHIELDING_WINDOW = timedelta(days=28)  # SHI-10: how long a team has to apply shields before anybody looks
OPENING_TRAINED_PERCENT = 90  # SHI-10: of an authority's practitioners, before it opens
BROKERED_CONTACT_LASTS = timedelta(days=14)  # SEN-5: how long a requester sees the contact
ACCOUNT_SUSPENDED_UNUSED = timedelta(days=90)  # ACC-5
ACCOUNT_CLOSED_UNUSED = timedelta(days=365)  # ACC-5
RECERTIFIED_FOR = timedelta(days=183)  # ACC-10: six months
INVITATION_LASTS = timedelta(days=14)
PASSWORD_LINK_LASTS = timedelta(hours=1)
# SHI-7: a fresh record starts at a moment drawn from these; in a demo somebody waits for it.
ARCHIVE_OPEN_FOR = timedelta(days=7)  # how long an agreement of two custodians lasts (RET-2)
IDENTITY_STARTS_WITHIN = timedelta(minutes=2) if DEMO else timedelta(hours=72)
