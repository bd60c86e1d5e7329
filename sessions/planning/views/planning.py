"""Planning a season: times that suit, the dates they give, and what is done about holidays."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.common import clock
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from pairing.errors import PartnershipNotActive
from pairing.models.partnerships import Partnership
from pairing.models.runs import MatchRun
from pairing.partnerships.seats import partnership_of
from programs.models.programs import Program
from sessions.errors import AfterItsEnd, SeasonAlreadyPlanned, SeasonTooLong, StartsInThePast
from sessions.models.sessions import Session
from sessions.planning.engine.cadence import Cadence
from sessions.planning.forms import PlanForm
from sessions.planning.operations import planning, undoing
from sessions.planning.queries import availability, polls


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def plan_season(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = partnership_of(request, partnership_id)
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
        links_itself=bool(request.organisation_settings.video_template),
    )
    if not form.shows and act(
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
        "zone": gathering.zone,
        "poll": polls.poll_in_force(partnership),
        **_preview(form, gathering, coming),
    }
    return form_page(request, "sessions/plan_season.html", form, context)


def _initial(
    request: MemberRequest,
    program: Program,
    proposals: Sequence[availability.Proposal],
    coming: Sequence[Session],
) -> dict[str, object]:
    """Return what the form begins with: the time that was picked, or the best."""
    picked = parse_datetime(request.GET.get("first_at", "").replace(" ", "+"))
    return {
        "first_at": picked if picked and is_aware(picked) else proposals[0].starts_at,
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
            place=values["place"],
            video_url=values["video_url"],
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
        words = _("Run %(n)d is taken back. Everybody can be matched again.")
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
