"""The one settings file: everything comes from the environment or .env, and a bad value stops the start."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.city import CityFileError, load_city

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(str(BASE_DIR / ".env"))

SECRET_KEY = env.str("GRIDMAP_SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("GRIDMAP_SECRET_KEY is shorter than 32 characters: write a longer random one")
DEBUG = env.bool("GRIDMAP_DEBUG", default=False)
ALLOWED_HOSTS = env.list("GRIDMAP_ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("GRIDMAP_TRUSTED_ORIGINS", default=[])
try:
    CITY = load_city(env.str("GRIDMAP_CITY", default="demo"))
except CityFileError as error:
    raise ImproperlyConfigured(str(error)) from error

INSTALLED_APPS = [
    "people",  # before the admin: its frame is ours
    "config.admin.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.gis",
    "django_htmx",
    "leaflet",
    "django_q",
    "gridmap",
    "dispatch",
    "inspectors",
    "scorecards",
    "desks",
    "fixtures",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.policy.ContentSecurityPolicy",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "people.context.house",
            ],
        },
    }
]

DB_ROLE = env.str("GRIDMAP_DB_ROLE", default="app")
if DB_ROLE not in ("app", "owner"):
    raise ImproperlyConfigured(f"GRIDMAP_DB_ROLE must be 'app' or 'owner', found {DB_ROLE!r}")
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": CITY.database,
        "USER": f"gridmap_{DB_ROLE}",
        "PASSWORD": env.str("GRIDMAP_DB_PASSWORD", default=""),
        "HOST": env.str("GRIDMAP_DB_HOST"),
        "PORT": env.str("GRIDMAP_DB_PORT", default="5432"),
        # the development server has a thread for each request: none of them may keep a connection
        "CONN_MAX_AGE": 0 if DEBUG else 60,
        # our statements are short or aggregate a month: compiling them first only costs time
        "OPTIONS": {"application_name": "gridmap", "options": "-c jit=off"},
        # tests clone the database that has the extensions; only a superuser can create those
        "TEST": {"TEMPLATE": "gridmap_template"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["people.backends.RoleBackend"]
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "desks:home"
LOGOUT_REDIRECT_URL = "people:login"
CSRF_FAILURE_VIEW = "people.views.csrf_failure"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Django's own GDAL opens no file here: geo files are read by pyogrio, whose wheel brings a current GDAL.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = CITY.zone.key
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.str("GRIDMAP_STATIC_ROOT", default=str(BASE_DIR / ".local" / "static"))
# Browser libraries come from npm (package-lock.json), the rest from Python packages.
STATICFILES_DIRS = [
    (f"vendor/{name}", BASE_DIR / "node_modules" / name / "dist")
    for name in ("supercluster", "protomaps-leaflet")
    if (BASE_DIR / "node_modules" / name / "dist").is_dir()
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.HashedFiles"},
}
MEDIA_ROOT = env.str("GRIDMAP_MEDIA_ROOT", default=str(BASE_DIR / ".local" / "media"))
# the day's heads of all logs, outside the database (docs/adr/0019); the key signs them
SEAL_DIR = env.str("GRIDMAP_SEAL_DIR", default=str(BASE_DIR / ".local" / "seals"))
SEAL_KEY = env.str("GRIDMAP_SEAL_KEY", default="")
if SEAL_KEY and len(SEAL_KEY) < 32:
    raise ImproperlyConfigured("GRIDMAP_SEAL_KEY is shorter than 32 characters: write a longer random one")
# the mailbox that units answer to: imaps://user:password@host:993/INBOX; user and password percent-encoded
MAILBOX = env.str("GRIDMAP_MAILBOX", default="")
if MAILBOX and not MAILBOX.startswith(("imaps://", "imap://127.0.0.1", "imap://localhost")):
    raise ImproperlyConfigured(
        "GRIDMAP_MAILBOX must be imaps://user:password@host/folder (imap:// only on this machine)"
    )
# the city's gateway for SMS: an https address that takes {"id", "to", "text"} as JSON
TEXT_GATEWAY = env.str("GRIDMAP_TEXT_GATEWAY", default="")
TEXT_GATEWAY_TOKEN = env.str("GRIDMAP_TEXT_GATEWAY_TOKEN", default="")
if TEXT_GATEWAY and not TEXT_GATEWAY.startswith(("https://", "http://127.0.0.1", "http://localhost")):
    raise ImproperlyConfigured("GRIDMAP_TEXT_GATEWAY must be an https:// address (http:// only on this machine)")
# hosts (or host:port) that a recording's link may lead to; none: the screen pop's recordings are refused
RECORDING_HOSTS = env.list("GRIDMAP_RECORDING_HOSTS", default=[])
if any("/" in host or "@" in host or not host for host in RECORDING_HOSTS):
    raise ImproperlyConfigured(
        "GRIDMAP_RECORDING_HOSTS takes hosts only, comma-separated: rec.example.org,10.0.0.5:8443"
    )
# class models learned from history, a folder each (docs/adr/0024)
CLASS_MODEL_DIR = env.str("GRIDMAP_CLASS_MODEL_DIR", default=str(BASE_DIR / ".local" / "classes"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# JSON only, by the session of the page that asks; who may do what is in people/permissions.py
# not among INSTALLED_APPS: it would bring its own words for errors of forms, and pages that nobody needs
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# Own base map only: no public tiles, so that it works without internet.
LEAFLET_CONFIG = {
    "DEFAULT_CENTER": (CITY.centre[1], CITY.centre[0]),
    "DEFAULT_ZOOM": CITY.zoom,
    "TILES": [],
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
}
# Background work on the database itself: a task is stored in the same transaction as what caused it.
Q_CLUSTER = {
    "name": f"gridmap_{CITY.key}",
    "orm": "default",
    "workers": 1,
    "timeout": 120,
    "retry": 180,
    "poll": 0.5,
    "max_attempts": 0,
    "ack_failures": False,
    "catch_up": False,
    "save_limit": 1000,
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # one line per enqueued task says nothing that the task table does not
    "loggers": {"django-q": {"level": "WARNING"}},
}
