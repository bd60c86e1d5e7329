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

from core.common.own_words import Words

Text: TypeAlias = str | Promise
Option: TypeAlias = tuple[str, Text]  # key, name
StepRow: TypeAlias = tuple[Text, int, str]  # title, minutes, kind
CompetencyRow: TypeAlias = tuple[str, Text, Text]  # key, name, rubric
RoleRow: TypeAlias = tuple[str, Text, Text, str]  # key, name, duties, competency it grows
# key, kind, asked of, label, help, options, required
QuestionRow: TypeAlias = tuple[str, str, str, Text, Text, tuple[Option, ...], bool]
# key, kind, label, field of who seeks, field of who offers, weight, parameters
CriterionRow: TypeAlias = tuple[str, str, Text, str, str, int, Mapping[str, object]]
ObjectiveRow: TypeAlias = tuple[str, str, int]  # metric, value, week of the cohort it is due in
# what a session is about, a key of READY_AGENDAS ("" is the program's own), what is reached then
SeasonRow: TypeAlias = tuple[Text, str, Text]
# a lesson, the part it is for ("" is everybody), and when it is learnt
PathRow: TypeAlias = tuple[str, str, str]
# kind and case of an e-mail, its subject, the words on its button, what it says
EmailRow: TypeAlias = tuple[str, str, Text, Text, Text]

COMPETENCIES: tuple[CompetencyRow, ...] = (
    (
        "active-listening",
        _("Active listening"),
        _("Lets others finish, asks before advising, and can repeat what was meant."),
    ),
    (
        "clear-expression",
        _("Clear expression"),
        _("Says the point first, in words that everybody understands."),
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
        _("Opens and closes, keeps to the agenda, and gives everybody a turn to speak."),
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
        _("Writes down decisions and promises: who, what, by when."),
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

GOAL = (
    "goal",
    "long_text",
    "seekers",
    _("What do you want to be different at the end?"),
    _("One or two sentences. Your partners will read them."),
    (),
    False,
)
GOAL_TOPICS = _("What is your development goal about?")
ONE_TO_THREE = _("Choose one to three; these are compared with what others offer.")
AVAILABILITY = (
    "availability",
    "availability",
    "everyone",
    _("When could you usually meet?"),
    "",
    (),
    True,
)
INTERESTS_ASKED = (
    "interests",
    "choices",
    "everyone",
    _("What do you like to do besides work?"),
    "",
    INTERESTS,
    False,
)


def _questions(offers: Text, seeks: Text, *, both_ways: bool) -> tuple[QuestionRow, ...]:
    """Return what a template asks; what the matching rests on has to be answered.

    Among peers a goal is compared with the goals of others, else with what mentors know of.
    """
    level = _("Choose a level for what you would offer; leave the rest.")
    wanted = _("Choose the level you want to reach; leave the rest.")
    known: QuestionRow = (
        "topics_offered",
        "choices",
        "offerers",
        _("Which development goals can you help with from experience?"),
        _("Choose what you have worked on yourself."),
        SKILLS,
        True,
    )
    return (
        ("skills_offered", "skills", "offerers", offers, level, SKILLS, True),
        ("skills_sought", "skills", "seekers", seeks, wanted, SKILLS, True),
        GOAL,
        ("topics_sought", "choices", "seekers", GOAL_TOPICS, ONE_TO_THREE, SKILLS, True),
        *(() if both_ways else (known,)),
        INTERESTS_ASKED,
        AVAILABILITY,
    )


PEER_QUESTIONS = _questions(
    _("What can you help others with?"), _("What would you like to learn?"), both_ways=True
)
MENTOR_QUESTIONS = _questions(
    _("What can you help others with?"), _("What would you like to learn?"), both_ways=False
)
REVERSE_QUESTIONS = _questions(
    _("What can you show a senior colleague?"),
    _("What would you like to understand better?"),
    both_ways=False,
)
BUDDY_QUESTIONS = _questions(
    _("What can you help a new leader with?"),
    _("What is new to you in your role?"),
    both_ways=False,
)


RULE_KINDS = ("never_manager", "must_share")
# what somebody has not answered adds nothing and is shown as unanswered
LEFT_OUT: Mapping[str, object] = {"missing": "zero"}


def _skills(label: Text, weight: int) -> CriterionRow:
    fields = ("answer:skills_sought", "answer:skills_offered")
    return ("skills", "levels", label, *fields, weight, dict(LEFT_OUT))


def _goals(label: Text, weight: int, offered: str) -> CriterionRow:
    fields = ("answer:topics_sought", f"answer:{offered}")
    return ("goals", "overlap", label, *fields, weight, dict(LEFT_OUT))


def _both(
    key: str, kind: str, label: Text, field: str, weight: int, **parameters: object
) -> CriterionRow:
    """Return a criterion that compares the same field of both sides."""
    left_out = {} if kind in RULE_KINDS else LEFT_OUT
    return (key, kind, label, field, field, weight, {**left_out, **parameters})


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


# how well a program of good practice goes; each can be changed in the design
OBJECTIVES: tuple[ObjectiveRow, ...] = (
    ("match_rate", "0.95", 4),
    ("attendance_rate", "0.8", 12),
    ("checkin_response", "0.7", 12),
    ("satisfied", "0.8", 24),
)

CIRCLE_SEASON: tuple[SeasonRow, ...] = (
    (_("Who we are and what each wants"), "", _("The charter is begun")),
    (_("How we work together"), "circle", _("The charter is signed")),
    (_("One case, and only questions"), "clinic", ""),
    (_("Feedback that helps"), "appreciation", _("Halfway: what do we change?")),
    (_("Where I am stuck"), "troika", ""),
    (_("Strategy: today's choice and tomorrow's aim"), "silent", ""),
    (_("Disagreeing well"), "fishbowl", ""),
    (_("What we take with us"), "appreciation", _("Goals are looked at, thanks are said")),
)
PAIR_SEASON: tuple[SeasonRow, ...] = (
    (_("Getting to know each other, and one goal"), "", _("A goal is written down")),
    (_("Where I stand"), "", ""),
    (_("A situation that matters now"), "", ""),
    (_("Halfway: what helps, what to change"), "", _("Halfway: does it fit?")),
    (_("Feedback in both directions"), "", ""),
    (_("A step that takes courage"), "", ""),
    (_("What has changed"), "", ""),
    (_("Looking back, and what comes next"), "", _("Goals are looked at, thanks are said")),
)
MENTOR_SEASON: tuple[SeasonRow, ...] = (
    *PAIR_SEASON[:6],
    (_("What others see in me"), "", ""),
    (_("Deciding under pressure"), "", ""),
    (_("People I need and do not know yet"), "", ""),
    (_("What I no longer want to do myself"), "", ""),
    *PAIR_SEASON[6:],
)
BUDDY_SEASON: tuple[SeasonRow, ...] = (
    (_("Arriving: names, places, unwritten rules"), "", _("The first week is over")),
    (_("What the team needs from me"), "", ""),
    (_("The first difficult conversation"), "", _("The first month is over")),
    (_("Delegating without letting go"), "", ""),
    (_("Deciding with others"), "", _("Sixty days")),
    (_("Whom I can ask from here on"), "", _("Ninety days: a look back")),
)

# what is read at another time than while people meet: before matching all of EVERYBODY_LEARNS
LEARNT_WHEN: Mapping[str, str] = {"facilitating": "lead", "reflection": "closing"}
EVERYBODY_LEARNS = ("peer-mentoring", "listening", "questions", "goals-and-one-action")
CIRCLE_LESSONS = {
    "": (
        *EVERYBODY_LEARNS,
        "clear-expression",
        "rounds-and-quiet-voices",
        "facilitating",
        "feedback",
        "deciding-by-consent",
        "sharing-power",
        "conflict",
        "strategic-thinking",
        "reflection",
    )
}
PAIR_LESSONS = {"": (*EVERYBODY_LEARNS, "feedback", "sharing-power", "reflection")}
MENTOR_LESSONS = {
    "": EVERYBODY_LEARNS,
    "mentor": ("feedback", "sharing-power", "strategic-thinking"),
    "mentee": ("clear-expression", "reflection"),
}

# where a template's words differ from what is said to everybody else; who takes part in either of
# them has to know who mentors whom before they first meet
REVERSE_EMAILS: tuple[EmailRow, ...] = (
    (
        "programs.accepted",
        "usual",
        _("You have a place in {{ program }}"),
        _("See my answers"),
        _(
            "{{ given_name }}, you have a place in {{ program }}, {{ cohort }} (from"
            " {{ starts_on }}). You take part as: {{ part }}.\n\n"
            "Here the junior colleague is the mentor, and the senior one learns. You get an e-mail"
            " that says who your partner is. Your answers count for that: you can change them"
            " until the cohort is closed.\n\n"
            "{{ note }}"
        ),
    ),
    (
        "pairing.matched",
        "usual",
        _("Reverse mentoring with {{ partners }}"),
        _("See your partner"),
        _(
            "{{ given_name }}, in {{ program }} you are working with {{ partners }}.\n\n"
            "You are no longer in {{ before }}.\n\n"
            "The junior one of you mentors: shows, asks, and says what the other does not see."
            " The senior one listens and tries one thing until you meet again. Rank stays outside"
            " the door.\n\n"
            "{{ why }}\n\n"
            "## What happens next\n\n"
            "The dates of your meetings come in an e-mail of their own. Who mentors brings one"
            " topic to the first."
        ),
    ),
)
BUDDY_EMAILS: tuple[EmailRow, ...] = (
    (
        "programs.accepted",
        "usual",
        _("You have a place in {{ program }}"),
        _("See my answers"),
        _(
            "{{ given_name }}, you have a place in {{ program }}, {{ cohort }} (from"
            " {{ starts_on }}). You take part as: {{ part }}.\n\n"
            "A buddy goes with a new leader through the first ninety days. You"
            " get an e-mail that says who your buddy is. Your answers count for that: you can"
            " change them until the cohort is closed.\n\n"
            "{{ note }}"
        ),
    ),
    (
        "pairing.matched",
        "usual",
        _("Your buddy is {{ partners }}"),
        _("See your buddy"),
        _(
            "{{ given_name }}, in {{ program }} your buddy is {{ partners }}.\n\n"
            "You are no longer in {{ before }}.\n\n"
            "{{ why }}\n\n"
            "## What happens next\n\n"
            "Who has led for longer makes the first call, this week: no question is too small for"
            " it. The dates of your meetings come in an e-mail of their own."
        ),
    ),
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
    questions: tuple[QuestionRow, ...]
    objectives: tuple[ObjectiveRow, ...]
    season: tuple[SeasonRow, ...]
    # lessons by part, each in the order they are learnt; "" is everybody
    lessons: Mapping[str, tuple[str, ...]]
    emails: tuple[EmailRow, ...] = ()
    expectations_mentors: Text = ""
    expectations_mentees: Text = ""
    competencies: tuple[CompetencyRow, ...] = COMPETENCIES
    rules: tuple[CriterionRow, ...] = RULES
    cadence_weeks: int = 2
    check_in_weeks: int = 2
    circle_min: int = 6
    circle_max: int = 8
    # what it calls a mentor, a mentee, a circle and a session, where that is not our word
    own_words: Words = ()

    @property
    def path(self) -> tuple[PathRow, ...]:
        """Return the lessons in the order in which they are learnt; none is required by itself."""
        when = {**dict.fromkeys(EVERYBODY_LEARNS, "matching"), **LEARNT_WHEN}
        return tuple(
            (key, part, when.get(key, "along"))
            for part, keys in self.lessons.items()
            for key in keys
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
        "What we say stays between us.\n"
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
        _goals(_("Development goals are mixed in every circle"), 4, "topics_sought"),
        _levels(_("Similar mix of levels in every circle"), 5, 0, 1),
        _departments(6),
        _both("location", "different", _("Different locations"), "member:location", 2),
        _free(_("Free at the same time, all of a circle")),
    ),
    session_minutes=75,
    sessions_planned=8,
    sessions_agreed=6,
    questions=PEER_QUESTIONS,
    objectives=(*OBJECTIVES, ("voice_balance", "0.7", 12)),
    season=CIRCLE_SEASON,
    lessons=CIRCLE_LESSONS,
)

MENTOR = ProgramTemplate(
    key="mentor-and-mentee",
    name=_("Mentor and mentee"),
    summary=_("Two people meet every two weeks on the mentee's goal."),
    purpose=_(
        "Give people who want to grow a partner with experience, and give mentors practice in "
        "leading without giving orders."
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
        _goals(_("The mentor knows what the goal is about"), 6, "topics_offered"),
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
    questions=MENTOR_QUESTIONS,
    objectives=OBJECTIVES,
    season=MENTOR_SEASON,
    lessons=MENTOR_LESSONS,
    expectations_mentors=_(
        "I ask before I advise, and I give no orders.\n"
        "I say what I have seen and tried myself, failures too.\n"
        "I am nobody's manager here, and I report nothing."
    ),
    expectations_mentees=_(
        "I bring a topic two days before we meet.\n"
        "I decide what I do, and I say what came of it.\n"
        "I say early if the time or the fit is not right."
    ),
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
        _goals(_("Development goals in common"), 5, "topics_sought"),
        INTERESTS_IN_COMMON,
        _free(_("Free at the same time")),
        _levels(_("At a similar level"), 4, -1, 1),
        _departments(3),
    ),
    session_minutes=60,
    sessions_planned=8,
    sessions_agreed=5,
    questions=PEER_QUESTIONS,
    objectives=OBJECTIVES,
    season=PAIR_SEASON,
    lessons=PAIR_LESSONS,
)

REVERSE = ProgramTemplate(
    key="reverse-mentoring",
    name=_("Reverse mentoring"),
    summary=_("A junior colleague mentors a senior one, once every two weeks."),
    purpose=_(
        "Let leaders learn from people who see what they do not see: new tools, new customers,"
        " life at the beginning of a career. Who mentors grows by leading somebody senior."
    ),
    format="mentor",
    expectations=_(
        "Here the younger one mentors: rank stays outside the door.\n"
        "We meet every two weeks and move a meeting rather than drop it.\n"
        "What we say stays between us and reaches no review.\n"
        "If it does not fit, we say so without blame."
    ),
    expectations_mentors=_(
        "I say what I see, politely and without softening it.\n"
        "I show how I do it, and let the other one try.\n"
        "I prepare one topic for each meeting."
    ),
    expectations_mentees=_(
        "I ask, listen, and do not defend what is.\n"
        "I try one thing until we meet again and tell what came of it.\n"
        "I never ask about other people's work or views of their manager."
    ),
    agenda=(
        (_("How are you, really?"), 5, "check_in"),
        (_("What I tried since last time"), 10, "actions"),
        (_("What the mentor shows or asks"), 25, "topic"),
        (_("One thing to try, each"), 5, "promises"),
        (_("Look back: what was new to me"), 5, "retrospective"),
    ),
    roles=PAIR_ROLES,
    criteria=(
        _skills(_("The mentor knows what the leader wants to understand"), 10),
        _goals(_("The mentor knows what the goal is about"), 6, "topics_offered"),
        _levels(_("The mentor is two or more levels junior"), 7, -6, -2),
        _departments(5),
        INTERESTS_IN_COMMON,
        _free(_("Free at the same time")),
    ),
    session_minutes=50,
    sessions_planned=8,
    sessions_agreed=5,
    questions=REVERSE_QUESTIONS,
    objectives=OBJECTIVES,
    season=PAIR_SEASON,
    lessons=MENTOR_LESSONS,
    emails=REVERSE_EMAILS,
)

BUDDIES = ProgramTemplate(
    key="new-leader-buddies",
    name=_("New-leader buddies"),
    summary=_("A leader of some years goes with a new one through the first ninety days."),
    purpose=_(
        "Nobody should begin to lead alone. For ninety days a buddy who was new not long ago"
        " answers small questions early, before they become big ones."
    ),
    format="mentor",
    expectations=_(
        "We meet every two weeks for ninety days, and write in between.\n"
        "No question is too small.\n"
        "What we say stays between us and reaches no manager.\n"
        "If it does not fit, we say so without blame."
    ),
    expectations_mentors=_(
        "I make the first call, in the first week.\n"
        "I answer within two working days.\n"
        "I introduce the new leader to three people they will need."
    ),
    expectations_mentees=_(
        "I write down what puzzles me and bring it.\n"
        "I say what I need, also if it is only to be heard.\n"
        "I try one thing until we meet again and tell what came of it."
    ),
    agenda=(
        (_("How was it since last time?"), 5, "check_in"),
        (_("What came of the last promise"), 5, "actions"),
        (_("What puzzles me now"), 25, "topic"),
        (_("One promise each"), 5, "promises"),
        (_("Look back: what helped"), 5, "retrospective"),
    ),
    roles=PAIR_ROLES,
    criteria=(
        _skills(_("Skills sought are offered"), 8),
        _goals(_("The buddy knows what the goal is about"), 6, "topics_offered"),
        _levels(_("The buddy is at the same level or one ahead"), 6, 0, 1),
        _both("location", "same", _("At the same place"), "member:location", 4),
        _departments(4),
        _free(_("Free at the same time")),
    ),
    session_minutes=45,
    sessions_planned=6,
    sessions_agreed=4,
    questions=BUDDY_QUESTIONS,
    objectives=(
        ("match_rate", "1", 2),
        ("attendance_rate", "0.85", 8),
        ("checkin_response", "0.7", 8),
        ("satisfied", "0.85", 13),
    ),
    season=BUDDY_SEASON,
    lessons=MENTOR_LESSONS,
    emails=BUDDY_EMAILS,
    own_words=(("mentor", "buddy"), ("mentee", "newcomer")),
)

TEMPLATES: Mapping[str, ProgramTemplate] = {
    item.key: item for item in (CIRCLES, MENTOR, PAIRS, REVERSE, BUDDIES)
}
