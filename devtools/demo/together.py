"""What one circle agrees on over the weeks: a charter, decisions, goals and what was promised.

By operations only, as its people would: `events` gives what happens on which day.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from agreements.charters import operations as charters_operations
from agreements.charters.models import Charter
from agreements.decisions.exercises import EXERCISES
from agreements.decisions.models import Decision
from agreements.decisions.operations import deciding, ending, proposing, talking
from agreements.decisions.operations.proposing import Proposal
from agreements.goals import operations as goals_operations
from agreements.goals.models import Goal
from core.members.models import Member
from core.tenancy.context import look_as
from core.tenancy.days import today
from devtools.demo.history import Events, Life
from feedback.recognition import operations as recognition
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import open_seats
from sessions.actions import operations as actions_operations
from sessions.models.actions import Action
from sessions.models.sessions import Session

CHARTER = (
    "We want each of us to lead people who are not ours to command, and to notice when we do.",
    "Every week for an hour and a half, on time. Who cannot come says so the day before.",
    "What is said here stays here. What we learnt may travel, names may not.",
    "Anybody may propose. We decide by consent unless somebody asks for another way.",
    "Nobody speaks twice before everybody had the chance to speak once.",
    "We say “ouch” at once and talk about it at the next session. If we are stuck, we ask Ingrid.",
)
HELPED = "You asked what I would do if nobody were watching. I have asked it twice since."
WAITED = "You waited until everybody had finished, and then nobody needed the rest of the agenda."
PROMISES = (
    "Ask my team what I should stop doing",
    "Let somebody else run the Monday meeting",
    "Write down one thing I heard today, every day",
    "Call the colleague I have been avoiding",
)


FEWEST = 4  # people at the table for whom the story is told


class _HasGone(Exception):
    """The one with whom the story would go on is not there, or what it goes on with."""


class Table:
    """One circle on its way; people are taken as they sit there on the day."""

    def __init__(self, member: Member) -> None:
        self.member = member

    @property
    def partnership(self) -> Partnership:
        return Partnership.objects.select_related("organisation", "cohort__program").get(
            seats__enrolment__member=self.member,
            seats__left_at=None,
            cohort__program__format="circles",
        )

    @property
    def seats(self) -> list[Seat]:
        return open_seats(self.partnership)

    def others(self) -> list[Member]:
        people = [seat.enrolment.member for seat in self.seats]
        return [person for person in people if person.pk != self.member.pk]

    def events(self) -> Events:
        """Return what happens, by the day it happens on."""
        days = {
            2: write_charters,
            3: sign_charters,
            5: self.practise,
            9: self.propose_silence,
            11: self.react_to_silence,
            12: self.decide_silence,
            13: self.set_goals,
            14: self.take_on_goals,
            33: self.propose_guest,
            35: self.decide_guest,
            44: self.promise,
            46: self.be_thanked,
            50: self.keep_promises,
            55: self.reach_milestones,
            60: self.say_thanks,
            62: self.celebrate,
            64: self.propose_longer,
            65: self.talk_about_longer,
            66: self.react_to_longer,
        }
        return {day: self._if_still_there(step) for day, step in days.items()}

    def _if_still_there(self, step: Callable[[], None]) -> Callable[[Life], None]:
        """Return the step as one that is left out where too few are left for it, or where the
        one whose decision it goes on with has gone."""

        def take(_life: Life) -> None:
            circles = Seat.objects.open().filter(
                enrolment__member=self.member, partnership__cohort__program__format="circles"
            )
            if circles.exists() and len(self.seats) >= FEWEST:
                with suppress(_HasGone):
                    step()

        return take

    def practise(self) -> None:
        """Decide on one of our exercises first: nothing of it counts."""
        partnership = self.partnership
        decision = proposing.start_exercise(
            partnership=partnership, exercise=EXERCISES[0], by=self.member
        )
        talking.start_reactions(decision=decision, by=self.member)
        deciding.open_voting(decision=decision, by=self.member)
        for seat in self.seats:
            deciding.cast_vote(decision=decision, by=seat.enrolment.member, answer="consent")
        deciding.close_decision(decision=decision, by=self.member)

    def propose_silence(self) -> None:
        proposal = Proposal(
            title="We start every session with two minutes of silence to write",
            text="The quick ones speak first now. Two minutes would let all of us think first.",
            window_days=3,
            review_weeks=4,
        )
        self._open(proposal, by=self.others()[0])

    def react_to_silence(self) -> None:
        decision = self._running()
        by = decision.proposer.enrolment.member
        talking.start_reactions(decision=decision, by=by)
        for member in self.others()[1:]:
            talking.react(decision=decision, words="I would like that.", by=member)
        talking.react(decision=decision, words="Two minutes feel long; let us try.", by=self.member)

    def decide_silence(self) -> None:
        decision = self._running()
        by = decision.proposer.enrolment.member
        deciding.open_voting(decision=decision, by=by)
        for seat in self.seats:
            deciding.cast_vote(decision=decision, by=seat.enrolment.member, answer="consent")
        decision = deciding.close_decision(decision=decision, by=by)
        ending.agree_outcome(
            decision=decision,
            owner=self.seats[-1],
            action="Bring a timer and paper to every session",
            due_on=today() + timedelta(days=7),
            review_on=decision.review_on,
            by=by,
        )

    def propose_guest(self) -> None:
        proposal = Proposal(
            title="We invite somebody from another circle to one of our sessions",
            text="To hear how they take turns. One session, then we see.",
            method="gradients",
            window_days=3,
            review_weeks=26,
        )
        decision = self._open(proposal, by=self.member)
        talking.start_reactions(decision=decision, by=self.member)
        talking.react(decision=decision, words="Curious, and a little shy.", by=self.others()[0])

    def decide_guest(self) -> None:
        decision = self._running()
        deciding.open_voting(decision=decision, by=self.member)
        people = [seat.enrolment.member for seat in self.seats]
        answers = ["1", "2", "3", "1", "2"]
        for member, answer in zip(people, answers, strict=False):
            deciding.cast_vote(decision=decision, by=member, answer=answer)
        if len(people) > len(answers):
            deciding.cast_vote(
                decision=decision,
                by=people[-1],
                answer="6",
                reason="I will hold back when a stranger listens. Go ahead all the same.",
            )
        deciding.close_decision(decision=decision, by=self.member)

    def propose_longer(self) -> None:
        proposal = Proposal(
            title="From next month we meet for 90 minutes every second week",
            text="The case alone takes an hour. Less often, and with room to breathe.",
            window_days=5,
        )
        self._open(proposal, by=self.others()[1])

    def talk_about_longer(self) -> None:
        decision = self._running()
        asker, proposer = self.others()[0], decision.proposer.enrolment.member
        question = talking.ask_question(
            decision=decision, words="Does the season end earlier then?", by=asker
        )
        talking.answer_question(
            question=question,
            words="No, we keep the end and have four sessions fewer.",
            by=proposer,
        )
        deciding.amend(
            decision=decision,
            title="From next month we meet for 90 minutes every second week, to the end",
            text="The case alone takes an hour. Less often, and with room to breathe.",
            by=proposer,
        )
        talking.start_reactions(decision=decision, by=proposer)

    def react_to_longer(self) -> None:
        decision = self._running()
        for member, words in zip(
            self.others()[2:4],
            ("Relief. I have been rushing the round.", "Two weeks is a long time to wait."),
            strict=False,
        ):
            talking.react(decision=decision, words=words, by=member)

    def set_goals(self) -> None:
        goals_operations.set_goal(
            partnership=self.partnership,
            title="Each of us runs one difficult talk we have been putting off",
            due_on=today() + timedelta(weeks=18),
            milestones=["Name the talk", "Practise it here", "Have it", "Tell how it went"],
            shared=True,
            by=self.others()[0],
        )
        look_as(self.member.pk)
        goals_operations.set_goal(
            partnership=self.partnership,
            title="Let the team decide the on-call rota without me",
            due_on=today() + timedelta(weeks=12),
            milestones=["Say it to the team", "Be away for the meeting", "Not change the result"],
            by=self.member,
        )
        goals_operations.set_goal(
            partnership=self.partnership,
            title="Ask before I advise, three times in a row",
            due_on=today() + timedelta(weeks=8),
            milestones=["Once", "Twice", "Three times"],
            private=False,
            by=self.others()[1],
        )

    def take_on_goals(self) -> None:
        for goal in Goal.objects.filter(
            partnership=self.partnership, state=Goal.State.PROPOSED
        ).order_by("id"):
            for seat in self.seats:
                goals_operations.take_on_goal(goal=goal, by=seat.enrolment.member)

    def reach_milestones(self) -> None:
        look_as(self.member.pk)
        shared = Goal.objects.filter(partnership=self.partnership, seat=None).first()
        own = Goal.objects.filter(seat__enrolment__member=self.member).first()
        if shared is None or own is None:
            raise _HasGone
        for place in (0, 1):
            goals_operations.tick_milestone(goal=shared, place=place, done=True, by=self.member)
        goals_operations.tick_milestone(goal=own, place=0, done=True, by=self.member)
        goals_operations.record_progress(goal=own, level=2, by=self.member)

    def celebrate(self) -> None:
        for goal in Goal.objects.filter(
            partnership=self.partnership, private=False, seat__isnull=False, seat__left_at=None
        ).select_related("seat__enrolment__member"):
            for place in range(len(goal.milestones)):
                goals_operations.tick_milestone(
                    goal=goal, place=place, done=True, by=goal.seat.enrolment.member
                )
            goals_operations.declare_met(goal=goal, by=goal.seat.enrolment.member)

    def be_thanked(self) -> None:
        """One of the others says thanks that all of them may read."""
        recognition.give_thanks(
            partnership=self.partnership,
            to=self.member,
            words=HELPED,
            shown=True,
            by=self.others()[0],
        )

    def say_thanks(self) -> None:
        recognition.give_thanks(
            partnership=self.partnership,
            to=self.others()[-1],
            words=WAITED,
            shown=False,
            by=self.member,
        )

    def promise(self) -> None:
        """Promise something in the session held last; the first of it is not kept."""
        last = Session.objects.filter(partnership=self.partnership, state=Session.State.HELD)
        session = last.order_by("-starts_at").select_related("partnership").first()
        if session is None:
            return
        for seat, words in zip(self.seats, PROMISES, strict=False):
            actions_operations.promise_action(
                session=session, seat=seat, words=words, by=seat.enrolment.member
            )

    def keep_promises(self) -> None:
        made = Action.objects.open().filter(
            partnership=self.partnership, session__isnull=False, seat__left_at=None
        )
        for number, action in enumerate(
            made.select_related("seat__enrolment__member", "partnership").order_by("id")
        ):
            member = action.seat.enrolment.member
            if number == 1:
                actions_operations.do_action(action=action, by=member)
            elif number == 2:
                actions_operations.drop_action(action=action, word="It became homework", by=member)

    def _open(self, proposal: Proposal, *, by: Member) -> Decision:
        draft = proposing.propose(partnership=self.partnership, proposal=proposal, by=by)
        return proposing.open_decision(decision=draft, by=by)

    def _running(self) -> Decision:
        running = (
            Decision.objects.running()
            .for_list()
            .filter(partnership=self.partnership, proposer__left_at=None)
        )
        decision = running.order_by("id").last()
        if decision is None:
            raise _HasGone
        return decision


def write_charters() -> None:
    """Let the first at each table write what its circle has agreed on."""
    for partnership in _active():
        seats = open_seats(partnership)
        charter = charters_operations.begin_charter(
            partnership=partnership, by=seats[0].enrolment.member
        )
        for section, text in zip(charter.sections.order_by("position"), CHARTER, strict=False):
            by = seats[section.position % len(seats)].enrolment.member
            charters_operations.edit_section(section=section, text=text, version=0, by=by)


def sign_charters() -> None:
    """Everybody signs; at the last table one has not got round to it."""
    charters = list(Charter.objects.order_by("id").select_related("partnership"))
    for charter in charters:
        seats = open_seats(charter.partnership)
        for seat in seats[1:] if charter == charters[-1] else seats:
            charters_operations.sign_charter(
                charter=charter, revision=charter.revision, by=seat.enrolment.member
            )


def _active() -> list[Partnership]:
    circles = Partnership.objects.active().filter(cohort__program__format="circles")
    rows = circles.select_related("organisation", "cohort__program")
    return list(rows.order_by("id"))
