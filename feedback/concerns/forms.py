"""Forms of the concerns desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from core.ui.forms import DateInput
from feedback.concerns.queries import Subject
from feedback.models.concerns import Concern, ConcernDesk, ConcernStep
from programs.models.programs import Program

LONGEST = 4000


def _words(label: Any, *, rows: int = 5, required: bool = True, help_text: Any = "") -> Any:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class NamelessConcernForm(forms.Form):
    """What it is about, how soon it matters, and who is not to read it."""

    topic = forms.ChoiceField(
        label=_("What is it about?"), choices=Concern.Topic.choices, widget=forms.RadioSelect
    )
    urgency = forms.ChoiceField(
        label=_("How soon should somebody see to it?"),
        choices=Concern.Urgency.choices,
        initial=Concern.Urgency.WEEK,
        widget=forms.RadioSelect,
    )
    left_out = forms.MultipleChoiceField(
        label=_("Who must not read it?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick who is in it themselves. They are not told."),
    )
    words = _words(
        _("What has happened?"),
        help_text=_("What you saw or heard, when, and what you would like."),
    )

    def __init__(self, data: Any = None, *, handlers: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        people = [(str(member.pk), member.full_name) for member in handlers]
        if people:
            self.fields["left_out"].choices = people  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields["left_out"]

    def clean_left_out(self) -> list[UUID]:
        return [UUID(text) for text in self.cleaned_data["left_out"]]


class ConcernForm(NamelessConcernForm):
    """As without a name, and about whom."""

    about = forms.ChoiceField(
        label=_("Whom is it about?"),
        required=False,
        help_text=_("They are not told, and never read it, whatever their role."),
    )
    field_order = ["topic", "urgency", "about", "left_out", "words"]

    def __init__(
        self,
        data: Any = None,
        *,
        handlers: Sequence[Member],
        subjects: Sequence[Subject],
        **kw: Any,
    ) -> None:
        super().__init__(data, handlers=handlers, **kw)
        self._subjects = {subject.key: subject for subject in subjects}
        about = self.fields["about"]
        assert isinstance(about, forms.ChoiceField)
        choices = [(subject.key, subject.words) for subject in subjects]
        about.choices = [("", _("I would rather not say")), *choices]

    @property
    def values(self) -> dict[str, Any]:
        """Return what the operation wants."""
        values = dict(self.cleaned_data)
        subject = self._subjects.get(values.pop("about", ""))
        if subject:
            values |= {"about": subject.about, "partnership": subject.partnership}
        return values


class MessageForm(forms.Form):
    words = _words(_("Write an answer"), rows=4)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Your code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class CodeMessageForm(MessageForm):
    """An answer of whoever has a code, which goes along unseen."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=60)


class StepForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What was done?"), choices=ConcernStep.Kind.choices, widget=forms.RadioSelect
    )
    done_on = forms.DateField(label=_("On which day?"), widget=DateInput())
    note = _words(
        _("Note"),
        required=False,
        help_text=_("Only those who handle this concern can read it. Who raised it sees the day."),
    )

    def __init__(self, data: Any, *, first: date, today: date) -> None:
        super().__init__(data, initial={"done_on": today})
        self._first, self._today = first, today

    def clean_done_on(self) -> date:
        day: date = self.cleaned_data["done_on"]
        if not self._first <= day <= self._today:
            raise ValidationError(_("A day from that of the concern to today."))
        return day


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How did it end?"), choices=Concern.Outcome.choices, widget=forms.RadioSelect
    )
    words = _words(_("What do you say to who raised it?"), rows=4)


class DeskForm(forms.Form):
    phone = forms.CharField(
        label=_("Phone number for safety"),
        max_length=60,
        required=False,
        help_text=_("Shown wherever a concern is raised, for who cannot wait for an answer."),
    )
    kept_days = forms.IntegerField(
        label=_("Days that words are kept after a concern is closed"),
        min_value=1,
        max_value=3650,
        initial=ConcernDesk.KEPT_DAYS,
    )


class HandlerForm(forms.Form):
    """Who is to read concerns, and of which program."""

    def __init__(self, data: Any, *, by: Member) -> None:
        super().__init__(data)
        people = Member.objects.visible_to(by).live().order_by("given_name", "family_name", "pk")
        self.fields["member"] = forms.ModelChoiceField(
            people, label=_("Who?"), empty_label=_("Choose a person")
        )
        self.fields["program"] = forms.ModelChoiceField(
            Program.objects.visible_to(by).order_by("name"),
            label=_("Which concerns?"),
            required=False,
            empty_label=_("All of them"),
        )
