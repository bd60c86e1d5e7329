"""The words that a program may choose for a mentor, a mentee, a circle and a session.

One row a word: its forms in each language, in the order of the base word's.  A word is here only
if it stands wherever the base word stands: in English it begins with a consonant ("a mentor"), in
German and Spanish it has the base word's gender and a form of its own for each of its forms.  Where
a language has no such word the base word stays: German has none for "das Treffen", whose singular
and plural are one.  docs/adr/0047-own-words.md; tests/guards/test_own_words.py holds all of it.
"""

from __future__ import annotations

from collections.abc import Mapping

Forms = tuple[str, ...]
_MENTORINGS = ("mentor o una mentora", "mentor o la mentora", "mentor o mentora")

# notion: {word: {language: forms}}; the first word of a notion is ours, and named as the notion is
ROWS: Mapping[str, Mapping[str, Mapping[str, Forms]]] = {
    "mentor": {
        "mentor": {
            "en": ("mentor", "mentors"),
            "de": ("Mentor:in", "Mentor:innen"),
            "es": ("mentor/a", "mentores", *_MENTORINGS, "mentora", "mentor"),
        },
        "buddy": {
            "en": ("buddy", "buddies"),
            "de": ("Pat:in", "Pat:innen"),
            "es": ("acompañante", "acompañantes", *("acompañante",) * 5),
        },
        "coach": {
            "en": ("coach", "coaches"),
            "de": ("Coach:in", "Coach:innen"),
            "es": ("coach", "coaches", *("coach",) * 5),
        },
        "tutor": {
            "en": ("tutor", "tutors"),
            "de": ("Tutor:in", "Tutor:innen"),
            "es": (
                "tutor/a",
                "tutores",
                "tutor o una tutora",
                "tutor o la tutora",
                "tutor o tutora",
                "tutora",
                "tutor",
            ),
        },
    },
    "mentee": {
        "mentee": {
            "en": ("mentee", "mentees"),
            "de": ("Mentee", "Mentees"),
            "es": ("mentee", "mentees"),
        },
        "coachee": {
            "en": ("coachee", "coachees"),
            "de": ("Coachee", "Coachees"),
            "es": ("coachee", "coachees"),
        },
        "learner": {
            "en": ("learner", "learners"),
            "de": ("Mentee", "Mentees"),
            "es": ("aprendiz", "aprendices"),
        },
        "newcomer": {
            "en": ("newcomer", "newcomers"),
            "de": ("Newcomer", "Newcomer"),
            "es": ("principiante", "principiantes"),
        },
    },
    "circle": {
        "circle": {
            "en": ("circle", "circles"),
            "de": ("Kreis", "Kreises", "Kreise", "Kreisen"),
            "es": ("círculo", "círculos"),
        },
        "group": {
            "en": ("group", "groups"),
            "de": ("Zirkel", "Zirkels", "Zirkel", "Zirkeln"),
            "es": ("grupo", "grupos"),
        },
        "team": {
            "en": ("team", "teams"),
            "de": ("Zirkel", "Zirkels", "Zirkel", "Zirkeln"),
            "es": ("equipo", "equipos"),
        },
        "club": {
            "en": ("club", "clubs"),
            "de": ("Club", "Clubs", "Clubs", "Clubs"),
            "es": ("club", "clubes"),
        },
    },
    "session": {
        "session": {
            "en": ("session", "sessions"),
            "de": ("Treffen",),
            "es": ("sesión", "sesiones"),
        },
        "meeting": {
            "en": ("meeting", "meetings"),
            "de": ("Treffen",),
            "es": ("reunión", "reuniones"),
        },
        "conversation": {
            "en": ("conversation", "conversations"),
            "de": ("Treffen",),
            "es": ("conversación", "conversaciones"),
        },
    },
}

# Messages in which one of the base words means something else, or is a name: they stay as they are.
KEPT = frozenset(
    {
        # to mentor, a verb
        "Hello %(given_name)s, %(inviter)s invites you to %(organisation)s, where people mentor"
        " each other.",
        "Hello %(given_name)s, %(organisation)s, where people mentor each other, is open, and you"
        " are its first owner.",
        "A junior colleague mentors a senior one, once every two weeks.",
        "Here the younger one mentors: rank stays outside the door.\n"
        "We meet every two weeks and move a meeting rather than drop it.\n"
        "What we say stays between us and reaches no review.\n"
        "If it does not fit, we say so without blame.",
        "Let leaders learn from people who see what they do not see: new tools, new customers,"
        " life at the beginning of a career. Who mentors grows by leading somebody senior.",
        "{{ given_name }}, in {{ program }} you are working with {{ partners }}.\n\n"
        "You are no longer in {{ before }}.\n\n"
        "The junior one of you mentors: shows, asks, and says what the other does not see. The"
        " senior one listens and tries one thing until you meet again. Rank stays outside the"
        " door.\n\n{{ why }}\n\n## What happens next\n\n"
        "The dates of your meetings come in an e-mail of their own. Who mentors brings one topic"
        " to the first.",
        # a circle of chairs
        "Open circle",
        "Open circle and a decision",
        "One circle again: what do we keep?",
        # the name of a template
        "Leadership circles",
        # words that an import reads
        "“%(text)s” is not peer, mentor, mentee or both.",
        # what is asked where a program's words are chosen
        "Mentors are called",
        "Mentees are called",
        "Circles are called",
        "Sessions are called",
    }
)
