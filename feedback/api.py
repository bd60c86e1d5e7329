"""Check-ins as facts: who was asked, for when, and when they answered; never what was said."""

from __future__ import annotations

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from core.members.facts import FactsViewSet, Filter, changed_since, id_of
from feedback.models import CheckIn


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """The facts of one check-in: moods, progress and words stay with its readers."""

    member = serializers.UUIDField(source="seat.enrolment.member_id")
    enrolment = serializers.UUIDField(source="seat.enrolment_id")
    partnership = serializers.UUIDField(source="seat.partnership_id")
    cohort = serializers.UUIDField(source="seat.partnership.cohort_id")

    class Meta:
        model = CheckIn
        fields = (
            "id",
            "member",
            "enrolment",
            "partnership",
            "cohort",
            "period",
            "opens_on",
            "due_on",
            "opened_at",
            "answered_at",
            "answered_on",
            "reminders",
            "changed_at",
        )
        read_only_fields = fields


FILTERS = [
    OpenApiParameter(
        "changed_since",
        OpenApiTypes.DATETIME,
        description="Only check-ins changed at or after this instant. Pull with the instant at "
        "which the last pull began, less a quarter of an hour.",
    ),
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
    OpenApiParameter(
        "answered", OpenApiTypes.BOOL, description="Only those answered, or not answered."
    ),
]


@extend_schema_view(
    list=extend_schema(summary="List check-ins", parameters=FILTERS),
    retrieve=extend_schema(summary="Read one check-in"),
)
class CheckInViewSet(FactsViewSet[CheckIn]):
    """Who was asked how it goes, and when they answered."""

    serializer_class = CheckInSerializer
    queryset = CheckIn.objects.none()  # for the schema: it asks without anybody
    filters = {
        "changed_since": changed_since(),
        "cohort": id_of("seat__partnership__cohort_id"),
        "answered": Filter("answered", serializers.BooleanField()),
    }

    def facts(self) -> QuerySet[CheckIn]:
        answered = ExpressionWrapper(Q(answered_at__isnull=False), BooleanField())
        rows = CheckIn.objects.facts_for(self.member).alias(answered=answered)
        return rows.select_related("seat__enrolment", "seat__partnership")
