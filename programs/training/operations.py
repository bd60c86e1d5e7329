"""Writing lessons, laying a path, doing a lesson, letting somebody off, and asking to learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.urls import reverse

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, enqueue_all, withdraw
from programs.errors import (
    AlreadyOnPath,
    NoCheckAnswered,
    OnlyAGateRequires,
    StepNotForPart,
    VersionOvertaken,
)
from programs.models.parts import free_key
from programs.models.programs import Cohort, Enrolment, Program
from programs.models.training import LessonFile, LessonProgress, LessonVersion, PathStep
from programs.operations.enrolments import parts_of
from programs.training.catalog import Lesson
from programs.training.queries import Path, lacking, lessons, paths_of

KIND = "programs.training"
QUIET = timedelta(days=3)  # after an acceptance: many read at once, and are not reminded
AT_ONCE = 200
ASKED_AGAIN_AFTER = timedelta(days=7)


@transaction.atomic
def write_lesson(*, lesson: Lesson, after: int | None, by: Member) -> LessonVersion:
    """Keep a new version of a lesson, or a new lesson where `after` is None; the old ones stay.

    Raises VersionOvertaken if somebody has written another version than the one named `after`.
    Who has done an earlier version has done the lesson.
    """
    key = lesson.key
    if after is None:
        key = free_key(lesson.title, set(lessons()))
    rows = LessonVersion.objects.filter(key=key)
    newest = rows.aggregate(newest=Max("version"))["newest"] or 0
    if after is not None and newest != after:
        raise VersionOvertaken
    with refusing("lesson_version_once", VersionOvertaken()):
        row = LessonVersion.objects.create(
            key=key,
            version=newest + 1,
            title=lesson.title,
            summary=lesson.summary,
            minutes=lesson.minutes,
            tags=list(lesson.tags),
            body=lesson.body,
            practice=lesson.practice,
            checks=[check.as_json() for check in lesson.checks],
            written_by=by,
        )
    record(by=by, verb="lesson.written", target=row, key=key, version=row.version)
    return row


@transaction.atomic
def add_file(*, key: str, name: str, kind: str, content: bytes, by: Member) -> LessonFile:
    """Keep a picture or a PDF beside a lesson; what it is has been read from its bytes."""
    row = LessonFile.objects.create(
        key=key, name=name[:120], kind=kind, content=content, uploaded_by=by
    )
    record(by=by, verb="lesson_file.added", target=row, key=key)
    return row


@transaction.atomic
def remove_file(*, file: LessonFile, by: Member) -> None:
    """Remove a file; a lesson that shows it shows its words instead."""
    record(by=by, verb="lesson_file.removed", target=file, key=file.key)
    LessonFile.objects.filter(pk=file.pk).delete()


@transaction.atomic
def add_step(
    *, program: Program, key: str, when: str, part: str = "", required: bool = False, by: Member
) -> PathStep:
    """Put a lesson on the path of a program.

    Raises StepNotForPart, OnlyAGateRequires (what comes later stops nobody), AlreadyOnPath.
    """
    if part and part not in parts_of(program):
        raise StepNotForPart
    if required and when not in PathStep.GATES:
        raise OnlyAGateRequires
    rows = PathStep.objects.on_path().filter(program=program)
    last = rows.aggregate(last=Max("position"))["last"]
    with refusing("path_step_once", AlreadyOnPath()):
        step = PathStep.objects.create(
            program=program,
            key=key,
            when=PathStep.When(when),
            part=part,
            required=required,
            position=0 if last is None else last + 1,
        )
    record(by=by, verb="path_step.added", target=program, key=key, required=required)
    return step


@transaction.atomic
def require_step(*, step: PathStep, required: bool, by: Member) -> None:
    """Let a lesson of the path close its gate, or only be offered.

    The step as it was is kept: who looks back sees since when it was required.
    Raises OnlyAGateRequires (what comes later stops nobody).
    """
    if required and not step.is_at_a_gate:
        raise OnlyAGateRequires
    rows = PathStep.objects.on_path().filter(pk=step.pk, required=not required)
    if not rows.update(removed_at=clock.now()):
        return
    PathStep.objects.create(
        program=step.program,
        key=step.key,
        part=step.part,
        when=step.when,
        required=required,
        position=step.position,
    )
    verb = "path_step.required" if required else "path_step.offered"
    record(by=by, verb=verb, target=step.program, key=step.key)


@transaction.atomic
def remove_step(*, step: PathStep, by: Member) -> None:
    """Take a lesson off the path; who has done it has done it."""
    rows = PathStep.objects.on_path().filter(pk=step.pk)
    if rows.update(removed_at=clock.now()):
        record(by=by, verb="path_step.removed", target=step.program, key=step.key)


@transaction.atomic
def do_lesson(*, lesson: Lesson, answers: Sequence[int | None], by: Member) -> bool:
    """Answer a lesson's check; say whether all is right, and then the lesson is done.

    Who answers wrongly reads why and tries again as often as they like: nothing is kept of it.
    Raises NoCheckAnswered where a question has no answer.
    """
    if len(answers) != len(lesson.checks) or None in answers:
        raise NoCheckAnswered
    wrong = [
        check for check, answer in zip(lesson.checks, answers, strict=True) if check.right != answer
    ]
    if wrong:
        return False
    rows = _progress(by, lesson.key)
    if rows.filter(done_at=None).update(done_at=clock.now(), version=lesson.version):
        record(by=by, verb="lesson.done", target=by, key=lesson.key)
        _take_back_questions(by)
    return True


def _progress(member: Member, key: str) -> Any:
    """Return the one row of a person and a lesson, made where there is none, as a queryset."""
    LessonProgress.objects.get_or_create(member=member, key=key)
    return LessonProgress.objects.filter(member=member, key=key)


@transaction.atomic
def bookmark(*, key: str, kept: bool, by: Member) -> None:
    """Keep a lesson to find it again, or do not any more."""
    _progress(by, key).update(bookmarked=kept)


@transaction.atomic
def let_off(*, enrolment: Enrolment, by: Member) -> int:
    """Let somebody off the required lessons that they have not done; how many.

    It is kept as the coordinator's act: the lessons are not done, and no figure counts them so.
    """
    path = paths_of([enrolment])[enrolment.pk]
    keys = {step.step.key for step in path.missing(*PathStep.GATES)}
    for key in keys:
        _progress(enrolment.member, key).update(let_off_at=clock.now(), let_off_by=by)
    if keys:
        record(by=by, verb="enrolment.let_off", target=enrolment, lessons=sorted(keys))
        _take_back_questions(enrolment.member)
    return len(keys)


def _take_back_questions(member: Member) -> None:
    """Ask nobody for what is done: take back what has not left yet and has nothing to ask."""
    unsent = Email.objects.filter(kind=KIND, member=member, sent_at=None, withdrawn_at=None)
    asked = {email.about_id for email in unsent if email.about_id}
    still = Enrolment.objects.filter(lacking(*PathStep.GATES), pk__in=asked)
    for about in asked - set(still.values_list("pk", flat=True)):
        withdraw(about=about, kind=KIND)


def ask_to_learn(*, at: datetime) -> int:
    """Write once to who holds a place and has not done what is required; how many.

    Before matching some days after the acceptance; before leading once they have a partner.
    """
    cohorts = Cohort.objects.exclude(phase__in=(Cohort.Phase.DRAFT, *Cohort.OVER))
    rows = Enrolment.objects.in_place().filter(cohort__in=cohorts, accepted_at__lte=at - QUIET)
    due = _unasked(PathStep.When.MATCHING, state=Enrolment.State.ACCEPTED)
    due |= _unasked(PathStep.When.LEAD, state=Enrolment.State.ACTIVE)
    return row_by_row(
        rows.filter(due).for_list().order_by("id"),
        lambda one: _ask([one], at="", by=None),
        most=AT_ONCE,
    )


def _unasked(when: PathStep.When, **place: str) -> Q:
    asked = Email.objects.filter(
        kind=KIND, about_id=OuterRef("pk"), dedupe_key__startswith=f"{KIND}:{when}:"
    )
    return Q(lacking(when), ~Exists(asked), **place)


@transaction.atomic
def remind(*, cohort: Cohort, by: Member) -> int:
    """Remind everybody of a cohort who has a required lesson to do; how many e-mails that were.

    Who was asked within the last days is left in peace.
    """
    rows = Enrolment.objects.in_place().filter(lacking(*PathStep.GATES), cohort=cohort)
    lately = Email.objects.filter(
        kind=KIND, about_id=OuterRef("pk"), created_at__gt=clock.now() - ASKED_AGAIN_AFTER
    )
    due = list(rows.exclude(Exists(lately)).for_list().order_by("id"))
    sent = _ask(due, at=clock.now().isoformat(timespec="seconds"), by=by)
    if sent:
        record(by=by, verb="cohort.reminded_to_learn", target=cohort, people=sent)
    return sent


def _ask(enrolments: Sequence[Enrolment], *, at: str, by: Member | None) -> int:
    drafts = [
        _draft(path.enrolment, when, [str(step.lesson) for step in path.missing(when)], at)
        for path in paths_of(enrolments).values()
        if path.enrolment.member.state == Member.State.LIVE and (when := _gate(path))
    ]
    enqueue_all(drafts)
    return len(drafts)


def _gate(path: Path) -> str:
    """Return the gate that lies before somebody: who has a partner is about to lead."""
    gates = list(PathStep.GATES)
    if path.enrolment.state == Enrolment.State.ACTIVE:
        gates.reverse()
    return next((gate for gate in gates if path.missing(gate)), "")


def _draft(enrolment: Enrolment, when: str, missing: Sequence[str], at: str) -> Draft:
    cohort = enrolment.cohort
    context: Mapping[str, object] = {
        "program": cohort.program.name,
        "cohort": cohort.name,
        "lessons": list(missing),
        "before_leading": when == PathStep.When.LEAD,
    }
    return Draft(
        member=enrolment.member,
        kind=KIND,
        program=cohort.program_id,
        dedupe_key=f"{KIND}:{when}:{enrolment.pk}:{at}",
        link=Link(page=reverse("programs:learn", args=[enrolment.member.organisation.slug])),
        context=context,
        about=enrolment.pk,
        cause=enrolment.pk,
    )


@transaction.atomic
def set_sponsor(*, cohort: Cohort, name: str, title: str, words: str, by: Member) -> Cohort:
    """Keep who of the leadership stands behind a cohort, and what they say to its people."""
    Cohort.objects.filter(pk=cohort.pk).update(
        sponsor_name=name.strip(), sponsor_title=title.strip(), sponsor_words=words.strip()
    )
    record(by=by, verb="cohort.sponsor_set", target=cohort)
    cohort.refresh_from_db()
    return cohort
