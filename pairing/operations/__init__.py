"""Everything that changes runs, pair rules, partnerships and seats."""

from pairing.operations.partnerships import (
    end_partnership,
    free_seats_of_the_gone,
    leave_seat,
    make_partnership,
    pause_partnership,
    rename_partnership,
    resume_partnership,
    take_seat,
)
from pairing.operations.publishing import publish_run
from pairing.operations.rules import clear_pair_rule, set_pair_rule
from pairing.operations.runs import (
    cancel_match_run,
    compute_match_run,
    discard_run,
    settle_runs,
    start_match_run,
)

__all__ = [
    "cancel_match_run",
    "clear_pair_rule",
    "compute_match_run",
    "discard_run",
    "end_partnership",
    "free_seats_of_the_gone",
    "leave_seat",
    "make_partnership",
    "pause_partnership",
    "publish_run",
    "rename_partnership",
    "resume_partnership",
    "set_pair_rule",
    "settle_runs",
    "start_match_run",
    "take_seat",
]
