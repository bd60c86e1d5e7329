"""The one lifecycle of everything that people are asked: opened when due, answered, closed.

A survey is a file beside this one that ends in a Survey, and a row in `table.SURVEYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django import forms
from django.db import models, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core.common import clock, dates
from core.common.errors import DomainError
from core.members.links import is_theirs, remember_answer, settled_page, signed_link
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications.operations import Draft, enqueue_all
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.models import TenantModel
from core.ui.pages import BY_LINK, SIGNED_IN, act, form_page
from feedback.models.check_ins import CheckInNote
from feedback.models.fits import FitWords
from feedback.models.words import Audience
from pairing.models.partnerships import Partnership, Seat
from programs.queries.designs import coordinators_of
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LINK_AGE = timedelta(days=60)
SCALE = range(1, 6)
# the words of every scale that asks how much
EXTENT = (_("Not at all"), _("A little"), _("Partly"), _("Mostly"), _("Fully"))

# A body for stated readers, and the answer it belongs to.
Words: TypeAlias = CheckInNote | FitWords


@dataclass(frozen=True)
class Sheet:
    """What one person is shown: a template with its context and, where one can answer, a form.

    `open` in the context says whether an answer is still taken.  `keep` is called with what the
    form holds once it is valid.  `answered` says that there is an answer on it, which a link
    alone does not open; `after` returns what is said then: what is next.
    """

    template: str
    context: Mapping[str, object]
    form: forms.Form | None = None
    keep: Callable[[], object] = field(default=lambda: None)
    answered: bool = False
    after: Callable[[], Mapping[str, object]] = dict


@dataclass(frozen=True)
class Survey:
    """One kind of question.

    `purpose` stands in signed links and `address` below /o/<organisation>/.  `due` returns
    what is to be asked at an instant: rows of `opens`, not saved yet; `waiting` those that are open
    without an answer, of people who may be reminded of it then.  `again` is after how many days.
    """

    name: str
    purpose: str
    address: str
    due: Callable[[datetime], Sequence[Any]]
    email: Callable[[Any], Draft]
    sheet: Callable[[HttpRequest, Member, UUID], Sheet]
    opens: type[TenantModel]
    waiting: Callable[[datetime], QuerySet[Any]]
    again: Sequence[int] = ()

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
        """Show what is asked, or keep the answer; nothing is changed by looking.

        A link may be forwarded: once there is an answer, or it is over, it says only that, unless
        this browser gave the answer in this sitting or its person is signed in.
        """
        sheet = self.sheet(request, member, object_id)
        theirs = frame == SIGNED_IN or is_theirs(request, member, object_id)
        own_page = self.address_of(member, object_id)
        # what comes too late is said at the form, with everything typed
        over = not sheet.context["open"] and request.method != "POST"
        if not theirs and (sheet.answered or sheet.form is None or over):
            if request.method == "POST":
                return redirect(request.path)
            return settled_page(request, member, own_page=own_page, answered=sheet.answered)
        page = {
            "frame": frame,
            "signed_in": frame == SIGNED_IN,
            "member": member,
            "somebody_else": _somebody_else(request, member),
            "own_page": own_page,
            **(sheet.after() if sheet.answered or sheet.form is None else {}),
        }
        form = sheet.form
        if form is not None and act(sheet.keep, form):
            if not theirs:
                remember_answer(request, member, object_id)
            return redirect(request.path)
        return form_page(request, sheet.template, form, {**page, **sheet.context})

    def address_of(self, member: Member, object_id: UUID) -> str:
        """Return the path of the page for those who are signed in."""
        return reverse(f"feedback:{self.name}", args=[member.organisation.slug, object_id])


def _somebody_else(request: HttpRequest, member: Member) -> str:
    """Return who is signed in, if it is somebody else than whose link this is."""
    signed_in = request.user.is_authenticated and request.user.pk != member.user_id
    return str(request.user) if signed_in else ""


def next_time(partnership: Partnership, member: Member) -> dict[str, object]:
    """Return what a page says after an answer: when this partnership meets next."""
    sessions = Session.objects.visible_to(member).upcoming(clock.now())
    return {
        "partnership": partnership,
        "next_session": sessions.filter(partnership=partnership).first(),
    }


def open_due(survey: Survey, *, at: datetime) -> int:
    """Ask whoever is to be asked, once each, with an e-mail; return how many were.

    Safe to repeat: the unique constraint of the rows decides between two workers.
    """
    rows = survey.due(at)
    return _open(survey, rows, at) if rows else 0  # mostly nobody: then without a savepoint


@transaction.atomic
def _open(survey: Survey, rows: Sequence[Any], at: datetime) -> int:
    ours = _ours(survey.opens, rows)
    for days in survey.again if ours else ():
        due.mark(at=at + timedelta(days=days))
    return len(enqueue_all([survey.email(row) for row in ours]))


def _ours(model: type[TenantModel], rows: Sequence[Any]) -> list[Any]:
    """Save these rows and return those that nobody else had saved."""
    model._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    saved = model._default_manager.filter(pk__in=[row.pk for row in rows])
    ids = set(saved.values_list("pk", flat=True))
    return [row for row in rows if row.pk in ids]


def to_remind(after: Sequence[int], at: datetime) -> Q:
    """Return of which rows a reminder is due: so many days after it was opened, each once.

    `reminders` of a row is the number of its last one; of several that are due the last counts.
    """
    due = Q()
    for number, days in enumerate(after, 1):
        due |= Q(reminders__lt=number, opened_at__lte=at - timedelta(days=days))
    return due


def reminder_of(after: Sequence[int], opened_at: datetime, at: datetime) -> int:
    """Return the number of the last reminder whose day has come for what was opened then."""
    return sum(opened_at <= at - timedelta(days=days) for days in after)


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


def coordinators_told(seat: Seat) -> list[Member]:
    """Return who reads "my coordinator" today: who runs the program and never sat at the table.

    The database decides the same at each reading (RUNS_THE_SEATS_PROGRAM in its migration).
    """
    table = Seat.objects.filter(partnership_id=seat.partnership_id)
    partners = set(table.values_list("enrolment__member", flat=True))
    people = coordinators_of(seat.partnership.cohort.program)
    return [member for member in people if member.pk not in partners]


def readers_of(seat: Seat, choice: Readers) -> list[UUID]:
    """Return who is named as a reader of words from this seat: their author, maybe partners."""
    others = partners_of(seat) if choice == Readers.PARTNERS else []
    return [seat.enrolment.member_id, *(member.pk for member in others)]


def keep_words(
    model: type[Words], by: Member, text: str, *, seat: Seat, readers: Readers, **about: TenantModel
) -> None:
    """Write words as their author: nobody else could change them, or see that they are there.

    Words that are taken back leave an empty row: the database lets nobody delete bodies.
    """
    values = {
        "text": text.strip(),
        "readers": readers_of(seat, readers),
        "audience": Audience.COORDINATOR if readers == Readers.COORDINATOR else "",
    }
    with tenant(current_organisation_id(), member=by.pk):
        if not model.objects.filter(**about).update(**values) and text.strip():
            model.objects.create(**about, **values)


def readers_chosen(words: Words | None) -> Readers:
    """Return the choice that the stored readers stand for."""
    if words is None:
        return Readers.ME
    if words.audience == Audience.COORDINATOR:
        return Readers.COORDINATOR
    return Readers.PARTNERS if len(words.readers) > 1 else Readers.ME


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
    """Return a day in the language of who reads it: an e-mail is written by somebody else."""
    return dates.day_words(day, "j F")


def _days_words(first: date, last: date) -> str:
    """Return a span of days: 9 to 22 November."""
    same_month = (first.year, first.month) == (last.year, last.month)
    start = dates.day_words(first, "j") if same_month else day_words(first)
    return gettext("%(first)s to %(last)s") % {"first": start, "last": day_words(last)}


days_words = lazy(_days_words, str)
