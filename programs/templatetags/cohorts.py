"""What every page of a cohort shows of it."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from programs.models.programs import Cohort
from programs.queries.moves import timeline

register = template.Library()
register.simple_tag(timeline, name="cohort_phases")

Page = tuple[str, Promise, str]  # its key, its words, the name of its address
PAGES: tuple[tuple[Promise, tuple[Page, ...]], ...] = (
    (_("Overview"), (("overview", _("Overview"), "programs:cohort"),)),
    (
        _("People"),
        (
            ("people", _("Enrolled"), "programs:cohort_people"),
            ("training", _("Training"), "programs:cohort_training"),
            ("community", _("Community"), "programs:community"),
            ("recognition", _("Recognition"), "feedback:cohort_recognition"),
        ),
    ),
    (
        _("Pairing"),
        (
            ("matching", _("Matching"), "pairing:matching"),
            ("waiting", _("Waiting"), "pairing:waiting"),
            ("partnerships", _("Partnerships"), "pairing:partnerships"),
        ),
    ),
    (
        _("Meeting"),
        (
            ("sessions", _("Sessions"), "sessions:cohort_sessions"),
            ("check_ins", _("Check-ins"), "feedback:cohort_check_ins"),
        ),
    ),
    (
        _("Feedback"),
        (
            ("surveys", _("Surveys"), "feedback:cohort_surveys"),
            ("people_say", _("What people say"), "feedback:people_say"),
            ("review", _("Review"), "feedback:review"),
        ),
    ),
    (_("Report"), (("report", _("Report"), "metrics:report"),)),
)
# HR reads results; who takes part has a home of their own and meets no tabs
OPENS = {Member.Role.HR: ("surveys", "report"), Member.Role.PARTICIPANT: ()}


@dataclass(frozen=True)
class Tab:
    label: Promise
    url: str
    current: bool


@register.simple_tag
def cohort_tabs(member: Member, cohort: Cohort, tab: str) -> list[list[Tab]]:
    """Return the groups of a cohort's pages, and the pages of the group in which one is.

    A page that the member's role may not open is left out, and a group of one page is no row.
    """
    slug = member.organisation.slug
    opens = OPENS.get(Member.Role(member.role))
    groups: list[Tab] = []
    pages: list[Tab] = []
    for label, members in PAGES:
        tabs = {
            key: Tab(words, reverse(address, args=[slug, cohort.pk]), key == tab)
            for key, words, address in members
            if opens is None or key in opens
        }
        if not tabs:
            continue
        first = next(iter(tabs.values()))
        groups.append(Tab(label, first.url, tab in tabs))
        if tab in tabs:
            pages = list(tabs.values())
    return [groups, pages] if len(pages) > 1 else [groups]
