"""Check-ins as facts: who was asked, for when, and when they answered; never what was said."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from core.members.permissions import Permission
from core.members.rest import MemberViewSetMixin
from feedback.models.answers import CheckIn


class CheckInFiltersSerializer(serializers.Serializer[object]):
    """What narrows the list of check-ins."""

    changed_since = serializers.DateTimeField(required=False)
    cohort = serializers.UUIDField(required=False)
    answered = serializers.BooleanField(required=False, allow_null=True, default=None)


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
class CheckInViewSet(  # type: ignore[misc]  # the mixin narrows `request`, which DRF leaves open
    MemberViewSetMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[CheckIn]
):
    """Who was asked how it goes, and when they answered."""

    serializer_class = CheckInSerializer
    required_permission = Permission.FACTS_READ
    queryset = CheckIn.objects.none()  # for the schema: it asks without anybody

    def get_queryset(self) -> QuerySet[CheckIn]:
        rows = CheckIn.objects.facts_for(self.member).select_related(
            "seat__enrolment", "seat__partnership"
        )
        if self.action != "list":
            return rows
        filters = CheckInFiltersSerializer(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        chosen = filters.validated_data
        if "changed_since" in chosen:
            rows = rows.filter(changed_at__gte=chosen["changed_since"])
        if "cohort" in chosen:
            rows = rows.filter(seat__partnership__cohort_id=chosen["cohort"])
        if chosen["answered"] is not None:
            rows = rows.filter(answered_at__isnull=not chosen["answered"])
        return rows
