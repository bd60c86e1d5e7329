"""The survey that we suggest with each template of a program: begun by a click, asked when started.

Written for Roundtable; each asks halfway what only that kind of program can go wrong in, beside
what every program asks anyway (check-ins, pulse, closing).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from feedback.builder.moments import MIDPOINT, moment_words
from programs.templates_catalog import Text

AGREE: tuple[Text, ...] = (_("not at all"), _("a little"), _("mostly"), _("fully"))


@dataclass(frozen=True)
class Suggestion:
    """A survey in the words of whoever reads it; `lines` share one scale of how far one agrees."""

    title: Text
    lines: tuple[Text, ...]
    choice: tuple[Text, tuple[Text, ...]]  # a question and its answers
    words: Text  # what to answer in one's own words
    moment: str = MIDPOINT
    anonymous: bool = False

    @property
    def when(self) -> str:
        return moment_words(self.moment)

    @property
    def items(self) -> list[dict[str, Any]]:
        """Return the questions as a SurveyVersion holds them."""
        question, answers = self.choice
        return [
            _item("q1", "matrix", _("How far is this true for you?"), AGREE, self.lines),
            _item("q2", "choice", question, answers),
            _item("q3", "text", self.words, required=False),
        ]

    def as_survey(self) -> dict[str, Any]:
        """Return what `create_survey` wants of it."""
        return {
            "title": str(self.title),
            "intro": str(INTRO),
            "moments": [self.moment],
            "mandatory": False,
            "anonymous": self.anonymous,
            "items": self.items,
        }


def _item(
    key: str,
    kind: str,
    question: Text,
    choices: tuple[Text, ...] = (),
    rows: tuple[Text, ...] = (),
    *,
    required: bool = True,
) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "question": str(question),
        "choices": [str(choice) for choice in choices],
        "rows": [str(row) for row in rows],
        "required": required,
        "only_if": "",
    }


INTRO = _("Two minutes, so that what is left of the program gets better.")
CHANGE = _("What one thing should we change for the second half?")

SUGGESTIONS: Mapping[str, Suggestion] = {
    "leadership-circles": Suggestion(
        title=_("Halfway: how our circle shares the lead"),
        lines=(
            _("Everybody in our circle gets to speak."),
            _("When somebody leads, the others let them lead."),
            _("We decide together, and keep what we decide."),
            _("I can say when I disagree."),
        ),
        choice=(
            _("What does our circle need most?"),
            (
                _("more time for each person"),
                _("clearer roles"),
                _("braver feedback"),
                _("fewer topics at once"),
                _("nothing: it is good as it is"),
            ),
        ),
        words=CHANGE,
        anonymous=True,
    ),
    "mentor-and-mentee": Suggestion(
        title=_("Halfway: what the mentoring is worth"),
        lines=(
            _("We talk about what matters to the mentee."),
            _("Questions help more than advice in our talks."),
            _("Between two meetings something is tried out."),
            _("I would tell my partner if something did not work."),
        ),
        choice=(
            _("What keeps you from getting more out of it?"),
            (
                _("too little time"),
                _("we meet too seldom"),
                _("no clear goal"),
                _("we do not fit well"),
                _("nothing"),
            ),
        ),
        words=CHANGE,
    ),
    "reciprocal-peer-pairs": Suggestion(
        title=_("Halfway: do both of us get something?"),
        lines=(
            _("Both of us bring topics."),
            _("The lead really changes from meeting to meeting."),
            _("I learn what I came for."),
            _("My partner learns from me."),
        ),
        choice=(
            _("Whose topics take more of the time?"),
            (_("mine"), _("my partner's"), _("about the same")),
        ),
        words=CHANGE,
    ),
    "reverse-mentoring": Suggestion(
        title=_("Halfway: does rank stay outside the door?"),
        lines=(
            _("The junior one decides what we look at."),
            _("The senior one asks more than they explain."),
            _("Things are said that would not be said in a meeting at work."),
            _("Something of it is tried out at work."),
        ),
        choice=(
            _("What has been most useful so far?"),
            (
                _("new tools"),
                _("how others see our leaders"),
                _("what younger people expect"),
                _("practice in leading somebody senior"),
                _("nothing so far"),
            ),
        ),
        words=CHANGE,
    ),
    "new-leader-buddies": Suggestion(
        title=_("Day 45: is the new leader arriving?"),
        lines=(
            _("Small questions are asked early."),
            _("It is clear what is expected of the new leader."),
            _("The new leader has met whom they need."),
            _("Mistakes can be talked about."),
        ),
        choice=(
            _("What would help most in the weeks to come?"),
            (
                _("feedback from the team"),
                _("time with the manager"),
                _("knowing how things are decided here"),
                _("practice in leading talks"),
                _("nothing: it is good as it is"),
            ),
        ),
        words=_("What do you wish somebody had said on the first day?"),
        moment="d45",
    ),
}
