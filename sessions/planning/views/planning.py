"""Planning a season: times that suit, the dates they give, and what is done about holidays."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.common import clock
from core.common.dates import instant_of
from core.common.zones import zone_words
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from pairing.errors import PartnershipNotActive
from pairing.models.companions import Companion
from pairing.models.partnerships import Partnership, PartnershipQuerySet
from pairing.models.runs import MatchRun
from pairing.partnerships.cohorts import cohort_of
from pairing.partnerships.seats import acting_at, seat_of
from pairing.partnerships.views import managed
from pairing.seating.queries import without_partner
from programs.models.programs import Enrolment, EnrolmentQuerySet, Program
from sessions.errors import AfterItsEnd, SeasonAlreadyPlanned, SeasonTooLong, StartsInThePast
from sessions.models.sessions import Session
from sessions.planning.engine.cadence import Cadence
from sessions.planning.forms import PlanForm
from sessions.planning.operations import planning, undoing
from sessions.planning.queries import availability, polls
from sessions.planning.queries.clashes import clashes, seating_clashes


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def seat_clashes(request: MemberRequest, cohort_id: UUID, enrolment_id: UUID) -> HttpResponse:
    """Say where in a cohort somebody would have two sessions at once, before they are seated."""
    rows = Enrolment.objects.visible_to(request.member).filter(cohort=cohort_of(request, cohort_id))
    person = get_object_or_404(rows, pk=enrolment_id)
    places = Partnership.objects.visible_to(request.member).open().filter(cohort=cohort_id)
    return _seat_clashes(request, places, rows.filter(pk=person.pk))


@require_safe
@member_view(Permission.PARTNERSHIPS_MANAGE)
def seats_clashes(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Say who of those who wait would have two sessions at once, were they seated here."""
    partnership = managed(request, partnership_id)
    here = Partnership.objects.visible_to(request.member).filter(pk=partnership.pk)
    return _seat_clashes(request, here, without_partner(partnership.cohort))


@require_safe
@member_view(Permission.TAKE_PART)
def accompanied_sessions(request: MemberRequest, companion_id: UUID) -> HttpResponse:
    """Say to the mentor beside a circle when and where it meets: dates to come, and no words."""
    rows = Companion.objects.visible_to(request.member).beside_now()
    companion = get_object_or_404(rows.filter(member=request.member), pk=companion_id)
    context = {"sessions": availability.to_come(companion.partnership, at=clock.now())}
    return render(request, "sessions/_accompanied.html", context)


def _seat_clashes(
    request: MemberRequest, places: PartnershipQuerySet, people: EnrolmentQuerySet
) -> HttpResponse:
    context = {"warnings": seating_clashes(places, people, at=clock.now())}
    fragment = "sessions/_seat_clashes.html"
    return render(request, fragment if request.htmx else "sessions/seat_clashes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def plan_season(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = acting_at(request, partnership_id)
    if partnership.state != partnership.State.ACTIVE:
        raise PartnershipNotActive
    at = clock.now()
    gathering = availability.gather(partnership=partnership, at=at)
    rows = Session.objects.visible_to(request.member).upcoming(at)
    coming = list(rows.filter(partnership=partnership))
    if coming and "count" in request.POST:  # it was to be planned, and somebody did
        raise SeasonAlreadyPlanned
    proposals = availability.proposed_times(gathering=gathering, count=len(coming) or None)
    form = PlanForm(
        request.POST or None,
        initial=_initial(request, partnership.cohort.program, proposals, coming),
        moves=bool(coming),
        words=seat_of(partnership, request.member) is not None,
        links_itself=bool(request.organisation_settings.video_template),
    )
    warnings = [] if form.shows else _clashes_of(form, gathering, len(coming))
    if not (form.shows or warnings) and act(
        lambda: _plan(request, partnership, form, moves=bool(coming)),
        form,
        at={StartsInThePast: "first_at", AfterItsEnd: "first_at", SeasonTooLong: None},
    ):
        return redirect(
            "sessions:partnership_sessions", request.member.organisation.slug, partnership.pk
        )
    context = {
        "partnership": partnership,
        "proposals": proposals,
        "coming": coming,
        "zone": zone_words(gathering.zone),
        "poll": polls.poll_in_force(partnership),
        "warnings": warnings,
        **_preview(form, gathering, coming),
    }
    return form_page(request, "sessions/plan_season.html", form, context)


def _clashes_of(form: PlanForm, gathering: availability.Gathering, coming: int) -> list[str]:
    """Return who has another session at one of the dates, once; sent again it is saved."""
    if not form.is_valid() or form.warned():
        return []
    values = form.cleaned_data
    dates = availability.season_dates(
        gathering=gathering,
        first_at=values["first_at"],
        cadence=form.cadence,
        count=coming or values["count"],
    )
    overlaps = clashes(
        gathering.partnership,
        [date.starts_at for date in dates],
        minutes=gathering.program.session_minutes,
        at=gathering.at,
    )
    if overlaps:
        form.warn()
    return overlaps


def _initial(
    request: MemberRequest,
    program: Program,
    proposals: Sequence[availability.Proposal],
    coming: Sequence[Session],
) -> dict[str, object]:
    """Return what the form begins with: the time that was picked, or the best."""
    picked = instant_of(request.GET.get("first_at", "").replace(" ", "+"))
    return {
        "first_at": picked or proposals[0].starts_at,
        "cadence_every": program.cadence_every,
        "cadence_unit": program.cadence_unit,
        "count": program.sessions_planned,
        "place": coming[0].place if coming else "",
        "video_url": coming[0].video_url if coming else "",
    }


def _preview(
    form: PlanForm, gathering: availability.Gathering, coming: list[Session]
) -> dict[str, object]:
    """Return the dates that the form as it stands would give; none while it has mistakes."""
    if form.is_bound and not form.is_valid():
        return {"dates": (), "chosen": None}
    values = form.cleaned_data if form.is_bound else form.initial
    cadence = Cadence(values["cadence_every"], values["cadence_unit"])
    dates = availability.season_dates(
        gathering=gathering,
        first_at=values["first_at"],
        cadence=cadence,
        count=len(coming) or values["count"],
    )
    return {"dates": dates, "chosen": values["first_at"]}


def _plan(request: MemberRequest, partnership: Partnership, form: PlanForm, *, moves: bool) -> None:
    values = form.cleaned_data
    if moves:
        planned = planning.move_season(
            partnership=partnership,
            first_at=values["first_at"],
            cadence=form.cadence,
            place=values.get("place"),
            video_url=values.get("video_url"),
            by=request.member,
        )
        messages.success(request, _("The season has moved. Everybody gets one e-mail."))
        return
    planned = planning.plan_season(
        partnership=partnership,
        first_at=values["first_at"],
        cadence=form.cadence,
        count=values["count"],
        place=values["place"],
        video_url=values["video_url"] or None,
        by=request.member,
    )
    words = ngettext("%(n)d session is planned.", "%(n)d sessions are planned.", len(planned))
    messages.success(request, words % {"n": len(planned)})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def undo_publication(request: MemberRequest, run_id: UUID) -> HttpResponse:
    runs = MatchRun.objects.visible_to(request.member).for_list()
    run = get_object_or_404(runs, id=run_id)
    if request.method == "POST":
        undoing.undo_publication(run=run, by=request.member)
        words = _("The publication of run %(n)d is undone. Everybody can be matched again.")
        messages.success(request, words % {"n": run.number})
        return redirect("pairing:matching", request.member.organisation.slug, run.cohort_id)
    theirs = Partnership.objects.visible_to(request.member).filter(run=run)
    context = {
        "run": run,
        "cohort": run.cohort,
        "tab": "matching",
        "partnerships": theirs.count(),
        "published": run.state == MatchRun.State.PUBLISHED,
        "met": undoing.run_has_met(run, at=clock.now()),
    }
    return render(request, "sessions/undo_publication.html", context)
