"""Goals over REST: their facts, never their words; a private one has none."""

from __future__ import annotations

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from agreements.goals.models import Goal
from core.members.access import RESOURCES
from core.members.facts import FactsViewSet, id_of, one_of


class GoalSerializer(serializers.ModelSerializer[Goal]):
    """One goal of a table: by when, and what became of it; not whose it is."""

    partnership = serializers.UUIDField(source="partnership_id")
    shared = serializers.BooleanField(help_text="Everybody's at the table.")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Goal
        fields = RESOURCES["goals"].fields
        read_only_fields = fields


FILTERS = [
    OpenApiParameter("state", enum=Goal.State.values, description="Only those in this state."),
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
    OpenApiParameter("partnership", OpenApiTypes.UUID, description="Only those of this table."),
]


@extend_schema_view(
    list=extend_schema(summary="List goals", parameters=FILTERS),
    retrieve=extend_schema(summary="Read one goal"),
)
class GoalViewSet(FactsViewSet[Goal]):
    """Goals whose facts the token may read."""

    resource = "goals"
    program = "partnership__cohort__program"
    serializer_class = GoalSerializer
    queryset = Goal.objects.none()  # for the schema: it asks without anybody
    filters = {
        "state": one_of("state", Goal.State.choices),
        "cohort": id_of("partnership__cohort"),
        "partnership": id_of("partnership"),
    }

    def facts(self) -> QuerySet[Goal]:
        # by the database, so that a file has it too
        shared = ExpressionWrapper(Q(seat=None), output_field=BooleanField())
        return Goal.objects.facts_for(self.member).annotate(shared=shared)
