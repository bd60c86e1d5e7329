"""Forms of training: a lesson and its check, a path, a sponsor, a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.common.lists import LONGEST_SEARCH
from core.ui.forms import Moment, wall, zone_help
from programs.models.programs import Cohort, Enrolment, Program
from programs.models.training import PathStep, Workshop, WorkshopPlace
from programs.operations.enrolments import parts_of
from programs.training.catalog import Check, Lesson
from programs.training.uploads import Upload, read_upload

QUESTIONS = 3
MOST_TAGS = 8


class LibraryForm(forms.Form):
    """What to look for in the library."""

    q = forms.CharField(
        label=gettext_lazy("Search the lessons"), max_length=LONGEST_SEARCH, required=False
    )
    tag = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    kept = forms.BooleanField(required=False, widget=forms.HiddenInput)


class CheckForm(forms.Form):
    """The questions of one lesson, each with one right answer."""

    def __init__(self, data: Any = None, *, lesson: Lesson) -> None:
        super().__init__(data)
        self.checks = lesson.checks
        for number, check in enumerate(lesson.checks):
            self.fields[f"c{number}"] = forms.TypedChoiceField(
                label=check.question,
                choices=list(enumerate(check.options)),
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": gettext_lazy("Choose an answer.")},
            )

    @property
    def answers(self) -> list[int | None]:
        return [self.cleaned_data.get(f"c{number}") for number in range(len(self.checks))]

    def told(self) -> list[tuple[Check, str, bool]]:
        """Return each question with what was answered, and whether it is right."""
        return [
            (check, check.options[answer], answer == check.right)
            for check, answer in zip(self.checks, self.answers, strict=True)
            if answer is not None
        ]


class LessonForm(forms.Form):
    """A lesson of the organisation's own, or its wording of one of ours."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    summary = forms.CharField(
        label=gettext_lazy("What it is about"),
        help_text=gettext_lazy("One sentence, shown in the library."),
        max_length=300,
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to read"), min_value=1, max_value=60, initial=5
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        help_text=gettext_lazy("Separated by commas."),
        max_length=200,
        required=False,
    )
    body = forms.CharField(
        label=gettext_lazy("The lesson"),
        help_text=gettext_lazy(
            "Markdown: ## for a heading, - for a list. A link to a video is a link like any other."
        ),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 18}),
    )
    practice = forms.CharField(
        label=gettext_lazy("Practice for the next session"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: Any = None, *, lesson: Lesson | None = None) -> None:
        super().__init__(data, initial=_initial(lesson) if lesson else None)
        for number in range(1, QUESTIONS + 1):
            words = {"n": number}
            self.fields[f"question_{number}"] = forms.CharField(
                label=_("Question %(n)d") % words, max_length=300, required=False
            )
            self.fields[f"right_{number}"] = forms.CharField(
                label=_("Right answer to question %(n)d") % words, max_length=300, required=False
            )
            self.fields[f"wrong_{number}"] = forms.CharField(
                label=_("Other answers to question %(n)d") % words,
                help_text=_("One a line."),
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            self.fields[f"why_{number}"] = forms.CharField(
                label=_("Why, for question %(n)d") % words,
                help_text=_("Read by whoever has answered, right or wrong."),
                max_length=600,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean_tags(self) -> tuple[str, ...]:
        tags = (tag.strip().casefold()[:40] for tag in self.cleaned_data["tags"].split(","))
        return tuple(dict.fromkeys(tag for tag in tags if tag))[:MOST_TAGS]

    def clean(self) -> None:
        super().clean()
        for number in range(1, QUESTIONS + 1):
            if not self.cleaned_data.get(f"question_{number}"):
                continue
            for name in ("right", "wrong", "why"):
                if not self.cleaned_data.get(f"{name}_{number}", "").strip():
                    self.add_error(f"{name}_{number}", _("A question needs this too."))

    def lesson(self, key: str) -> Lesson:
        said = self.cleaned_data
        checks = [
            _check(number, said)
            for number in range(1, QUESTIONS + 1)
            if said.get(f"question_{number}")
        ]
        return Lesson(
            key=key,
            title=said["title"],
            summary=said["summary"],
            minutes=said["minutes"],
            tags=said["tags"],
            body=said["body"],
            practice=said["practice"],
            checks=tuple(checks),
        )


def _initial(lesson: Lesson) -> dict[str, object]:
    initial: dict[str, object] = {
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "tags": ", ".join(lesson.tags),
        "body": lesson.body,
        "practice": lesson.practice,
    }
    for number, check in enumerate(lesson.checks, start=1):
        others = [option for n, option in enumerate(check.options) if n != check.right]
        initial |= {
            f"question_{number}": check.question,
            f"right_{number}": check.options[check.right],
            f"wrong_{number}": "\n".join(others),
            f"why_{number}": check.why,
        }
    return initial


def _check(number: int, said: Mapping[str, str]) -> Check:
    """Return a question with the right answer at a place that differs, and is always the same."""
    question, right = said[f"question_{number}"], said[f"right_{number}"].strip()
    options = [line.strip() for line in said[f"wrong_{number}"].splitlines() if line.strip()]
    place = len(question) % (len(options) + 1)
    options.insert(place, right)
    return Check(question, tuple(options), place, said[f"why_{number}"].strip())


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("A picture or a PDF"),
        help_text=gettext_lazy("PNG, JPEG, WebP, GIF or PDF, at most 5 MB."),
        max_length=120,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
    )

    def clean_file(self) -> tuple[str, Upload]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        return str(file.name), read_upload(file.read())


class StepForm(forms.Form):
    """One more lesson on a path."""

    key = forms.ChoiceField(label=gettext_lazy("Lesson"))
    when = forms.ChoiceField(
        label=gettext_lazy("When"), choices=PathStep.When.choices, widget=forms.RadioSelect
    )
    part = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    required = forms.BooleanField(
        label=gettext_lazy("Required: nobody gets a partner, or leads, before it is done"),
        required=False,
    )

    def __init__(self, data: Any = None, *, program: Program, lessons: Sequence[Lesson]) -> None:
        super().__init__(data, initial={"when": PathStep.When.MATCHING})
        self.fields["key"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (lesson.key, lesson.title) for lesson in lessons
        ]
        parts = [part for part in parts_of(program) if part != Enrolment.Part.BOTH]
        names = [(part, Enrolment.Part(part).label) for part in parts]
        self.fields["part"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("Everybody")),
            *names,
        ]
        if len(parts) < 2:
            del self.fields["part"]


class SponsorForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Of a leader who stands behind this cohort."),
        max_length=120,
        required=False,
    )
    title = forms.CharField(label=gettext_lazy("Job title"), max_length=120, required=False)
    words = forms.CharField(
        label=gettext_lazy("What they say to the people of this cohort"),
        help_text=gettext_lazy("Ask them: it is shown with their name to everybody who may join."),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, data: Any = None, *, cohort: Cohort) -> None:
        initial = {
            "name": cohort.sponsor_name,
            "title": cohort.sponsor_title,
            "words": cohort.sponsor_words,
        }
        super().__init__(data, initial=initial)

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("words") and not self.cleaned_data.get("name"):
            self.add_error("name", _("Say whose words these are."))


class WorkshopForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    agenda = forms.CharField(
        label=gettext_lazy("What happens there"),
        help_text=gettext_lazy("Markdown. Steps with their minutes help people to decide."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    starts_at = Moment(label=gettext_lazy("When"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=10, max_value=600, initial=90
    )
    place = forms.CharField(
        label=gettext_lazy("Where"),
        help_text=gettext_lazy("A room, or a video link."),
        max_length=200,
    )
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        help_text=gettext_lazy("Leave empty if everybody of the cohort may come."),
        min_value=1,
        max_value=1000,
        required=False,
    )

    def __init__(self, data: Any = None, *, workshop: Workshop | None = None) -> None:
        names = ("title", "agenda", "minutes", "place", "places")
        initial = {name: getattr(workshop, name) for name in names} if workshop else {}
        if workshop:
            initial["starts_at"] = wall(workshop.starts_at)
        super().__init__(data, initial=initial)
        zone_help(self.fields["starts_at"])


class AttendanceForm(forms.Form):
    came = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Who came?"),
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Any = None, *, places: Sequence[WorkshopPlace]) -> None:
        came = [str(place.member_id) for place in places if place.came is not False]
        super().__init__(data, initial={"came": came})
        self.fields["came"].choices = [  # type: ignore[attr-defined]  # a choice field
            (str(place.member_id), place.member.full_name) for place in places
        ]
