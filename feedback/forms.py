"""What a person may type: four taps and a line, one tap, one tap for each skill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckIn, CheckInNote, FitQuestion, FitWords
from feedback.queries import Readers
from mentoring.design.forms import Taps
from mentoring.identity.models import Member
from pairing.models import Cause
from programs.models import Competency
from sessions.models import Goal
from sessions.queries import GoalLine

MET = (("yes", _("Yes")), ("no", _("Not this time")))
MOODS = ((1, _("Poor")), (2, _("Flat")), (3, _("Fair")), (4, _("Good")), (5, _("Great")))
STEPS = ((1, _("Not yet")), (2, _("A little")), (3, _("Some")), (4, _("Well")), (5, _("A lot")))
LEVELS = ((1, _("New")), (2, _("Early")), (3, _("Steady")), (4, _("Strong")), (5, _("Model")))
WORTH = (
    (1, _("Not at all")),
    (2, _("A little")),
    (3, _("Some")),
    (4, _("Well")),
    (5, _("Fully")),
)


class CheckInForm(forms.Form):
    """Four taps, and a line for stated readers."""

    met = forms.TypedChoiceField(
        label=_("Did you meet?"), choices=MET, coerce=lambda value: value == "yes", widget=Taps
    )
    mood = forms.TypedChoiceField(
        label=_("How was it for you?"), choices=MOODS, coerce=int, widget=Taps(faces=True)
    )
    progress = forms.TypedChoiceField(
        label=_("Did it move you forward?"), choices=STEPS, coerce=int, widget=Taps(steps=True)
    )
    blocker = forms.ChoiceField(
        label=_("Anything in the way?"), choices=CheckIn.Blocker.choices, widget=Taps
    )
    note = forms.CharField(
        label=_("One line, if you like"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    readers = forms.ChoiceField(
        label=_("Who may read that line?"),
        choices=Readers.choices,
        initial=Readers.ME,
        widget=forms.RadioSelect,
        help_text=_("Nobody else can, whatever their role."),
    )
    coordinator_sees = forms.BooleanField(
        label=_("My coordinator may see my mood and progress"),
        initial=True,
        required=False,
        help_text=_("That you answered and whether you met is always seen."),
    )

    def __init__(
        self,
        *args: Any,
        partners: Sequence[Member],
        coordinators: Sequence[Member],
        goals: Sequence[GoalLine] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.goals = {f"goal_{line.goal.pk.hex}": line.goal for line in goals}
        for line in goals:
            self.fields[f"goal_{line.goal.pk.hex}"] = forms.TypedChoiceField(
                label=_quoted(line.words.title),
                choices=[(n, str(n)) for n in range(1, 6)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=Taps(steps=True),
                help_text=_("Your goal: how far is it, from 1, begun, to 5, there?"),
            )
        self.order_fields(["met", "mood", "progress", *self.goals])
        readers = self.fields["readers"]
        assert isinstance(readers, forms.ChoiceField)
        readers.choices = _named_readers(partners, coordinators)

    @property
    def answer(self) -> dict[str, Any]:
        """What the check-in keeps; only of a valid form."""
        return {name: said for name, said in self.cleaned_data.items() if name not in self.goals}

    @property
    def levels(self) -> list[tuple[Goal, int]]:
        """How far the goals were said to be, of those that were tapped; only of a valid form."""
        said = [(goal, self.cleaned_data[name]) for name, goal in self.goals.items()]
        return [(goal, level) for goal, level in said if level]


def _named_readers(
    partners: Sequence[Member], coordinators: Sequence[Member]
) -> list[tuple[str, Any]]:
    return [
        (Readers.ME, Readers.ME.label),
        (Readers.PARTNERS, _named(Readers.PARTNERS.label, [p.given_name for p in partners])),
        (
            Readers.COORDINATOR,
            _named(Readers.COORDINATOR.label, [c.full_name for c in coordinators]),
        ),
    ]


def _quoted(words: str) -> str:
    return f"“{words}”"


def _named(words: Any, names: Sequence[str]) -> Any:
    """Say by name who that would be: a promise about readers is kept by naming them."""
    return format_lazy("{} ({})", words, ", ".join(names)) if names else words


def answer_so_far(
    check_in: CheckIn, note: CheckInNote | None, partners: Sequence[Member]
) -> dict[str, Any]:
    """Return what the form shows first: nothing chosen, or the answer that stands."""
    if check_in.answered_at is None:
        return {}
    return {
        "met": "yes" if check_in.met else "no",
        "mood": check_in.mood,
        "progress": check_in.progress,
        "blocker": check_in.blocker,
        "coordinator_sees": check_in.coordinator_sees,
        "note": note.text if note else "",
        "readers": _chosen(note, partners),
    }


def _chosen(note: CheckInNote | FitWords | None, partners: Sequence[Member]) -> Readers:
    if note is None or len(note.readers) == 1:
        return Readers.ME
    among = {person.pk for person in partners} & set(note.readers)
    return Readers.PARTNERS if among else Readers.COORDINATOR


class FitForm(forms.Form):
    """One tap; with a cause and words where it does not quite work, and who may read what."""

    fits = forms.ChoiceField(
        label=_("For you, does it work?"), choices=FitQuestion.Fits.choices, widget=Taps
    )
    cause = forms.ChoiceField(
        label=_("If not quite: what is in the way?"),
        choices=(("", _("I would rather not say")), *Cause.choices),
        required=False,
        widget=forms.RadioSelect,
    )
    coordinator_sees = forms.BooleanField(
        label=_("My coordinator sees this"),
        initial=True,
        required=False,
        help_text=_("Then a “no” stands on their list, so that they can help. Partners never do."),
    )
    words = forms.CharField(
        label=_("A few words, if you like"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    readers = forms.ChoiceField(
        label=_("Who may read these words?"),
        choices=Readers.choices,
        initial=Readers.ME,
        widget=forms.RadioSelect,
        help_text=_("Nobody else can, whatever their role."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        question: FitQuestion,
        words: FitWords | None,
        partners: Sequence[Member],
        coordinators: Sequence[Member],
    ) -> None:
        super().__init__(data, initial=_fit_so_far(question, words, partners))
        readers = self.fields["readers"]
        assert isinstance(readers, forms.ChoiceField)
        readers.choices = _named_readers(partners, coordinators)


def _fit_so_far(
    question: FitQuestion, words: FitWords | None, partners: Sequence[Member]
) -> dict[str, Any]:
    if question.answered_at is None:
        return {}
    return {
        "fits": question.fits,
        "cause": question.cause,
        "coordinator_sees": question.coordinator_sees,
        "words": words.text if words else "",
        "readers": _chosen(words, partners),
    }


class RatingForm(forms.Form):
    """One tap."""

    rating = forms.TypedChoiceField(
        label=_("Was it worth your time?"), choices=WORTH, coerce=int, widget=Taps(steps=True)
    )


class AssessmentForm(forms.Form):
    """One scale for each competency, with what it looks like in practice."""

    def __init__(self, *args: Any, competencies: Sequence[Competency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys = {skill_field(skill.pk): skill.pk for skill in competencies}
        for skill in competencies:
            self.fields[skill_field(skill.pk)] = forms.TypedChoiceField(
                label=skill.name,
                help_text=skill.rubric,
                choices=LEVELS,
                coerce=int,
                widget=Taps(steps=True),
            )

    def ratings(self) -> dict[UUID, int]:
        """Return the rating of each competency."""
        return {skill: self.cleaned_data[name] for name, skill in self._keys.items()}


def skill_field(skill: UUID) -> str:
    """Return the name of a competency's field."""
    return f"skill_{skill.hex}"
