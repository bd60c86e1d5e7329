"""Announcements, and what people write to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from core.common.ids import ids_in
from core.members.models import Segment
from core.ui.forms import Moment, offer_rows
from programs.models.community import Announcement, Post
from programs.models.programs import Enrolment

MARKDOWN = _("You can use Markdown: **bold**, *italic*, lists, links and > quotations.")
CALLING = _("With @ and a whole name you call somebody. You can use Markdown.")
LONGEST = 10_000
TO = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE, Enrolment.State.COMPLETED)
WAITING = (Enrolment.State.APPLIED, Enrolment.State.WAITLISTED)


def _text(label: Any, *, rows: int = 6, help_text: Any = MARKDOWN) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class AnnouncementForm(forms.Form):
    """What is said, to whom, and when; who was ticked on a list comes along as `chosen`."""

    title = forms.CharField(label=_("Title"), max_length=120)
    text = _text(_("Text"), rows=10)
    part = forms.ChoiceField(label=_("Part"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    answered = forms.ChoiceField(label=_("The questions of the program"), required=False)
    segment = forms.TypedChoiceField(
        label=_("Saved segment"),
        help_text=_("Only who is in it when it is sent. Segments are saved on the page People."),
        empty_value=None,
        required=False,
    )
    send_at = Moment(
        label=_("Send it on"), help_text=_("Leave it empty to send it now."), required=False
    )
    chosen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        segments: Sequence[Segment],
        row: Announcement | None = None,
        chosen: str = "",
    ):
        names = ("title", "text", "part", "state", "answered", "send_at")
        initial = {name: getattr(row, name) for name in names} if row else {}
        initial["segment"] = row.segment_id if row else None
        super().__init__(data, initial={**initial, "chosen": chosen})
        everybody = ("", _("Everybody"))
        states = [(state.value, state.label) for state in (*TO, *WAITING)]
        choices: dict[str, list[tuple[str, Any]]] = {
            "part": [everybody, *Enrolment.Part.choices],
            "state": [("", _("Everybody who takes part, or has completed it")), *states],
            "segment": [everybody, *((str(row.pk), row.name) for row in segments)],
            "answered": [everybody, ("yes", _("Answered")), ("no", _("Not answered"))],
        }
        offer_rows(self, "segment", segments, str)
        listed = row.is_to_a_list if row else bool(self.enrolments())
        for name, options in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options
            # of who was ticked it means these people and nobody else
            if listed or (name == "segment" and not segments):
                del self.fields[name]

    def enrolments(self) -> Sequence[UUID]:
        """Return the enrolments that were ticked on the list of people."""
        words = (self.data.get("chosen") if self.is_bound else self.initial["chosen"]) or ""
        return ids_in(str(words).split(","))

    @property
    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "chosen"}


class ThreadForm(forms.Form):
    title = forms.CharField(label=_("What is it about?"), max_length=160)
    text = _text(
        _("Your first post"),
        help_text=_("With @ and a whole name you call somebody. Markdown works."),
    )


class PostForm(forms.Form):
    text = _text(_("Your post"), help_text=CALLING)


class ReportForm(forms.Form):
    """Why somebody finds a post wrong."""

    reason = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=Post.Reason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("What should the coordinators know?"),
        help_text=_("Only they read it. Who has written the post does not learn who you are."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RemoveForm(forms.Form):
    """Why a post is removed: its author is told both."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=Post.Reason.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("Your words to who has written it"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
