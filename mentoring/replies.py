"""Who reads what people and calendars answer to e-mails, by kind of e-mail.

The only list of it, as follow_ups.py is of what follows; the door is core/notifications/inbound/.
"""

from __future__ import annotations

from core.notifications.inbound.readers import Reader, Readers
from feedback.surveys import by_email as check_ins
from sessions.attendance import by_email as attendance
from sessions.rotation import by_email as turns

_CHECK_IN = Reader(check_ins.read, check_ins.HINT)
_COMING = Reader(attendance.read, attendance.HINT, attendance.asks)

READERS = Readers(
    by_kind={
        "feedback.check_in": _CHECK_IN,
        "feedback.check_in_reminder": _CHECK_IN,
        "sessions.reminder": _COMING,
        "sessions.changed": _COMING,
        "sessions.turn_asked": Reader(turns.read, turns.HINT),
    },
    event=attendance.read_event,
)
