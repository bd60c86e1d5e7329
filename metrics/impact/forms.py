"""HR records: the file, its columns, what was seen; and comparing a program."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import DateInput
from metrics.impact.records import COLUMNS, mapping_problems
from metrics.models import RecordImport
from programs.forms.imports import ColumnSelect, UploadForm, example, problem_words

WHO = ("employee_id", "email", "known_on")


class RecordFileForm(UploadForm):
    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["file"].label = _("File of HR records")
        self.fields["file"].help_text = _(
            "XLSX or CSV, a row for each person and day. One a month is enough. At most 10 MB."
        )


class RecordColumnsForm(forms.Form):
    """Which column fills which field, and how the file writes its days."""

    def __init__(self, data: Any = None, *, record_import: RecordImport) -> None:
        super().__init__(data)
        reading = record_import.reading
        columns = [
            (str(at), header or _("Column %(n)s") % {"n": at + 1})
            for at, header in enumerate(reading["headers"])
        ]
        choices = [("", _("Not in the file")), *columns]
        for name, column in COLUMNS.items():
            at = record_import.mapping.get(name)
            self.fields[name] = forms.TypedChoiceField(
                label=_(column.label),
                choices=choices,
                widget=ColumnSelect(choices),
                coerce=int,
                empty_value=None,
                required=False,
                initial="" if at is None else str(at),
                help_text=example(reading["samples"], at),
            )
        self.fields["day"] = forms.DateField(
            label=_("Day of rows that name none"),
            required=False,
            initial=record_import.known_on,
            widget=DateInput(),
        )
        self.fields["date_order"] = forms.ChoiceField(
            label=_("Dates such as 03/04/2019 are"),
            choices=[
                ("", _("as the column shows")),
                ("dmy", _("day, month, year: 3 April")),
                ("mdy", _("month, day, year: 4 March")),
            ],
            required=False,
            initial=record_import.date_order,
        )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields of the page by what they are about."""
        others = [name for name in COLUMNS if name not in WHO]
        sets = [(_("Who and when"), (*WHO, "day", "date_order")), (_("What was known"), others)]
        return [(words, [self[name] for name in names]) for words, names in sets]

    def clean(self) -> None:
        super().clean()
        for problem in mapping_problems(self.mapping(), self.known_on()):
            self.add_error(problem.field, problem_words(problem))

    def mapping(self) -> dict[str, int | None]:
        return {name: self.cleaned_data.get(name) for name in COLUMNS}

    def known_on(self) -> date | None:
        day: date | None = self.cleaned_data.get("day")
        return day


class ApplyRecordsForm(forms.Form):
    """Which preview was seen."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AllRecordsForm(forms.Form):
    """That all records are in: what is released does not change any more."""

    complete = forms.BooleanField(
        label=gettext_lazy("All records of these cohorts are in"),
        help_text=gettext_lazy(
            "What is released now stays as it is, whatever records come later. So nobody can find "
            "out about one person by comparing two days."
        ),
    )
