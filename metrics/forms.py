"""What a coordinator may do about an item of the list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.members.models import Member
from core.members.permissions import ROLE_PERMISSIONS, Permission
from metrics.models import AlertNote, ReportReader
from pairing.models.runs import COORDINATING

FRIDAY, MONDAY = 4, 0


def next_weekday(today: date, weekday: int) -> date:
    """Return the next such day after today; Monday is 0."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Everybody who runs this program reads it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SnoozeForm(forms.Form):
    until = forms.TypedChoiceField(
        label=gettext_lazy("Remind me"), coerce=date.fromisoformat, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        days = {
            today + timedelta(days=1): _("tomorrow"),
            next_weekday(today, FRIDAY): _("on Friday"),
            next_weekday(today, MONDAY): _("on Monday"),
            today + timedelta(days=14): _("in two weeks"),
        }
        until = self.fields["until"]
        assert isinstance(until, forms.TypedChoiceField)
        until.choices = [
            (day.isoformat(), f"{words} ({date_format(day, 'j F')})")
            for day, words in sorted(days.items())
        ]


class AssignForm(forms.Form):
    assigned_to = forms.ModelChoiceField(
        label=gettext_lazy("Who takes care of it"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=gettext_lazy("Everybody who runs the program"),
    )

    def __init__(self, data: Any = None, *, by: Member) -> None:
        super().__init__(data)
        assigned_to = self.fields["assigned_to"]
        assert isinstance(assigned_to, forms.ModelChoiceField)
        assigned_to.queryset = Member.objects.visible_to(by).live().filter(role__in=COORDINATING)


class ActForm(forms.Form):
    """The buttons that need no more than a press."""

    act = forms.ChoiceField(choices=AlertNote.Act.choices)


class ReaderForm(forms.Form):
    """Who else is sent the report, and how often."""

    member = forms.ModelChoiceField(label=gettext_lazy("To"), queryset=Member.objects.none())
    every = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=ReportReader.Every.choices,
        widget=forms.RadioSelect,
        initial=ReportReader.Every.WEEK,
    )

    def __init__(self, data: Any = None, *, by: Member) -> None:
        super().__init__(data, initial={"member": by.pk})
        readers = [
            role
            for role, permissions in ROLE_PERMISSIONS.items()
            if Permission.FIGURES_READ in permissions
        ]
        member = self.fields["member"]
        assert isinstance(member, forms.ModelChoiceField)
        member.queryset = Member.objects.visible_to(by).live().filter(role__in=readers)
