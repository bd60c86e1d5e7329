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

__all__ = [
    "counts_by_state",
    "is_partner",
    "meeting_on",
    "open_partnerships_of",
    "open_seats",
    "partnered_enrolments",
    "partners_of",
    "partnerships_of",
    "search",
    "seats_by_partnership",
]
