"""A stamp of everything a matching depends on: it changes with any of it and costs no snapshot."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, QuerySet, Subquery, TextField
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler

from core.members.models import Member
from core.tenancy.days import today
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Seat
from pairing.models.requests import Wish
from pairing.models.runs import PairRule
from programs.models.parts import Answer, Criterion, Question
from programs.models.programs import Cohort, Enrolment, Program


class _RowsStamp(Func):
    """How many rows, and the sum of hashes: of whole rows with some fields more, or of fields.

    Contents are hashed and not times of change, because not every row keeps one.
    """

    output_field = TextField()

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        own, *fields = self.get_source_expressions()
        assert isinstance(own, Col)
        # the table by the name it has here: in a subquery that is no longer its own
        texts = (
            [f"{compiler.quote_name_unless_alias(own.alias)}::text"] if self.extra["whole"] else []
        )
        texts += [f"{compiler.compile(field)[0]}::text" for field in fields]
        return f"(count(*), sum(hashtextextended({' || '.join(texts)}, 0)))::text", ()


def _stamp(rows: QuerySet[Any], *fields: str, whole: bool = True) -> Subquery:
    stamp = _RowsStamp(F("pk"), *(F(name) for name in fields), whole=whole)
    return Subquery(rows.order_by().annotate(stamp=stamp).values("stamp"))


def matching_stamp(cohort: Cohort) -> str:
    """Return a stamp of what `take_snapshot` would read now; one statement.

    It holds the day as well, because a pause ends by itself.
    """
    enrolments = Enrolment.objects.filter(cohort=cohort)
    row = Cohort.objects.filter(pk=cohort.pk).values_list(
        _stamp(enrolments),
        _stamp(Answer.objects.filter(enrolment__cohort=cohort)),
        _stamp(Member.objects.filter(pk__in=enrolments.values("member"))),
        # reporting lines lead through people of other cohorts
        _stamp(Member.objects.filter(manager__isnull=False), "id", "manager_id", whole=False),
        _stamp(Criterion.objects.filter(program=cohort.program_id)),
        _stamp(Question.objects.filter(program=cohort.program_id)),
        _stamp(Seat.objects.filter(partnership__cohort=cohort), "partnership__state"),
        _stamp(PairRule.objects.filter(cohort=cohort)),
        _stamp(Wish.objects.filter(enrolment__cohort=cohort)),
        _stamp(Program.objects.filter(pk=cohort.program_id)),
        "starts_on",
        "program_id",
    )
    settings = settings_in_force()
    return "|".join(str(part) for part in (*row.get(), settings.time_zone, today()))
