"""What follows when something has changed or a time has come, in floor order.

The only list of it: each is an operation of its app, takes the moment, is safe to repeat, and
returns how much it did.  One pass over an organisation visits all of them, the lower apps first,
so that what one notices the next one sees.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from agreements.decisions.operations import sweeps as decisions
from core.common import clock
from core.jobs import operations as jobs
from core.tenancy import due
from core.tenancy.context import tenant
from feedback import operations as endings
from feedback.surveys import check_in
from feedback.surveys.base import open_due
from feedback.surveys.table import SURVEYS
from metrics import operations as metrics
from pairing.partnerships.operations import partnerships, repairing
from pairing.requests.operations import sweeping as requests
from pairing.runs.operations import runs
from sessions.attendance.operations import recording
from sessions.page import operations as kits
from sessions.planning.operations import planning, polls
from sessions.rotation.operations import offers, rotation

AT_ONCE = 100  # organisations of one run of the task
log = logging.getLogger(__name__)


FOLLOW_UPS: tuple[Callable[..., int], ...] = (
    jobs.requeue_expired,
    jobs.drop_expired_files,
    runs.settle_runs,
    partnerships.free_seats_of_the_gone,
    repairing.resume_rested_partnerships,
    requests.lapse_due_requests,
    requests.close_pointless_requests,
    requests.follow_up_requests,
    planning.plan_missing_seasons,
    rotation.replan_changed_tables,
    offers.settle_offers,
    polls.tend_polls,
    kits.send_due_kits,
    recording.mark_missed_sessions,
    decisions.close_due_decisions,
    decisions.remind_undecided,
    decisions.open_due_reviews,
    endings.end_partnerships_whose_time_is_over,
    endings.lapse_stale_partnerships,
    endings.warn_stale_partnerships,
    *(partial(open_due, survey) for survey in SURVEYS),
    check_in.remind_open_check_ins,
    metrics.fold_dirty_days,
)


def follow_up_due() -> int:
    """Follow up the organisations whose time has come; return how many that were."""
    marks = due.claim(limit=AT_ONCE)
    for organisation_id, marks_of_it in marks.items():
        follow_up(organisation_id)
        due.done(marks_of_it)
    return len(marks)


def follow_up(organisation_id: int) -> int:
    """Run every follow-up for one organisation, each in a transaction; return how much they did.

    One that fails is logged and the others go on.  Where something was done the organisation is
    marked again: there may be more than one batch, and what lies below may have to notice.
    """
    at = clock.now()
    total = 0
    for step in FOLLOW_UPS:
        try:
            with tenant(organisation_id):
                did = step(at=at)
            if step is not metrics.fold_dirty_days:  # nothing lies above figures
                total += did
        except Exception:
            log.exception("%r failed for one organisation", step)
    if total:
        with tenant(organisation_id):
            due.mark()
    return total
