"""The settings of the tests: ours, with four lines changed."""

from mentoring.settings import *  # noqa: F403  tests run what production runs

DEBUG = False
TIME_TRAVEL = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
