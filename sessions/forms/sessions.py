"""What a person may type about sessions; what may happen is the operations' to say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentoring.common import clock
from mentoring.design.forms import DateTimeInput, Taps
from mentoring.identity.video import https_link
from pairing.models import Seat
from programs.models import MeetingRole
from sessions.models import Attendance, CancelCause, Retrospective, Session, Turn
from sessions.operations import Lines

FAR = timedelta(days=1100)  # a typing mistake, not a plan


def _in_reach(value: datetime) -> None:
    if abs(value - clock.now()) > FAR:
        raise ValidationError(_("Choose a day within three years of today."))


class Moment(forms.DateTimeField):
    """A day and a time in the reader's zone, which the help names."""

    widget = DateTimeInput
    default_validators = [_in_reach]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.help_text = self.help_text or gettext_lazy("In your time zone.")


class VideoField(forms.CharField):
    """A link into a video room: of the organisation's kind, or anybody's own."""

    default_validators = [https_link]
    widget = forms.URLInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Video link"))
        kwargs.setdefault(
            "help_text", gettext_lazy("A room of your own is fine too, with https:// in front.")
        )
        super().__init__(max_length=300, required=False, **kwargs)


def zone_help(field: forms.Field) -> None:
    zone = timezone.get_current_timezone_name()
    field.help_text = _("In your time zone, %(zone)s.") % {"zone": zone}


def wall(instant: datetime) -> datetime:
    return timezone.localtime(instant)


class MoveForm(forms.Form):
    """When a session is to be, and how long; to partners also what it is about and where."""

    starts_at = Moment(label=gettext_lazy("When"))
    duration_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=10, max_value=480
    )
    topic = forms.CharField(label=gettext_lazy("Topic"), max_length=200, required=False)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=300, required=False)
    video_url = VideoField()

    def __init__(self, data: Any = None, *, session: Session, words: bool) -> None:
        super().__init__(
            data,
            initial={
                "starts_at": wall(session.starts_at),
                "duration_minutes": session.duration_minutes,
                "topic": session.topic,
                "place": session.place,
                "video_url": session.video_url,
            },
        )
        zone_help(self.fields["starts_at"])
        if not words:
            del self.fields["topic"], self.fields["place"], self.fields["video_url"]


class CancelForm(forms.Form):
    cause = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=CancelCause.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("It is counted, never held against anybody."),
    )


class AssignForm(forms.Form):
    """Who takes which role."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    seat = forms.ChoiceField(label=gettext_lazy("Who takes it"))

    def __init__(
        self, data: Any = None, *, roles: Iterable[MeetingRole], seats: Iterable[Seat]
    ) -> None:
        super().__init__(data)
        self.roles = {str(role.pk): role for role in roles}
        self.seats = {str(seat.pk): seat for seat in seats}
        role, seat = self.fields["role"], self.fields["seat"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(seat, forms.ChoiceField)
        role.choices = [(key, row.name) for key, row in self.roles.items()]
        seat.choices = [(key, row.enrolment.member.full_name) for key, row in self.seats.items()]

    @property
    def chosen(self) -> tuple[MeetingRole, Seat]:
        """The role and the seat; only of a valid form."""
        return self.roles[self.cleaned_data["role"]], self.seats[self.cleaned_data["seat"]]


class SwapForm(forms.Form):
    """Which two turns change hands, in one session or in two."""

    first = forms.ChoiceField(label=gettext_lazy("This turn"))
    second = forms.ChoiceField(label=gettext_lazy("and this one"))

    def __init__(self, data: Any = None, *, turns: Iterable[Turn]) -> None:
        super().__init__(data)
        self.turns = {str(turn.pk): turn for turn in turns}
        choices = [(key, self._words(turn)) for key, turn in self.turns.items()]
        for field in self.fields.values():
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
            field.error_messages["invalid_choice"] = _("This turn has changed. Choose again.")

    @staticmethod
    def _words(turn: Turn) -> str:
        return _("%(day)s, %(role)s: %(name)s") % {
            "day": date_format(wall(turn.session.starts_at), "j F"),
            "role": turn.role.name,
            "name": turn.seat.enrolment.member.full_name,
        }

    def clean(self) -> dict[str, Any]:
        """Two turns of two people."""
        given = super().clean() or {}
        if "first" in given and "second" in given:
            first, second = self.chosen
            if first.seat_id == second.seat_id:
                self.add_error("second", _("Choose a turn of somebody else."))
        return given

    @property
    def chosen(self) -> tuple[Turn, Turn]:
        """The two turns; only of a valid form."""
        return self.turns[self.cleaned_data["first"]], self.turns[self.cleaned_data["second"]]


class LinesForm(forms.Form):
    """One line each about a session."""

    worked = forms.CharField(label=gettext_lazy("What worked"), max_length=300, required=False)
    change = forms.CharField(
        label=gettext_lazy("What to change"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("It opens the next session."),
    )
    thanks = forms.CharField(label=gettext_lazy("Thanks"), max_length=300, required=False)

    @property
    def lines(self) -> Lines:
        """What was written; only of a valid form."""
        given = self.cleaned_data
        return Lines(
            worked=given.get("worked", ""),
            change=given.get("change", ""),
            thanks=given.get("thanks", ""),
        )


class RecordForm(LinesForm):
    """Who was there, one row of taps a person, and for partners their lines."""

    def __init__(
        self,
        data: Any = None,
        *,
        seats: Iterable[Seat],
        given: dict[UUID, str],
        lines: bool,
        asks_when: bool = False,
        said: Retrospective | None = None,
    ) -> None:
        """`said` are the lines this person has written already, in the room."""
        names = ("worked", "change", "thanks")
        super().__init__(data, initial={name: getattr(said, name) for name in names if said})
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
                initial=given.get(seat.pk, Attendance.Kind.PRESENT),
                widget=Taps,
            )
        self.fields = fields | own

    @staticmethod
    def _name(seat: Seat) -> str:
        return f"seat_{seat.pk.hex}"

    @property
    def attendance(self) -> dict[Seat, str]:
        """A kind by seat; only of a valid form."""
        return {seat: self.cleaned_data[self._name(seat)] for seat in self.seats}
