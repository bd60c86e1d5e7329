"""Importing people: the file, the columns, the cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.members.models import Member
from programs.importing.fields import FIELDS, PERSON_FIELDS
from programs.importing.mapping import mapping_problems
from programs.importing.tables import MAX_BYTES
from programs.importing.values import Problem
from programs.models.programs import Cohort, Program


def field_words(name: str) -> str:
    """Return what a page calls a field of the file; "" is the whole row."""
    return _(PERSON_FIELDS[name].label) if name else _("Row")


def problem_words(problem: Problem) -> str:
    return _(problem.code.sentence) % dict(problem.params)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File of people"),
        help_text=gettext_lazy("CSV as your HR system exports it, at most 10 MB."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file


class MappingForm(forms.Form):
    """One choice for each field: which column of the file fills it."""

    def __init__(
        self,
        data: Any = None,
        *,
        headers: Sequence[str],
        mapping: dict[str, int | None],
        samples: Sequence[Sequence[str]] = (),
    ) -> None:
        super().__init__(data)
        columns = [
            (str(at), header or _("Column %(n)s") % {"n": at + 1})
            for at, header in enumerate(headers)
        ]
        for name in FIELDS:
            column = mapping.get(name)
            self.fields[name] = forms.TypedChoiceField(
                label=field_words(name),
                choices=[("", _("Not in the file")), *columns],
                coerce=int,
                empty_value=None,
                required=False,
                initial="" if column is None else str(column),
                help_text=_example(samples, column),
            )

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        for problem in mapping_problems(cleaned):
            self.add_error(problem.field or None, problem_words(problem))

    def mapping(self) -> dict[str, int | None]:
        return {name: self.cleaned_data.get(name) for name in FIELDS}


def _example(samples: Sequence[Sequence[str]], column: int | None) -> str:
    """Return what stands in the first rows of a column, to be recognised by."""
    if column is None:
        return ""
    words = [" ".join(row[column].split())[:40] for row in samples if row[column].strip()][:2]
    return _("For example %(words)s") % {"words": "; ".join(words)} if words else ""


class ApplyForm(forms.Form):
    """Which cohort the rows of each part enrol into, and which preview was seen."""

    peer: forms.ModelChoiceField[Cohort] = forms.ModelChoiceField(
        label=gettext_lazy("Peers enrol in"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("No cohort for now"),
    )
    mentor: forms.ModelChoiceField[Cohort] = forms.ModelChoiceField(
        label=gettext_lazy("Mentors and mentees enrol in"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("No cohort for now"),
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, by: Member, digest: str = "") -> None:
        super().__init__(data, initial={"digest": digest})
        joinable = (
            Cohort.objects.visible_to(by)
            .for_list()
            .filter(phase__in=("draft", "enrolling", "matching", "running"))
            .order_by("-starts_on", "id")
        )
        mentor = joinable.filter(program__format=Program.Format.MENTOR)
        for name, rows in (
            ("peer", joinable.exclude(program__format=Program.Format.MENTOR)),
            ("mentor", mentor),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows

    def cohorts(self) -> dict[str, UUID]:
        cohorts = {name: self.cleaned_data.get(name) for name in ("peer", "mentor")}
        return {name: cohort.pk for name, cohort in cohorts.items() if cohort}
