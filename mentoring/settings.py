"""Settings, top to bottom; each value comes from the environment through core/common/env.py."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from csp.constants import NONCE, NONE, SELF
from kombu import Exchange, Queue
from psycopg.conninfo import conninfo_to_dict

from core.common import env
from mentoring import machine_code

ROOT = Path(__file__).resolve().parent.parent

# The matching engine divides its work into threads itself; numpy's would only take turns with
# them.  Read when numpy is first imported, which is after the settings.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# What the engines compile outlasts a release here, so each state of their source has a folder of
# its own; without, it lies beside the source.  Read when numba is first imported, later too.
MACHINE_CODE: Path | None = None
if compiled_dir := env.text("COMPILED_DIR", ""):
    MACHINE_CODE = machine_code.folder_for(ROOT, among=Path(compiled_dir))
    os.environ["NUMBA_CACHE_DIR"] = str(MACHINE_CODE)

# ── what kind of machine this is ────────────────────────────────────────────────────────
# Whatever is not said is closed: `make demo` says DEBUG=yes, and each start needs its own key.
DEBUG = env.flag("DEBUG", "no")
SECRET_KEY = env.secret("SECRET_KEY", None)
# Keys that were in use before, the latest first: links and sessions they signed stay good.
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
# The host is SITE_URL's alone: links in e-mails and redirects follow no other.
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "", *(["localhost"] if DEBUG else [])]
# Through how many proxies of ours a request comes: the address of who asks is what the outermost
# of them has written into X-Forwarded-For; what else stands there anybody may have written.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# clock.at moves time for demo data and tests; production refuses it.
TIME_TRAVEL = env.flag("TIME_TRAVEL", "yes" if DEBUG else "no")

# ── the rooms of the house, lowest first ────────────────────────────────────────────────
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_htmx",
    "lucide",
    "django_cotton.apps.SimpleAppConfig",
    "core.tenancy",
    "core.members",
    "core.audit",
    "core.notifications",
    "core.jobs",
    "core.accounts",
    "core.ui",
    "programs",
    "pairing",
    "sessions",
    "agreements",
    "feedback",
    "metrics",
    "mentoring.privacy",
]

MIDDLEWARE = [
    # first: probes come by IP and in plain HTTP, and are answered whatever is away
    "mentoring.health.HealthMiddleware",
    "mentoring.monitoring.MonitoringMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.members.edge.EdgeMiddleware",  # before anything reads a body or asks for an address
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sessions.room.live.RoomMiddleware",  # before sessions: it mostly costs one GET of Valkey
    "core.members.edge.LimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.accounts.sso.sessions.SsoMiddleware",  # before anybody asks who has signed in
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.members.requests.HostileInputMiddleware",
    "core.members.requests.TokenMiddleware",
    "core.audit.token_use.TokenUseMiddleware",
    "core.members.requests.OrganisationMiddleware",
    "core.accounts.sessions.SignInMiddleware",  # inside: an organisation may ask for more
    "core.members.requests.DomainErrorMiddleware",
]
ROOT_URLCONF = env.text("ROOT_URLCONF", "mentoring.urls")
WSGI_APPLICATION = "mentoring.wsgi.application"
FORM_RENDERER = "core.ui.forms.Renderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mentoring.home.navigation.navigation",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "core.ui.templatetags.design",
                "core.notifications.templatetags.mail",
            ],
        },
    }
]

# ── PostgreSQL: the web and the workers are roundtable_app; migrate runs as the owner ───
DATABASE_URL = env.text("DATABASE_URL", "postgresql://roundtable_app@localhost/roundtable")
DATABASE_PASSWORD = env.secret("DATABASE_PASSWORD", "")  # in place of the one in the URL
DB_POOL_SIZE = env.number("DB_POOL_SIZE", 8)
# A page that waits longer than that is not waited for either; 0 is no limit, as for migrations.
DB_STATEMENT_SECONDS = env.number("DB_STATEMENT_SECONDS", 30 if env.flag("DB_POOL", "yes") else 0)
DB_LOCK_SECONDS = env.number("DB_LOCK_SECONDS", 5 if env.flag("DB_POOL", "yes") else 0)


def _database(url: str, pool: bool) -> dict[str, Any]:
    parts = dict(conninfo_to_dict(url))
    named = {
        key.upper(): parts.pop(name, "") or ""
        for key, name in [
            ("name", "dbname"),
            ("user", "user"),
            ("password", "password"),
            ("host", "host"),
            ("port", "port"),
        ]
    }
    named["PASSWORD"] = DATABASE_PASSWORD or named["PASSWORD"]
    limits = {"statement_timeout": DB_STATEMENT_SECONDS, "lock_timeout": DB_LOCK_SECONDS}
    options: dict[str, Any] = {"connect_timeout": 2} | dict(parts)
    if said := [f"-c {name}={seconds}s" for name, seconds in limits.items() if seconds]:
        options["options"] = " ".join([str(parts.get("options") or ""), *said]).strip()
    if pool:
        # Without PostgreSQL a page says so within two seconds, and after a second of trying in vain
        # the next page tries anew: the pool's own pauses double, up to minutes.
        options["pool"] = {
            "min_size": 1,
            "max_size": DB_POOL_SIZE,
            "timeout": 1.5,
            "reconnect_timeout": 1.0,
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 0 if pool else 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        **named,
    }


# Celery closes Django's pool after each task: workers run with DB_POOL=no.
DATABASES = {"default": _database(DATABASE_URL, env.flag("DB_POOL", "yes"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Valkey: one as cache, one as broker; both may be away ───────────────────────────────
REDIS_URL = env.text("REDIS_URL", "redis://localhost:6379/1")
CACHES = {"default": {"BACKEND": "core.common.valkey.Cache", "LOCATION": REDIS_URL}}
# Rows alone: a cached session would come back to life where Valkey missed that it ended.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# How often a phone in a meeting room asks what is new; docs/scaling.md says what that costs.
ROOM_EVERY_SECONDS = float(env.text("ROOM_EVERY_SECONDS", "2"))

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "redis://localhost:6379/0")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 900
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800, "socket_connect_timeout": 1}
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
# Nobody waits for a broker that is away: what it would be told is a row, and a sweep says it again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # a job goes on without it
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# Each queue has workers of its own: what takes minutes (jobs, and thousands of e-mails at once)
# holds up neither a code that somebody waits for (now) nor what follows from changes (sweeps).
# A worker that is not told which takes all of them.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in ("now", "emails", "sweeps", "jobs")
]
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TASK_ROUTES = {
    "mentoring.heartbeat": {"queue": "now"},
    "notifications.send_*": {"queue": "now"},  # one at a time; dispatch sends the many
    "notifications.*": {"queue": "emails"},
    "mentoring.*": {"queue": "sweeps"},
}


def _every(seconds: int, task: str) -> dict[str, Any]:
    """Say "look now" so often; what nobody heard until the next time is worth nothing."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


# What is due less often has its next time in a row (mentoring/tasks.py): beat's schedule
# goes with its container.
CELERY_BEAT_SCHEDULE = {
    "heartbeat": _every(10, "mentoring.heartbeat"),
    "dispatch": _every(30, "notifications.dispatch"),
    "sign-in": _every(5, "notifications.send_sign_in"),
    "follow-ups": _every(10, "mentoring.follow_up_due"),
    "recurring": _every(60, "mentoring.run_recurring"),
}

# ── how long what is over is kept ───────────────────────────────────────────────────────
KEEP_FILES_DAYS = env.number("KEEP_FILES_DAYS", 7)  # uploads, from their day on
KEEP_JOBS_DAYS = env.number("KEEP_JOBS_DAYS", 90)  # long work that has ended
KEEP_EMAILS_DAYS = env.number("KEEP_EMAILS_DAYS", 90)  # words of e-mails that were sent
# ids of erased people, outside the database: after a restore they are erased again by it
ERASURES_FILE = env.text("ERASURES_FILE", "")

# ── signing in ──────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "organisations"
LOGOUT_REDIRECT_URL = "front"
ACCOUNT_ADAPTER = "core.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# of allauth's sign-up nothing is left (core/accounts/views/sign_in.py); its other forms read this
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "core.accounts.sign_in_forms.LoginForm",
    "confirm_login_code": "core.accounts.sign_in_forms.ConfirmLoginCodeForm",
    "request_login_code": "core.accounts.sign_in_forms.RequestLoginCodeForm",
    "reset_password": "core.accounts.sign_in_forms.ResetPasswordForm",
    "change_password": "core.accounts.sign_in_forms.ChangePasswordForm",
    "set_password": "core.accounts.sign_in_forms.SetPasswordForm",
    "add_email": "core.accounts.sign_in_forms.AddEmailForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
# adding, removing and promoting e-mails, passwords, second steps, tokens: who signed in or
# confirmed it within so many seconds
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# "open": whoever proves a mailbox may open an organisation; "invited": who is in one already;
# "closed": nobody, and `manage.py create_organisation` makes them
SIGN_UP = env.choice("SIGN_UP", "open", among=("open", "invited", "closed"))
MFA_ADAPTER = "core.accounts.adapter.SecondStepAdapter"
MFA_FORMS = {"add_webauthn": "core.accounts.sign_in_forms.AddPasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Roundtable"
# browsers take passkeys over https, and on localhost
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE_URL.startswith("https://")
# an organisation's own provider: rows of its own, none here (core/accounts/sso)
SOCIALACCOUNT_ADAPTER = "core.accounts.sso.adapter.SsoAdapter"
# whether providers may stand inside our own network, and speak http there: else only https in the
# open, so that no owner has our servers ask what only they can reach
SSO_PRIVATE_NETWORKS = env.flag("SSO_PRIVATE_NETWORKS", "no")
# a session ends with the browser, or after "keep me signed in" when it is so old; the idle limit
# is core/accounts/sessions.py's
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# By address generous, for a company of thousands comes from one; by e-mail strict, for each is an
# e-mail to somebody.  The key of a wrong password is the e-mail and the address (see the adapter),
# so that nobody outside can lock anybody out.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "signup": "20/m/ip,100/d/ip",
    "reset_password": "20/m/ip,3/m/key,10/h/key",
    "request_login_code": "60/m/ip,3/m/key,10/h/key",
}
# How many invitations an organisation may send a day: whoever signs up owns one.
INVITATIONS_A_DAY = env.number("INVITATIONS_A_DAY", 1_000)

# ── mail ────────────────────────────────────────────────────────────────────────────────
_mail = env.mail_server("EMAIL_URL", "smtp://127.0.0.1:2525")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _mail.host
EMAIL_PORT = _mail.port
EMAIL_HOST_USER = _mail.user
EMAIL_HOST_PASSWORD = _mail.password
# e-mails keep to their reader's clock and choices; without, each goes as soon as it is written
NOTIFICATION_PACING = env.flag("NOTIFICATION_PACING", "yes")
# what several apps have to say of one act waits so long for one another, and goes as one e-mail
NOTIFICATION_HOLD = timedelta(seconds=env.number("NOTIFICATION_HOLD_SECONDS", 90))
# who answers to an e-mail of a program: what knows programs lies above the outbox
NOTIFICATION_REPLIES = "programs.queries.designs.reply_addresses"
# and in which words a program speaks
PROGRAM_WORDS = "programs.queries.designs.words_of_programs"
EMAIL_USE_TLS = _mail.starttls
EMAIL_USE_SSL = _mail.tls
EMAIL_TIMEOUT = 10
# Where e-mails come back to, as MAIL FROM bounces+<key>@…, and what a relay posts mail here with.
BOUNCE_ADDRESS = env.text("BOUNCE_ADDRESS", "")
INBOUND_MAIL_KEY = env.secret("INBOUND_MAIL_KEY", "")
# Where answers to e-mails come in, as reply+<key>@…; without it they go to a coordinator.
INBOUND_DOMAIN = env.text("INBOUND_DOMAIN", "").lower()
# who reads them: the apps lie above the outbox
NOTIFICATION_READERS = "mentoring.replies.READERS"
DEFAULT_FROM_EMAIL = env.text("FROM_EMAIL", "Roundtable <roundtable@roundtable.example>")
# With DEBUG, /_mail/ shows what the SMTP sink has kept here.
MAIL_FOLDER = Path(env.text("MAIL_FOLDER", str(ROOT / ".data" / "mail")))

# ── language and time ───────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en"
# A language is offered when its catalog is whole: tests/guards/test_languages.py.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español")]
FORMAT_MODULE_PATH = "mentoring.formats"
LOCALE_PATHS = [ROOT / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# ── static files ────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(ROOT / ".data" / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.flag("HASHED_STATIC", "no" if DEBUG else "yes")
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# ── the browser is told to trust nothing but us ─────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": (),
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
_https = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _https
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
# For every name below this one, and for years: only the owner of the domain can know.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD", "no")
# The kit and the API's documentation are for who has signed in, unless the operator opens them.
PUBLIC_DOCS = env.flag("PUBLIC_DOCS", "yes" if DEBUG else "no")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
# The largest body of a request at all: of who has no session, and of who has one.
MAX_BODY, MAX_BODY_SIGNED_IN = 1_000_000, 12_000_000

# ── REST ────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.members.rest.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.members.rest.ScopePermission"],
    "DEFAULT_PAGINATION_CLASS": "core.members.rest.KeysetPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.members.rest.answer_refusal",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Roundtable",
    "DESCRIPTION": "Peer mentoring programs that grow leaders: facts and figures for HR.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
}

# ── logs, metrics, reports of errors ────────────────────────────────────────────────────
LOG_LEVEL = env.text("LOG_LEVEL", "WARNING").upper()
_before = [
    structlog.contextvars.merge_contextvars,  # request, organisation, task
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow=("method", "route", "status", "ms")),
    structlog.processors.TimeStamper(fmt="iso"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "foreign_pre_chain": _before,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        },
    },
    "filters": {
        "secrets": {"()": "core.common.logs.HideSecrets"},
        "health": {"()": "core.common.logs.LeaveOutHealth"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.text("LOG_FORMAT", "text" if DEBUG else "json"),
            "filters": ["secrets"],
        }
    },
    "loggers": {
        "django.request": {"filters": ["health"]},
        # Django would add handlers of its own, which write every address as it is
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "propagate": True},
        # "received" and "succeeded" of every task: half a million lines a day
        "celery": {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
METRICS_TOKEN = env.secret("METRICS_TOKEN", "")  # without one there is no /metrics
SENTRY_DSN = env.secret("SENTRY_DSN", "")  # needs requirements/sentry.txt
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # e-mail is unique by Lower: user_email_once
    "security.W005",  # HSTS_PRELOAD is the operator's to say
    "security.W021",
]
