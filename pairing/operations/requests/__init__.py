"""Self-match: wishes, requests, their answers, and what follows by itself."""

from pairing.operations.requests.answering import (
    accept_request,
    answer_question,
    ask_for_more,
    decline_request,
    say_with_request,
    withdraw_request,
)
from pairing.operations.requests.asking import ask_partner
from pairing.operations.requests.deciding import accept_on_behalf, close_request
from pairing.operations.requests.sweeping import (
    close_pointless_requests,
    follow_up_requests,
    lapse_due_requests,
)
from pairing.operations.requests.wishes import add_wish, move_wish, remove_wish

__all__ = [
    "accept_on_behalf",
    "accept_request",
    "add_wish",
    "answer_question",
    "ask_for_more",
    "ask_partner",
    "close_pointless_requests",
    "close_request",
    "decline_request",
    "follow_up_requests",
    "lapse_due_requests",
    "move_wish",
    "remove_wish",
    "say_with_request",
    "withdraw_request",
]
