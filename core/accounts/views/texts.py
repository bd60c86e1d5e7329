"""Texts of e-mails: the list of an organisation or a program, and one text with its preview."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.accounts.forms import EmailTextForm
from core.accounts.operations import texts as operations
from core.accounts.views.answers import settings_tabs
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.notifications.kinds import CASES, CHAPTERS, KINDS
from core.notifications.markdown import as_line
from core.notifications.models import EmailText
from core.notifications.render import Words, in_frame, reader
from core.notifications.texts import (
    USUAL,
    EmailTemplate,
    Text,
    examples,
    examples_of_programs,
    filled,
    kinds,
)
from core.ui.pages import act, form_page

# a preview is an e-mail with its style inline, in a frame that runs no script
shows_emails = csp_update({"style-src-attr": ["'unsafe-inline'"]})


@dataclass(frozen=True)
class TextsPlace:
    """Where texts are edited: the organisation (no program), or one of its programs."""

    list_url: str
    url: Callable[[str, str], str]
    program_id: UUID | None = None

    def kinds(self) -> Iterator[tuple[EmailTemplate, str]]:
        """Yield what can be edited here."""
        yield from examples_of_programs() if self.program_id else examples()

    def find(self, name: str, case: str) -> EmailTemplate:
        if (name, case) not in {(kind.name, each) for kind, each in self.kinds()}:
            raise Http404
        return kinds()[name]

    def own(self, member: Member) -> dict[tuple[str, str], EmailText]:
        rows = EmailText.objects.visible_to(member).filter(program_id=self.program_id)
        return {(row.kind, row.case): row for row in rows}

    def before(self, member: Member, kind: EmailTemplate, case: str) -> Text:
        """Return what is said here without a text of its own, its variables in place."""
        if self.program_id:
            above = EmailText.objects.visible_to(member).in_force(kind.name, case, None)
            if above:
                return above.text
        return kind.start(case)


@dataclass(frozen=True)
class _Row:
    subject: str
    words: str
    url: str
    own: bool


@require_safe
@member_view(Permission.SETTINGS_MANAGE)
def texts(request: MemberRequest) -> HttpResponse:
    context = {"tabs": settings_tabs(request.member, "accounts:texts")}
    return texts_page(request, "accounts/texts.html", _organisation(request), context)


@require_http_methods(["GET", "HEAD", "POST"])
@shows_emails
@member_view(Permission.SETTINGS_MANAGE)
def text(request: MemberRequest, kind: str, case: str) -> HttpResponse:
    return text_page(request, _organisation(request), kind, case)


def _organisation(request: MemberRequest) -> TextsPlace:
    slug = request.member.organisation.slug
    return TextsPlace(
        list_url=reverse("accounts:texts", args=[slug]),
        url=lambda kind, case: reverse("accounts:text", args=[slug, kind, case]),
    )


def texts_page(
    request: MemberRequest, template: str, place: TextsPlace, context: Mapping[str, object]
) -> HttpResponse:
    """Show every e-mail by its subject, and which of them this place has made its own."""
    own = place.own(request.member)
    chapters: dict[str, list[_Row]] = {app: [] for app in CHAPTERS}
    for kind, case in place.kinds():
        row = own.get((kind.name, case))
        said = row.text if row else place.before(request.member, kind, case)
        chapters[kind.name.partition(".")[0]].append(
            _Row(
                as_line(_with_examples(kind, case, said).subject),
                _words(kind.name, case),
                place.url(kind.name, case),
                row is not None,
            )
        )
    named = [(CHAPTERS[app], rows) for app, rows in chapters.items() if rows]
    return render(request, template, {"chapters": named, "place": place, **context})


def text_page(request: MemberRequest, place: TextsPlace, name: str, case: str) -> HttpResponse:
    """Edit one text: what is typed is shown to a person of one's choice before it is saved."""
    kind = place.find(name, case)
    own = place.own(request.member).get((name, case))
    before = place.before(request.member, kind, case)
    if own and request.POST.get("do") == "restore":
        operations.restore_text(text=own, by=request.member)
        messages.success(request, _("The text is as it was before."))
        return redirect(place.url(name, case))
    form = EmailTextForm(
        request.POST or None,
        text=own.text if own else before,
        variables=kind.variables(case),
        by=request.member,
    )
    if request.POST.get("do") != "preview" and act(
        lambda: operations.edit_text(
            kind=name, case=case, program_id=place.program_id, by=request.member, **form.words
        ),
        form,
    ):
        return _saved(request, place, name, case)
    context = {
        "place": place,
        "kind": kind,
        "words": _words(name, case),
        "usual": case == USUAL,
        "own": own,
        "variables": kind.variables(case),
        "preview": _preview(request.member, kind, case, form),
    }
    return form_page(request, "accounts/text.html", form, context)


def _words(name: str, case: str) -> str:
    """Return what an e-mail is about: one of a kind's cases by what is different in it."""
    about = str(KINDS[name].words)
    if case == USUAL:
        return about
    return _("%(about)s: %(case)s") % {"about": about, "case": CASES[name][case]}


def _saved(request: MemberRequest, place: TextsPlace, name: str, case: str) -> HttpResponse:
    if request.POST.get("do") == "test":
        operations.send_test(kind=name, case=case, program_id=place.program_id, by=request.member)
        messages.success(
            request,
            _("The text is saved, and a test is on its way to %(email)s.")
            % {"email": request.member.email},
        )
    else:
        messages.success(request, _("The text is saved."))
    return redirect(place.url(name, case))


def _preview(member: Member, kind: EmailTemplate, case: str, form: EmailTextForm) -> Words | None:
    """Return the e-mail as the person who is chosen would read it, with invented values."""
    if form.is_bound and not form.is_valid():
        return None
    values = kind.example(case) | reader(form.shown_to, member.organisation)
    _ours, passages = kind.ours(values)
    return in_frame(
        kind.name,
        filled(form.typed, values, passages),
        organisation=member.organisation.name,
        link=f"{settings.SITE_URL}/",
        unsubscribe_link=f"{settings.SITE_URL}/" if KINDS[kind.name].can_be_muted else "",
    )


def _with_examples(kind: EmailTemplate, case: str, said: Text) -> Text:
    values = kind.example(case)
    _ours, passages = kind.ours(values)
    return filled(said, values, passages)
