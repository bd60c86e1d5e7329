"""Partnerships as facts: who works with whom, in which state, since when; never why."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from core.members.access import RESOURCES
from core.members.facts import FactsViewSet, id_of, one_of
from pairing.models.partnerships import Partnership, Seat


class PartnershipSerializer(serializers.ModelSerializer[Partnership]):
    """A partnership's facts; `members` are the people in its open seats."""

    cohort = serializers.UUIDField(source="cohort_id")
    program = serializers.UUIDField(source="cohort.program_id")
    members = serializers.SerializerMethodField()
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Partnership
        fields = (
            "id",
            "cohort",
            "program",
            "name",
            "state",
            "members",
            "starts_on",
            "ends_on",
            "published_at",
            "ended_at",
            "end_reason",
            "changed_at",
        )
        read_only_fields = fields

    def get_members(self, partnership: Partnership) -> list[UUID]:
        return [seat.enrolment.member_id for seat in partnership.people]  # type: ignore[attr-defined]  # for_list


FILTERS = [
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
    OpenApiParameter(
        "state", enum=Partnership.State.values, description="Only those in this state."
    ),
]


@extend_schema_view(
    list=extend_schema(summary="List partnerships", parameters=FILTERS),
    retrieve=extend_schema(summary="Read one partnership"),
)
class PartnershipViewSet(FactsViewSet[Partnership]):
    """Pairs and circles that the token's member may read the facts of."""

    resource = "partnerships"
    program = "cohort__program"
    serializer_class = PartnershipSerializer
    queryset = Partnership.objects.none()  # for the schema: it asks without anybody
    filters = {
        "cohort": id_of("cohort_id"),
        "state": one_of("state", Partnership.State.choices),
    }

    def facts(self) -> QuerySet[Partnership]:
        return Partnership.objects.facts_for(self.member).for_list()


class SeatSerializer(serializers.ModelSerializer[Seat]):
    """Who sits at which table, in which part, from when to when; closed seats too."""

    cohort = serializers.UUIDField(source="partnership.cohort_id")
    partnership = serializers.UUIDField(source="partnership_id")
    enrolment = serializers.UUIDField(source="enrolment_id")
    member = serializers.UUIDField(source="enrolment.member_id")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Seat
        fields = RESOURCES["seats"].fields
        read_only_fields = fields


SEAT_FILTERS = [
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
    OpenApiParameter("partnership", OpenApiTypes.UUID, description="Only those at this table."),
]


@extend_schema_view(
    list=extend_schema(summary="List seats", parameters=SEAT_FILTERS),
    retrieve=extend_schema(summary="Read one seat"),
)
class SeatViewSet(FactsViewSet[Seat]):
    """Who sat in which partnership, when; a change of part is a new seat."""

    resource = "seats"
    program = "partnership__cohort__program"
    serializer_class = SeatSerializer
    queryset = Seat.objects.none()  # for the schema: it asks without anybody
    filters = {"cohort": id_of("partnership__cohort_id"), "partnership": id_of("partnership_id")}

    def facts(self) -> QuerySet[Seat]:
        return Seat.objects.facts_for(self.member).select_related("partnership", "enrolment")
