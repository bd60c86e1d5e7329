"""What two people may say to each other about becoming partners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import Taps

YES, MORE, NO = "yes", "more", "no"


class WishForm(forms.Form):
    """Whom, and what is to happen to them on the list."""

    ACTS = (
        ("add", gettext_lazy("Add")),
        ("up", gettext_lazy("Up")),
        ("down", gettext_lazy("Down")),
        ("remove", gettext_lazy("Remove")),
    )

    wished = forms.UUIDField()
    act = forms.ChoiceField(choices=ACTS)


class AskForm(forms.Form):
    """A request, with a few words or none."""

    asked = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("A few words to them"),
        help_text=gettext_lazy("Only the two of you can read them, whatever anybody's role."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    """Yes, no, or a question first; `may_question` while none has been asked."""

    ANSWERS = (
        (YES, gettext_lazy("Yes, gladly")),
        (MORE, gettext_lazy("Tell me more")),
        (NO, gettext_lazy("Not this time")),
    )

    answer = forms.ChoiceField(
        label=gettext_lazy("Would you like to?"), choices=ANSWERS, widget=Taps
    )
    words = forms.CharField(
        label=gettext_lazy("A few words back"),
        help_text=gettext_lazy("Only the two of you can read them. A question needs some."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, may_question: bool) -> None:
        super().__init__(data)
        if not may_question:
            answer = self.fields["answer"]
            assert isinstance(answer, forms.ChoiceField)
            answer.choices = [
                answer_choice for answer_choice in self.ANSWERS if answer_choice[0] != MORE
            ]
            self.fields["words"].help_text = _("Only the two of you can read them.")

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if self.cleaned_data.get("answer") == MORE and not words.strip():
            raise forms.ValidationError(_("What would you like to know?"))
        return words


class WordsForm(forms.Form):
    """The asker's note, or their answer to a question."""

    words = forms.CharField(
        label=gettext_lazy("Your words"),
        help_text=gettext_lazy("Only the two of you can read them."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
