"""The one lifecycle of everything that people are asked: opened when due, answered, closed.

A survey is a file beside this one that ends in a Survey, and a row in `table.SURVEYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django import forms
from django.db import models, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core.common.errors import DomainError
from core.members.links import signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications.operations import Draft, enqueue_all
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.models import TenantModel
from core.ui.pages import BY_LINK, SIGNED_IN, form_page
from feedback.models import CheckInNote, FitWords
from pairing.models.partnerships import Seat
from programs.queries.designs import coordinators_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LINK_AGE = timedelta(days=60)
SCALE = range(1, 6)

# A body for stated readers, and the answer it belongs to.
Words: TypeAlias = CheckInNote | FitWords


@dataclass(frozen=True)
class Sheet:
    """What one person is shown: a template with its context and, where one can answer, a form.

    `keep` is called with what the form holds once it is valid.
    """

    template: str
    context: Mapping[str, object]
    form: forms.Form | None = None
    keep: Callable[[], object] = field(default=lambda: None)


@dataclass(frozen=True)
class Survey:
    """One kind of question.

    `purpose` stands in signed links and `address` below /o/<organisation>/.  `due` returns
    what is to be asked at an instant: rows of `opens`, not saved yet, or anything else that an
    e-mail can be written about where a row is made only by the answer.
    """

    name: str
    purpose: str
    address: str
    due: Callable[[datetime], Sequence[Any]]
    email: Callable[[Any], Draft]
    sheet: Callable[[HttpRequest, Member, UUID], Sheet]
    opens: type[TenantModel] | None = None

    @property
    def signed_in(self) -> Callable[..., HttpResponseBase]:
        """The page below /o/<organisation>/."""

        @require_http_methods(["GET", "HEAD", "POST"])
        @member_view(Permission.TAKE_PART)
        def view(request: MemberRequest, **ids: UUID) -> HttpResponse:
            (object_id,) = ids.values()
            return self._page(request, request.member, object_id, SIGNED_IN)

        return view

    @property
    def by_link(self) -> Callable[..., HttpResponse]:
        """The same from an e-mail's link, without signing in."""

        @require_http_methods(["GET", "HEAD", "POST"])
        @signed_link(self.purpose, max_age=LINK_AGE)
        def view(request: HttpRequest, member: Member, object_id: UUID) -> HttpResponse:
            return self._page(request, member, object_id, BY_LINK)

        return view

    def _page(
        self, request: HttpRequest, member: Member, object_id: UUID, frame: str
    ) -> HttpResponse:
        """Show what is asked, or keep the answer; nothing is changed by looking."""
        sheet = self.sheet(request, member, object_id)
        form = sheet.form
        if form is not None and form.is_valid():
            sheet.keep()
            return redirect(request.path)
        page = {"frame": frame, "signed_in": frame == SIGNED_IN, "member": member}
        return form_page(request, sheet.template, form, {**page, **sheet.context})


@transaction.atomic
def open_due(survey: Survey, *, at: datetime) -> int:
    """Ask whoever is to be asked, once each, with an e-mail; return how many were.

    Safe to repeat: the unique constraint of the rows, or the e-mail's key, decides between two
    workers.
    """
    due = survey.due(at)
    if survey.opens is not None:
        due = _ours(survey.opens, due)
    return len(enqueue_all([survey.email(row) for row in due]))


def _ours(model: type[TenantModel], rows: Sequence[Any]) -> list[Any]:
    """Save these rows and return those that nobody else had saved."""
    model._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    saved = model._default_manager.filter(pk__in=[row.pk for row in rows])
    ids = set(saved.values_list("pk", flat=True))
    return [row for row in rows if row.pk in ids]


def answer(rows: QuerySet[Any], closed: DomainError, *, at: datetime, **values: object) -> None:
    """Write an answer in the statement that guards it; raise `closed` if no row is open.

    The time of the first answer stays.
    """
    first = Coalesce(F("answered_at"), Value(at))
    if not rows.update(answered_at=first, **values):
        raise closed


def data_of(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


class Readers(models.TextChoices):
    """For whom words are meant, as their author says it."""

    ME = "me", _("Only me")
    PARTNERS = "partners", _("My partners")
    COORDINATOR = "coordinator", _("My coordinator")


def partners_of(seat: Seat) -> list[Member]:
    """Return the people in the other open seats."""
    seats = Seat.objects.open().filter(partnership_id=seat.partnership_id).exclude(pk=seat.pk)
    people = Member.objects.reachable().filter(pk__in=seats.values("enrolment__member"))
    return list(people.order_by("given_name", "pk"))


def readers_of(seat: Seat, choice: Readers) -> list[UUID]:
    """Return who may read words from this seat: their author, and whom the author chose."""
    others: list[Member] = []
    if choice == Readers.PARTNERS:
        others = partners_of(seat)
    elif choice == Readers.COORDINATOR:
        others = coordinators_of(seat.partnership.cohort.program)
    author: UUID = seat.enrolment.member_id
    return [author, *(member.pk for member in others if member.pk != author)]


def keep_words(
    model: type[Words], by: Member, text: str, readers: Sequence[UUID], **about: TenantModel
) -> None:
    """Write words as their author: nobody else could change them, or see that they are there.

    Words that are taken back leave an empty row: the database lets nobody delete bodies.
    """
    with tenant(current_organisation_id(), member=by.pk):
        kept = model.objects.filter(**about)
        if not kept.update(text=text.strip(), readers=list(readers)) and text.strip():
            model.objects.create(**about, text=text.strip(), readers=list(readers))


def readers_chosen(words: Words | None, partners: Iterable[Member]) -> Readers:
    """Return the choice that the stored readers stand for."""
    if words is None or len(words.readers) == 1:
        return Readers.ME
    among = {person.pk for person in partners} & set(words.readers)
    return Readers.PARTNERS if among else Readers.COORDINATOR


def readers_field(label: _StrPromise) -> forms.ChoiceField:
    """Return the field that asks who may read; `name_readers` names them."""
    return forms.ChoiceField(
        label=label,
        choices=Readers.choices,
        initial=Readers.ME,
        widget=forms.RadioSelect,
        help_text=_("Nobody else can, whatever their role."),
    )


def name_readers(
    form: forms.Form, partners: Sequence[Member], coordinators: Sequence[Member]
) -> None:
    """Say by name who would read: a promise about readers is kept by naming them."""
    readers = form.fields["readers"]
    assert isinstance(readers, forms.ChoiceField)
    readers.choices = [
        (Readers.ME, Readers.ME.label),
        (Readers.PARTNERS, _named(Readers.PARTNERS.label, [p.given_name for p in partners])),
        (
            Readers.COORDINATOR,
            _named(Readers.COORDINATOR.label, [c.full_name for c in coordinators]),
        ),
    ]


def _named(words: str | Promise, names: Sequence[str]) -> Any:
    return format_lazy("{} ({})", words, ", ".join(names)) if names else words


def day_words(day: date) -> str:
    return date_format(day, "j F")


def days_words(first: date, last: date) -> str:
    """Return a span of days: 9 to 22 November."""
    same_month = (first.year, first.month) == (last.year, last.month)
    start = str(first.day) if same_month else day_words(first)
    return gettext("%(first)s to %(last)s") % {"first": start, "last": day_words(last)}
