"""People and enrolments as facts: who, since when, in which state; never an answer's words."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from mentoring.identity.models import Member
from mentoring.identity.permissions import Permission
from mentoring.identity.rest import MemberViewSetMixin
from programs.models import Enrolment


class MemberFiltersSerializer(serializers.Serializer[object]):
    """What narrows the list of members."""

    state = serializers.ChoiceField(choices=Member.State.choices, required=False)


class EnrolmentFiltersSerializer(serializers.Serializer[object]):
    """What narrows the list of enrolments."""

    changed_since = serializers.DateTimeField(required=False)
    cohort = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=Enrolment.State.choices, required=False)


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A person's work facts, as the HR system knows them."""

    manager = serializers.UUIDField(source="manager_id", allow_null=True)
    languages = serializers.ListField(child=serializers.CharField())

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
            "department",
            "team",
            "job_title",
            "level",
            "location",
            "country",
            "time_zone",
            "languages",
            "manager",
            "hired_on",
            "live_at",
            "left_at",
        )
        read_only_fields = fields


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    """A member's place in a cohort: part, state and the moments of both."""

    cohort = serializers.UUIDField(source="cohort_id")
    program = serializers.UUIDField(source="cohort.program_id")
    member = serializers.UUIDField(source="member_id")

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
    OpenApiParameter(
        "changed_since",
        OpenApiTypes.DATETIME,
        description="Only enrolments changed at or after this instant. Pull with the instant at "
        "which the last pull began, less a quarter of an hour.",
    ),
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
    OpenApiParameter("state", enum=Enrolment.State.values, description="Only those in this state."),
]


@extend_schema_view(
    list=extend_schema(summary="List members", parameters=MEMBER_FILTERS),
    retrieve=extend_schema(summary="Read one member"),
)
class MemberViewSet(  # type: ignore[misc]  # the mixin narrows `request`, which DRF leaves open
    MemberViewSetMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Member]
):
    """The people that the token's member may see, with their work facts."""

    serializer_class = MemberSerializer
    required_permission = Permission.FACTS_READ
    queryset = Member.objects.none()  # for the schema: it asks without anybody

    def get_queryset(self) -> QuerySet[Member]:
        rows = Member.objects.visible_to(self.member)
        if self.action != "list":
            return rows
        filters = MemberFiltersSerializer(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        return rows.filter(**filters.validated_data)


@extend_schema_view(
    list=extend_schema(summary="List enrolments", parameters=ENROLMENT_FILTERS),
    retrieve=extend_schema(summary="Read one enrolment"),
)
class EnrolmentViewSet(  # type: ignore[misc]  # the mixin narrows `request`, which DRF leaves open
    MemberViewSetMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Enrolment]
):
    """Who takes part in which cohort; what they answered is not among the facts."""

    serializer_class = EnrolmentSerializer
    required_permission = Permission.FACTS_READ
    queryset = Enrolment.objects.none()  # for the schema: it asks without anybody

    def get_queryset(self) -> QuerySet[Enrolment]:
        rows = Enrolment.objects.visible_to(self.member).select_related("cohort")
        if self.action != "list":
            return rows
        filters = EnrolmentFiltersSerializer(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        values = filters.validated_data
        if "changed_since" in values:
            rows = rows.filter(changed_at__gte=values["changed_since"])
        if "cohort" in values:
            rows = rows.filter(cohort_id=values["cohort"])
        if "state" in values:
            rows = rows.filter(state=values["state"])
        return rows
