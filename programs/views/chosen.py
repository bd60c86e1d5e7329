"""Many people at once, chosen on the list of people: enrolled in a cohort."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.accounts.queries import PeopleFilter
from core.common.ids import ids_in
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.forms.chosen import EnrolChosenForm
from programs.models.programs import Enrolment
from programs.operations import imports

MOST_AT_ONCE = 1000
NAMED = 100


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def enrol_chosen(request: MemberRequest) -> HttpResponse:
    """Show who was chosen and ask where they enrol, then do it: those ticked, or all filtered."""
    wanted = PeopleFilter.read(request.GET)
    rows = wanted.apply(Member.objects.visible_to(request.member)).reachable()
    if "all" not in request.POST:
        rows = rows.filter(pk__in=ids_in(request.POST.getlist("person")))
    people = list(rows.select_related("organisation").order_by("family_name", "id")[:MOST_AT_ONCE])
    sent = "confirm" in request.POST and bool(people)
    form = EnrolChosenForm(request.POST if sent else None, by=request.member)
    done: list[Enrolment] = []

    def enrol() -> bool:
        done.extend(
            imports.enrol_chosen(
                cohort=form.cleaned_data["cohort"],
                members=people,
                part=form.cleaned_data["part"],
                by=request.member,
            )
        )
        return True

    if act(enrol, form):
        messages.success(request, _summary(done, len(people)))
        cohort = form.cleaned_data["cohort"]
        return redirect("programs:cohort_people", request.member.organisation.slug, cohort.pk)
    context = {
        "people": people[:NAMED],
        "number": len(people),
        "beyond": max(0, len(people) - NAMED),
        "ids": [] if "all" in request.POST else [person.pk for person in people],
        "query": wanted.url(),
    }
    return form_page(request, "programs/enrol_chosen.html", form, context)


def _summary(done: list[Enrolment], chosen: int) -> str:
    places = sum(enrolment.state == Enrolment.State.ACCEPTED for enrolment in done)
    counts = {
        _("Enrolled: %(n)s."): places,
        _("On the waiting list: %(n)s."): len(done) - places,
        _("In the cohort before: %(n)s."): chosen - len(done),
    }
    return " ".join(words % {"n": n} for words, n in counts.items() if n)
