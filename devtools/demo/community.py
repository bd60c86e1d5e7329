"""A cohort that feels like a place: profiles, announcements, a discussion, and one post removed."""

from __future__ import annotations

from datetime import timedelta

from core.accounts.operations.segments import save_segment
from core.accounts.queries import PeopleFilter
from core.common import clock
from core.members.models import Member
from devtools.demo.history import Events, Life
from programs.community.operations import announcements, discussions
from programs.models.community import Post, Thread
from programs.models.programs import Cohort
from programs.profiles.operations import set_profile

OFFERS = (
    ("How I learned to hand over a team without leaving it", "Saying no to good ideas"),
    ("Reading a budget, and asking about one", "Speaking first in a large round"),
    ("Running a session in which everybody speaks", "A way to end sessions with a decision"),
)
ANSWERS = (
    "I begin with one minute of silence. It is **long**, and everybody arrives.",
    "We go round once with one word each. @{name}, you did this in our second session.",
    "> one minute of silence\n\nTried it yesterday. It works on the phone too.",
)

SEGMENTS = {
    "Engineers in Berlin": PeopleFilter(department="Engineering", location="Berlin"),
    "Invited and not answered": PeopleFilter(invited="waiting"),
}


def live_together(cohort: Cohort, people: list[Member], by: Member) -> Events:
    """Let the first of these people say who they are and write to each other."""
    leila, *others = people[: len(OFFERS) + 1]

    def introduce(_life: Life) -> None:
        everybody = ["partners", "cohort", "coordinators"]
        for member, (offer, seek) in zip([leila, *others], OFFERS, strict=False):
            set_profile(
                texts={
                    "offer": offer,
                    "seek": seek,
                    "goal": "Lead a project across two departments by the summer.",
                    "hours": "Tuesday and Thursday mornings",
                },
                shown_to={
                    "offer": everybody,
                    "seek": everybody,
                    "goal": ["partners"],
                    "hours": ["partners", "cohort"],
                    "languages": everybody,
                },
                by=member,
            )
        for name, wanted in SEGMENTS.items():
            save_segment(name=name, wanted=wanted, by=by)
        announcements.write_announcement(
            program=cohort.program,
            cohort=cohort,
            title="Welcome, and how to begin",
            text="You have met your circle. Before the first session:\n\n"
            "- say who you are under **Shown to others**\n- read your role for the day",
            send_at=None,
            by=by,
        )

    def ask(_life: Life) -> None:
        discussions.open_thread(
            cohort=cohort,
            title="How do you open a session?",
            text="Ours begin with ten minutes of small talk. What do you do?",
            by=leila,
        )

    def answer(_life: Life) -> None:
        thread = Thread.objects.for_list().get()
        for member, text in zip(others, ANSWERS, strict=True):
            words = text.replace("{name}", leila.full_name)
            discussions.write_post(thread=thread, text=words, by=member)

    def report(_life: Life) -> None:
        post = Post.objects.for_list().order_by("id")[1]
        discussions.report_post(
            post=post, reason="off", text="It speaks of our circle to everybody.", by=others[1]
        )

    def look_ahead(_life: Life) -> None:
        announcements.write_announcement(
            program=cohort.program,
            cohort=cohort,
            title="The closing day",
            text="We close together. Bring one thing that you do differently now.",
            send_at=clock.now() + timedelta(days=30),
            by=by,
        )

    return {2: introduce, 9: ask, 11: answer, 65: report, 66: look_ahead}
