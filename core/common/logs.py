"""What the log may not carry: the secret of a link that somebody has knocked at; and noise."""

from __future__ import annotations

import logging
import re

_LINKS = re.compile(r"(/(?:l/[a-z-]+|invitation|calendar|certificate|c)/)[^/\s\"]+")


class LeaveOutHealth(logging.Filter):
    """Leaves out that `/healthz` answered 503: whoever asks reads it there, every few seconds."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return not (path == "/healthz" and getattr(record, "status_code", None) == 503)


class HideSecrets(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = _LINKS.sub(r"\1…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(
                _LINKS.sub(r"\1…", value) if isinstance(value, str) else value
                for value in record.args
            )
        return True
