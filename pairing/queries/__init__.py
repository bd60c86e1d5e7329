"""Who works with whom: what the apps above ask."""

from pairing.queries.partnerships import (
    counts_by_state,
    is_partner,
    meeting_on,
    open_partnerships_of,
    open_seats,
    partnered_enrolments,
    partners_of,
    partnerships_of,
    search,
    seats_by_partnership,
)
from pairing.queries.requests import (
    choosing_enrolments,
    my_choices,
    queue,
    requests_waiting_for,
    words_of,
)

__all__ = [
    "choosing_enrolments",
    "counts_by_state",
    "is_partner",
    "meeting_on",
    "my_choices",
    "open_partnerships_of",
    "open_seats",
    "partnered_enrolments",
    "partners_of",
    "partnerships_of",
    "queue",
    "requests_waiting_for",
    "search",
    "seats_by_partnership",
    "words_of",
]
