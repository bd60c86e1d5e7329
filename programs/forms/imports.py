"""Importing people: the file, the columns, the cohorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.members.models import Member
from programs.importing.code_pages import CODE_PAGES
from programs.importing.fields import FACTS, FIELDS, PERSON_FIELDS
from programs.importing.mapping import COLUMNS, HELPERS, Options, mapping_problems
from programs.importing.messages import Code
from programs.importing.questions import AskedQuestion
from programs.importing.tables import MAX_BYTES
from programs.importing.values import Problem
from programs.models.imports import ImportPreview, PeopleImport
from programs.models.programs import Cohort, Enrolment
from programs.queries.imports import joinable_cohorts

CHOSEN_COHORTS = (
    ("peer", gettext_lazy("Peers enrol in")),
    ("mentor", gettext_lazy("Mentors and mentees enrol in")),
)
# what a person reads of the columns, in the order of a page
WHO = ("email", "given_name", "family_name", "full_name", "employee_id")
TAKING_PART = ("part", "capacity", *(name for name in FIELDS if PERSON_FIELDS[name].answer))


def field_words(name: str) -> str:
    """Return what a page calls a column of the file: a field, a question; "" is the whole row."""
    if name in HELPERS:
        return _(HELPERS[name][0])
    if name in PERSON_FIELDS:
        return _(PERSON_FIELDS[name].label)
    return name or _("Row")


def problem_words(problem: Problem) -> str:
    return _(problem.code.sentence) % dict(problem.params)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File of people"),
        help_text=gettext_lazy("XLSX or CSV as your HR system exports it, at most 10 MB."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file


class CodePageForm(forms.Form):
    """How the letters of an old file are to be read, each way with names as it would show them."""

    code_page = forms.ChoiceField(label=gettext_lazy("Character set of the file"))

    def __init__(self, data: Any = None, *, reading: Mapping[str, Any]) -> None:
        super().__init__(data, initial={"code_page": reading.get("encoding", "")})
        field = self.fields["code_page"]
        assert isinstance(field, forms.ChoiceField)
        letters = reading.get("letters", {})
        field.choices = [
            (page, f"{_(label)}: {', '.join(letters[page])}")
            for page, label in CODE_PAGES.items()
            if page in letters
        ]


class ColumnSelect(forms.Select):
    """The same two hundred columns in thirty selects: their options are written once.

    Django renders a template for each option, which took a second for a wide file.
    """

    def __init__(self, options: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._options = options

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Write the select as Django would."""
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if key == chosen else "", words)
                for key, words in self._options
            ),
        )
        flat = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, flat, options)


class MappingForm(forms.Form):
    """Which column fills which field, where the rows enrol, and how to read the whole file."""

    def __init__(
        self,
        data: Any = None,
        *,
        by: Member,
        people_import: PeopleImport,
        questions: Sequence[AskedQuestion] = (),
    ) -> None:
        super().__init__(data)
        self._questions = questions
        reading, said = people_import.reading, people_import.said
        headers, self._samples = reading["headers"], reading["samples"]
        self._columns = [
            (str(at), header or _("Column %(n)s") % {"n": at + 1})
            for at, header in enumerate(headers)
        ]
        for name in COLUMNS:
            self._add_column(name, field_words(name), people_import.mapping.get(name))
        for question in questions:
            self._add_column(
                question.name, question.label, people_import.mapping.get(question.name)
            )
        self._add_cohorts(by, people_import.cohorts)
        self.fields["rows_without_part"] = forms.ChoiceField(
            label=_("Rows without a part are"),
            choices=[("", _("not enrolled")), *Enrolment.Part.choices],
            required=False,
            initial=said.part or "",
        )
        self.fields["dates"] = forms.ChoiceField(
            label=_("Dates such as 03/04/2019 are"),
            choices=[
                ("", _("as the column shows")),
                ("dmy", _("day, month, year: 3 April")),
                ("mdy", _("month, day, year: 4 March")),
            ],
            required=False,
            initial=said.dates,
        )
        self.fields["leaver_words"] = forms.CharField(
            label=_("Words in the status column for who has left"),
            max_length=500,
            required=False,
            initial=said.leaver_words,
        )
        self.fields["absent_leave"] = forms.BooleanField(
            label=_("The file is complete: who is not in it has left"),
            help_text=_("You see them by name, and are asked again before anybody is let go."),
            required=False,
            initial=said.absent_leave,
        )

    def _add_column(self, name: str, label: str, column: int | None) -> None:
        is_needed = name == "email"
        choices = [("", _("Not in the file")), *self._columns]
        self.fields[name] = forms.TypedChoiceField(
            label=label,
            choices=choices,
            widget=ColumnSelect(choices),
            coerce=int,
            empty_value=None,
            required=is_needed,
            initial="" if column is None else str(column),
            help_text=example(self._samples, column),
            error_messages={"required": _(Code.MAPPING_NO_EMAIL.sentence)},
        )

    def _add_cohorts(self, by: Member, chosen: Mapping[str, str]) -> None:
        for name, label in CHOSEN_COHORTS:
            field: forms.ModelChoiceField[Cohort] = forms.ModelChoiceField(
                label=label,
                queryset=joinable_cohorts(by, name),
                required=False,
                empty_label=_("No cohort for now"),
                initial=chosen.get(name, ""),
            )
            self.fields[name] = field

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields of the page by what they are about."""
        facts = [name for name in FACTS if name not in WHO]
        sets = [
            (_("Who it is"), WHO),
            (_("Where they enrol"), ("peer", "mentor", "rows_without_part", *_once(TAKING_PART))),
            (_("Questions of the program"), [question.name for question in self._questions]),
            (_("Their work"), (*facts, "dates")),
            (_("Who has left"), ("status", "leaver_words", "absent_leave")),
        ]
        return [(words, [self[name] for name in names]) for words, names in sets if names]

    def clean(self) -> None:
        super().clean()
        for problem in mapping_problems(self.mapping()):
            if problem.code is not Code.MAPPING_NO_EMAIL:
                self.add_error(problem.field or None, problem_words(problem))

    def mapping(self) -> dict[str, int | None]:
        names = (*COLUMNS, *(question.name for question in self._questions))
        return {name: self.cleaned_data.get(name) for name in names}

    def has_columns_left(self) -> bool:
        """Say whether the file has a column that could still answer something."""
        chosen = {column for column in self.mapping().values() if column is not None}
        return len(chosen) < len(self._columns)

    def options(self) -> Options:
        return Options(
            dates=self.cleaned_data["dates"],
            part=self.cleaned_data["rows_without_part"] or None,
            leaver_words=self.cleaned_data["leaver_words"],
            absent_leave=self.cleaned_data["absent_leave"],
        )

    def cohorts(self) -> dict[str, UUID]:
        cohorts = {name: self.cleaned_data.get(name) for name, _label in CHOSEN_COHORTS}
        return {name: cohort.pk for name, cohort in cohorts.items() if cohort}


def _once(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def example(samples: Sequence[Sequence[str]], column: int | None) -> str:
    """Return what stands in the first rows of a column, to be recognised by."""
    if column is None:
        return ""
    words = [" ".join(row[column].split())[:40] for row in samples if row[column].strip()][:2]
    return _("For example %(words)s") % {"words": "; ".join(words)} if words else ""


class AnswerForm(forms.Form):
    """Of a row about somebody who has left: are they back, or is it somebody else?"""

    line = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=[("back", ""), ("else", "")], required=False)


class ApplyForm(forms.Form):
    """Which preview was seen, and whether those whom the file lets go have left."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    leavers = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, preview: ImportPreview) -> None:
        super().__init__(data, initial={"digest": preview.digest})
        number = preview.counts.get("leaves", 0)
        if not number:
            del self.fields["leavers"]
            return
        self.fields["leavers"].label = ngettext(
            "%(n)s person has left", "%(n)s people have left", number
        ) % {"n": number}
        self.fields["leavers"].help_text = _(
            "Their sign-in ends at once and their partners are told. This cannot be undone here."
        )
