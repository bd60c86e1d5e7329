"""What follows when something has changed or a time has come, in floor order.

The only list of it: each is an operation of its app, takes the moment, is safe to repeat, and
returns how much it did.  One pass over an organisation visits all of them, the lower apps first,
so that what one notices the next one sees.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from agreements.charters import operations as charters
from agreements.decisions.operations import sweeps as decisions
from agreements.goals import operations as goals
from core.accounts.operations import keys
from core.accounts.operations import outgoing as webhooks
from core.audit import token_use
from core.common import clock
from core.jobs import operations as jobs
from core.notifications import outgoing
from core.tenancy import due
from core.tenancy.context import tenant
from feedback import operations as endings
from feedback.after_session import operations as after_session
from feedback.assessments import operations as assessments
from feedback.builder import results
from feedback.concerns import operations as concerns
from feedback.recognition import operations as recognition
from feedback.surveys import check_in, reminding
from feedback.surveys.base import open_due
from feedback.surveys.table import SURVEYS, withdraw_emails
from feedback.voice import operations as voices
from mentoring import changes
from mentoring.people.proposals import expire_merge_proposals
from mentoring.privacy import retention, words
from mentoring.subjects import idle
from metrics import chats, monday, readers
from metrics import operations as metrics
from pairing.partnerships.operations import completing, partnerships, repairing
from pairing.requests.operations import sweeping as requests
from pairing.runs.operations import runs
from programs.community.operations import announcements
from programs.operations import cohorts, line, pauses, staff
from programs.training import operations as training
from programs.training import workshops
from sessions.actions import operations as actions
from sessions.attendance import emails
from sessions.attendance.operations import breaks, recording
from sessions.calendar import operations as calendars
from sessions.elections import operations as elections
from sessions.page import operations as kits
from sessions.planning.operations import calling_off, planning, polls
from sessions.rotation.operations import offers, rotation

AT_ONCE = 100  # organisations of one run of the task
log = logging.getLogger(__name__)


FOLLOW_UPS: tuple[Callable[..., int], ...] = (
    jobs.requeue_expired,
    jobs.drop_expired_files,
    jobs.drop_old_jobs,
    token_use.close_token_days,
    keys.warn_of_ending_tokens,
    webhooks.tell_of_stopped,
    staff.take_off_the_gone,
    line.follow_who_came_back,
    line.withdraw_who_left,
    line.move_up_waiting,
    pauses.resume_due_enrolments,
    cohorts.move_cohorts_by_date,
    training.ask_to_learn,
    workshops.tend_workshops,
    announcements.send_due_announcements,
    runs.settle_runs,
    partnerships.free_seats_of_the_gone,
    completing.reopen_partnerships,
    completing.start_seated_enrolments,
    completing.complete_enrolments,
    completing.finish_enrolments,
    repairing.resume_rested_partnerships,
    repairing.rest_pairs_on_a_break,
    requests.lapse_due_requests,
    requests.close_pointless_requests,
    requests.follow_up_requests,
    calendars.close_calendars_of_the_gone,
    calendars.tend_busy_calendars,
    calling_off.call_off_sessions,
    calling_off.restore_sessions,
    calling_off.empty_calendars_of_leavers,
    planning.plan_missing_seasons,
    breaks.keep_breaks,
    elections.recount_elections,
    offers.stand_in_for_leavers,
    rotation.replan_changed_tables,
    offers.settle_offers,
    polls.tend_polls,
    kits.send_due_kits,
    emails.remind_of_sessions,
    emails.ask_to_record,
    recording.mark_missed_sessions,
    actions.close_actions,
    goals.recount_goals,
    goals.close_goals,
    charters.ask_newcomers_to_sign,
    decisions.follow_partnerships,
    decisions.move_on_overdue,
    decisions.close_due_decisions,
    decisions.remind_undecided,
    decisions.open_due_reviews,
    endings.end_partnerships_whose_time_is_over,
    endings.end_partnerships_of_closed_cohorts,
    endings.lapse_stale_partnerships,
    endings.warn_stale_partnerships,
    *(partial(open_due, survey) for survey in SURVEYS),
    withdraw_emails,
    check_in.remind_open_check_ins,
    after_session.show_answers,
    after_session.ask_who_has_not_answered,
    after_session.tell_that_it_is_open,
    concerns.tend_concerns,
    concerns.delete_old_files,
    reminding.remind_open_surveys,
    results.settle_anonymous_surveys,
    assessments.show_peer_results,
    recognition.keep_milestones,
    recognition.issue_certificates,
    recognition.revoke_certificates_of_the_erased,
    voices.close_months,
    voices.tell_facilitators,
    metrics.judge_findings,
    monday.send_monday_lists,
    readers.send_due_reports,
    chats.stop_failing_webhooks,
    chats.post_to_chats,
    metrics.fold_dirty_days,
    expire_merge_proposals,
    retention.erase_due,
    words.erase_old_words,
    metrics.release_answers,
    changes.tell_webhooks,
    outgoing.send_due,
)
# What an instant makes due for which nobody has made a mark: in the middle of a day, in an
# organisation where nothing changes.  Anything else waits for a change, a mark or the next day.
HOURLY = frozenset(
    {
        workshops.tend_workshops,
        offers.stand_in_for_leavers,
        kits.send_due_kits,
        emails.remind_of_sessions,
        emails.ask_to_record,
        recording.mark_missed_sessions,
    }
)
# nothing lies above figures, what waits is derived from what lies below, and nothing follows from
# what is told
ABOVE_ALL = (
    metrics.judge_findings,
    metrics.fold_dirty_days,
    metrics.release_answers,
    changes.tell_webhooks,
)


def follow_up_due() -> int:
    """Follow up the organisations whose time has come; return how many that were."""
    marks = due.claim(limit=AT_ONCE)
    for organisation_id, marks_of_it in marks.items():
        # the database's clock has said that they are due; ours may be some seconds behind
        at = max(clock.now(), *(mark.due_at for mark in marks_of_it))
        if all(mark.hourly for mark in marks_of_it):
            follow_up(organisation_id, at=at, steps=[step for step in FOLLOW_UPS if step in HOURLY])
        else:
            follow_up(organisation_id, at=at)
            with tenant(organisation_id):
                due.mark_tomorrow()
        due.done(marks_of_it)
    return len(marks)


def follow_up(
    organisation_id: int,
    *,
    at: datetime | None = None,
    steps: Sequence[Callable[..., int]] | None = None,
) -> int:
    """Run every follow-up for one organisation, each in a transaction; return how much they did.

    One that fails is logged and the others go on.  Where something was done the organisation is
    marked again: there may be more than one batch, and what lies below may have to notice.
    What has nothing to be about is passed over, and asked for again once something was done.
    """
    at = at or clock.now()
    steps = FOLLOW_UPS if steps is None else steps
    total, keep = 0, dict[str, object]()
    passed_over = _idle(organisation_id, steps)
    for step in steps:
        if step in passed_over:
            continue
        try:
            with tenant(organisation_id, keep=keep):
                did = step(at=at)
            if step not in ABOVE_ALL:
                total += did
        except Exception:
            log.exception("%r failed for one organisation", step)
            did = 0
        if did:
            passed_over = _idle(organisation_id, steps)
    if total:
        with tenant(organisation_id):
            due.mark()
    return total


def _idle(organisation_id: int, steps: Sequence[Callable[..., int]]) -> set[Callable[..., int]]:
    """Return what has nothing to be about; where that cannot be told, nothing: all is run then."""
    try:
        with tenant(organisation_id):
            return idle(steps)
    except Exception:
        log.exception("what there is to follow up cannot be told for one organisation")
        return set()
