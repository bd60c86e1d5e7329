"""HR records over REST: written in batches by the rules of an import, and read back."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.members.access import RESOURCES
from core.members.facts import FactsViewSet, id_of, one_of
from core.members.permissions import Permission
from core.members.rest import member_of
from core.members.writes import REPLAYED, Strict, key_of, key_parameter
from metrics.impact.operations import enter_records
from metrics.impact.records import COLUMNS, VERDICTS
from metrics.models import HrRecord, RecordImport
from programs.api import BatchProblemSerializer, Cell, batch_rows
from programs.models.programs import Enrolment

MOST_RECORDS = 1000


class OutcomeSerializer(serializers.ModelSerializer[HrRecord]):
    """What HR knew of a person on one day."""

    member = serializers.UUIDField(source="member_id")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = HrRecord
        fields = RESOURCES["outcomes"].fields
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(
        summary="List HR records",
        parameters=[
            OpenApiParameter("member", OpenApiTypes.UUID, description="Only this person's."),
            OpenApiParameter(
                "status", enum=HrRecord.Status.values, description="Only those with this status."
            ),
        ],
    ),
    retrieve=extend_schema(summary="Read one HR record"),
)
class OutcomeViewSet(FactsViewSet[HrRecord]):
    """What HR knew of people, day by day: for HR and owners alone."""

    resource = "outcomes"
    serializer_class = OutcomeSerializer
    required_permission = Permission.OUTCOMES_MANAGE
    queryset = HrRecord.objects.none()  # for the schema: it asks without anybody
    filters = {
        "member": id_of("member_id"),
        "status": one_of("status", HrRecord.Status.choices),
    }

    def facts(self) -> QuerySet[HrRecord]:
        return HrRecord.objects.visible_to(self.member)

    def in_program(self, rows: QuerySet[HrRecord], program_id: UUID) -> QuerySet[HrRecord]:
        """Narrow to those of who has a place in that program, whatever has become of it."""
        places = Enrolment.objects.visible_to(self.member).filter(cohort__program=program_id)
        return rows.filter(member__in=places.values("member"))


class BatchRecordSerializer(Strict):
    """A record as a row of a file says it; an empty or missing cell leaves what there is."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: Cell() for name in COLUMNS}


class RecordBatchSerializer(Strict):
    records = serializers.ListField(
        child=BatchRecordSerializer(), min_length=1, max_length=MOST_RECORDS
    )


class RecordBatchRowSerializer(serializers.Serializer[Any]):
    """What became of one record: only `new` and `changed` have written anything."""

    line = serializers.IntegerField(help_text="Its place in `records`, counted from 1.")
    verdict = serializers.ChoiceField(choices=VERDICTS)
    changes = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=BatchProblemSerializer())


class RecordBatchReportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The import, as the pages show it.")
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = serializers.ListField(child=RecordBatchRowSerializer())


def _report(row: RecordImport) -> dict[str, object]:
    return {
        "id": str(row.pk),
        "counts": row.counts,
        "rows": batch_rows(row.planned.rows),
    }


class OutcomeBatchView(APIView):
    """HR records written in batches, as an import of a file with these rows would."""

    required_permission: ClassVar[Permission] = Permission.OUTCOMES_MANAGE

    @extend_schema(
        operation_id="outcomes_batch",
        summary="Write HR records",
        request=RecordBatchSerializer,
        responses={200: RecordBatchReportSerializer},
        parameters=[key_parameter("batch")],
    )
    def post(self, request: Request) -> Response:
        key, by = key_of(request), member_of(request)
        body = RecordBatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row, is_new = enter_records(records=body.validated_data["records"], key=key, by=by)
        return Response(_report(row), headers={} if is_new else REPLAYED)
