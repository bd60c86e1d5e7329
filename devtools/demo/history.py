"""What happens on one day of a running cohort: sweeps as they run, people as they are."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from agreements.decisions.operations import sweeps
from core.common import clock
from core.common.errors import DomainError
from core.members.models import Member
from core.tenancy.context import look_as
from core.tenancy.days import today
from devtools.demo.asking import answer_open, tend_surveys
from devtools.demo.assessing import rate_oneself, rate_peers, tend_assessments
from devtools.demo.room import speak_in_turn
from feedback import operations as endings
from feedback.after_session import operations as after_session
from feedback.after_session.lessons import read_lesson
from feedback.models.assessments import Assessment
from feedback.models.check_ins import CheckIn
from feedback.models.fits import FitQuestion
from feedback.models.surveys import SurveyResponse
from feedback.recognition import operations as recognition
from feedback.surveys import check_in as surveys_check_in
from feedback.surveys import fit, table
from feedback.surveys.items import answer_survey
from feedback.surveys.rating import EACH_OTHER, TO_THE_LEADER
from feedback.surveys.voice import VOICE
from feedback.voice import operations as voices
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations import completing, partnerships
from pairing.requests.operations import sweeping
from programs.models.programs import Enrolment
from programs.operations import cohorts, enrolments
from sessions.attendance.operations import recording
from sessions.models.sessions import Attendance, CancelCause, RetrospectiveLines, Session
from sessions.page import operations
from sessions.planning.operations import changes, planning, polls
from sessions.rotation.operations import offers, rotation

WORKED = (
    "We let silence do its work.",
    "The round: everybody spoke before anybody spoke twice.",
    "Short case, long listening.",
    "We ended on time with a decision.",
    "Questions instead of advice.",
)
CHANGE = (
    "Start with the decision, not end with it.",
    "Five minutes more for the case.",
    "Say who keeps time before we begin.",
    "Fewer solutions, please.",
    "Phones in the bag.",
)
THANKS = (
    "for asking the question nobody dared to ask.",
    "for keeping time so kindly.",
    "for telling us what went wrong.",
    "for making room for me.",
)
HELPED = (
    "You let me finish before you asked.",
    "You named the time and kept to it.",
    "You asked the two of us who had said nothing.",
    "The first question was open, and you waited.",
    "You said at the start what we would leave with.",
    "You thanked me for disagreeing.",
    "You stopped us when we went in circles.",
    "You wrote the decision down before we left.",
)
TRY = (
    "Cut in sooner when somebody speaks twice.",
    "Say at the start what we decide today.",
    "Leave the last ten minutes for promises.",
    "Ask for a round before you sum up.",
    "Let somebody else write, so that you can look up.",
    "Ask why before you ask how.",
)
NOTES = (
    "Busy weeks, but the circle helps.",
    "I tried the round with my own team.",
    "I would like to lead sooner.",
    "My manager moved two of our sessions.",
)


Events = dict[int, Callable[["Life"], None]]  # by the day they happen on


class Life:
    """One organisation's people on their way through the weeks."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.draw_of_fits = random.Random(20)  # of its own, so that the rest of history stays
        self.draw_of_voices = random.Random(21)
        self.draw_of_surveys = random.Random(22)
        self.draw_of_feedback = random.Random(23)
        self._said: defaultdict[UUID | None, set[str]] = defaultdict(set)  # of a session, once
        self._looking_back = Counter[str]()  # what people have said of a program that is over
        self.draw_of_months = random.Random(24)
        self.draw_of_peers = random.Random(25)
        self.draw_of_scales = random.Random(26)
        # what somebody thinks of a session, until they are asked
        self._worth: dict[tuple[UUID | None, UUID | None], int] = {}
        self._mood: dict[UUID, int] = {}
        self._quiet: set[UUID] = set()

    def sweep(self, day: int) -> None:
        """Run what beat would have run this morning; what moves slowly, every third one."""
        now = clock.now()
        cohorts.move_cohorts_by_date(at=now)
        partnerships.free_seats_of_the_gone(at=now)
        recording.mark_missed_sessions(at=now)
        planning.plan_missing_seasons(at=now)
        rotation.replan_changed_tables(at=now)
        operations.send_due_kits(at=now)
        sweeps.close_due_decisions(at=now)
        sweeps.remind_undecided(at=now)
        table.open_due_surveys(at=now)
        surveys_check_in.remind_open_check_ins(at=now)
        tend_surveys()
        tend_assessments()
        after_session.show_answers(at=now)
        after_session.ask_who_has_not_answered(at=now)
        after_session.tell_that_it_is_open(at=now)
        voices.close_months(at=now)
        voices.tell_facilitators(at=now)
        if day % 3:
            return
        sweeping.lapse_due_requests(at=now)
        sweeping.close_pointless_requests(at=now)
        sweeping.follow_up_requests(at=now)
        polls.tend_polls(at=now)
        offers.settle_offers(at=now)
        sweeps.open_due_reviews(at=now)
        completing.complete_enrolments(at=now)
        completing.finish_enrolments(at=now)
        recognition.keep_milestones(at=now)
        recognition.issue_certificates(at=now)
        endings.end_partnerships_whose_time_is_over(at=now)
        endings.end_partnerships_of_closed_cohorts(at=now)
        endings.lapse_stale_partnerships(at=now)
        endings.warn_stale_partnerships(at=now)

    def meet(self, day_ends: datetime) -> None:
        """Record, cancel or forget the sessions of this day."""
        due = Session.objects.filter(
            state=Session.State.PLANNED, starts_at__lt=day_ends
        ).select_related("partnership__cohort__program", "organisation")
        for session in due.order_by("starts_at", "id"):
            if session.partnership_id in self._quiet:
                continue
            ends = session.starts_at + timedelta(minutes=session.duration_minutes)
            chance = self.draw.random()
            if session.starts_at < day_ends - timedelta(days=1):
                continue  # forgotten: it turns into a missed one
            if chance < 0.06:
                with attempt():
                    changes.cancel(
                        session=session, cause=self.draw.choice(CancelCause.values), by=None
                    )
            elif chance < 0.94:
                with clock.at(max(ends, clock.now())), attempt():
                    self._record(session)

    def _record(self, session: Session) -> None:
        seats = list(
            Seat.objects.filter(partnership=session.partnership_id, left_at=None)
            .select_related("enrolment__member__user")
            .order_by("id")
        )
        kinds = {}
        for seat in seats:
            came = self.draw.random() < 0.7 + 0.3 * self.diligence(seat.enrolment.member)
            away = Attendance.Kind.EXCUSED if self.draw.random() < 0.6 else Attendance.Kind.ABSENT
            kinds[seat] = Attendance.Kind.PRESENT if came else away
        present = [seat for seat in seats if kinds[seat] == Attendance.Kind.PRESENT]
        if len(present) < 2:
            changes.cancel(session=session, cause=CancelCause.TOO_FEW, by=None)
            return
        writer = present[0].enrolment.member
        if session.partnership.cohort.program.format == "circles":
            with clock.at(session.starts_at), attempt():
                speak_in_turn(session, seats, present, self.draw_of_voices)
        look_as(writer.pk)
        lines = RetrospectiveLines(
            self.draw.choice(WORKED),
            self.draw.choice(CHANGE) if self.draw.random() < 0.5 else "",
            f"{present[-1].enrolment.member.given_name}, {self.draw.choice(THANKS)}",
        )
        recording.record_session(session=session, attendance=kinds, by=writer, retrospective=lines)
        for seat in present:
            if self.draw.random() < 0.75:
                worth = self.draw.choices((2, 3, 4, 5), (1, 3, 8, 6))[0]
                self._worth[session.pk, seat.pk] = worth

    def answer(self) -> None:
        """Let people answer what lies open, each in their own time."""
        open_check_ins = (
            CheckIn.objects.filter(answered_at=None, due_on__gt=today()).for_list().order_by("id")
        )
        for check_in in open_check_ins:
            member = check_in.seat.enrolment.member
            if self.will_answer(check_in) and self.draw.random() < 0.45:
                with attempt():
                    self._answer_check_in(check_in, member)
        for response in SurveyResponse.objects.filter(answered_at=None).for_list().order_by("id"):
            if worth := self._worth.pop((response.session_id, response.seat_id), 0):
                with attempt():
                    self._say_how_it_was(response, worth)
        answer_open(self.draw_of_surveys, self.diligence, self._looking_back)
        rate_peers(self.draw_of_peers, self.diligence)
        open_responses = SurveyResponse.objects.filter(answered_at=None, survey=VOICE.name)
        for response in open_responses.for_list().order_by("id"):
            with attempt():
                self._say_how_they_talk(response)
        for question in FitQuestion.objects.filter(answered_at=None).for_list().order_by("id"):
            with attempt():
                self._say_whether_it_works(question)
        for assessment in (
            Assessment.objects.filter(answered_at=None)
            .select_related("enrolment__cohort", "enrolment__member", "organisation")
            .order_by("id")
        ):
            member = assessment.enrolment.member
            if self.draw.random() < 0.3 * self.diligence(member):
                look_as(member.pk)
                with attempt():
                    rate_oneself(assessment, member, self.draw, self.draw_of_scales)

    def _say_how_it_was(self, response: SurveyResponse, worth: int) -> None:
        """Rate a session, and tell those concerned what helped and what to try."""
        member, draw = response.enrolment.member, self.draw_of_feedback
        answers: dict[str, int | str | None] = {"worth": worth}
        if response.survey == TO_THE_LEADER:
            answers["turns"] = draw.choices((2, 3, 4, 5), (1, 2, 6, 5))[0]
        if response.survey == EACH_OTHER:
            read_lesson(by=member)
        if response.survey in (TO_THE_LEADER, EACH_OTHER):
            said = self._said[response.session_id]
            answers["helped"] = draw.choice([words for words in HELPED if words not in said])
            left = [words for words in TRY if words not in said]
            answers["try"] = draw.choice(left) if left and draw.random() < 0.5 else ""
            said |= {str(answers["helped"]), str(answers["try"])}
        questionnaire = next(row for row in table.QUESTIONNAIRES if row.name == response.survey)
        look_as(member.pk)
        answer_survey(questionnaire=questionnaire, response=response, by=member, answers=answers)

    def _answer_check_in(self, check_in: CheckIn, member: Member) -> None:
        mood = max(1, min(5, self.mood(member) + self.draw.choice((-1, 0, 0, 0, 0, 0, 0, 1))))
        look_as(member.pk)
        met = self.draw.random() < 0.9
        # nobody of the story confirms it: the question to the other waits
        says_when = met and surveys_check_in.asks_for_the_day(check_in)
        surveys_check_in.answer_check_in(
            check_in=check_in,
            by=member,
            met=met,
            met_on=check_in.last_day if says_when else None,
            mood=mood,
            progress=max(1, min(5, mood + self.draw.choice((0, 0, 0, 0, 1)))),
            blocker="time" if self.draw.random() < 0.2 else "none",
            note=self.draw.choice(NOTES) if self.draw.random() < 0.25 else "",
        )

    def _say_how_they_talk(self, response: SurveyResponse) -> None:
        """In one circle few are heard; it reads so itself, and its coordinator in the end."""
        if self.draw_of_months.random() < 0.5:
            uneven = response.seat is not None and response.seat.partnership.pk == self._uneven
            heard = self.draw_of_months.choice((1, 2, 2, 4)) if uneven else 4
            answers = {"heard": heard, "dominated": "yes" if uneven and heard < 4 else "no"}
            member = response.enrolment.member
            look_as(member.pk)
            answer_survey(questionnaire=VOICE, response=response, by=member, answers=answers)

    @property
    def _uneven(self) -> UUID | None:
        circles = Partnership.objects.filter(cohort__program__format="circles").order_by("pk")
        return circles.values_list("pk", flat=True).first()

    def _say_whether_it_works(self, question: FitQuestion) -> None:
        member = question.seat.enrolment.member
        if self.draw_of_fits.random() < 0.4 * self.diligence(member):
            fits = self.draw_of_fits.choices(("yes", "mostly", "no"), (20, 6, 1))[0]
            look_as(member.pk)
            cause = "time" if fits == "no" else ""
            fit.answer_fit(question=question, by=member, fits=fits, cause=cause)

    def withdraw_somebody(self, *, reason: str, but: Member) -> None:
        """One person leaves the program, as people do; never the one named."""
        active = Enrolment.objects.filter(
            state=Enrolment.State.ACTIVE, cohort__program__format="circles"
        )
        candidates = active.exclude(member=but).select_related("member__user").order_by("id")
        leaving = min(candidates, key=lambda enrolment: self.diligence(enrolment.member))
        enrolments.withdraw(enrolment=leaving, reason=reason, by=None)

    def fall_quiet(self, circle: Partnership) -> None:
        """One circle stops meeting."""
        self._quiet.add(circle.pk)

    def lose_heart(self, member: Member) -> None:
        """One person's mood falls."""
        self._mood[member.pk] = 2

    def will_answer(self, check_in: CheckIn) -> bool:
        """Whether this check-in is one that its person gets round to."""
        member = check_in.seat.enrolment.member
        chance = 0.35 + 0.65 * self.diligence(member)
        return _of(member, f"check-in {check_in.due_on}").random() < chance

    def diligence(self, member: Member) -> float:
        """How likely this person does what is asked: 0.3 to 1."""
        return 0.3 + 0.7 * math.sqrt(_of(member, "diligence").random())

    def mood(self, member: Member) -> int:
        usual = _of(member, "mood").choices((3, 4, 5), (2, 5, 2))[0]
        return self._mood.get(member.pk, usual)


def _of(member: Member, trait: str) -> random.Random:
    """Return this person's own chance, whoever is asked before them."""
    return random.Random(f"{member.email} {trait}")


@contextmanager
def attempt() -> Iterator[None]:
    """Let somebody try something: who comes too late is refused, as anybody would be."""
    with suppress(DomainError), transaction.atomic():
        yield


def mornings(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield 06:00 UTC of each day from the first to before the last."""
    at = first.replace(hour=6, minute=0, second=0, microsecond=0)
    while at < last:
        yield at
        at += timedelta(days=1)
