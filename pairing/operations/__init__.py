"""Everything that changes runs, sets of criteria, pair rules, partnerships and seats."""

from pairing.operations.approvals import (
    approve_publication,
    ask_to_publish,
    decline_publication,
    withdraw_publication,
)
from pairing.operations.partnerships import (
    end_partnership,
    free_seats_of_the_gone,
    leave_seat,
    make_partnership,
    rename_partnership,
    take_seat,
)
from pairing.operations.publishing import publish_run
from pairing.operations.repairing import (
    part_ways,
    pause_partnership,
    resume_partnership,
    resume_rested_partnerships,
    say_what_next,
)
from pairing.operations.requests import (
    accept_on_behalf,
    accept_request,
    add_wish,
    answer_question,
    ask_for_more,
    ask_partner,
    close_pointless_requests,
    close_request,
    decline_request,
    follow_up_requests,
    lapse_due_requests,
    move_wish,
    remove_wish,
    say_with_request,
    withdraw_request,
)
from pairing.operations.rules import clear_pair_rule, set_pair_rule
from pairing.operations.runs import (
    cancel_match_run,
    compute_match_run,
    discard_run,
    settle_runs,
    start_match_run,
)
from pairing.operations.sets import (
    change_criteria_set,
    keep_criteria_set,
    remove_criteria_set,
    rename_criteria_set,
    restore_criteria_set,
)
from pairing.operations.undoing import withdraw_run

__all__ = [
    "accept_on_behalf",
    "accept_request",
    "add_wish",
    "answer_question",
    "approve_publication",
    "ask_for_more",
    "ask_partner",
    "ask_to_publish",
    "cancel_match_run",
    "change_criteria_set",
    "clear_pair_rule",
    "close_pointless_requests",
    "close_request",
    "compute_match_run",
    "decline_publication",
    "decline_request",
    "discard_run",
    "end_partnership",
    "follow_up_requests",
    "free_seats_of_the_gone",
    "keep_criteria_set",
    "lapse_due_requests",
    "leave_seat",
    "make_partnership",
    "move_wish",
    "part_ways",
    "pause_partnership",
    "publish_run",
    "remove_criteria_set",
    "remove_wish",
    "rename_criteria_set",
    "rename_partnership",
    "restore_criteria_set",
    "resume_partnership",
    "resume_rested_partnerships",
    "say_what_next",
    "say_with_request",
    "set_pair_rule",
    "settle_runs",
    "start_match_run",
    "take_seat",
    "withdraw_publication",
    "withdraw_request",
    "withdraw_run",
]
