"""Three decisions to practise on, each with a timed way through: nothing of them counts.

They are written by us: a case that matters a little, for which no answer is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from agreements.decisions.models import Method, Quorum

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Stage:
    """One stretch of the way: so many minutes, and what to do in them."""

    name: str | _StrPromise
    minutes: int
    words: str | _StrPromise


@dataclass(frozen=True)
class Exercise:
    """A case with its proposal, and the way through it; `learns` says what it lets one try."""

    key: str
    title: _StrPromise
    text: _StrPromise
    method: str
    learns: _StrPromise
    stages: tuple[Stage, ...]

    @property
    def minutes(self) -> int:
        return sum(stage.minutes for stage in self.stages)


PROPOSAL, CLARIFY = _("Hear the proposal"), _("Clarify")
REACT, DECIDE, LOOK_BACK = _("React"), _("Decide"), _("Look back")

EXERCISES = (
    Exercise(
        key="budget",
        title=_("Our circle gives its 300 to one good cause, not to three"),
        text=_(
            "Imagine: your circle is given 300 to use for others. It could go to one cause, or be"
            " shared among three. The proposal is to give all of it to one. Which one is another"
            " decision."
        ),
        method=Method.CONSENT.value,
        learns=_("Tell “I would rather” from “I cannot live with it”."),
        stages=(
            Stage(PROPOSAL, 2, _("Somebody reads it aloud, twice. Nobody answers yet.")),
            Stage(CLARIFY, 4, _("Questions only. A question that holds an opinion waits.")),
            Stage(REACT, 6, _("One round, a minute each. Nobody replies to anybody.")),
            Stage(
                DECIDE,
                5,
                _("Consent: no objection that has a reason. Who objects says what would mend it."),
            ),
            Stage(LOOK_BACK, 3, _("Whose objection made it better? Who had none and was unsure?")),
        ),
    ),
    Exercise(
        key="norm",
        title=_("Who comes late waits outside until the round is over"),
        text=_(
            "Imagine: somebody is late every time, and each time the round begins again. The"
            " proposal is that who comes late joins after the round. Nobody is to blame here: it is"
            " about a norm that all can keep."
        ),
        method=Method.CONSENSUS.value,
        learns=_("Change a proposal together until all can carry it."),
        stages=(
            Stage(PROPOSAL, 2, _("Somebody reads it aloud. Each writes down a first thought.")),
            Stage(CLARIFY, 4, _("What does it say, and what does it not say? Ask that alone.")),
            Stage(REACT, 8, _("First what you like in it, then what you miss. Change the text.")),
            Stage(DECIDE, 6, _("Consensus: everybody agrees, or stands aside and says why.")),
            Stage(LOOK_BACK, 4, _("What changed between the first text and the last, and why?")),
        ),
    ),
    Exercise(
        key="choice",
        title=_("We let one of us go first who has waited least"),
        text=_(
            "Imagine: two of you need an hour of the circle for a hard case, and there is one hour"
            " left this season. One has waited longest; the other has to act next week. The"
            " proposal is that the urgent one goes first."
        ),
        method=Method.GRADIENTS.value,
        learns=_("Show how much you agree, not only whether."),
        stages=(
            Stage(PROPOSAL, 2, _("Read it aloud; two of you speak for a minute for either side.")),
            Stage(CLARIFY, 3, _("Ask for facts that would change your mind.")),
            Stage(
                REACT, 7, _("One round: what does fair mean here? Everybody before anybody twice.")
            ),
            Stage(DECIDE, 5, _("Gradients: tap how far you agree, in silence, all at once.")),
            Stage(
                LOOK_BACK, 4, _("Was the middle doubt, or politeness? Ask those who stood there.")
            ),
        ),
    ),
)


def exercise_of(key: str) -> Exercise | None:
    return next((exercise for exercise in EXERCISES if exercise.key == key), None)


QUORUM = Quorum.HALF.value
