"""The invented people of the demo: drawn from lists by a fixed seed, so every start is the same."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from programs.models.parts import AnswerValue

_GIVEN = (
    "Amara Tomasz Mei-Ling Rafael Leila Jonas Priya Kofi Yusuf Lan Hugh Sofia Mateus Aiko "
    "Nils Zanele Farid Ingrid Chiara Omar Beatriz Viktor Thandi Emeka Hana Luka Noor Elif "
    "Gabriel Saoirse Kwame Marta Diego Anneli Ravi Camille Bongani Yuki Petra Samir "
    "Astrid Femi Ioana Malik Greta Tariq Nadia Oskar Lindiwe Joao Kira Hassan Mina Andrei "
    "Zola Freya Idris Paula Sanjay Wren "
)
GIVEN = _GIVEN.split()
_FAMILY = (
    "Okafor Wójcik Chen Ortiz Haddad Lindqvist Raman Asante Demir Nguyễn Pemberton Rossi "
    "Silva Tanaka Berg Khumalo Karimi Solberg Bianchi Farouk Costa Novak Mokoena Eze "
    "Kovac Horvat Rahman Yilmaz Moreau Byrne Mensah Kowalska Fuentes Virtanen Iyer "
    "Laurent Dlamini Sato Keller Aziz Holm Adeyemi Popescu Rahimi Vogel Siddiqui Petrova "
    "Nyström Ndlovu Pereira Jansen Malik Suzuki Ionescu Botha Larsen Hussein Weiss Gupta "
    "Ellery "
)
FAMILY = _FAMILY.split()
DEPARTMENTS = ("Engineering", "Operations", "Sales", "Finance", "People", "Customer care")
PLACES = (
    ("Berlin", "Europe/Berlin"),
    ("Cape Town", "Africa/Johannesburg"),
    ("Lisbon", "Europe/Lisbon"),
    ("Pune", "Asia/Kolkata"),
)
LANGUAGES = {
    "Berlin": ["English", "German"],
    "Cape Town": ["English", "Afrikaans", "Xhosa"],
    "Lisbon": ["English", "Portuguese"],
    "Pune": ["English", "Hindi"],
}
COUNTRIES = {"Berlin": "DE", "Cape Town": "ZA", "Lisbon": "PT", "Pune": "IN"}
GOALS = (
    "let the team decide without me",
    "move from expert to team lead",
    "give feedback that people can use",
    "run meetings that end on time with a decision",
    "build trust in a team spread over three time zones",
    "say no to my own boss",
    "hear the quiet people before I decide",
    "settle a conflict I have avoided for months",
    "delegate work I like doing myself",
    "speak in front of the whole company",
)
INTERESTS = (
    "board-games",
    "cooking",
    "cycling",
    "football",
    "gardening",
    "hiking",
    "music",
    "reading",
    "theatre",
)


@dataclass(frozen=True)
class Person:
    """One invented person with the work facts and answers they would give."""

    given_name: str
    family_name: str
    email: str
    facts: dict[str, Any]
    offered: dict[str, int]
    sought: dict[str, int]
    goal: str
    interests: list[str]
    availability: list[list[int]]
    capacity: int

    def answers(self) -> dict[str, AnswerValue | None]:
        """Return the answers by question key of our templates."""
        return {
            "skills_offered": self.offered,
            "skills_sought": self.sought,
            "goal": self.goal,
            "topics_sought": sorted(self.sought, key=lambda skill: (-self.sought[skill], skill))[
                :2
            ],
            "topics_offered": sorted(self.offered),
            "interests": self.interests,
            "availability": self.availability,
        }


def invent(
    count: int, *, domain: str, skills: list[str], seed: int, first_number: int = 1
) -> list[Person]:
    """Return so many people, all with different names; the same for the same seed."""
    draw = random.Random(seed)
    given_names, family_names = list(GIVEN), list(FAMILY)
    draw.shuffle(given_names)
    draw.shuffle(family_names)
    return [
        _person(
            draw,
            given_names[i % len(given_names)],
            family_names[i % len(family_names)],
            domain,
            skills,
            first_number + i,
        )
        for i in range(count)
    ]


def _person(
    draw: random.Random,
    given_name: str,
    family_name: str,
    domain: str,
    skills: list[str],
    number: int,
) -> Person:
    place, zone = draw.choice(PLACES)
    offered = draw.sample(skills, 3)
    level = draw.randint(2, 7)
    address = f"{_plain(given_name)}.{_plain(family_name)}{number}@{domain}"
    return Person(
        given_name=given_name,
        family_name=family_name,
        email=address,
        facts={
            "employee_id": f"E{number:04d}",
            "department": draw.choice(DEPARTMENTS),
            "job_title": draw.choice(("Specialist", "Senior specialist", "Team lead", "Manager")),
            "level": str(level),
            "location": place,
            "country": COUNTRIES[place],
            "time_zone": zone,
            "languages": LANGUAGES[place],
        },
        offered={skill: draw.randint(2, 5) for skill in offered},
        sought={
            skill: draw.randint(2, 4)
            for skill in draw.sample([s for s in skills if s not in offered], 2)
        },
        goal=draw.choice(GOALS),
        interests=draw.sample(INTERESTS, 2),
        availability=sorted(
            [day, hour * 60, (hour + 4) * 60]
            for day, hour in {(draw.randint(0, 4), draw.choice((8, 10, 13, 15))) for _ in range(4)}
        ),
        capacity=draw.randint(1, 3),
    )


def _plain(name: str) -> str:
    """Return a name as it stands in an e-mail address."""
    plain = name.lower().translate(str.maketrans("óöüéễñãç", "ooueenac"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())
