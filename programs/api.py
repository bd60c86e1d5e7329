"""People and enrolments as facts: who, since when, in which state; never an answer's words."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from core.members.facts import FactsViewSet, changed_since, id_of, one_of
from core.members.models import Member
from programs.models.programs import Enrolment


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
            *Member.WORK_FACTS[1:],  # all but the employee id, which leads
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
class MemberViewSet(FactsViewSet[Member]):
    """The people that the token's member may see, with their work facts."""

    serializer_class = MemberSerializer
    queryset = Member.objects.none()  # for the schema: it asks without anybody
    filters = {"state": one_of("state", Member.State.choices)}

    def facts(self) -> QuerySet[Member]:
        return Member.objects.visible_to(self.member)


@extend_schema_view(
    list=extend_schema(summary="List enrolments", parameters=ENROLMENT_FILTERS),
    retrieve=extend_schema(summary="Read one enrolment"),
)
class EnrolmentViewSet(FactsViewSet[Enrolment]):
    """Who takes part in which cohort; what they answered is not among the facts."""

    serializer_class = EnrolmentSerializer
    queryset = Enrolment.objects.none()  # for the schema: it asks without anybody
    filters = {
        "changed_since": changed_since(),
        "cohort": id_of("cohort_id"),
        "state": one_of("state", Enrolment.State.choices),
    }

    def facts(self) -> QuerySet[Enrolment]:
        return Enrolment.objects.visible_to(self.member).select_related("cohort")
