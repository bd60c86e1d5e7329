"""The settings of the tests: ours, with a few lines changed."""

import os
from datetime import timedelta

os.environ.setdefault("SECRET_KEY", "tests-only-" + "k" * 50)  # for the checker of types

from mentoring.settings import *  # noqa: F403  tests run what production runs
from mentoring.settings import CELERY_BROKER_URL, REDIS_URL

DEBUG = False
PUBLIC_DOCS = True  # what is tested of it sets it
TIME_TRAVEL = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

# Each of pytest-xdist's workers has two databases of Valkey to itself, as it has one of
# PostgreSQL.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CELERY_BROKER_URL = CELERY_BROKER_URL.replace("virtual_host=0", f"virtual_host={2 * _worker}")
REDIS_URL = REDIS_URL.replace("db=1", f"db={2 * _worker + 1}")
CACHES = {"default": {"BACKEND": "core.common.valkey.Cache", "LOCATION": REDIS_URL}}
ROOM_EVERY_SECONDS = 0.2
NOTIFICATION_HOLD = timedelta()  # what is tested of it sets it
NOTIFICATION_PACING = False  # the same: tests run at any hour
