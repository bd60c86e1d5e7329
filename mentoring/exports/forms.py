"""Which list, and as what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.members.files import SEPARATORS
from core.members.sheets import can_write_parquet
from mentoring.exports.lists import WORDS

FORMATS = {
    "xlsx": _("Workbook (XLSX), with a sheet that says what the columns mean"),
    "csv": _("CSV"),
    "jsonl": _("JSON lines"),
    "parquet": _("Parquet"),
}
SIGNS = {"comma": _("comma"), "semicolon": _("semicolon"), "tab": _("tab")}


class ExportForm(forms.Form):
    list = forms.ChoiceField(label=_("List"), choices=[*WORDS.items()])
    format = forms.ChoiceField(label=_("As"), widget=forms.RadioSelect, initial="xlsx")
    separator = forms.ChoiceField(
        label=_("Between the columns of CSV"),
        choices=[(name, SIGNS[name]) for name in SEPARATORS],
        required=False,
        initial="comma",
    )
    bom = forms.BooleanField(
        label=_("CSV with a byte order mark"),
        help_text=_("Excel on a German PC wants it, and the semicolon."),
        required=False,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        choices = self.fields["format"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [
            (name, words)
            for name, words in FORMATS.items()
            if name != "parquet" or can_write_parquet()
        ]

    def clean_separator(self) -> str:
        return self.cleaned_data["separator"] or "comma"
