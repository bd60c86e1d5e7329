"""Which column fills which field: guesses for a person to confirm."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from programs.importing.messages import Code
from programs.importing.values import FIELDS, Problem

# Best first: where a file has both, "Work Email" is the address and "Email" is not.
_WORDS: dict[str, str] = {
    "employee_id": (
        "Employee ID|Employee number|Employee no|Personnel number|Personnel ID|Staff ID|Staff no"
        "|Worker ID|Person ID|HR ID|EmpID|Personalnummer|Personal-Nr|Pers-Nr|Mitarbeiter-ID"
        "|Mitarbeiternummer|Mitarbeiter-Nr"
    ),
    "given_name": "Given name|First name|Forename|Preferred name|Vorname|Rufname",
    "family_name": "Family name|Last name|Surname|Nachname|Familienname|Zuname",
    "email": (
        "Work e-mail|Business e-mail|Company e-mail|Corporate e-mail|Work e-mail address"
        "|E-mail address|E-mail|Mail|Dienstliche E-Mail|Geschäftliche E-Mail|Firmen-E-Mail"
        "|E-Mail-Adresse|Mailadresse"
    ),
    "department": (
        "Department|Dept|Division|Business unit|Abteilung|Bereich|Fachbereich|Geschäftsbereich"
    ),
    "team": "Team|Team name|Squad|Group|Gruppe|Teamname",
    "job_title": (
        "Job title|Title|Position|Job|Role title|Position title|Stellenbezeichnung|Stelle"
        "|Berufsbezeichnung|Funktion|Tätigkeit"
    ),
    "level": (
        "Level|Grade|Job level|Job grade|Career level|Pay grade|Seniority|Stufe|Ebene"
        "|Karrierestufe|Entgeltgruppe"
    ),
    "location": "Location|Office|Work location|Site|City|Standort|Arbeitsort|Ort|Büro|Dienstort",
    "country": "Country|Country code|Work country|Land|Länderkennzeichen",
    "time_zone": "Time zone|TZ|IANA time zone|Zeitzone",
    "languages": "Languages|Language|Spoken languages|Sprachen|Sprache|Sprachkenntnisse",
    "manager": (
        "Manager ID|Manager employee ID|Manager number|Supervisor ID|Line manager ID|Manager"
        "|Line manager|Supervisor|Reports to|Vorgesetzten-ID|Führungskraft-ID|Vorgesetzte"
        "|Vorgesetzter|Führungskraft|Berichtet an"
    ),
    "hired_on": (
        "Hire date|Hired on|Date of hire|Start date|Joining date|Date of joining|Entry date"
        "|Eintrittsdatum|Einstellungsdatum|Eintritt|Startdatum"
    ),
    "part": (
        "Role in programme|Role in program|Programme role|Program role|Part|Participates as"
        "|Joins as|Role|Rolle im Programm|Programmrolle|Teilnahme als|Rolle"
    ),
    "skills_offered": (
        "Skills offered|Offered skills|Skills to offer|Can help with|Strengths|Skills"
        "|Angebotene Fähigkeiten|Bietet|Stärken|Fähigkeiten|Kompetenzen"
    ),
    "skills_sought": (
        "Skills sought|Skills wanted|Wanted skills|Wants to learn|Skills to learn"
        "|Development areas|Gesuchte Fähigkeiten|Sucht|Möchte lernen|Lernfelder"
        "|Entwicklungsfelder"
    ),
    "goal": (
        "Development goal|Goal|Goals|Objective|Learning goal|Development goals"
        "|Entwicklungsziel|Ziel|Ziele|Lernziel"
    ),
    "interests": "Interests|Hobbies|Interests and hobbies|Interessen|Hobbys",
    "availability": (
        "Availability|Available times|Free times|Times available|Verfügbarkeit|Verfügbare Zeiten"
        "|Freie Zeiten"
    ),
    "capacity": (
        "Max mentees|Maximum mentees|Capacity|Number of mentees|How many mentees|Mentee capacity"
        "|Kapazität|Anzahl Mentees|Maximale Mentees|Plätze"
    ),
}


def normalise(header: str) -> str:
    """Return the letters and digits of a header, without case, accents or written umlauts.

    "Führungskraft", "Fuehrungskraft" and "FUHRUNGSKRAFT" become equal.
    """
    plain = unicodedata.normalize("NFKD", header.casefold())
    word = "".join(each for each in plain if each.isalnum())
    return re.sub("([aou])e", r"\1", word)


SYNONYMS: dict[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(normalise(word) for word in words.split("|")))
    for name, words in _WORDS.items()
}


def guess_mapping(headers: Sequence[str]) -> dict[str, int | None]:
    """Return for each field the column that is most likely meant, or None.

    What stands in brackets in a header ("E-mail (work)") counts only if the whole is unknown.
    No column is guessed for two fields; a column that no field wants is ignored.
    """
    whole = [normalise(header) for header in headers]
    bare = [normalise(re.sub(r"[(\[].*?[)\]]", "", header)) for header in headers]
    mapping: dict[str, int | None] = dict.fromkeys(FIELDS)
    taken: set[int] = set()
    # All fields' best words are tried before any field's second best.
    for keys in (whole, bare):
        for rank in range(max(map(len, SYNONYMS.values()))):
            for name in FIELDS:
                if mapping[name] is not None or rank >= len(SYNONYMS[name]):
                    continue
                for column, key in enumerate(keys):
                    if key and key == SYNONYMS[name][rank] and column not in taken:
                        mapping[name] = column
                        taken.add(column)
                        break
    return mapping


def mapping_problems(mapping: Mapping[str, int | None]) -> tuple[Problem, ...]:
    """Return what keeps a person's own choice of columns from being used."""
    problems: list[Problem] = []
    used: set[int] = set()
    if mapping.get("email") is None:
        problems.append(Problem("email", Code.MAPPING_NO_EMAIL))
    for name in FIELDS:
        column = mapping.get(name)
        if column is None:
            continue
        if column in used:
            problems.append(Problem(name, Code.MAPPING_COLUMN_TWICE))
        used.add(column)
    return tuple(problems)
