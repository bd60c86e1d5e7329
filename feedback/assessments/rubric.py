"""What nine leadership skills look like: four things that others can see, the first one first.

Written for Roundtable.  The skills are those that programs begin with (programs/templates_catalog);
a program's own skill is found here by its key, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

BEHAVIOURS: Mapping[str, Sequence[_StrPromise]] = {
    "active-listening": (
        _("Lets others finish before speaking."),
        _("Asks one more question before giving advice."),
        _("Says in own words what the other meant, and asks whether that is right."),
        _("Comes back later to what somebody said, and shows what it changed."),
    ),
    "clear-expression": (
        _("Says the main point in the first sentence."),
        _("Uses words that everybody in the room understands."),
        _("Gives one example for what is hard to picture."),
        _("Checks what others have understood, and says it in other words where it was not clear."),
    ),
    "constructive-feedback": (
        _("Says thank you for something that was seen, not only “well done”."),
        _("Names what happened and what it did, without judging the person."),
        _("Offers one thing to try, and asks whether it helps."),
        _("Asks for feedback on the own work, and says later what came of it."),
    ),
    "decision-making": (
        _("Says what is to be decided, and by when."),
        _("Asks for objections before a decision is made."),
        _("Says which reasons counted most."),
        _("Looks back on the agreed day, and changes a decision that does not work."),
    ),
    "conflict-resolution": (
        _("Speaks about a disagreement with the person, not about them."),
        _("Says what both sides need before looking for an answer."),
        _("Stays calm and asks when somebody is upset."),
        _("Brings up early what others avoid, so that it can be settled."),
    ),
    "facilitation": (
        _("Begins and ends on time, and says what the meeting is for."),
        _("Gives everybody a turn."),
        _("Brings the group back to the matter in a friendly way."),
        _("Ends each matter with who does what by when."),
    ),
    "inclusion": (
        _("Learns people's names and says them right."),
        _("Notices who has not spoken, and asks them."),
        _("Gives credit to the person whose idea it was."),
        _("Changes how the group works when it shuts somebody out."),
    ),
    "consensus-building": (
        _("Asks what each person needs to be able to say yes."),
        _("Sums up where people agree already."),
        _("Changes the own proposal when an objection is good."),
        _("Finds a proposal that all can live with, and tests it with a round."),
    ),
    "strategic-thinking": (
        _("Says what today's work is good for."),
        _("Asks what will be different in a year."),
        _("Names what will not be done, and why."),
        _("Connects what others are doing with where the organisation wants to be."),
    ),
}


def next_behaviour(skill: str, level: float) -> str:
    """Return what to try next at that level, 1 to 5; nothing for a skill without a rubric."""
    behaviours = BEHAVIOURS.get(skill, ())
    if not behaviours:
        return ""
    return str(behaviours[min(int(level), len(behaviours)) - 1])
