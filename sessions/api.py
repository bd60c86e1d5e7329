"""Sessions over REST: facts, never topics or retrospectives."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from core.members.facts import FactsViewSet, changed_since, id_of, one_of
from sessions.models.sessions import Session, Turn
from sessions.page.queries import lists


class AttendanceCountsSerializer(serializers.Serializer[Session]):
    """How many came; `expected` are all who were to."""

    present = serializers.IntegerField()
    excused = serializers.IntegerField()
    absent = serializers.IntegerField()
    expected = serializers.IntegerField()


class TurnSerializer(serializers.Serializer[Turn]):
    """Who holds which meeting role."""

    role = serializers.CharField(source="role.key")
    member = serializers.UUIDField(source="seat.enrolment.member_id")


class SessionSerializer(serializers.Serializer[Session]):
    """One session: who, when and in which state."""

    id = serializers.UUIDField()
    partnership = serializers.UUIDField(source="partnership_id")
    number = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    duration_minutes = serializers.IntegerField()
    day = serializers.DateField(help_text="The organisation's day: what figures count by.")
    state = serializers.ChoiceField(choices=Session.State.choices)
    cause = serializers.CharField(help_text="Why it was cancelled; empty otherwise.")
    held_at = serializers.DateTimeField(allow_null=True)
    attendance = AttendanceCountsSerializer(source="*")
    turns = TurnSerializer(many=True)
    changed_at = serializers.DateTimeField()


@extend_schema_view(
    list=extend_schema(
        summary="Sessions",
        parameters=[
            OpenApiParameter("state", str, enum=list(Session.State.values)),
            OpenApiParameter("cohort", OpenApiTypes.UUID),
            OpenApiParameter("partnership", OpenApiTypes.UUID),
            OpenApiParameter(
                "changed_since",
                OpenApiTypes.DATETIME,
                description="Only those changed at or after this moment.",
            ),
        ],
    ),
    retrieve=extend_schema(summary="One session"),
)
class SessionViewSet(FactsViewSet[Session]):
    """Sessions whose facts the token may read."""

    serializer_class = SessionSerializer
    queryset = Session.objects.none()  # for the schema: it asks without anybody
    filters = {
        "state": one_of("state", Session.State.choices),
        "cohort": id_of("partnership__cohort"),
        "partnership": id_of("partnership"),
        "changed_since": changed_since(),
    }

    def facts(self) -> QuerySet[Session]:
        turns = lists.turns_for_facts(self.member)
        rows = Session.objects.facts_for(self.member).with_attendance()
        return rows.prefetch_related(Prefetch("turns", queryset=turns))
