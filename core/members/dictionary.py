"""What a column of a file means: the one place that says it, by name, and by list where it differs.

In English as the names are.  Which columns a list has says access.py; a test holds that each of
them is explained, and that nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """What a column says, and in which unit it counts."""

    words: str
    unit: str = ""


def _of(words: str, unit: str = "") -> Meaning:
    return Meaning(words, unit)


UTC, DAY = "UTC", "day of the organisation"
COUNTED = _of("Reads in JSON only: it has a list of its own")
MEANINGS: dict[str, Meaning] = {
    "id": _of("Names the row for ever; rows made later have greater ones"),
    "changed_at": _of("When the row was last written, by the database's clock", UTC),
    "program": _of("The program, an id of programs"),
    "cohort": _of("The cohort, an id of cohorts"),
    "member": _of("The person, an id of members"),
    "enrolment": _of("The person's place in a cohort, an id of enrolments"),
    "partnership": _of("The pair or circle, an id of partnerships"),
    "seat": _of("Who sits at the table, an id of seats"),
    "session": _of("The session, an id of sessions"),
    "name": _of("What its people call it"),
    "state": _of("Where it stands now"),
    "part": _of("mentor, mentee or peer"),
    "starts_on": _of("First day", DAY),
    "ends_on": _of("Last day; empty: open", DAY),
    "started_at": _of("When it began; empty: not yet", UTC),
    "ended_at": _of("When it ended; empty: it has not", UTC),
    "left_at": _of("When they left; empty: they are there", UTC),
    "due_on": _of("By when; of a check-in, the day on which the next one opens", DAY),
    "closed_at": _of("When it was closed; empty: it is open", UTC),
    "opened_at": _of("When it was opened; empty: not yet", UTC),
    "number": _of("Its number within the partnership, from 1"),
    # members
    "given_name": _of("Given name"),
    "family_name": _of("Family name"),
    "role": _of("What the person may do here: owner, coordinator, hr or participant"),
    "department": _of("Department, as people files say it"),
    "team": _of("Team, as people files say it"),
    "job_title": _of("Job title, as people files say it"),
    "level": _of("Level, as people files say it"),
    "location": _of("Place of work, as people files say it"),
    "country": _of("Country, ISO 3166-1 of two letters"),
    "time_zone": _of("Time zone by its IANA name; empty: the organisation's"),
    "languages": _of("Languages spoken"),
    "hired_on": _of("First day in the organisation"),
    "live_at": _of("When they accepted their invitation", UTC),
    "email": _of("Work address; needs people.read"),
    "employee_id": _of("Number in the HR system; needs people.read"),
    "manager": _of("Their manager, an id of members; needs people.read"),
    # programs
    "format": _of("mentor, pairs or circles"),
    "cadence_every": _of("A session every so many units", "cadence_unit"),
    "cadence_unit": _of("days, weeks or months"),
    "session_minutes": _of("How long a session is planned to be", "minutes"),
    "sessions_planned": _of("Sessions that a season plans", "sessions"),
    "sessions_agreed": _of(
        "Held sessions from which a partnership counts as completed", "sessions"
    ),
    "check_in_weeks": _of("A check-in every so many weeks; 0: none", "weeks"),
    "archived_at": _of("When it was put away; empty: it is in use", UTC),
    # cohorts
    "phase": _of(
        "From draft through enrolling, matching, running and closing to closed, or called_off"
    ),
    "entry": _of("application, open or invitation"),
    "enrol_until": _of("Last day to apply", DAY),
    "length_days": _of("How long a partnership lasts that has no last day of its own", "days"),
    "places": _of("How many may take part; empty: any number", "people"),
    "places_taken": _of("How many places are taken", "people"),
    # enrolments
    "capacity": _of("With how many partners at once", "partnerships"),
    "applied_at": _of("When they applied", UTC),
    "accepted_at": _of("When they were given a place; empty: not yet", UTC),
    "paused_until": _of("Last day of a pause; empty: none", DAY),
    # partnerships
    "members": COUNTED,
    "published_at": _of("When its people were told; empty: not yet", UTC),
    "end_reason": _of("Why it ended; empty: it has not"),
    # seats
    "taken_at": _of("When they took the seat", UTC),
    # sessions, attendance, turns
    "starts_at": _of("When it is to begin", UTC),
    "duration_minutes": _of("How long it is planned to be", "minutes"),
    "day": _of("The day on which it counts", DAY),
    "cause": _of("Why it was cancelled; empty: it was not"),
    "held_at": _of("When it was recorded as held; empty: it is not", UTC),
    "attendance": COUNTED,
    "turns": COUNTED,
    # decisions and goals
    "method": _of("How it is decided"),
    "practice": _of("An exercise, left out of every figure"),
    "quorum": _of("Who has to answer for it to count"),
    "window_days": _of("How long there is to answer; 0: in the meeting", "days"),
    "answered": _of("How many have answered in the latest ballot", "people"),
    "closes_at": _of("When answering ends", UTC),
    "review_on": _of("When it is looked at again", DAY),
    "shared": _of("Everybody's at the table, else one person's own"),
    "settled_on": _of("When it was met or given up; empty: open", DAY),
    # certificates
    "issued_at": _of("When it was issued", UTC),
    "revoked_at": _of("When it was revoked; empty: it is valid", UTC),
    # check-ins
    "period": _of("Which of the seat's check-ins it is, in order"),
    "opens_on": _of("From when it can be answered", DAY),
    "answered_at": _of("When it was answered; empty: it is not", UTC),
    "answered_on": _of("On which day it was answered; empty: it is not", DAY),
    "reminders": _of("How often its person was reminded", "e-mails"),
    # survey results
    "survey": _of("Which survey"),
    "occasion": _of("Which time it was asked"),
    "items": _of("Released counts and means by question, as JSON"),
}
# where a list means something else by it
OWN: dict[str, dict[str, Meaning]] = {
    "members": {"state": _of("invited, live or left")},
    "sessions": {"state": _of("planned, held, cancelled or missed")},
    "attendance": {"kind": _of("present, excused or absent")},
    "turns": {"role": _of("The meeting role's key, such as facilitator")},
    "decisions": {"state": _of("Where it stands, from draft to its outcome")},
}


def meaning_of(resource: str, column: str) -> Meaning:
    """Return what a column of a list means; KeyError for one that nobody has explained."""
    return OWN.get(resource, {}).get(column) or MEANINGS[column]
