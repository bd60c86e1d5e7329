"""What a table has agreed: a decision that runs and a draft, a charter, a goal, an action."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agreements.charters.models import Charter, CharterEdit, CharterSection, CharterSignature
from agreements.decisions.models import Adviser, Decision, Outcome, Remark, Step, Vote, Wording
from agreements.goals.models import Goal, GoalBody, GoalProgress, GoalVoice, ReadyToClose
from core.common import clock
from pairing.models.partnerships import Partnership, Seat
from sessions.models.actions import Action


def agree(partnership: Partnership, seat: Seat, canary: str) -> dict[str, Any]:
    """Make one of each for a table, its words the canary; return those that addresses name."""
    at = clock.now()
    today = at.date()
    drafted = Decision.objects.create(
        partnership=partnership, number=1, method="consent", proposer=seat
    )
    decision = Decision.objects.create(
        partnership=partnership,
        number=2,
        method="consent",
        proposer=seat,
        state=Decision.State.DECIDE,
        round=1,
        ballot=2,
        opened_at=at,
        closes_at=at + timedelta(days=3),
    )
    for each in (drafted, decision):
        Wording.objects.create(
            decision=each, version=1, title=f"{canary} title", text=canary, by=seat, written_at=at
        )
    question = Remark.objects.create(
        decision=decision, kind="question", seat=seat, words=f"{canary} question", said_at=at
    )
    Remark.objects.create(
        decision=decision, kind="answer", seat=seat, question=question, words=canary, said_at=at
    )
    Vote.objects.create(
        decision=decision, ballot=1, seat=seat, answer="object", reason=canary, cast_at=at
    )
    Adviser.objects.create(decision=decision, seat=seat, because="affected")
    Step.objects.create(
        decision=decision, number=1, state="clarify", version=1, ballot=0, by=seat, at=at
    )
    Outcome.objects.create(
        decision=decision,
        ballot=1,
        version=1,
        adopted=False,
        why="objection",
        reason=canary,
        count={"answered": 1, "needed": 1, "people": 1, "counts": [["object", 1]]},
        partners=1,
        voices=1,
        opened_at=at,
        at=at,
        day=today,
    )
    charter = Charter.objects.create(partnership=partnership, revision=1)
    section = CharterSection.objects.create(
        charter=charter, position=1, title=f"{canary} section", version=1, text=canary
    )
    CharterEdit.objects.create(section=section, version=1, text=canary, by=seat, at=at)
    CharterSignature.objects.create(
        charter=charter, seat=seat, revision=1, signed=False, reason=canary, at=at
    )
    goal = Goal.objects.create(
        partnership=partnership, due_on=today + timedelta(days=9), title=f"{canary} goal"
    )
    hidden = Goal.objects.create(
        partnership=partnership, due_on=today + timedelta(days=9), seat=seat, private=True
    )
    GoalBody.objects.create(
        goal=hidden, title=f"{canary} own goal", readers=[seat.enrolment.member_id]
    )
    GoalVoice.objects.create(goal=goal, seat=seat, agreed_at=at)
    GoalProgress.objects.create(goal=goal, seat=seat, on=today, level=2)
    ReadyToClose.objects.create(partnership=partnership, seat=seat, at=at)
    action = Action.objects.create(
        partnership=partnership, seat=seat, words=f"{canary} action", promised_at=at
    )
    return {
        "drafted": drafted,
        "decision": decision,
        "question_asked": question,
        "section": section,
        "goal": goal,
        "action": action,
    }
