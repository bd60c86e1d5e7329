"""The kinds of step an agenda is made of, and how each of them works."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class StepKind(models.TextChoices):
    """What is done in one step of a session; the room runs each kind in its own way."""

    CHECK_IN = "check_in", _("Check-in round")
    ACTIONS = "actions", _("Last promises")
    TOPIC = "topic", _("Topic, open talk")
    ROUND = "round", _("Open circle")
    DECISION = "decision", _("Decision")
    PROMISES = "promises", _("One action each")
    RETROSPECTIVE = "retrospective", _("Retrospective")
    SILENT_WRITE = "silent_write", _("Silent start")
    APPRECIATION = "appreciation", _("Appreciative round")
    CASE_CLINIC = "case_clinic", _("Case clinic")
    TROIKA = "troika", _("Troika, in trios")
    PAIRS = "pairs", _("In pairs")
    FISHBOWL = "fishbowl", _("Fishbowl")


HOW_IT_WORKS: Mapping[str, Promise] = {
    StepKind.CHECK_IN: _(
        "One after the other says in a sentence how they arrive. Nobody comments. Who is not"
        " ready passes and is asked again at the end."
    ),
    StepKind.ACTIONS: _(
        "Each open promise is named: done, carried on, or dropped with a reason. What you wanted to"
        " change last time is read first."
    ),
    StepKind.TOPIC: _(
        "Talk freely. The voice-watcher counts turns, and the facilitator asks those who have not"
        " yet been heard."
    ),
    StepKind.ROUND: _(
        "Everybody speaks once before anybody speaks twice. No replies until the round is"
        " through; a second round begins with those who have said least."
    ),
    StepKind.DECISION: _(
        "One proposal, read aloud. First questions, then reactions, one round each; only then"
        " decide. An objection helps: it improves the proposal."
    ),
    StepKind.PROMISES: _(
        "Each promises one action for next time: small, with a verb, and yours. It is read out"
        " when you meet again."
    ),
    StepKind.RETROSPECTIVE: _(
        "One line each: what worked, what to change, whom to thank. What is to change opens the"
        " next session."
    ),
    StepKind.SILENT_WRITE: _(
        "Everybody writes for themselves, without talking. Cards are shown together, so that "
        "the first opinion does not lead the others."
    ),
    StepKind.APPRECIATION: _(
        "Each says to the next person one thing they saw them do and what it gave others."
        " The answer is “thank you”, nothing else."
    ),
    StepKind.CASE_CLINIC: _(
        "One brings a case. Tell it; answer questions only; then listen with your back turned"
        " while the others think aloud; say what you take; all say what they learnt."
    ),
    StepKind.TROIKA: _(
        "In threes: one tells what they are stuck with, two help while the first listens. Change"
        " places when the clock says so. New trios each time."
    ),
    StepKind.PAIRS: _(
        "Two and two: one speaks, one only listens; then the other way round. New pairs each time."
    ),
    StepKind.FISHBOWL: _(
        "A few sit in the middle and talk; one chair there stays empty. Who wants to speak takes"
        " it, and somebody else goes out. The others listen."
    ),
}
