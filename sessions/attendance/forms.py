"""What a person may type about sessions; what may happen is the operations' to say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from core.ui.forms import Moment, Taps, zone_help
from pairing.models.partnerships import Seat
from sessions.models.sessions import Attendance, Retrospective, RetrospectiveLines


class LinesForm(forms.Form):
    worked = forms.CharField(label=gettext_lazy("What worked"), max_length=300, required=False)
    change = forms.CharField(
        label=gettext_lazy("What to change"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("It opens the next session."),
    )
    thanks = forms.CharField(label=gettext_lazy("Thanks"), max_length=300, required=False)

    @property
    def lines(self) -> RetrospectiveLines:
        names = ("worked", "change", "thanks")
        return RetrospectiveLines(**{name: self.cleaned_data.get(name, "") for name in names})


class RecordForm(LinesForm):
    """Who was there, one row of taps a person, and for partners their lines."""

    def __init__(
        self,
        data: Any = None,
        *,
        seats: Iterable[Seat],
        kinds: dict[UUID, str],
        lines: bool,
        asks_when: bool = False,
        written: Retrospective | None = None,
    ) -> None:
        """`kinds` are what is preset, nothing for who is not in them.

        `written` are the lines this person has written already, in the room.
        """
        names = ("worked", "change", "thanks")
        super().__init__(data, initial={name: getattr(written, name) for name in names if written})
        self.seats = list(seats)
        own = self.fields if lines else {}
        fields: dict[str, forms.Field] = {}
        if asks_when:
            fields["held_at"] = Moment(label=gettext_lazy("When you met"))
            zone_help(fields["held_at"])
        for seat in self.seats:
            fields[self._name(seat)] = forms.ChoiceField(
                label=seat.enrolment.member.full_name,
                choices=Attendance.Kind.choices,
                initial=kinds.get(seat.pk),
                widget=Taps,
                error_messages={"required": gettext_lazy("Say whether they were there.")},
            )
        self.fields = fields | own

    @staticmethod
    def _name(seat: Seat) -> str:
        return f"seat_{seat.pk.hex}"

    @property
    def attendance(self) -> dict[Seat, str]:
        return {seat: self.cleaned_data[self._name(seat)] for seat in self.seats}


class ReplyForm(forms.Form):
    comes = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    session = forms.UUIDField(required=False)
    reason = forms.CharField(
        label=gettext_lazy("A line to the others"), max_length=200, required=False
    )
