"""Purser's settings, read from the environment, typed, and named at start when missing or odd.

What each variable means, with an example, is in docs/operations.md.
"""

import sys
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(environment.text("VAR_DIR", str(BASE_DIR / "var")))

DEBUG = environment.flag("DEBUG")
TESTING = "pytest" in sys.modules

SECRET_KEY = environment.secret_key(may_be_short=DEBUG)
FIELD_KEYS = environment.field_keys()
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = environment.names("CSRF_TRUSTED_ORIGINS")
SUPPLIER_HOSTS = environment.names("SUPPLIER_HOSTS")
SUPPLIER_ALLOW_LOCAL = environment.flag("SUPPLIER_ALLOW_LOCAL")
# A list that does not end within this many pages is taken for endless.
SYNC_MAX_PAGES = environment.number("SYNC_MAX_PAGES", 10_000)
# So many delivered codes a person may reveal within an hour.
REVEALS_PER_HOUR = environment.number("REVEALS_PER_HOUR", 30)
# People are told when an account would be empty within so many hours; 0: they are told only when it is nearly so.
RUNWAY_HOURS = environment.number("RUNWAY_HOURS", 24, least=0, most=720)
DEMO_PASSWORD = environment.text("DEMO_PASSWORD")
METRICS_TOKEN = environment.text("METRICS_TOKEN")
PORT = environment.number("PORT", 8000, most=65535)
SITE_URL = environment.text("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")  # for links in e-mail

INSTALLED_APPS = [
    "config.apps.PurserAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
    "csp",
    "axes",
    "django_q",
    "catalog",
    "funding",
    "orders",
    "monitoring",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.headers.no_store",
    "csp.middleware.CSPMiddleware",
    "config.refusals.refusal_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.sessions.session_limits",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [BASE_DIR / "templates"],
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
        "config.context.shell",
    ]},
}]
FORM_RENDERER = "config.forms.FormRenderer"

DATABASES = {"default": environment.database(f"sqlite:///{VAR_DIR / 'purser.sqlite3'}")}
DATABASE = DATABASES["default"]
DATABASE["CONN_HEALTH_CHECKS"] = True
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    try:
        VAR_DIR.mkdir(exist_ok=True)
    except OSError as refusal:
        raise ImproperlyConfigured(
            f"VAR_DIR is odd: {refusal.strerror} ({VAR_DIR}). Name a folder that Purser may write to.") from refusal
    # IMMEDIATE takes the one write lock at the start of a block, so a lock upgrade in mid-block cannot fail.
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASE.setdefault("OPTIONS", {})
    DATABASE["CONN_MAX_AGE"] = 60
    # A lock is waited for 3 s, a statement runs 15 s, an idle transaction dies after 5 s: nobody holds up the money.
    DATABASE["OPTIONS"].setdefault(
        "options",
        "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=5000 -c statement_timeout=15000",
    )
    # A server that vanished without a word, as a host that lost its power, is given up after some 25 s, not after hours.
    for name, value in {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
                        "tcp_user_timeout": 25_000}.items():
        DATABASE["OPTIONS"].setdefault(name, value)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours: a locked sign-in opens by itself after 15 minutes
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_VERBOSE = False
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# In the database alone: a cache of each process would keep a session alive after its user has signed out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SERVE_TLS = environment.flag("SERVE_TLS", not (DEBUG or TESTING))
if SERVE_TLS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = environment.tls_header("X-Forwarded-Proto")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "connect-src": [SELF],
    "font-src": [SELF],
    "img-src": [SELF, "data:"],  # the style sheets draw arrows and ticks of form fields from data: SVGs
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
}}
# A purchase form has a few short fields; anything near these limits is not one.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
TIME_ZONE = environment.time_zone("UTC")
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = True  # serves also what was not collected, see config.assets
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.assets.Files" if not (DEBUG or TESTING)
                    else "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"

vars().update(environment.mail("consolemail://"))
if EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend":  # noqa: F821 - set by the line above
    EMAIL_BACKEND = "config.mail.StandardError"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("EMAIL_FROM", "purser@localhost")

Q_CLUSTER = {
    "name": "orders",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.5,
    # A send reads a price and a balance and waits up to 75 s for the order: the limit must never be what cuts it short.
    "timeout": 200,
    # A task is claimed when it enters the in-memory queue, not when it starts, so retry covers a full queue too.
    "retry": 600,
    "max_attempts": 5,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 250,
    "save_limit_per": "func",
    "label": "Queue",
    "ALT_CLUSTERS": {"catalog": {"workers": 1, "queue_limit": 1, "timeout": 1800, "retry": 4000}},
}

# httpx prints full URLs at INFO, and hpack prints header values at DEBUG: neither may reach a log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"refusals": {"()": "config.logs.RefusalsInOneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore", "hpack", "h2", "axes", "django-q")},
}
