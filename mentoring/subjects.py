"""What each follow-up is about: where an organisation has no such row, it has nothing to do.

Most organisations hold no election, give no workshop and wait for no job on most days.  One
statement asks for all subjects at once; a follow-up that is not named here, or of whose subjects
one is there, is run.  A subject must be *wider* than what its follow-up looks for, never narrower,
and says nothing of time: an organisation in which nothing changes has the same ones tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import Q, QuerySet

from agreements.charters import operations as charters
from agreements.charters.models import Charter
from agreements.decisions.models import Decision, Step
from agreements.decisions.operations import sweeps as decisions
from agreements.goals import operations as goals
from agreements.goals.models import Goal, ReadyToClose
from core.accounts.operations import keys
from core.accounts.operations import outgoing as webhooks
from core.audit import token_use
from core.jobs import operations as jobs
from core.jobs.models import Job, StoredFile
from core.members.models import ApiToken, Member, MergeProposal
from core.notifications import outgoing
from core.notifications.models import IncomingWebhook, WebhookEndpoint, WebhookMessage
from feedback import operations as endings
from feedback.after_session import operations as after_session
from feedback.assessments import operations as assessments
from feedback.builder import results
from feedback.concerns import operations as concerns
from feedback.models.built import BuiltSurvey
from feedback.models.check_ins import CheckIn, StaleWarning
from feedback.models.concerns import ConcernFile
from feedback.models.recognition import Certificate, Milestone
from feedback.models.released import ReleaseMark
from feedback.models.surveys import SurveyResponse
from feedback.models.voice import VoiceResult
from feedback.recognition import operations as recognition
from feedback.surveys import check_in, reminding
from feedback.voice import operations as voices
from mentoring import changes
from mentoring.people.proposals import expire_merge_proposals
from mentoring.privacy import retention
from metrics import chats, readers
from metrics import operations as metrics
from metrics.models import Finding, ReportReader
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest
from pairing.models.runs import MatchRun
from pairing.partnerships.operations import completing, partnerships, repairing
from pairing.requests.operations import sweeping as requests
from pairing.runs.operations import runs
from programs.community.operations import announcements
from programs.models.community import Announcement
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment, ProgramStaff
from programs.models.training import PathStep, Workshop
from programs.operations import cohorts, line, pauses, staff
from programs.training import operations as training
from programs.training import workshops
from sessions.actions import operations as actions
from sessions.attendance import emails
from sessions.attendance.operations import breaks, recording
from sessions.calendar import operations as calendars
from sessions.elections import operations as elections
from sessions.models.actions import Action
from sessions.models.elections import Election
from sessions.models.offers import TurnOffer
from sessions.models.polls import TimePoll
from sessions.models.replies import BusyCalendar, CalendarFeed, Kit
from sessions.models.sessions import Session
from sessions.page import operations as kits
from sessions.planning.operations import calling_off, planning, polls
from sessions.rotation.operations import offers, rotation

FollowUp: TypeAlias = Callable[..., int]
Rows: TypeAlias = QuerySet[Any]

LEAVERS = Member.objects.filter(Q(state=Member.State.LEFT) | Q(left_at__isnull=False))
FINDINGS = Finding.objects.all()
COHORTS = Cohort.objects.exclude(phase=Cohort.Phase.DRAFT)
OPEN = Partnership.objects.open()
PLANNED = Session.objects.filter(state=Session.State.PLANNED)
HELD = Session.objects.filter(state=Session.State.HELD)
ACTIVE = Enrolment.objects.filter(state=Enrolment.State.ACTIVE)
ON_A_BREAK = Enrolment.objects.filter(paused_until__isnull=False)
COMPLETED = Partnership.objects.filter(state=Partnership.State.COMPLETED)
UNDECIDED = PartnerRequest.objects.undecided()
DECISIONS = Decision.objects.all()
ANSWERED = SurveyResponse.objects.filter(answered_at__isnull=False)
UNANSWERED = SurveyResponse.objects.filter(answered_at=None)
RESPONSES = SurveyResponse.objects.all()
WEBHOOKS = IncomingWebhook.objects.filter(stopped_at=None)
ENDPOINTS = WebhookEndpoint.objects.filter(stopped_at=None)
GOALS = Goal.objects.filter(state__in=[Goal.State.PROPOSED, Goal.State.ACTIVE])

SUBJECTS: Mapping[FollowUp, tuple[Rows, ...]] = {
    jobs.requeue_expired: (Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]),),
    jobs.drop_expired_files: (StoredFile.objects.all(),),
    jobs.drop_old_jobs: (Job.objects.filter(finished_at__isnull=False),),
    token_use.close_token_days: (ApiToken.objects.filter(pulls__gt=0),),
    keys.warn_of_ending_tokens: (ApiToken.objects.filter(revoked_at=None),),
    staff.take_off_the_gone: (ProgramStaff.objects.filter(member__in=LEAVERS),),
    line.follow_who_came_back: (LEAVERS,),
    line.withdraw_who_left: (LEAVERS,),
    line.move_up_waiting: (Enrolment.objects.in_line(),),
    pauses.resume_due_enrolments: (ON_A_BREAK,),
    cohorts.move_cohorts_by_date: (COHORTS,),
    training.ask_to_learn: (PathStep.objects.all(),),
    workshops.tend_workshops: (Workshop.objects.all(),),
    announcements.send_due_announcements: (Announcement.objects.filter(sent_at=None),),
    runs.settle_runs: (MatchRun.objects.filter(state=MatchRun.State.COMPUTING),),
    partnerships.free_seats_of_the_gone: (OPEN,),
    completing.reopen_partnerships: (Cohort.objects.filter(moved_from=Cohort.Phase.CLOSED),),
    completing.start_seated_enrolments: (Enrolment.objects.filter(state=Enrolment.State.ACCEPTED),),
    completing.complete_enrolments: (COMPLETED,),
    completing.finish_enrolments: (Cohort.objects.filter(phase=Cohort.Phase.CLOSED),),
    repairing.resume_rested_partnerships: (
        Partnership.objects.filter(state=Partnership.State.PAUSED),
    ),
    repairing.rest_pairs_on_a_break: (ON_A_BREAK,),
    requests.lapse_due_requests: (UNDECIDED,),
    requests.close_pointless_requests: (UNDECIDED,),
    requests.follow_up_requests: (PartnerRequest.objects.all(),),
    calendars.close_calendars_of_the_gone: (CalendarFeed.objects.filter(member__in=LEAVERS),),
    calendars.tend_busy_calendars: (BusyCalendar.objects.all(),),
    calling_off.call_off_sessions: (PLANNED,),
    calling_off.restore_sessions: (Session.objects.filter(state=Session.State.CANCELLED),),
    calling_off.empty_calendars_of_leavers: (PLANNED,),
    planning.plan_missing_seasons: (OPEN,),
    breaks.keep_breaks: (PLANNED,),
    elections.recount_elections: (
        Election.objects.filter(state__in=[*Election.OPEN, Election.State.ELECTED]),
    ),
    offers.stand_in_for_leavers: (PLANNED,),
    rotation.replan_changed_tables: (PLANNED,),
    offers.settle_offers: (TurnOffer.objects.open(),),
    polls.tend_polls: (TimePoll.objects.filter(state__in=TimePoll.IN_FORCE),),
    kits.send_due_kits: (PLANNED, Kit.objects.filter(withdrawn_at=None)),
    emails.remind_of_sessions: (PLANNED,),
    emails.ask_to_record: (PLANNED,),
    recording.mark_missed_sessions: (PLANNED,),
    actions.close_actions: (Action.objects.open(),),
    goals.recount_goals: (GOALS, ReadyToClose.objects.all()),
    goals.close_goals: (GOALS,),
    charters.ask_newcomers_to_sign: (Charter.objects.all(),),
    decisions.follow_partnerships: (DECISIONS,),
    decisions.move_on_overdue: (DECISIONS,),
    decisions.close_due_decisions: (DECISIONS,),
    decisions.remind_undecided: (DECISIONS,),
    decisions.open_due_reviews: (DECISIONS,),
    endings.end_partnerships_whose_time_is_over: (OPEN,),
    endings.end_partnerships_of_closed_cohorts: (Cohort.objects.filter(phase=Cohort.Phase.CLOSED),),
    endings.lapse_stale_partnerships: (StaleWarning.objects.all(),),
    endings.warn_stale_partnerships: (OPEN,),
    check_in.remind_open_check_ins: (CheckIn.objects.filter(answered_at=None),),
    after_session.show_answers: (ANSWERED,),
    after_session.ask_who_has_not_answered: (UNANSWERED,),
    after_session.tell_that_it_is_open: (ANSWERED,),
    concerns.tend_concerns: (ConcernFile.objects.all(),),
    concerns.delete_old_files: (ConcernFile.objects.all(),),
    reminding.remind_open_surveys: (UNANSWERED,),
    results.settle_anonymous_surveys: (RESPONSES,),
    assessments.show_peer_results: (RESPONSES,),
    recognition.keep_milestones: (
        HELD,
        Goal.objects.filter(state=Goal.State.MET),
        Step.objects.filter(why="kept"),
        COMPLETED,
        Milestone.objects.all(),
    ),
    recognition.issue_certificates: (Enrolment.objects.filter(state=Enrolment.State.COMPLETED),),
    recognition.revoke_certificates_of_the_erased: (Certificate.objects.filter(revoked_at=None),),
    voices.close_months: (RESPONSES,),
    voices.tell_facilitators: (VoiceResult.objects.all(),),
    readers.send_due_reports: (ReportReader.objects.all(),),
    chats.stop_failing_webhooks: (WEBHOOKS,),
    chats.post_to_chats: (WEBHOOKS,),
    # a cohort that nobody has opened waits too, and what is no more goes
    metrics.judge_findings: (Cohort.objects.exclude(phase__in=Cohort.OVER), OPEN, FINDINGS),
    webhooks.tell_of_stopped: (WebhookEndpoint.objects.filter(stopped_at__isnull=False),),
    changes.tell_webhooks: (ENDPOINTS,),
    outgoing.send_due: (WebhookMessage.objects.filter(state=WebhookMessage.State.DUE),),
    metrics.fold_dirty_days: (COHORTS,),
    # the threshold of one that is a draft again is raised as well
    metrics.release_answers: (COHORTS, ReleaseMark.objects.all()),
    expire_merge_proposals: (MergeProposal.objects.open(),),
    retention.erase_due: (LEAVERS,),
}
# of the surveys that are opened
ASKED: Mapping[str, tuple[Rows, ...]] = {
    "check_in": (OPEN,),
    "rating": (HELD,),
    "turn-feedback": (HELD,),
    "mutual-feedback": (HELD,),
    "voice": (HELD,),
    "peers": (Competency.objects.all(),),
    "assessment": (Competency.objects.all(),),
    "pulse": (ACTIVE,),
    "built": (BuiltSurvey.objects.filter(asking=True),),
    "fit": (OPEN,),
    "meeting": (CheckIn.objects.filter(met=True),),
}


def subjects_of(step: FollowUp) -> tuple[Rows, ...] | None:
    """Return the rows one of which must be there for it; None is whatever there is."""
    if isinstance(step, partial):
        return ASKED.get(step.args[0].name)
    return SUBJECTS.get(step)


def idle(steps: Sequence[FollowUp]) -> set[FollowUp]:
    """Return those of them that have nothing to do in the organisation in force: one statement."""
    rows_of = {step: rows for step in steps if (rows := subjects_of(step)) is not None}
    if not rows_of:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(*_statement())
        there = cursor.fetchone()
    present = {id(rows) for rows, is_there in zip(_all_rows(), there, strict=True) if is_there}
    return {
        step
        for step, rows in rows_of.items()
        if not any(id(subject) in present for subject in rows)
    }


@cache
def _all_rows() -> tuple[Rows, ...]:
    """Return every subject once."""
    groups = (*SUBJECTS.values(), *ASKED.values())
    return tuple({id(rows): rows for group in groups for rows in group}.values())


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    """Return the one question; row-level security answers it for the organisation in force."""
    queries = [rows.order_by().values("pk").query.sql_with_params() for rows in _all_rows()]
    select = ", ".join(f"EXISTS ({sql})" for sql, _values in queries)
    return f"SELECT {select}", tuple(value for _sql, values in queries for value in values)
