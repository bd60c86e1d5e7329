"""What the log may not carry: secrets of links and tokens, what people have typed, and noise."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from types import NoneType
from urllib.parse import unquote

from django.urls import Resolver404, resolve

HIDDEN = "…"
LONGEST_PLAIN = 40  # a secret of ours is longer
# below these addresses are slugs and ids, which open nothing by themselves
OPEN = ("/o/", "/api/", "/static/", "/healthz", "/livez")
_PATH = re.compile(r"(?<![\w/.])/[^\s\"'<>,;)\]]+")
_TOKEN = re.compile(r"\b(Bearer|Basic|Token)\s+[^\s\"',;]+", re.IGNORECASE)


class LeaveOutHealth(logging.Filter):
    """Leaves out that `/healthz` answered 503: whoever asks reads it there, every few seconds."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return not (path == "/healthz" and getattr(record, "status_code", None) == 503)


class HideSecrets(logging.Filter):
    """Rewrites a record so that whatever formats it, and wherever it goes, cannot say too much.

    A path stands with the name of its route in place of what opens it; an exception with its class
    and where it was raised, for its words hold rows and what was typed.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, Mapping):
            record.msg = {key: hidden(value) for key, value in record.msg.items()}
        else:
            record.msg = hidden(record.msg)
        if isinstance(record.args, Mapping):
            record.args = {key: hidden(value) for key, value in record.args.items()}
        elif record.args:
            record.args = tuple(hidden(value) for value in record.args)
        if record.exc_info and record.exc_info[0] is not None:
            where = "\n".join(where_raised(record.exc_info[1]))
            record.msg, record.args = f"{record.getMessage()}\n{where}", None
            record.exc_info = record.exc_text = None
        return True


def hidden(value: object) -> object:
    """Return what may be written of a value: numbers as they are, words without secrets."""
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, bool | int | float | NoneType):
        return value
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return hidden_in(repr(value))
    return hidden_in(str(value))


def hidden_in(text: str) -> str:
    return _TOKEN.sub(rf"\1 {HIDDEN}", _PATH.sub(lambda found: path_shown(found[0]), text))


def path_shown(address: str) -> str:
    """Return a path without what opens it, and without its query: that may name another link."""
    path, question, query = address.partition("?")
    if path.startswith(OPEN):
        return f"{path}{question}{HIDDEN}" if "%2F" in query.upper() or "/" in query else address
    shown = unquote(path)
    for known in (shown, f"{shown}/"):
        try:
            match = resolve(known)
        except Resolver404:
            continue
        for value in {*map(str, match.kwargs.values()), *map(str, match.args)}:
            shown = shown.replace(value, HIDDEN)
        break
    else:  # no address of ours, or one with something behind it
        first, slash, _rest = shown[1:].partition("/")
        shown = f"/{first if len(first) <= LONGEST_PLAIN else HIDDEN}{slash and f'/{HIDDEN}'}"
    return f"{shown}{question}{HIDDEN if query else ''}"


def where_raised(error: BaseException | None) -> Iterator[str]:
    """Yield the traceback of an exception and its causes, without any of their words."""
    if error is None:
        return
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from where_raised(cause)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}"
