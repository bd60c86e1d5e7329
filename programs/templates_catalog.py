"""The templates a program is made from: frozen data, copied to rows and then edited freely.

`kind` and parameters of criteria and rules are those of `pairing.engine`. A field is
`answer:<question key>` or `member:<work fact>`.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from programs.template_shapes import (
    CompetencyPlan,
    CriterionPlan,
    ProgramTemplate,
    QuestionPlan,
    RolePlan,
    StepPlan,
    Text,
)

COMPETENCIES: tuple[CompetencyPlan, ...] = (
    CompetencyPlan(
        "active-listening",
        _("Active listening"),
        _("Lets others finish, asks before advising, and can repeat what was meant."),
    ),
    CompetencyPlan(
        "clear-expression",
        _("Clear expression"),
        _("Says the point first, in words that everybody at the table uses."),
    ),
    CompetencyPlan(
        "constructive-feedback",
        _("Constructive feedback"),
        _("Names what was seen and what it did, and offers one thing to try."),
    ),
    CompetencyPlan(
        "decision-making",
        _("Decision-making"),
        _("Says what is to be decided and by when, weighs objections, and then decides."),
    ),
    CompetencyPlan(
        "conflict-resolution",
        _("Conflict resolution"),
        _("Brings a disagreement into the open early and keeps people and matter apart."),
    ),
    CompetencyPlan(
        "facilitation",
        _("Facilitation"),
        _("Holds the agenda and the time, and gives every voice its turn."),
    ),
    CompetencyPlan(
        "inclusion",
        _("Inclusion"),
        _("Notices who has not been heard and makes room for them."),
    ),
    CompetencyPlan(
        "consensus-building",
        _("Consensus building"),
        _("Finds what all can live with and changes a proposal until it holds."),
    ),
    CompetencyPlan(
        "strategic-thinking",
        _("Strategic thinking"),
        _("Connects today's choice with where the organisation wants to be."),
    ),
)

MORE_SKILLS: tuple[tuple[str, Text], ...] = (
    ("coaching", _("Coaching")),
    ("delegation", _("Delegation")),
    ("negotiation", _("Negotiation")),
    ("public-speaking", _("Public speaking")),
    ("time-management", _("Time management")),
    ("data-literacy", _("Data literacy")),
)
SKILLS = tuple((item.key, item.name) for item in COMPETENCIES) + MORE_SKILLS

INTERESTS: tuple[tuple[str, Text], ...] = (
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

ROLES: tuple[RolePlan, ...] = (
    RolePlan(
        "facilitator",
        _("Facilitator"),
        _("Opens and closes, keeps to the agenda, and hands the word around the table."),
        leads=True,
        grows="facilitation",
    ),
    RolePlan(
        "timekeeper",
        _("Timekeeper"),
        _("Says when half of a step is over and when it ends."),
        grows="decision-making",
    ),
    RolePlan(
        "note_taker",
        _("Note-taker"),
        _("Writes down decisions and promises: who, what, until when."),
        grows="clear-expression",
    ),
    RolePlan(
        "voice_watcher",
        _("Voice-watcher"),
        _("Watches who speaks and who has not been heard, and says so."),
        grows="inclusion",
    ),
)

# Two people take turns in two roles, so that nobody is always the one who is helped.
PAIR_ROLES: tuple[RolePlan, ...] = (
    RolePlan(
        "facilitator",
        _("Lead"),
        _("Opens and closes, keeps to the agenda and to the time."),
        leads=True,
        grows="facilitation",
    ),
    RolePlan(
        "preparer",
        _("Preparation"),
        _("Brings the topic and what is needed to talk about it, two days before."),
        grows="clear-expression",
    ),
)

QUESTIONS: tuple[QuestionPlan, ...] = (
    QuestionPlan(
        "skills_offered",
        "skills",
        _("What can you help others with?"),
        _("Choose a level for what you would offer; leave the rest."),
        SKILLS,
        asked_of="offerers",
    ),
    QuestionPlan(
        "skills_sought",
        "skills",
        _("What would you like to learn?"),
        _("Choose the level you want to reach; leave the rest."),
        SKILLS,
        asked_of="seekers",
    ),
    QuestionPlan(
        "goal",
        "long_text",
        _("What do you want to be different at the end?"),
        _("One or two sentences. Your partners will read them."),
        asked_of="seekers",
    ),
    QuestionPlan(
        "interests", "choices", _("What do you like to do besides work?"), options=INTERESTS
    ),
    QuestionPlan(
        "availability",
        "availability",
        _("When could you usually meet?"),
        _("In your own time zone."),
    ),
)

NEVER_MANAGER = CriterionPlan(
    "reporting_line",
    "never_manager",
    _("Never somebody of one's own reporting line"),
    "member:manager",
    "member:manager",
    sort="rule",
)
SHARE_A_LANGUAGE = CriterionPlan(
    "language",
    "must_share",
    _("At least one language in common"),
    "member:languages",
    "member:languages",
    sort="rule",
)

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
        StepPlan(_("Arrive: one word each"), 5, "check_in"),
        StepPlan(_("What came of our promises"), 10, "actions"),
        StepPlan(_("Think and write: where am I stuck?"), 5, "silent_write"),
        StepPlan(_("One case, a round of questions"), 20, "round"),
        StepPlan(_("Decide together"), 20, "decision"),
        StepPlan(_("One promise each"), 10, "promises"),
        StepPlan(_("Look back: what worked, what to change, thanks"), 5, "retrospective"),
    ),
    competencies=COMPETENCIES,
    roles=ROLES,
    questions=QUESTIONS,
    criteria=(
        CriterionPlan(
            "skills",
            "levels",
            _("Skills sought are offered in the circle"),
            "answer:skills_sought",
            "answer:skills_offered",
            8,
        ),
        CriterionPlan(
            "level",
            "gap",
            _("Similar mix of levels in every circle"),
            "member:level",
            "member:level",
            5,
            parameters={"ideal": [0, 1], "falloff": 3},
        ),
        CriterionPlan(
            "department",
            "different",
            _("Different departments"),
            "member:department",
            "member:department",
            6,
        ),
        CriterionPlan(
            "location",
            "different",
            _("Different locations"),
            "member:location",
            "member:location",
            2,
        ),
        CriterionPlan(
            "availability",
            "availability",
            _("Free at the same time, all of a circle"),
            "answer:availability",
            "answer:availability",
            4,
            parameters={"enough_overlap": 120, "slot_minutes": 30},
        ),
        NEVER_MANAGER,
        SHARE_A_LANGUAGE,
    ),
    cadence_weeks=2,
    session_minutes=75,
    sessions_planned=8,
    sessions_agreed=6,
    check_in_weeks=2,
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
        StepPlan(_("How are you, really?"), 5, "check_in"),
        StepPlan(_("What came of the last promise"), 10, "actions"),
        StepPlan(_("The mentee's topic"), 30, "topic"),
        StepPlan(_("One promise each"), 10, "promises"),
        StepPlan(_("Look back: what helped"), 5, "retrospective"),
    ),
    competencies=COMPETENCIES,
    roles=PAIR_ROLES,
    questions=QUESTIONS,
    criteria=(
        CriterionPlan(
            "skills",
            "levels",
            _("Skills sought are offered"),
            "answer:skills_sought",
            "answer:skills_offered",
            10,
        ),
        CriterionPlan(
            "interests",
            "overlap",
            _("Interests in common"),
            "answer:interests",
            "answer:interests",
            3,
        ),
        CriterionPlan(
            "availability",
            "availability",
            _("Free at the same time"),
            "answer:availability",
            "answer:availability",
            4,
            parameters={"enough_overlap": 120, "slot_minutes": 30},
        ),
        CriterionPlan(
            "time_zone",
            "timezone",
            _("Working hours overlap"),
            "member:time_zone",
            "member:time_zone",
            5,
            parameters={"enough_overlap": 240, "working_minutes": 540},
        ),
        CriterionPlan(
            "level",
            "gap",
            _("The mentor is one to three levels ahead"),
            "member:level",
            "member:level",
            6,
            parameters={"ideal": [1, 3], "falloff": 3},
        ),
        CriterionPlan(
            "department",
            "different",
            _("Different departments"),
            "member:department",
            "member:department",
            3,
        ),
        NEVER_MANAGER,
        SHARE_A_LANGUAGE,
    ),
    cadence_weeks=2,
    session_minutes=60,
    sessions_planned=12,
    sessions_agreed=6,
    check_in_weeks=2,
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
        StepPlan(_("How are you, really?"), 5, "check_in"),
        StepPlan(_("What came of our promises"), 5, "actions"),
        StepPlan(_("Your topic"), 20, "topic"),
        StepPlan(_("My topic"), 20, "topic"),
        StepPlan(_("One promise each"), 5, "promises"),
        StepPlan(_("Look back: what helped"), 5, "retrospective"),
    ),
    competencies=COMPETENCIES,
    roles=PAIR_ROLES,
    questions=QUESTIONS,
    criteria=(
        CriterionPlan(
            "skills",
            "levels",
            _("Each offers what the other seeks"),
            "answer:skills_sought",
            "answer:skills_offered",
            10,
        ),
        CriterionPlan(
            "interests",
            "overlap",
            _("Interests in common"),
            "answer:interests",
            "answer:interests",
            3,
        ),
        CriterionPlan(
            "availability",
            "availability",
            _("Free at the same time"),
            "answer:availability",
            "answer:availability",
            4,
            parameters={"enough_overlap": 120, "slot_minutes": 30},
        ),
        CriterionPlan(
            "level",
            "gap",
            _("At a similar level"),
            "member:level",
            "member:level",
            4,
            parameters={"ideal": [-1, 1], "falloff": 3},
        ),
        CriterionPlan(
            "department",
            "different",
            _("Different departments"),
            "member:department",
            "member:department",
            3,
        ),
        NEVER_MANAGER,
        SHARE_A_LANGUAGE,
    ),
    cadence_weeks=2,
    session_minutes=60,
    sessions_planned=8,
    sessions_agreed=5,
    check_in_weeks=2,
)

TEMPLATES: Mapping[str, ProgramTemplate] = {item.key: item for item in (CIRCLES, MENTOR, PAIRS)}
