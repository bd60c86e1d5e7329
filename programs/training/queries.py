"""Lessons as they are read now, what a path asks of whom, and who has done it.

`lacking` is the one statement of the gate: pairing and rotation ask it, and pages explain it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.lookups import Exact
from django.urls import reverse

from core.members.models import Member
from programs.models.parts import MeetingRole
from programs.models.programs import Cohort, Enrolment, EnrolmentQuerySet, Program
from programs.models.training import (
    LessonProgress,
    LessonVersion,
    PathStep,
    Workshop,
    WorkshopPlace,
)
from programs.templates_catalog import ProgramTemplate
from programs.training.catalog import FOR_ROLE, Check, Lesson, lessons_of_ours
from programs.training.markdown import as_html

When = PathStep.When
BOTH = (Enrolment.Part.MENTOR, Enrolment.Part.MENTEE)
SATISFIED = Q(done_at__isnull=False) | Q(let_off_at__isnull=False)


def lessons() -> dict[str, Lesson]:
    """Return every lesson as it is read now, ours first and in their order, then one's own."""
    newest = LessonVersion.objects.order_by("key", "-version").distinct("key")
    own = {row.key: lesson_from(row) for row in newest}
    ours = {key: own.pop(key, lesson) for key, lesson in lessons_of_ours().items()}
    return ours | {lesson.key: lesson for lesson in sorted(own.values(), key=str)}


def lesson_from(row: LessonVersion) -> Lesson:
    return Lesson(
        key=row.key,
        title=row.title,
        summary=row.summary,
        minutes=row.minutes,
        tags=tuple(row.tags),
        body=row.body,
        practice=row.practice,
        checks=tuple(Check.from_json(check) for check in row.checks),
        version=row.version,
    )


def versions_of(key: str) -> list[LessonVersion]:
    rows = LessonVersion.objects.filter(key=key).select_related("written_by")
    return list(rows.order_by("-version"))


def files_address(slug: str) -> str:
    """Return where the files of lessons lie, with `{id}` for which."""
    probe = UUID(int=0)
    address: str = reverse("programs:lesson_file", args=[slug, probe])
    return address.replace(str(probe), "{id}")


def html_of(text: str, slug: str, *, lowest: bool = False) -> str:
    return as_html(text, files=files_address(slug), lowest=lowest)


def lacking(
    *when: str,
    member: str = "member",
    program: str = "cohort__program",
    part: str = "part",
) -> Exists:
    """Say of a row whether a lesson that is required at these gates has not been done.

    `member`, `program` and `part` are the paths to them from the row: usually an Enrolment.
    """
    done = LessonProgress.objects.filter(
        SATISFIED, member=OuterRef(OuterRef(member)), key=OuterRef("key")
    )
    both = Exact(OuterRef(part), Value(str(Enrolment.Part.BOTH)))
    steps = (
        PathStep.objects.on_path()
        .annotate(_of_both=ExpressionWrapper(both, output_field=BooleanField()))
        .filter(
            Q(part="") | Q(part=OuterRef(part)) | Q(part__in=BOTH, _of_both=True),
            program=OuterRef(program),
            when__in=when,
            required=True,
        )
    )
    return Exists(steps.filter(~Exists(done)))


def untrained(enrolments: EnrolmentQuerySet, *when: str) -> EnrolmentQuerySet:
    """Return those of the enrolments whose person has a required lesson still to do."""
    return enrolments.filter(lacking(*when))


@dataclass(frozen=True)
class StepOnPath:
    """One lesson of somebody's path, and how far they are with it."""

    step: PathStep
    lesson: Lesson
    done: bool
    let_off: bool = False

    @property
    def is_missing(self) -> bool:
        return self.step.required and not (self.done or self.let_off)


def applies(step: PathStep, part: str) -> bool:
    """Say whether a step is for somebody in that part."""
    return step.part in {"", part} or (part == Enrolment.Part.BOTH and step.part in BOTH)


@dataclass(frozen=True)
class Path:
    """What one enrolment asks its person to learn, in order."""

    enrolment: Enrolment
    steps: tuple[StepOnPath, ...]

    def missing(self, *when: str) -> list[StepOnPath]:
        return [step for step in self.steps if step.is_missing and step.step.when in when]

    @property
    def before_matching(self) -> list[StepOnPath]:
        return self.missing(When.MATCHING)

    @property
    def before_leading(self) -> list[StepOnPath]:
        return self.missing(When.LEAD)

    @property
    def required(self) -> int:
        return sum(step.step.required for step in self.steps)

    @property
    def done(self) -> int:
        return sum(step.done or step.let_off for step in self.steps)

    @property
    def next_step(self) -> StepOnPath | None:
        """Return what to read next: what is required first, then the rest of the path."""
        left = [step for step in self.steps if not (step.done or step.let_off)]
        return next((step for step in left if step.step.required), next(iter(left), None))


def paths_of(enrolments: Sequence[Enrolment]) -> dict[UUID, Path]:
    """Return the path of each of these enrolments, in a fixed number of statements."""
    known = lessons()
    steps: dict[UUID, list[PathStep]] = defaultdict(list)
    programs = {enrolment.cohort.program_id for enrolment in enrolments}
    for step in PathStep.objects.on_path().filter(program__in=programs):
        if step.key in known:
            steps[step.program_id].append(step)
    progress = progress_of(enrolment.member_id for enrolment in enrolments)
    order = {when: place for place, when in enumerate(When.values)}
    paths = {}
    for enrolment in enrolments:
        mine = [s for s in steps[enrolment.cohort.program_id] if applies(s, enrolment.part)]
        mine.sort(key=lambda step: (order[step.when], step.position, step.pk))
        paths[enrolment.pk] = Path(
            enrolment,
            tuple(
                StepOnPath(
                    step,
                    known[step.key],
                    done=bool(row and row.done_at),
                    let_off=bool(row and row.let_off_at),
                )
                for step in mine
                for row in [progress.get((enrolment.member_id, step.key))]
            ),
        )
    return paths


def progress_of(members: Iterable[UUID]) -> dict[tuple[UUID, str], LessonProgress]:
    rows = LessonProgress.objects.filter(member__in=set(members))
    return {(row.member_id, row.key): row for row in rows}


def my_paths(member: Member) -> list[Path]:
    """Return the paths of this person's enrolments that are not over, where there is one."""
    rows = Enrolment.objects.filter(
        member=member, state__in=(*Enrolment.UNDECIDED, *Enrolment.IN_PLACE)
    ).exclude(cohort__phase__in=Cohort.OVER)
    enrolments = list(rows.for_list().order_by("applied_at", "id"))
    return [path for path in paths_of(enrolments).values() if path.steps]


def to_learn(member: Member) -> list[Path]:
    """Return the paths on which something required is missing: what waits for this person."""
    if not PathStep.objects.on_path().filter(required=True).exists():
        return []
    return [path for path in my_paths(member) if path.missing(*PathStep.GATES)]


def missing_titles(enrolment: Enrolment, *when: str) -> list[str]:
    """Return the titles of the lessons that stand between this person and a gate."""
    path = paths_of([enrolment])[enrolment.pk]
    return [str(step.lesson) for step in path.missing(*when)]


def lesson_for_role(role: MeetingRole) -> Lesson | None:
    """Return the lesson that helps whoever holds a role, if there is one."""
    keys = [role.key, role.competency.key if role.competency else ""]
    found = (FOR_ROLE.get(key.replace("_", "-")) for key in keys)
    key = next((key for key in found if key), None)
    return lessons()[key] if key else None


@dataclass(frozen=True)
class LibraryEntry:
    lesson: Lesson
    done: bool
    bookmarked: bool


def library(
    member: Member, *, words: str = "", tag: str = "", bookmarked: bool = False
) -> list[LibraryEntry]:
    """Return the lessons that hold all the words, each with what this person has done of it."""
    progress = {key: row for (_who, key), row in progress_of([member.pk]).items()}
    wanted = words.casefold().split()
    entries = []
    for lesson in lessons().values():
        row = progress.get(lesson.key)
        text = " ".join(
            (lesson.title, lesson.summary, *lesson.tags, lesson.body, lesson.practice)
        ).casefold()
        kept = bool(row and row.bookmarked)
        fits = all(word in text for word in wanted) and (not tag or tag in lesson.tags)
        if fits and (kept or not bookmarked):
            entries.append(LibraryEntry(lesson, bool(row and row.done_at), kept))
    return entries


def tags() -> list[str]:
    return sorted({tag for lesson in lessons().values() for tag in lesson.tags})


@dataclass(frozen=True)
class LessonCount:
    """How many of a cohort's people have done one lesson of the path."""

    step: PathStep
    lesson: Lesson
    of: int
    done: int

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.of) if self.of else 0


def counts_of(cohort: Cohort) -> list[LessonCount]:
    """Return each step of the path with how many of those it is for have done it; one statement."""
    steps = steps_of(cohort.program)
    asked: dict[str, Count] = {}
    for number, (step, _lesson) in enumerate(steps):
        mine = Q(part=step.part) | Q(part=Enrolment.Part.BOTH) if step.part else Q()
        row = LessonProgress.objects.filter(
            member=OuterRef("member"), key=step.key, done_at__isnull=False
        )
        asked[f"of_{number}"] = Count("pk", filter=mine)
        asked[f"done_{number}"] = Count("pk", filter=mine & Q(Exists(row)))
    found = Enrolment.objects.in_place().filter(cohort=cohort).aggregate(**asked) if asked else {}
    return [
        LessonCount(step, lesson, found[f"of_{number}"], found[f"done_{number}"])
        for number, (step, lesson) in enumerate(steps)
    ]


def trained(cohort_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """Return, by cohort, how many people in place have done all required of them, and of how many.

    Counted are those of whom something is required; who was let off a lesson has not done it.
    """
    done = LessonProgress.objects.filter(
        member=OuterRef(OuterRef("member")), key=OuterRef("key"), done_at__isnull=False
    )
    both = Exact(OuterRef("part"), Value(str(Enrolment.Part.BOTH)))
    steps = (
        PathStep.objects.on_path()
        .annotate(_of_both=ExpressionWrapper(both, output_field=BooleanField()))
        .filter(
            Q(part="") | Q(part=OuterRef("part")) | Q(part__in=BOTH, _of_both=True),
            program=OuterRef("cohort__program"),
            required=True,
        )
    )
    rows = Enrolment.objects.in_place().filter(Exists(steps), cohort__in=cohort_ids)
    counted = (
        rows.annotate(_misses=Exists(steps.filter(~Exists(done))))
        .order_by()
        .values("cohort_id")
        .annotate(_all_done=Count("pk", filter=Q(_misses=False)), _people=Count("pk"))
    )
    return {
        cohort: (all_done, people)
        for cohort, all_done, people in counted.values_list("cohort_id", "_all_done", "_people")
    }


def steps_of(program: Program) -> list[tuple[PathStep, Lesson]]:
    """Return a program's path with its lessons, gate by gate."""
    known = lessons()
    order = {when: place for place, when in enumerate(When.values)}
    rows = [
        step for step in PathStep.objects.on_path().filter(program=program) if step.key in known
    ]
    rows.sort(key=lambda step: (order[step.when], step.position, step.pk))
    return [(step, known[step.key]) for step in rows]


def lessons_brought(
    template: ProgramTemplate, known: Mapping[str, Lesson]
) -> list[tuple[str, list[Lesson]]]:
    """Return which of all lessons a template brings, by the words for when each is learnt."""
    by_when = [
        (when.label, [known[key] for key, _part, step_when in template.path if step_when == when])
        for when in When
    ]
    return [(str(words), found) for words, found in by_when if found]


@dataclass(frozen=True)
class WorkshopLine:
    """A workshop in a list, with one person's place at it, if they have one or wait for it."""

    workshop: Workshop
    place: WorkshopPlace | None


def workshops_for(member: Member, rows: Iterable[Workshop]) -> list[WorkshopLine]:
    found = list(rows)
    places = WorkshopPlace.objects.filter(member=member, workshop__in=found).exclude(
        state=WorkshopPlace.State.GIVEN_UP
    )
    mine = {place.workshop_id: place for place in places}
    return [WorkshopLine(workshop, mine.get(workshop.pk)) for workshop in found]


def my_workshops(member: Member, *, at: datetime) -> list[WorkshopLine]:
    """Return the workshops to come of the cohorts in which this person has a place."""
    mine = Enrolment.objects.in_place().filter(member=member, cohort=OuterRef("cohort"))
    rows = Workshop.objects.to_come(at).filter(Exists(mine)).for_list()
    return workshops_for(member, rows.order_by("starts_at", "id")[:4])


def may_sign_up(workshop: Workshop, member: Member) -> bool:
    mine = Enrolment.objects.in_place().filter(member=member, cohort=workshop.cohort_id)
    return mine.exists()


def free_places(workshop: Workshop) -> int | None:
    """Return how many places are free; None where everybody may come."""
    if workshop.places is None:
        return None
    coming = WorkshopPlace.objects.filter(
        workshop=workshop, state=WorkshopPlace.State.COMING
    ).count()
    return max(0, workshop.places - coming)


def place_in_line_of(workshop: Workshop, member: Member) -> int:
    """Return which place in the line somebody has; 0 for who is not in it."""
    line = list(
        WorkshopPlace.objects.filter(workshop=workshop).in_line().values_list("member", flat=True)
    )
    return line.index(member.pk) + 1 if member.pk in line else 0
