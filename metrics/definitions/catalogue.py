"""The dictionary: every figure of this release, as people read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from metrics.definitions.shapes import Definition, Fold, Moment, Unit

CAUSE = "cause:"  # part: a cause of cancellation
WEEK = "week:"  # part: so many weeks after the start
START, END, EFFECT = "start:", "end:", "effect:"  # parts of one competency

_EVERYBODY_ENROLLED = _("People whose enrolment was accepted.")
_SESSIONS_PASSED = _("From the first session to now: sessions whose planned time has passed.")

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        key="enrolled",
        name=_("Enrolled"),
        asks=_("How many people take or took part?"),
        numerator=_(
            "Enrolments that were accepted, whatever came of them: accepted, active, completed, "
            "or withdrawn after acceptance."
        ),
        denominator=_("None: this is a number of people."),
        window=_("From the opening of the cohort to now."),
        unit=Unit.PEOPLE,
        moment=Moment.NOW,
        missing=_("No accepted enrolment is no data."),
        people=_EVERYBODY_ENROLLED,
        fold=Fold.DIRECT,
        source=_("Enrolments: their state and the moment of acceptance."),
        parts=_("By part: mentor, mentee, both, or peer. Each person has one part in a cohort."),
    ),
    Definition(
        key="match_rate",
        name=_("Matched now"),
        asks=_("How many active participants have a partner at this moment?"),
        numerator=_(
            "Active participants with at least one open seat in a partnership that is open."
        ),
        denominator=_("Active participants."),
        window=_("This moment."),
        unit=Unit.SHARE,
        moment=Moment.NOW,
        missing=_("No active participant is no data. A paused partnership is open."),
        people=_("Active participants."),
        fold=Fold.DIRECT,
        source=_("Enrolments, seats and the states of their partnerships."),
    ),
    Definition(
        key="match_rate_ever",
        name=_("Matched at some time"),
        asks=_("How many active participants have had a partner at all?"),
        numerator=_("Active participants who have or had a seat in a published partnership."),
        denominator=_("Active participants."),
        window=_("From the opening of the cohort to now."),
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_("No active participant is no data. A partnership only proposed does not count."),
        people=_("Active participants."),
        fold=Fold.DIRECT,
        source=_("Enrolments, seats and the states of their partnerships."),
    ),
    Definition(
        key="session_completion",
        name=_("Sessions held"),
        asks=_("Do the planned sessions take place?"),
        numerator=_("Sessions held."),
        denominator=_("Sessions held, cancelled or missed."),
        window=_SESSIONS_PASSED,
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_(
            "A session whose time has passed and that is still planned does not count until it is "
            "recorded or marked as missed."
        ),
        people=_("People with a seat in a partnership that has such a session."),
        fold=Fold.ADDITIVE,
        source=_("Sessions: their state and day."),
        parts=_(
            "Cancelled and missed as shares of the same sessions; cancelled sessions by the cause "
            "that was given."
        ),
    ),
    Definition(
        key="attendance_rate",
        name=_("Attendance"),
        asks=_("When a session is held, who comes?"),
        numerator=_("Seats whose person was present."),
        denominator=_("Seats expected: those whose attendance was recorded at held sessions."),
        window=_SESSIONS_PASSED,
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_(
            "Excused absences stay in the denominator and are shown apart. A seat for which "
            "nothing was recorded is left out."
        ),
        people=_("People whose attendance was recorded."),
        fold=Fold.ADDITIVE,
        source=_("Attendance at held sessions."),
        parts=_("Excused and absent as shares of the same seats."),
    ),
    Definition(
        key="weekly_attendance",
        name=_("Attendance by week"),
        asks=_("Does attendance hold over the season?"),
        numerator=_("Seats whose person was present, at sessions of that week."),
        denominator=_("Seats expected at held sessions of that week."),
        window=_("Each week, beginning on the organisation's first day of the week."),
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_("A week without a held session is no data."),
        people=_("People whose attendance was recorded in that week."),
        fold=Fold.ADDITIVE,
        source=_("Attendance at held sessions; a session belongs to the organisation's day."),
        parts=_("One for each week, named by its first day."),
    ),
    Definition(
        key="checkin_response",
        name=_("Check-ins answered"),
        asks=_("Do people answer their check-ins in time?"),
        numerator=_("Check-ins answered before the next one fell due."),
        denominator=_("Check-ins asked, once the next one has fallen due."),
        window=_("From the first check-in to today."),
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_(
            "A check-in that can still be answered in time does not count yet; one answered later "
            "counts as not answered."
        ),
        people=_("People who were asked."),
        fold=Fold.ADDITIVE,
        source=_("Check-ins: when they fell due and when they were answered, never what was said."),
    ),
    Definition(
        key="retention",
        name=_("Still active"),
        asks=_("What share of those who started is still active so many weeks later?"),
        numerator=_(
            "Leaving is: withdrawn; a seat in a partnership that lapsed; or a seat that ended "
            "before its time without a new one within 30 days. It counts on the day on which the "
            "seat ended. Who holds another seat has not left."
        ),
        denominator=_("Participants who have started."),
        window=_("From each person's own start to today."),
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_(
            "Who completed is followed to that day, who is still active to today, and whose seat "
            "ended less than 30 days ago to the end of that seat: nobody is dropped. The curve "
            "ends where fewer people are followed than a figure needs to be shown."
        ),
        people=_("Participants who have started."),
        fold=Fold.DIRECT,
        source=_("Enrolments, seats and the states of their partnerships, in days."),
        parts=_("One for each whole week; the figure itself is that of the last week."),
        method=_(
            "Kaplan and Meier, JASA 53 (1958) 457–481; variance by Greenwood (1926); 95 % "
            "interval on the log-log scale by Kalbfleisch and Prentice (1980)."
        ),
    ),
    Definition(
        key="competency_change",
        name=_("Competency change"),
        asks=_("How far did people move, in their own view?"),
        numerator=_("Sum of end minus start, over people who rated themselves at both moments."),
        denominator=_("People who rated themselves at both moments."),
        window=_("From the start assessment to the end assessment."),
        unit=Unit.POINTS,
        moment=Moment.PERIOD,
        missing=_("Who rated at one moment only is left out; n says how many pairs there are."),
        people=_("People who rated that competency at both moments."),
        fold=Fold.DIRECT,
        source=_("Self-assessments on a scale from 1 to 5."),
        parts=_(
            "One for each competency of the program: the mean change, the means at start and end "
            "over the same people, and the effect size."
        ),
        method=_(
            "95 % interval by Student's t from paired differences; effect size d_z is the mean "
            "difference in units of its standard deviation: Lakens, Frontiers in Psychology 4 "
            "(2013) 863, formula 6."
        ),
    ),
    Definition(
        key="voice_balance",
        name=_("Voice balance"),
        asks=_("Does the word go round the table, or do few speak for all?"),
        numerator=_(
            "Sum over tables of each table's mean over its sessions of 1 − G·n/(n−1): G is the "
            "Gini coefficient of the turns spoken by the n people present. 1 is an even round, "
            "0 is one voice alone."
        ),
        denominator=_("Tables with turns counted in three held sessions or more."),
        window=_("All sessions held so far."),
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_(
            "A session without a counted turn, or with one person, says nothing; a table with "
            "fewer than three sessions that say something has no verdict and is left out."
        ),
        people=_("People at the tables with a verdict."),
        fold=Fold.DIRECT,
        source=_("Turns counted in the meeting room, of people whose attendance was recorded."),
        method=_(
            "Gini coefficient: mean absolute difference over twice the mean, C. Gini (1912). It is "
            "a figure of a table, never of a person; who spoke how often leaves the table nowhere."
        ),
    ),
    Definition(
        key="unheard",
        name=_("Unheard in a round"),
        asks=_("How many were present at a speaking round and took no turn in that session?"),
        numerator=_("People who took no turn to speak in at least one session with a round."),
        denominator=_("None: this is a number of people."),
        window=_("All sessions held so far."),
        unit=Unit.PEOPLE,
        moment=Moment.PERIOD,
        missing=_("No session with a round is no data. Who was not present is not counted."),
        people=_("People present in at least one session with a round."),
        fold=Fold.DIRECT,
        source=_("Rounds and turns counted in the meeting room, and attendance."),
    ),
    Definition(
        key="decision_days",
        name=_("Days to decide"),
        asks=_("How long does it take from a proposal to its outcome?"),
        numerator=_("The median of days from proposal, or from opening it again, to outcome."),
        denominator=_("None: the median over all outcomes, adopted or not."),
        window=_("From the opening of the cohort to today."),
        unit=Unit.DAYS,
        moment=Moment.PERIOD,
        missing=_(
            "Exercises and what was withdrawn are left out. What lacked a quorum is an outcome: "
            "not adopted. A decision opened again has an outcome each time."
        ),
        people=_("People with a seat at a table that has such an outcome."),
        fold=Fold.DIRECT,
        source=_("Outcomes of decisions: when, never what was decided or who answered what."),
    ),
    Definition(
        key="decision_voice",
        name=_("Voices in decisions"),
        asks=_("When a table decides, how many take part?"),
        numerator=_("Partners who answered, asked, replied or reacted. To pass is no part taken."),
        denominator=_("Partners at the table when the decision closed."),
        window=_("From the opening of the cohort to today."),
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_("Exercises and what was withdrawn are left out. No outcome is no data."),
        people=_("People with a seat at a table that has such an outcome."),
        fold=Fold.DIRECT,
        source=_("Outcomes of decisions: how many took part, never who or how they answered."),
    ),
    Definition(
        key="goal_attainment",
        name=_("Goals met"),
        asks=_("Do people reach the goals they set?"),
        numerator=_("Goals met."),
        denominator=_("Goals whose day has come, and those met before it."),
        window=_("From the opening of the cohort to today."),
        unit=Unit.SHARE,
        moment=Moment.PERIOD,
        missing=_(
            "A shared goal that somebody has not taken on yet does not count, nor does a goal "
            "that was let go before its day."
        ),
        people=_("People whose goals these are: for a shared one everybody at its table."),
        fold=Fold.DIRECT,
        source=_("Goals: their state and day, never their words."),
        parts=_("Personal and shared goals apart; there is no sum of both."),
    ),
    Definition(
        key="funnel",
        name=_("From application to completion"),
        asks=_("How far do people come, and where do they stop?"),
        numerator=_(
            "People who have reached each step: applied (entered in the cohort), accepted, active "
            "(started), met (present at one held session or more), completed."
        ),
        denominator=_("People who applied."),
        window=_("From the opening of the cohort to now."),
        unit=Unit.PEOPLE,
        moment=Moment.NOW,
        missing=_("A cohort that nobody has entered is no data."),
        people=_("People who have reached that step."),
        fold=Fold.DIRECT,
        source=_("Enrolments and attendance at held sessions."),
        parts=_("One for each step."),
    ),
)

_BY_KEY = {entry.key: entry for entry in DEFINITIONS}


def definition(key: str) -> Definition | None:
    """Return what a figure means, or None if there is no such figure."""
    return _BY_KEY.get(key)
