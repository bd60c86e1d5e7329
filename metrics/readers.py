"""The printed report by a worker, and whom it is sent to: a link, to be opened by who may."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.audit.operations import record
from core.common import clock
from core.common.errors import DomainError
from core.common.rows import row_by_row
from core.jobs import operations as jobs
from core.jobs.models import Job, StoredFile
from core.members.languages import in_language_of
from core.members.models import Member
from core.members.permissions import Permission, can
from core.notifications.operations import Link, enqueue
from core.notifications.words import in_words_of
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from metrics.figures import figures_of
from metrics.models import ReportReader
from metrics.printed import draw
from programs.models.programs import Cohort

PRINT = "metrics.print_report"
MAIL = "metrics.report"
LIFE = timedelta(days=14)  # of a file: so long the link of an e-mail leads to it


class AlreadySent(DomainError):
    code, message = "report_already_sent", _("They are sent it already.")


class MayNotRead(DomainError):
    code, message = "report_not_theirs", _("They may not read the figures of this cohort.")


class CohortOver(DomainError):
    code, message = "report_cohort_over", _("This cohort is over: its report is sent no more.")


class CohortGone(DomainError):
    code, message = "report_cohort_gone", _("This cohort cannot be seen any more.")


def may_read(member: Member, cohort: Cohort) -> bool:
    mine = Cohort.objects.visible_to(member).filter(pk=cohort.pk)
    return can(member, Permission.FIGURES_READ) and mine.exists()


def first_after(day: date, every: str) -> date:
    """Return the next Monday, or first of a month, after a day."""
    if every == ReportReader.Every.WEEK:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@transaction.atomic
def add_reader(*, cohort: Cohort, member: Member, every: str, by: Member) -> ReportReader:
    """Have somebody sent a link to the report; who may not read it cannot be named.

    Raises MayNotRead, AlreadySent, CohortOver.
    """
    if cohort.phase in Cohort.OVER:
        raise CohortOver
    if not may_read(member, cohort):
        raise MayNotRead
    today = day_of(clock.now(), settings_in_force().zone)
    try:
        with transaction.atomic():
            reader = ReportReader.objects.create(
                cohort=cohort,
                member=member,
                every=every,
                next_on=first_after(today, every),
                set_by=by,
            )
    except IntegrityError:
        raise AlreadySent from None
    record(by=by, verb="report_reader.added", target=cohort, member=str(member.pk), every=every)
    return reader


@transaction.atomic
def remove_reader(*, reader: ReportReader, by: Member | None) -> None:
    """Send it to somebody no more."""
    record(by=by, verb="report_reader.removed", target=reader.cohort, member=str(reader.member_id))
    reader.delete()


def send_due_reports(*, at: datetime) -> int:
    """Send who reads a report its link, and have it printed for them; return how many that were.

    Safe to repeat: each row is put off to its next day with its e-mail.  Who has left or may not
    read it any more is sent nothing and struck off; of a cohort that is over a last one is sent.
    """
    today = day_of(at, settings_in_force().zone)
    due = ReportReader.objects.filter(next_on__lte=today)
    rows = due.select_related("cohort__program", "member__organisation").order_by("pk")
    return row_by_row(rows, partial(_send, today=today))


def _send(reader: ReportReader, *, today: date) -> bool:
    cohort, member = reader.cohort, reader.member
    if not may_read(member, cohort):
        remove_reader(reader=reader, by=None)
        return True
    with in_language_of(member):
        start_report(cohort=cohort, by=member)
    last = cohort.phase in Cohort.OVER
    enqueue(
        member=member,
        kind=MAIL,
        program=cohort.program_id,
        dedupe_key=f"{MAIL}:{reader.pk}:{reader.next_on}",
        link=Link(page=reverse("metrics:printed", args=[member.organisation.slug, cohort.pk])),
        context={"cohort": cohort.name, "program": cohort.program.name, "last": last},
        about=cohort.pk,
    )
    if last:
        remove_reader(reader=reader, by=None)
    else:
        next_on = first_after(today, reader.every)
        ReportReader.objects.filter(pk=reader.pk).update(next_on=next_on)
    return True


@transaction.atomic
def start_report(*, cohort: Cohort, by: Member) -> Job:
    """Have the report printed by a worker."""
    title = _("Report of %(cohort)s") % {"cohort": f"{cohort.program.name}, {cohort.name}"}
    return jobs.start(kind=PRINT, title=title[:200], by=by, input={"cohort": str(cohort.pk)})


@transaction.atomic
def keep_report(*, cohort: Cohort, by: Member) -> StoredFile:
    """Print it as its reader sees it, in their language, in place of what they had of it."""
    chosen, now = settings_in_force(), clock.now()
    with in_language_of(by), in_words_of(cohort.program_id):
        content = draw(cohort, figures_of([cohort], chosen, now)[cohort.pk], chosen, now)
    reports_of(by, cohort).delete()
    return jobs.keep_file(name=file_name(cohort), content=content, by=by, life=LIFE)


def file_name(cohort: Cohort) -> str:
    return f"report-{cohort.pk}.pdf"


def reports_of(member: Member, cohort: Cohort) -> QuerySet[StoredFile]:
    """Return the file that somebody can fetch now, if there is one."""
    rows = StoredFile.objects.visible_to(member).filter(name=file_name(cohort))
    return rows.filter(expires_at__gt=clock.now())
