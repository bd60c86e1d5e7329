"""Tips on a competency for whoever is about to exercise it: ours, short, to be tried once."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By the keys of the competencies that our templates bring; others have none.
TIPS: dict[str, tuple[Promise, ...]] = {
    "active-listening": (
        _("Say back what you heard before you answer, and ask whether it is right."),
        _("Count to five after somebody stops: often the important part comes then."),
    ),
    "clear-expression": (
        _("Begin with the point in one sentence, then give one example."),
        _("Ask somebody to repeat the question you are all working on."),
    ),
    "constructive-feedback": (
        _("Say what you saw, what it did, and what you wish for: in that order."),
        _("Ask whether feedback is welcome now, and let people choose on what."),
    ),
    "decision-making": (
        _("Name the decision and how it will be taken before anybody argues."),
        _("Ask for objections, not for agreement: “can you live with it until May?”"),
    ),
    "conflict-resolution": (
        _("Name the disagreement without a culprit: two needs, one table."),
        _("Let each side say the other's concern until the other says “yes, that is it”."),
    ),
    "facilitation": (
        _("Open with a round in which everybody speaks, and keep your own turn for last."),
        _("Say what a step is for and how long it takes, then keep the time."),
        _("When two talk, ask the others: “who has not been heard on this?”"),
    ),
    "inclusion": (
        _("Let people write for two minutes before they speak: quiet people gain most."),
        _("Ask what would make it easier to take part, and change one thing at once."),
    ),
    "consensus-building": (
        _("Collect concerns in a round first; only then change the proposal."),
        _("Look for what is good enough for now and safe enough to try."),
    ),
    "strategic-thinking": (
        _("Ask “what would have to be true?” before “what shall we do?”"),
        _("End each topic with what you will stop doing."),
    ),
}


def tips_for(key: str) -> tuple[str, ...]:
    """Return the tips on a competency by its key, however it is spelt."""
    return tuple(str(tip) for tip in TIPS.get(key.replace("_", "-"), ()))
