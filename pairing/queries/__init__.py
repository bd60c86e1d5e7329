"""Who works with whom: what the apps above ask."""

from pairing.queries.approvers import approvers_of
from pairing.queries.partnerships import (
    counts_by_state,
    search,
)
from pairing.queries.requests import (
    choosing_enrolments,
    queue,
    requests_waiting_for,
    words_of,
)
from pairing.queries.waiting import (
    causes_of,
    kind_words,
    parting_seat,
    waiting_for_a_new_partner,
    waiting_since,
)

__all__ = [
    "approvers_of",
    "causes_of",
    "choosing_enrolments",
    "counts_by_state",
    "kind_words",
    "parting_seat",
    "queue",
    "requests_waiting_for",
    "search",
    "waiting_for_a_new_partner",
    "waiting_since",
    "words_of",
]
