"""People and enrolments as facts: who, since when, in which state; never an answer's words.

And people written in batches, by the rules of an import.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.members.access import RESOURCES
from core.members.facts import FactsViewSet, id_of, one_of
from core.members.models import Member
from core.members.permissions import Permission
from core.members.rest import member_of
from core.members.writes import REPLAYED, Strict, TextField, key_of, key_parameter
from programs.importing.fields import FACTS
from programs.importing.messages import sentence
from programs.importing.planning import VERDICTS
from programs.models.imports import PeopleImport, ReportedRow
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import imports
from programs.queries.imports import joinable_cohorts


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A person's work facts, as the HR system knows them."""

    # of the directory: absent without the scope people.read
    email = serializers.EmailField(required=False)
    employee_id = serializers.CharField(required=False)
    manager = serializers.UUIDField(source="manager_id", allow_null=True, required=False)
    languages = serializers.ListField(child=serializers.CharField())
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Member
        fields = (
            "id",
            "employee_id",
            "email",
            "given_name",
            "family_name",
            "role",
            "state",
            *Member.WORK_FACTS[1:],  # all but the employee id, which leads
            "live_at",
            "left_at",
            "changed_at",
        )
        read_only_fields = fields


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    """A member's place in a cohort: part, state and the moments of both."""

    cohort = serializers.UUIDField(source="cohort_id")
    program = serializers.UUIDField(source="cohort.program_id")
    member = serializers.UUIDField(source="member_id")

    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Enrolment
        fields = (
            "id",
            "cohort",
            "program",
            "member",
            "part",
            "state",
            "capacity",
            "applied_at",
            "accepted_at",
            "started_at",
            "ended_at",
            "paused_until",
            "changed_at",
        )
        read_only_fields = fields


MEMBER_FILTERS = [
    OpenApiParameter("state", enum=Member.State.values, description="Only those in this state."),
]
ENROLMENT_FILTERS = [
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
    OpenApiParameter("state", enum=Enrolment.State.values, description="Only those in this state."),
]


@extend_schema_view(
    list=extend_schema(summary="List members", parameters=MEMBER_FILTERS),
    retrieve=extend_schema(summary="Read one member"),
)
class MemberViewSet(FactsViewSet[Member]):
    """The people that the token's member may see, with their work facts."""

    resource = "members"
    serializer_class = MemberSerializer
    queryset = Member.objects.none()  # for the schema: it asks without anybody
    filters = {"state": one_of("state", Member.State.choices)}

    def facts(self) -> QuerySet[Member]:
        return Member.objects.visible_to(self.member)

    def in_program(self, rows: QuerySet[Member], program_id: UUID) -> QuerySet[Member]:
        """Narrow to who has a place in that program, whatever has become of it."""
        places = Enrolment.objects.visible_to(self.member).filter(cohort__program=program_id)
        return rows.filter(pk__in=places.values("member"))


@extend_schema_view(
    list=extend_schema(summary="List enrolments", parameters=ENROLMENT_FILTERS),
    retrieve=extend_schema(summary="Read one enrolment"),
)
class EnrolmentViewSet(FactsViewSet[Enrolment]):
    """Who takes part in which cohort; what they answered is not among the facts."""

    resource = "enrolments"
    program = "cohort__program"
    serializer_class = EnrolmentSerializer
    queryset = Enrolment.objects.none()  # for the schema: it asks without anybody
    filters = {
        "cohort": id_of("cohort_id"),
        "state": one_of("state", Enrolment.State.choices),
    }

    def facts(self) -> QuerySet[Enrolment]:
        return Enrolment.objects.visible_to(self.member).select_related("cohort")


class ProgramSerializer(serializers.ModelSerializer[Program]):
    """A program's design in numbers; its texts are its people's to read."""

    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Program
        fields = RESOURCES["programs"].fields
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(summary="List programs"),
    retrieve=extend_schema(summary="Read one program"),
)
class ProgramViewSet(FactsViewSet[Program]):
    """The programs that the token's member may see, archived ones too."""

    resource = "programs"
    program = "pk"
    serializer_class = ProgramSerializer
    queryset = Program.objects.none()  # for the schema: it asks without anybody

    def facts(self) -> QuerySet[Program]:
        return Program.objects.visible_to(self.member)


class CohortSerializer(serializers.ModelSerializer[Cohort]):
    """One run of a program: when, in which phase, for how many."""

    program = serializers.UUIDField(source="program_id")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Cohort
        fields = RESOURCES["cohorts"].fields
        read_only_fields = fields


COHORT_FILTERS = [
    OpenApiParameter("program", OpenApiTypes.UUID, description="Only those of this program."),
    OpenApiParameter("phase", enum=Cohort.Phase.values, description="Only those in this phase."),
]


@extend_schema_view(
    list=extend_schema(summary="List cohorts", parameters=COHORT_FILTERS),
    retrieve=extend_schema(summary="Read one cohort"),
)
class CohortViewSet(FactsViewSet[Cohort]):
    """The cohorts that the token's member may see."""

    resource = "cohorts"
    program = "program"
    serializer_class = CohortSerializer
    queryset = Cohort.objects.none()  # for the schema: it asks without anybody
    filters = {
        "program": id_of("program_id"),
        "phase": one_of("phase", Cohort.Phase.choices),
    }

    def facts(self) -> QuerySet[Cohort]:
        return Cohort.objects.visible_to(self.member)


MOST_PEOPLE = 1000
# what a program may say of a person: the columns of a file but for answers, which are people's own
CELLS: tuple[str, ...] = (*FACTS, "part", "capacity")


class Cell(TextField):
    """A cell as in a file: a text, read by the rules of the import."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, max_length=1000, **kwargs)


class BatchPersonSerializer(Strict):
    """A person as a row of a file says it; an empty or missing cell leaves what there is."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        cells: dict[str, Any] = {name: Cell() for name in CELLS}
        cells["employee_id"] = serializers.CharField(max_length=100)
        return cells


class BatchCohortsSerializer(Strict):
    """Into which cohort rows with a part enrol: peers, and mentors and mentees."""

    peer = serializers.UUIDField(required=False)
    mentor = serializers.UUIDField(required=False)


class BatchSerializer(Strict):
    people = serializers.ListField(
        child=BatchPersonSerializer(), min_length=1, max_length=MOST_PEOPLE
    )
    cohorts = BatchCohortsSerializer(required=False)


class BatchProblemSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Empty where it is about the whole row.")
    code = serializers.CharField(help_text="For programs: it does not change.")
    detail = serializers.CharField(help_text="For people.")


class BatchRowSerializer(serializers.Serializer[Any]):
    """What became of one person: only `new` and `changed` have written anything."""

    line = serializers.IntegerField(help_text="Its place in `people`, counted from 1.")
    verdict = serializers.ChoiceField(choices=VERDICTS)
    changes = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=BatchProblemSerializer())


class BatchReportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The import, as the pages show it.")
    counts = serializers.DictField(child=serializers.IntegerField())
    enrolled = serializers.IntegerField()
    waitlisted = serializers.IntegerField()
    rows = serializers.ListField(child=BatchRowSerializer())


def batch_rows(rows: Iterable[ReportedRow]) -> list[dict[str, object]]:
    """Return what became of each row, as the answer to a batch says it."""
    return [
        {
            "line": planned.line,
            "verdict": planned.verdict,
            "changes": [name for name, _before, _after in planned.changes],
            "problems": [
                {
                    "field": problem.field,
                    "code": str(problem.code),
                    "detail": sentence(problem.code, problem.params),
                }
                for problem in planned.problems
            ],
        }
        for planned in rows
    ]


def _report(row: PeopleImport) -> dict[str, object]:
    done = row.report["done"]
    return {
        "id": str(row.pk),
        "counts": row.report["counts"],
        "enrolled": done["enrolled"],
        "waitlisted": done["waitlisted"],
        "rows": batch_rows(row.planned.rows),
    }


class MemberBatchView(APIView):
    """People entered and changed in batches, as an import of a file with these rows would."""

    required_permission: ClassVar[Permission] = Permission.PEOPLE_MANAGE

    @extend_schema(
        operation_id="members_batch",
        summary="Enter and change members",
        request=BatchSerializer,
        responses={200: BatchReportSerializer},
        parameters=[key_parameter("batch")],
    )
    def post(self, request: Request) -> Response:
        key, by = key_of(request), member_of(request)
        body = BatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        cohorts = body.validated_data.get("cohorts", {})
        for part, pk in cohorts.items():
            if not joinable_cohorts(by, part).filter(pk=pk).exists():
                words = _("There is no such cohort that can be joined.")
                raise exceptions.ValidationError({f"cohorts.{part}": [words]})
        people = body.validated_data["people"]
        row, is_new = imports.enter_batch(people=people, cohorts=cohorts, key=key, by=by)
        row.refresh_from_db()
        return Response(_report(row), headers={} if is_new else REPLAYED)
