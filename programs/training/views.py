"""Lessons: a person's way through them, the library, and how a cohort is getting on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common.pages import page
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.models.parts import MeetingRole
from programs.models.programs import Enrolment
from programs.models.training import LessonFile, LessonProgress, LessonVersion, PathStep
from programs.training import operations, queries
from programs.training.catalog import Lesson, sponsor_guide
from programs.training.forms import (
    CheckForm,
    FileForm,
    LessonForm,
    LibraryForm,
    SponsorForm,
    StepForm,
)
from programs.views.common import find_cohort, find_enrolment, find_program

methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@member_view(Permission.TAKE_PART)
def learn(request: MemberRequest) -> HttpResponse:
    """My path through the lessons, and the library of all of them."""
    form = LibraryForm(request.GET or None)
    wanted: dict[str, Any] = {"q": "", "tag": "", "kept": False}
    if form.is_valid():
        wanted = form.cleaned_data
    context = {
        "form": form if form.is_bound else LibraryForm(),
        "paths": queries.my_paths(request.member),
        "entries": queries.library(
            request.member, words=wanted["q"], tag=wanted["tag"], bookmarked=wanted["kept"]
        ),
        "tags": queries.tags(),
        "wanted": wanted,
        "writes": can(request.member, Permission.PROGRAMS_MANAGE),
    }
    return render(request, "programs/training/learn.html", context)


@methods
@member_view(Permission.TAKE_PART)
def lesson(request: MemberRequest, lesson_key: str) -> HttpResponse:
    """Read a lesson, and answer its check: right answers to all of it make it done."""
    one = _lesson(lesson_key)
    form = CheckForm(request.POST or None, lesson=one)
    done = act(
        lambda: operations.do_lesson(lesson=one, answers=form.answers, by=request.member), form
    )
    told = form.told() if done else []
    if done and all(right for _check, _answer, right in told):
        messages.success(request, _("Lesson done: %(lesson)s.") % {"lesson": one.title})
    return form_page(request, "programs/training/lesson.html", form, _page_of(request, one, told))


def _lesson(key: str) -> Lesson:
    try:
        return queries.lessons()[key]
    except KeyError:
        raise Http404 from None


def _page_of(request: MemberRequest, one: Lesson, told: object) -> dict[str, object]:
    slug = request.member.organisation.slug
    mine = LessonProgress.objects.visible_to(request.member).filter(member=request.member)
    files = LessonFile.objects.visible_to(request.member).filter(key=one.key)
    return {
        "lesson": one,
        "body": queries.html_of(one.body, slug),
        "practice": queries.html_of(one.practice, slug, lowest=True),
        "progress": mine.filter(key=one.key).first(),
        "files": [file for file in files.defer("content") if not file.is_picture],
        "told": told,
        "writes": can(request.member, Permission.PROGRAMS_MANAGE),
        "next": _next(request, one),
    }


def _next(request: MemberRequest, one: Lesson) -> Lesson | None:
    """Return the lesson to read after this one: on a path of mine, or else in the library."""
    for path in queries.my_paths(request.member):
        step = path.next_step
        if step and step.lesson.key != one.key:
            return step.lesson
    return None


@require_POST
@member_view(Permission.TAKE_PART)
def bookmark(request: MemberRequest, lesson_key: str) -> HttpResponse:
    one = _lesson(lesson_key)
    operations.bookmark(key=one.key, kept=request.POST.get("kept") == "yes", by=request.member)
    return redirect("programs:lesson", request.member.organisation.slug, one.key)


@require_safe
@member_view(Permission.TAKE_PART)
def lesson_file(request: MemberRequest, lesson_file_id: UUID) -> HttpResponse:
    """A picture inside a lesson, or a PDF beside it; neither runs anything of its own."""
    rows = LessonFile.objects.visible_to(request.member)
    file = get_object_or_404(rows, pk=lesson_file_id)
    answer = HttpResponse(bytes(file.content), content_type=file.kind)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if not file.is_picture:
        answer["Content-Disposition"] = 'attachment; filename="lesson.pdf"'
    return answer


@require_safe
@member_view(Permission.TAKE_PART)
def guide_for_sponsors(request: MemberRequest) -> HttpResponse:
    """One page for leaders: why they stand behind peer mentoring, and what that asks of them."""
    text = queries.html_of(sponsor_guide(), request.member.organisation.slug)
    return render(request, "programs/training/sponsors.html", {"text": text})


@require_safe
@member_view(Permission.TAKE_PART)
def role_lesson(request: MemberRequest, meeting_role_id: UUID) -> HttpResponse:
    """The kit of a role, with the lesson that helps; a session's kit borrows the lesson."""
    rows = MeetingRole.objects.visible_to(request.member).select_related("program", "competency")
    role = get_object_or_404(rows, pk=meeting_role_id)
    found = queries.lesson_for_role(role)
    slug = request.member.organisation.slug
    practice = queries.html_of(found.practice, slug, lowest=True) if found else ""
    context = {"role": role, "lesson": found, "practice": practice}
    template = "_role_lesson.html" if request.htmx else "role_lesson.html"
    return render(request, f"programs/training/{template}", context)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def new_lesson(request: MemberRequest) -> HttpResponse:
    form = LessonForm(request.POST or None)
    row = act(
        lambda: operations.write_lesson(lesson=form.lesson(""), after=None, by=request.member), form
    )
    if row:
        return redirect("programs:lesson", request.member.organisation.slug, row.key)
    return form_page(request, "programs/training/edit_lesson.html", form)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def edit_lesson(request: MemberRequest, lesson_key: str) -> HttpResponse:
    """Write the next version; of one of ours it is the organisation's own from then on."""
    one = _lesson(lesson_key)
    form = LessonForm(request.POST or None, lesson=one)
    after = request.POST.get("after", "")
    if act(
        lambda: operations.write_lesson(
            lesson=form.lesson(one.key),
            after=int(after) if after.isdecimal() else one.version,
            by=request.member,
        ),
        form,
    ):
        messages.success(request, _("Saved as a new version. Everybody reads this one now."))
        return redirect("programs:lesson", request.member.organisation.slug, one.key)
    rows = LessonFile.objects.visible_to(request.member).filter(key=one.key).defer("content")
    context = {
        "lesson": one,
        "after": after or one.version,
        "versions": queries.versions_of(one.key),
        "files": rows.order_by("id"),
        "file_form": FileForm(),
    }
    return form_page(request, "programs/training/edit_lesson.html", form, context)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def lesson_version(request: MemberRequest, lesson_version_id: UUID) -> HttpResponse:
    """An earlier version, as it was read then."""
    rows = LessonVersion.objects.visible_to(request.member).select_related("written_by")
    row = get_object_or_404(rows, pk=lesson_version_id)
    slug = request.member.organisation.slug
    context = {"row": row, "body": queries.html_of(row.body, slug)}
    return render(request, "programs/training/version.html", context)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def add_lesson_file(request: MemberRequest, lesson_key: str) -> HttpResponse:
    one = _lesson(lesson_key)
    form = FileForm(request.POST or None, request.FILES or None)
    if act(lambda: _keep_file(request, one, form), form):
        return redirect("programs:edit_lesson", request.member.organisation.slug, one.key)
    return form_page(request, "programs/training/add_file.html", form, {"lesson": one})


def _keep_file(request: MemberRequest, one: Lesson, form: FileForm) -> LessonFile:
    name, upload = form.cleaned_data["file"]
    return operations.add_file(
        key=one.key, name=name, kind=upload.kind, content=upload.content, by=request.member
    )


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_lesson_file(request: MemberRequest, lesson_file_id: UUID) -> HttpResponse:
    rows = LessonFile.objects.visible_to(request.member).defer("content")
    file = get_object_or_404(rows, pk=lesson_file_id)
    operations.remove_file(file=file, by=request.member)
    messages.success(request, _("%(name)s is removed.") % {"name": file.name})
    return redirect("programs:edit_lesson", request.member.organisation.slug, file.key)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def program_training(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """The path of a program: which lessons, for whom, when, and which of them are required."""
    program = find_program(request, program_id)
    form = StepForm(request.POST or None, program=program, lessons=list(queries.lessons().values()))
    if act(
        lambda: operations.add_step(program=program, by=request.member, **form.cleaned_data), form
    ):
        messages.success(request, _("The lesson is on the path."))
        return redirect("programs:program_training", program.organisation.slug, program.pk)
    context = {"program": program, "steps": queries.steps_of(program)}
    return form_page(request, "programs/training/path.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def require_step(request: MemberRequest, step_id: UUID) -> HttpResponse:
    """Let a lesson close its gate, or only be offered; a gate alone has the button."""
    step = _step(request, step_id)
    required = request.POST.get("required") == "yes"
    operations.require_step(step=step, required=required, by=request.member)
    required_words = _("The lesson is required. Who has done it already is through.")
    offered_words = _("The lesson is offered. It keeps nobody from a partner or from leading.")
    messages.success(request, required_words if required else offered_words)
    return redirect("programs:program_training", request.member.organisation.slug, step.program_id)


def _step(request: MemberRequest, step_id: UUID) -> PathStep:
    rows = PathStep.objects.visible_to(request.member).on_path().select_related("program")
    return get_object_or_404(rows, pk=step_id)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_step(request: MemberRequest, step_id: UUID) -> HttpResponse:
    step = _step(request, step_id)
    operations.remove_step(step=step, by=request.member)
    messages.success(request, _("The lesson is off the path. Who has done it has done it."))
    return redirect("programs:program_training", request.member.organisation.slug, step.program_id)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def cohort_training(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """How far a cohort's people are; its button reminds those who have something required to do."""
    cohort = find_cohort(request, cohort_id)
    if request.method == "POST":
        sent = operations.remind(cohort=cohort, by=request.member)
        messages.success(request, _reminded(sent))
        return redirect("programs:cohort_training", cohort.organisation.slug, cohort.pk)
    rows = Enrolment.objects.visible_to(request.member).in_place().filter(cohort=cohort)
    shown = page(rows.for_list(), order="member__family_name", cursor=request.GET.get("after", ""))
    context = {
        "cohort": cohort,
        "counts": queries.counts_of(cohort),
        "behind": queries.untrained(rows, *PathStep.GATES).count(),
        "people": rows.count(),
        "page": shown,
        "paths": list(queries.paths_of(shown.rows).values()),
    }
    return render(request, "programs/training/cohort.html", context)


def _reminded(sent: int) -> str:
    if not sent:
        return _("Nobody is reminded: everybody was asked within the last week, or has done it.")
    return ngettext("%(n)d person is reminded.", "%(n)d people are reminded.", sent) % {"n": sent}


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def let_off(request: MemberRequest, enrolment_id: UUID) -> HttpResponse:
    """Let somebody off what they have not done, having said what that means."""
    enrolment = find_enrolment(request, enrolment_id)
    if request.method == "POST":
        operations.let_off(enrolment=enrolment, by=request.member)
        words = _("%(name)s is let off the required lessons.") % {"name": enrolment.member}
        messages.success(request, words)
        slug = request.member.organisation.slug
        return redirect("programs:cohort_training", slug, enrolment.cohort_id)
    path = queries.paths_of([enrolment])[enrolment.pk]
    context = {"enrolment": enrolment, "missing": path.missing(*PathStep.GATES)}
    return render(request, "programs/training/let_off.html", context)


@methods
@member_view(Permission.PROGRAMS_MANAGE)
def edit_sponsor(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    form = SponsorForm(request.POST or None, cohort=cohort)
    if act(
        lambda: operations.set_sponsor(cohort=cohort, by=request.member, **form.cleaned_data), form
    ):
        return redirect(cohort)
    return form_page(request, "programs/training/edit_sponsor.html", form, {"cohort": cohort})
