"""The form that takes a design file in; every problem is said at the file, by its place in it."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.interchange.reading import Design, as_today, problems_of

MAX_BYTES = 1_000_000
MOST_SAID = 12


class DesignFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Design file"),
        help_text=gettext_lazy("The JSON file that “Export the design” gives."),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the program"),
        help_text=gettext_lazy("Empty takes the name in the file."),
        max_length=120,
        required=False,
    )

    def clean_file(self) -> Design:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        try:
            design: Any = as_today(json.loads(file.read().decode("utf-8-sig")))
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is not a JSON file.")) from None
        if problems := problems_of(design):
            said = [f"{where}: {words}" if where else words for where, words in problems]
            raise forms.ValidationError(said[:MOST_SAID])
        kept: Design = design
        return kept

    def clean(self) -> None:
        super().clean()
        if "file" in self.cleaned_data and not self.cleaned_data.get("name"):
            self.cleaned_data["name"] = self.cleaned_data["file"]["program"]["name"]
