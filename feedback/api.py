"""Check-ins as facts: who was asked, for when, and when they answered; never what was said."""

from __future__ import annotations

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from core.members.access import RESOURCES
from core.members.facts import FactsViewSet, Filter, id_of
from core.members.permissions import Permission
from feedback.models.built import SurveyResult
from feedback.models.check_ins import CheckIn
from feedback.models.recognition import Certificate


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """The facts of one check-in: moods, progress and words stay with its readers."""

    member = serializers.UUIDField(source="seat.enrolment.member_id")
    seat = serializers.UUIDField(source="seat_id")
    enrolment = serializers.UUIDField(source="seat.enrolment_id")
    partnership = serializers.UUIDField(source="seat.partnership_id")
    cohort = serializers.UUIDField(source="seat.partnership.cohort_id")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = CheckIn
        fields = (
            "id",
            "seat",
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

    resource = "check-ins"
    program = "seat__partnership__cohort__program"
    serializer_class = CheckInSerializer
    queryset = CheckIn.objects.none()  # for the schema: it asks without anybody
    filters = {
        "cohort": id_of("seat__partnership__cohort_id"),
        "answered": Filter("answered", serializers.BooleanField()),
    }

    def facts(self) -> QuerySet[CheckIn]:
        answered = ExpressionWrapper(Q(answered_at__isnull=False), BooleanField())
        rows = CheckIn.objects.facts_for(self.member).alias(answered=answered)
        return rows.select_related("seat__enrolment", "seat__partnership")


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    """That an enrolment was completed with a certificate."""

    enrolment = serializers.UUIDField(source="enrolment_id")
    member = serializers.UUIDField(source="enrolment.member_id")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Certificate
        fields = RESOURCES["certificates"].fields
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(summary="List certificates"),
    retrieve=extend_schema(summary="Read one certificate"),
)
class CertificateViewSet(FactsViewSet[Certificate]):
    """Who was given a certificate, and whose was revoked."""

    resource = "certificates"
    program = "enrolment__cohort__program"
    serializer_class = CertificateSerializer
    queryset = Certificate.objects.none()  # for the schema: it asks without anybody

    def facts(self) -> QuerySet[Certificate]:
        return Certificate.objects.facts_for(self.member).select_related("enrolment")


class SurveyResultSerializer(serializers.ModelSerializer[SurveyResult]):
    """What one round of a survey came to; `items` holds by question what may be shown."""

    cohort = serializers.UUIDField(source="cohort_id")
    items = serializers.DictField()
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = SurveyResult
        fields = RESOURCES["survey-results"].fields
        read_only_fields = fields


RESULT_FILTERS = [
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
]


@extend_schema_view(
    list=extend_schema(summary="List survey results", parameters=RESULT_FILTERS),
    retrieve=extend_schema(summary="Read one survey result"),
)
class SurveyResultViewSet(FactsViewSet[SurveyResult]):
    """Results of anonymous surveys, counted once at their close."""

    resource = "survey-results"
    program = "cohort__program"
    required_permission = Permission.FIGURES_READ
    serializer_class = SurveyResultSerializer
    queryset = SurveyResult.objects.none()  # for the schema: it asks without anybody
    filters = {"cohort": id_of("cohort_id")}

    def facts(self) -> QuerySet[SurveyResult]:
        return SurveyResult.objects.visible_to(self.member)
