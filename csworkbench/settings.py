"""Settings: one file, every knob an environment variable with a safe default.

The README's table "Configure" lists the variables. Celery, Redis and database settings follow measured behaviour
(late acknowledgement, socket timeouts without which a half-open connection hangs a worker for good, a connection
pool with a health check); see docs/decisions before changing one.
"""

from __future__ import annotations

from pathlib import Path

import environ
from csp.constants import NONE, SELF

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))

DEBUG = env.bool("DEBUG", default=False)
# Where people reach the workbench: what a mail from a worker links to.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

# The development key only ever protects an installation that has no DATABASE_URL of its own; see `tenancy.checks`.
DEVELOPMENT_KEY = "development-only-key-never-used-with-a-real-database"
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "template_partials",
    "csworkbench.common",
    "csworkbench.tenancy",
    "csworkbench.imports",
    "csworkbench.integrations",
    "accounts",
    "playbooks",
    "escalations",
    "transitions",
    "priorities",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csworkbench.tenancy.middleware.WorkspaceMiddleware",
]

ROOT_URLCONF = "csworkbench.urls"
WSGI_APPLICATION = "csworkbench.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["csworkbench.common.templatetags.workbench", "template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csworkbench.tenancy.context_processors.shell",
            ],
        },
    }
]

# -- Database: the restricted role serves requests and tasks, the owner role only migrates.
DATABASES = {"default": env.db("DATABASE_URL", default="postgres://csw_app@127.0.0.1:5432/csworkbench")}
DATABASE_OWNER = env.db(
    "DATABASE_OWNER_URL",
    default=env.str("DATABASE_URL", default="postgres://csw_owner@127.0.0.1:5432/csworkbench"),
)
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8), "timeout": 10},
        "options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000",
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "csworkbench.tenancy.cache.SteadyCache",
        "LOCATION": REDIS_URL.rsplit("/", 1)[0] + "/1",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# -- Celery
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 180,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_TASK_ROUTES = {
    "priorities.*": {"queue": "pipeline"},
    "playbooks.*": {"queue": "playbooks"},
    "imports.*": {"queue": "imports"},
    "accounts.*": {"queue": "imports"},
    "tenancy.send_mail": {"queue": "mail"},
}
# A handful of fixed ticks; what is due is derived from rows, so losing or doubling one does no harm.
CELERY_BEAT_SCHEDULE = {
    "canary": {"task": "common.canary", "schedule": 60},
    "drain": {"task": "priorities.drain_all", "schedule": 2, "options": {"expires": 10}},
    "sweep": {"task": "priorities.sweep_due", "schedule": 60, "options": {"expires": 55}},
    "playbooks": {"task": "playbooks.tick", "schedule": 60, "options": {"expires": 55}},
    "imports": {"task": "imports.resume_all", "schedule": 15, "options": {"expires": 14}},
    "usage": {"task": "accounts.usage_tick", "schedule": 30, "options": {"expires": 28}},
    "mail": {"task": "tenancy.send_due_mail", "schedule": 15, "options": {"expires": 14}},
}

# -- Sign-in
AUTH_USER_MODEL = "tenancy.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "csworkbench.tenancy.hashers.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "csworkbench.tenancy.passwords.BreachListValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "csworkbench.tenancy.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# A changed password or a removed second step is mailed to its owner, who may not be the one who did it.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Proxies in front whose X-Forwarded-For is believed: without it everyone behind one shares its rate limits.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/10m/key,100/10m/ip",
    "login": "60/m/ip",
    "reset_password": "20/m/ip,5/m/key",
}
MFA_ADAPTER = "csworkbench.tenancy.two_step.TwoStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "CS Workbench"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# -- Browser security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_FAILURE_VIEW = "csworkbench.common.views.csrf_failure"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# Files beyond 2.5 MB lie on disk while they arrive. Text is read as a stream and may be large; a workbook may not.
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=256 * 1024 * 1024)
MAX_WORKBOOK_BYTES = env.int("MAX_WORKBOOK_BYTES", default=20 * 1024 * 1024)
# Usage drops: what one upload or request may bring, what a file of the watched folder may be, and what may be unpacked.
USAGE_MAX_BYTES = env.int("USAGE_MAX_BYTES", default=1024**3)
USAGE_FOLDER_MAX_BYTES = env.int("USAGE_FOLDER_MAX_BYTES", default=8 * 1024**3)
USAGE_MAX_UNPACKED_BYTES = env.int("USAGE_MAX_UNPACKED_BYTES", default=16 * 1024**3)
USAGE_DROPS_DIR = DATA_DIR / "drops"

# -- Mail: a console inbox under DATA_DIR unless EMAIL_URL names a server
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
_email = env.email_url("EMAIL_URL", default="filemail://")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _email.get("EMAIL_HOST") or "localhost", _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
    _email.get("EMAIL_HOST_USER") or "",
    _email.get("EMAIL_HOST_PASSWORD") or "",
)
EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("EMAIL_USE_TLS", False), _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="CS Workbench <workbench@example.org>")

# -- Language, files, logs
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.server": {"level": "WARNING"}, "celery.app.trace": {"level": "WARNING"}},
}
