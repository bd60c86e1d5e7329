"""Settings, top to bottom; each value comes from the environment through core/common/env.py."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from core.common import env

ROOT = Path(__file__).resolve().parent.parent

# The matching engine divides its work into threads itself; numpy's would only take turns with
# them.  Read when numpy is first imported, which is after the settings.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# ── what kind of machine this is ────────────────────────────────────────────────────────
DEBUG = env.flag("DEBUG", "yes")
SECRET_KEY = env.secret("SECRET_KEY", "development-only" if DEBUG else None)
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [
    host
    for host in env.text("ALLOWED_HOSTS", f"{urlsplit(SITE_URL).hostname},localhost").split(",")
    if host
]
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
    "core.ui",
    "programs",
    "pairing",
    "sessions",
    "agreements",
    "feedback",
    "metrics",
]

MIDDLEWARE = [
    "sessions.room.live.RoomMiddleware",  # first: most answers of a room cost one GET of Valkey
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.members.requests.HostileInputMiddleware",
    "core.members.requests.TokenMiddleware",
    "core.members.requests.OrganisationMiddleware",
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
            ],
        },
    }
]

# ── PostgreSQL: the web and the workers are roundtable_app; migrate runs as the owner ───
DATABASE_URL = env.text("DATABASE_URL", "postgresql://roundtable_app@localhost/roundtable")


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
    options: dict[str, Any] = dict(parts)
    if pool:
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
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

# ── Valkey: cache, sessions, broker ─────────────────────────────────────────────────────
REDIS_URL = env.text("REDIS_URL", "redis://localhost:6379/1")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# How often a phone in a meeting room asks what is new; docs/scaling.md says what that costs.
ROOM_EVERY_SECONDS = float(env.text("ROOM_EVERY_SECONDS", "2"))

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "redis://localhost:6379/0")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 900
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "mentoring.heartbeat", "schedule": 10.0},
    "dispatch": {"task": "notifications.dispatch", "schedule": 30.0},
    "follow-ups": {"task": "mentoring.follow_up_due", "schedule": 10.0},
    "everybody": {"task": "mentoring.mark_all_due", "schedule": 3600.0},
}

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
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "core.accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True

# ── mail ────────────────────────────────────────────────────────────────────────────────
_mail = urlsplit(env.text("EMAIL_URL", "smtp://127.0.0.1:2525"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _mail.hostname or "127.0.0.1"
EMAIL_PORT = _mail.port or 25
EMAIL_HOST_USER = _mail.username or ""
EMAIL_HOST_PASSWORD = _mail.password or ""
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("FROM_EMAIL", "Roundtable <roundtable@roundtable.example>")
# With DEBUG, /_mail/ shows what the SMTP sink has kept here.
MAIL_FOLDER = Path(env.text("MAIL_FOLDER", str(ROOT / ".data" / "mail")))

# ── language and time ───────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
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
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

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

# ── logs ────────────────────────────────────────────────────────────────────────────────
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {
        "secrets": {"()": "core.common.logs.HideSecrets"},
        "health": {"()": "core.common.logs.LeaveOutHealth"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["secrets"],
        }
    },
    "loggers": {"django.request": {"filters": ["health"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail is unique by Lower: user_email_once
