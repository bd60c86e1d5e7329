"""Decisions over REST: their facts, never their words."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from agreements.decisions.models import Decision, Method, Quorum
from core.members.facts import FactsViewSet, id_of, one_of


class DecisionSerializer(serializers.Serializer[Decision]):
    """One decision: how, when and in which state; never a proposal, an answer or a reason."""

    id = serializers.UUIDField()
    partnership = serializers.UUIDField(source="partnership_id")
    number = serializers.IntegerField()
    method = serializers.ChoiceField(choices=Method.choices)
    state = serializers.ChoiceField(choices=Decision.State.choices)
    practice = serializers.BooleanField(help_text="An exercise, left out of every figure.")
    quorum = serializers.ChoiceField(choices=Quorum.choices)
    window_days = serializers.IntegerField(help_text="0 is in the meeting.")
    answered = serializers.IntegerField(help_text="How many have answered in the latest ballot.")
    opened_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    review_on = serializers.DateField(allow_null=True)
    changed_at = serializers.DateTimeField(source="stamped_at")


@extend_schema_view(
    list=extend_schema(
        summary="Decisions",
        parameters=[
            OpenApiParameter("state", str, enum=list(Decision.State.values)),
            OpenApiParameter("cohort", OpenApiTypes.UUID),
            OpenApiParameter("partnership", OpenApiTypes.UUID),
        ],
    ),
    retrieve=extend_schema(summary="One decision"),
)
class DecisionViewSet(FactsViewSet[Decision]):
    """Decisions whose facts the token may read; drafts are none."""

    resource = "decisions"
    program = "partnership__cohort__program"
    serializer_class = DecisionSerializer
    queryset = Decision.objects.none()  # for the schema: it asks without anybody
    filters = {
        "state": one_of("state", Decision.State.choices),
        "cohort": id_of("partnership__cohort"),
        "partnership": id_of("partnership"),
    }

    def facts(self) -> QuerySet[Decision]:
        return Decision.objects.facts_for(self.member).with_answered()
