"""All that a file can say of a person, one row each: another fact is another row here.

Its name is also an attribute of `PersonValues`, which types what the parser makes of a cell.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from programs.importing.messages import gettext_noop as _
from programs.importing.parsing import (
    parse_availability,
    parse_capacity,
    parse_country,
    parse_date,
    parse_email,
    parse_level,
    parse_line,
    parse_name,
    parse_part,
    parse_skills,
    parse_text,
    parse_time_zone,
    parse_words,
)
from programs.importing.values import Reading, Skill, fold, merge_slots


def _as_it_is(value: object) -> object:
    return value


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, words))


def _skills(skills: Iterable[Skill]) -> frozenset[tuple[str, int | None]]:
    return frozenset((fold(skill.name), skill.level) for skill in skills)


@dataclass(frozen=True, slots=True)
class _Field:
    """What a person calls it, how its cell is read, and what HR systems write above its column.

    `label` is English; pages translate it.  `headers` are parted by |, the best first: where a
    file has both, "Work Email" is the address and "Email" is not.  `compare` gives the form that
    decides whether two values are the same.  Lists compare as sets and words without case:
    neither a database that sorts nor an HR system that shouts may turn the same fact into a
    change.  `answer`: only an enrolment knows it, and then it is the person's own.
    """

    name: str
    label: str
    parse: Callable[[str], Reading[object]]
    headers: str
    compare: Callable[[Any], object] = _as_it_is
    answer: bool = False


PERSON_FIELDS: dict[str, _Field] = {
    field.name: field
    for field in (
        _Field(
            "employee_id",
            _("Employee ID"),
            parse_line,
            "Employee ID|Employee number|Employee no|Personnel number|Personnel ID"
            "|Staff ID|Staff no|Worker ID|Person ID|HR ID|EmpID|Personalnummer"
            "|Personal-Nr|Pers-Nr|Mitarbeiter-ID|Mitarbeiternummer|Mitarbeiter-Nr",
            compare=fold,
        ),
        _Field(
            "given_name",
            _("Given name"),
            parse_name,
            "Given name|First name|Forename|Preferred name|Vorname|Rufname",
        ),
        _Field(
            "family_name",
            _("Family name"),
            parse_name,
            "Family name|Last name|Surname|Nachname|Familienname|Zuname",
        ),
        _Field(
            "email",
            _("Work e-mail"),
            parse_email,
            "Work e-mail|Business e-mail|Company e-mail|Corporate e-mail"
            "|Work e-mail address|E-mail address|E-mail|Mail|Dienstliche E-Mail"
            "|Geschäftliche E-Mail|Firmen-E-Mail|E-Mail-Adresse|Mailadresse",
            compare=fold,
        ),
        _Field(
            "department",
            _("Department"),
            parse_line,
            "Department|Dept|Division|Business unit|Abteilung|Bereich|Fachbereich|Geschäftsbereich",
        ),
        _Field("team", _("Team"), parse_line, "Team|Team name|Squad|Group|Gruppe|Teamname"),
        _Field(
            "job_title",
            _("Job title"),
            parse_line,
            "Job title|Title|Position|Job|Role title|Position title|Stellenbezeichnung"
            "|Stelle|Berufsbezeichnung|Funktion|Tätigkeit",
        ),
        _Field(
            "level",
            _("Level"),
            parse_level,
            "Level|Grade|Job level|Job grade|Career level|Pay grade|Seniority|Stufe|Ebene"
            "|Karrierestufe|Entgeltgruppe",
        ),
        _Field(
            "location",
            _("Location"),
            parse_line,
            "Location|Office|Work location|Site|City|Standort|Arbeitsort|Ort|Büro|Dienstort",
        ),
        _Field(
            "country",
            _("Country"),
            parse_country,
            "Country|Country code|Work country|Land|Länderkennzeichen",
        ),
        _Field(
            "time_zone", _("Time zone"), parse_time_zone, "Time zone|TZ|IANA time zone|Zeitzone"
        ),
        _Field(
            "languages",
            _("Languages"),
            parse_words,
            "Languages|Language|Spoken languages|Sprachen|Sprache|Sprachkenntnisse",
            compare=_folded,
        ),
        _Field(
            "manager",
            _("Manager (employee ID)"),
            parse_line,
            "Manager ID|Manager employee ID|Manager number|Supervisor ID|Line manager ID"
            "|Manager|Line manager|Supervisor|Reports to|Vorgesetzten-ID|Führungskraft-ID"
            "|Vorgesetzte|Vorgesetzter|Führungskraft|Berichtet an",
            compare=fold,
        ),
        _Field(
            "hired_on",
            _("Hired on"),
            parse_date,
            "Hire date|Hired on|Date of hire|Start date|Joining date|Date of joining"
            "|Entry date|Eintrittsdatum|Einstellungsdatum|Eintritt|Startdatum",
        ),
        _Field(
            "part",
            _("Part"),
            parse_part,
            "Role in programme|Role in program|Programme role|Program role|Part"
            "|Participates as|Joins as|Role|Rolle im Programm|Programmrolle|Teilnahme als"
            "|Rolle",
            answer=True,
        ),
        _Field(
            "skills_offered",
            _("Skills offered"),
            parse_skills,
            "Skills offered|Offered skills|Skills to offer|Can help with|Strengths|Skills"
            "|Angebotene Fähigkeiten|Bietet|Stärken|Fähigkeiten|Kompetenzen",
            compare=_skills,
            answer=True,
        ),
        _Field(
            "skills_sought",
            _("Skills sought"),
            parse_skills,
            "Skills sought|Skills wanted|Wanted skills|Wants to learn|Skills to learn"
            "|Development areas|Gesuchte Fähigkeiten|Sucht|Möchte lernen|Lernfelder"
            "|Entwicklungsfelder",
            compare=_skills,
            answer=True,
        ),
        _Field(
            "goal",
            _("Development goal"),
            parse_text,
            "Development goal|Goal|Goals|Objective|Learning goal|Development goals"
            "|Entwicklungsziel|Ziel|Ziele|Lernziel",
            answer=True,
        ),
        _Field(
            "interests",
            _("Interests"),
            parse_words,
            "Interests|Hobbies|Interests and hobbies|Interessen|Hobbys",
            compare=_folded,
            answer=True,
        ),
        _Field(
            "availability",
            _("Availability"),
            parse_availability,
            "Availability|Available times|Free times|Times available|Verfügbarkeit"
            "|Verfügbare Zeiten|Freie Zeiten",
            compare=merge_slots,
            answer=True,
        ),
        _Field(
            "capacity",
            _("Capacity"),
            parse_capacity,
            "Max mentees|Maximum mentees|Capacity|Number of mentees|How many mentees"
            "|Mentee capacity|Kapazität|Anzahl Mentees|Maximale Mentees|Plätze",
            answer=True,
        ),
    )
}
FIELDS: tuple[str, ...] = tuple(PERSON_FIELDS)
# What a Member row holds.  The others are a person's own answers once they have enrolled, so
# that no file changes them: such a cell never makes a row "changed".
FACTS: tuple[str, ...] = tuple(name for name, field in PERSON_FIELDS.items() if not field.answer)


def comparable(name: str, values: object) -> object:
    """Return one field of a person's values in the form in which it is compared."""
    return PERSON_FIELDS[name].compare(getattr(values, name))
