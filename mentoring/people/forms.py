"""Who takes over when somebody leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.accounts.queries import possible_successors
from core.members.models import Member
from core.members.permissions import Permission, can
from core.ui.forms import offer_rows


class LeaveForm(forms.Form):
    """Asked only of who runs programs: the others leave nothing that somebody must take over."""

    successor = forms.TypedChoiceField(
        label=_("Who takes over"),
        help_text=_("What was assigned to them. Their API tokens stop: make new ones"),
        required=False,
        empty_value=None,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if can(member, Permission.PROGRAMS_MANAGE):
            people = possible_successors(member)
            offer_rows(self, "successor", people, lambda person: person.full_name)
            self.fields["successor"].choices.insert(0, ("", _("An owner")))  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["successor"]


class MergeForm(forms.Form):
    """Whose row stays as it is, with its e-mail and sign-in; asked where it may be either."""

    stays = forms.TypedChoiceField(
        label=_("E-mail and sign-in from now on"), widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stays"]
        assert isinstance(field, forms.TypedChoiceField)
        rows = {str(member.pk): member for member in members}
        field.choices = [(key, f"{row.full_name}, {row.email}") for key, row in rows.items()]
        field.coerce = rows.__getitem__
        field.initial = next(iter(rows))


class AgreeForm(forms.Form):
    """That somebody has understood what they agree to."""

    is_me = forms.BooleanField(label=_("Both are me"))
