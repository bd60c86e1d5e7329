"""The templates a program is made from: plain data, copied to rows and then edited freely.

`kind` and parameters of criteria and rules are those of `pairing.engine`. A field is
`answer:<question key>` or `member:<work fact>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text: TypeAlias = str | Promise
Option: TypeAlias = tuple[str, Text]  # key, name
StepRow: TypeAlias = tuple[Text, int, str]  # title, minutes, kind
CompetencyRow: TypeAlias = tuple[str, Text, Text]  # key, name, rubric
RoleRow: TypeAlias = tuple[str, Text, Text, str]  # key, name, duties, competency it grows
# key, kind, asked of, label, help, options
QuestionRow: TypeAlias = tuple[str, str, str, Text, Text, tuple[Option, ...]]
# key, kind, label, field of who seeks, field of who offers, weight, parameters
CriterionRow: TypeAlias = tuple[str, str, Text, str, str, int, Mapping[str, object]]

COMPETENCIES: tuple[CompetencyRow, ...] = (
    (
        "active-listening",
        _("Active listening"),
        _("Lets others finish, asks before advising, and can repeat what was meant."),
    ),
    (
        "clear-expression",
        _("Clear expression"),
        _("Says the point first, in words that everybody at the table uses."),
    ),
    (
        "constructive-feedback",
        _("Constructive feedback"),
        _("Names what was seen and what it did, and offers one thing to try."),
    ),
    (
        "decision-making",
        _("Decision-making"),
        _("Says what is to be decided and by when, weighs objections, and then decides."),
    ),
    (
        "conflict-resolution",
        _("Conflict resolution"),
        _("Brings a disagreement into the open early and keeps people and matter apart."),
    ),
    (
        "facilitation",
        _("Facilitation"),
        _("Holds the agenda and the time, and gives every voice its turn."),
    ),
    (
        "inclusion",
        _("Inclusion"),
        _("Notices who has not been heard and makes room for them."),
    ),
    (
        "consensus-building",
        _("Consensus building"),
        _("Finds what all can live with and changes a proposal until it holds."),
    ),
    (
        "strategic-thinking",
        _("Strategic thinking"),
        _("Connects today's choice with where the organisation wants to be."),
    ),
)

MORE_SKILLS: tuple[Option, ...] = (
    ("coaching", _("Coaching")),
    ("delegation", _("Delegation")),
    ("negotiation", _("Negotiation")),
    ("public-speaking", _("Public speaking")),
    ("time-management", _("Time management")),
    ("data-literacy", _("Data literacy")),
)
SKILLS: tuple[Option, ...] = (*((key, name) for key, name, _rubric in COMPETENCIES), *MORE_SKILLS)

INTERESTS: tuple[Option, ...] = (
    ("board-games", _("Board games")),
    ("cooking", _("Cooking")),
    ("cycling", _("Cycling")),
    ("football", _("Football")),
    ("gardening", _("Gardening")),
    ("hiking", _("Hiking")),
    ("languages", _("Languages")),
    ("music", _("Music")),
    ("open-source", _("Open source")),
    ("photography", _("Photography")),
    ("reading", _("Reading")),
    ("theatre", _("Theatre")),
    ("volunteering", _("Volunteering")),
)

# the first of them leads
ROLES: tuple[RoleRow, ...] = (
    (
        "facilitator",
        _("Facilitator"),
        _("Opens and closes, keeps to the agenda, and hands the word around the table."),
        "facilitation",
    ),
    (
        "timekeeper",
        _("Timekeeper"),
        _("Says when half of a step is over and when it ends."),
        "decision-making",
    ),
    (
        "note_taker",
        _("Note-taker"),
        _("Writes down decisions and promises: who, what, until when."),
        "clear-expression",
    ),
    (
        "voice_watcher",
        _("Voice-watcher"),
        _("Watches who speaks and who has not been heard, and says so."),
        "inclusion",
    ),
)

# Two people take turns in two roles, so that nobody is always the one who is helped.
PAIR_ROLES: tuple[RoleRow, ...] = (
    (
        "facilitator",
        _("Lead"),
        _("Opens and closes, keeps to the agenda and to the time."),
        "facilitation",
    ),
    (
        "preparer",
        _("Preparation"),
        _("Brings the topic and what is needed to talk about it, two days before."),
        "clear-expression",
    ),
)

QUESTIONS: tuple[QuestionRow, ...] = (
    (
        "skills_offered",
        "skills",
        "offerers",
        _("What can you help others with?"),
        _("Choose a level for what you would offer; leave the rest."),
        SKILLS,
    ),
    (
        "skills_sought",
        "skills",
        "seekers",
        _("What would you like to learn?"),
        _("Choose the level you want to reach; leave the rest."),
        SKILLS,
    ),
    (
        "goal",
        "long_text",
        "seekers",
        _("What do you want to be different at the end?"),
        _("One or two sentences. Your partners will read them."),
        (),
    ),
    ("interests", "choices", "everyone", _("What do you like to do besides work?"), "", INTERESTS),
    (
        "availability",
        "availability",
        "everyone",
        _("When could you usually meet?"),
        _("In your own time zone."),
        (),
    ),
)


def _skills(label: Text, weight: int) -> CriterionRow:
    return ("skills", "levels", label, "answer:skills_sought", "answer:skills_offered", weight, {})


def _both(
    key: str, kind: str, label: Text, field: str, weight: int, **parameters: object
) -> CriterionRow:
    """Return a criterion that compares the same field of both sides."""
    return (key, kind, label, field, field, weight, parameters)


def _levels(label: Text, weight: int, *ideal: int) -> CriterionRow:
    return _both("level", "gap", label, "member:level", weight, ideal=list(ideal), falloff=3)


def _free(label: Text) -> CriterionRow:
    field = "answer:availability"
    return _both(
        "availability", "availability", label, field, 4, enough_overlap=120, slot_minutes=30
    )


def _departments(weight: int) -> CriterionRow:
    return _both("department", "different", _("Different departments"), "member:department", weight)


INTERESTS_IN_COMMON = _both("interests", "overlap", _("Interests in common"), "answer:interests", 3)
RULES: tuple[CriterionRow, ...] = (
    _both(
        "reporting_line",
        "never_manager",
        _("Never somebody of one's own reporting line"),
        "member:manager",
        5,
    ),
    _both("language", "must_share", _("At least one language in common"), "member:languages", 5),
)


@dataclass(frozen=True)
class ProgramTemplate:
    key: str
    name: Text
    summary: Text
    purpose: Text
    format: str
    expectations: Text
    agenda: tuple[StepRow, ...]
    roles: tuple[RoleRow, ...]
    criteria: tuple[CriterionRow, ...]
    session_minutes: int
    sessions_planned: int
    sessions_agreed: int
    competencies: tuple[CompetencyRow, ...] = COMPETENCIES
    questions: tuple[QuestionRow, ...] = QUESTIONS
    rules: tuple[CriterionRow, ...] = RULES
    cadence_weeks: int = 2
    check_in_weeks: int = 2
    circle_min: int = 6
    circle_max: int = 8


CIRCLES = ProgramTemplate(
    key="leadership-circles",
    name=_("Leadership circles"),
    summary=_("Six to eight peers meet every two weeks and lead in turn."),
    purpose=_(
        "Grow leaders who listen, decide together and share the lead. Nobody is the boss:"
        " leadership moves around the table."
    ),
    format="circles",
    expectations=_(
        "I come to every session, or say in time that I cannot.\n"
        "I take my turn in each role.\n"
        "What is said at the table stays at the table.\n"
        "I promise one action each time and tell what came of it."
    ),
    agenda=(
        (_("Arrive: one word each"), 5, "check_in"),
        (_("What came of our promises"), 10, "actions"),
        (_("Think and write: where am I stuck?"), 5, "silent_write"),
        (_("One case, a round of questions"), 20, "round"),
        (_("Decide together"), 20, "decision"),
        (_("One promise each"), 10, "promises"),
        (_("Look back: what worked, what to change, thanks"), 5, "retrospective"),
    ),
    roles=ROLES,
    criteria=(
        _skills(_("Skills sought are offered in the circle"), 8),
        _levels(_("Similar mix of levels in every circle"), 5, 0, 1),
        _departments(6),
        _both("location", "different", _("Different locations"), "member:location", 2),
        _free(_("Free at the same time, all of a circle")),
    ),
    session_minutes=75,
    sessions_planned=8,
    sessions_agreed=6,
)

MENTOR = ProgramTemplate(
    key="mentor-and-mentee",
    name=_("Mentor and mentee"),
    summary=_("Two people meet every two weeks on the mentee's goal."),
    purpose=_(
        "Give people who want to grow somebody who has been there, and give those who have"
        " been there the practice of leading without deciding."
    ),
    format="mentor",
    expectations=_(
        "The mentee brings the topic, the mentor brings questions.\n"
        "We meet every two weeks and move a meeting rather than drop it.\n"
        "What we say stays between us.\n"
        "If it does not fit, we say so without blame."
    ),
    agenda=(
        (_("How are you, really?"), 5, "check_in"),
        (_("What came of the last promise"), 10, "actions"),
        (_("The mentee's topic"), 30, "topic"),
        (_("One promise each"), 10, "promises"),
        (_("Look back: what helped"), 5, "retrospective"),
    ),
    roles=PAIR_ROLES,
    criteria=(
        _skills(_("Skills sought are offered"), 10),
        INTERESTS_IN_COMMON,
        _free(_("Free at the same time")),
        _both(
            "time_zone",
            "timezone",
            _("Working hours overlap"),
            "member:time_zone",
            5,
            enough_overlap=240,
            working_minutes=540,
        ),
        _levels(_("The mentor is one to three levels ahead"), 6, 1, 3),
        _departments(3),
    ),
    session_minutes=60,
    sessions_planned=12,
    sessions_agreed=6,
)

PAIRS = ProgramTemplate(
    key="reciprocal-peer-pairs",
    name=_("Reciprocal peer pairs"),
    summary=_("Two peers meet every two weeks; each gives and takes, and they lead in turn."),
    purpose=_(
        "Let people learn from somebody on the same road: each brings what they can and asks"
        " for what they want to learn, and the lead changes every time."
    ),
    format="pairs",
    expectations=_(
        "We take turns: one prepares, the other leads, and next time the other way round.\n"
        "We meet every two weeks and move a meeting rather than drop it.\n"
        "What we say stays between us.\n"
        "If it does not fit, we say so without blame."
    ),
    agenda=(
        (_("How are you, really?"), 5, "check_in"),
        (_("What came of our promises"), 5, "actions"),
        (_("Your topic"), 20, "topic"),
        (_("My topic"), 20, "topic"),
        (_("One promise each"), 5, "promises"),
        (_("Look back: what helped"), 5, "retrospective"),
    ),
    roles=PAIR_ROLES,
    criteria=(
        _skills(_("Each offers what the other seeks"), 10),
        INTERESTS_IN_COMMON,
        _free(_("Free at the same time")),
        _levels(_("At a similar level"), 4, -1, 1),
        _departments(3),
    ),
    session_minutes=60,
    sessions_planned=8,
    sessions_agreed=5,
)

TEMPLATES: Mapping[str, ProgramTemplate] = {item.key: item for item in (CIRCLES, MENTOR, PAIRS)}
