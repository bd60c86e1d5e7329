"""Sessions over REST: facts, never topics or retrospectives."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from mentoring.identity.permissions import Permission
from mentoring.identity.rest import MemberViewSetMixin
from sessions import queries
from sessions.models import Decision, Method, Quorum, Session, Turn


class ListFilter(serializers.Serializer[Any]):
    """What a list of sessions may be narrowed by; a wrong value answers 400."""

    state = serializers.ChoiceField(choices=Session.State.choices, required=False)
    cohort = serializers.UUIDField(required=False)
    partnership = serializers.UUIDField(required=False)
    changed_since = serializers.DateTimeField(required=False)


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
class SessionViewSet(  # type: ignore[misc]  # the mixin narrows `request`, which DRF leaves open
    MemberViewSetMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Session]
):
    """Sessions whose facts the token may read."""

    serializer_class = SessionSerializer
    required_permission = Permission.FACTS_READ
    queryset = Session.objects.none()  # for the schema: it asks without anybody

    def get_queryset(self) -> QuerySet[Session]:
        """Return the sessions this token reads, narrowed by the list's parameters."""
        turns = queries.turns_for_facts(self.member)
        rows = Session.objects.facts_for(self.member).with_attendance()
        rows = rows.prefetch_related(Prefetch("turns", queryset=turns))
        if self.action != "list":
            return rows
        wanted = ListFilter(data=self.request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        if "state" in given:
            rows = rows.filter(state=given["state"])
        if "cohort" in given:
            rows = rows.filter(partnership__cohort=given["cohort"])
        if "partnership" in given:
            rows = rows.filter(partnership=given["partnership"])
        if "changed_since" in given:
            rows = rows.filter(changed_at__gte=given["changed_since"])
        return rows


class DecisionFilter(serializers.Serializer[Any]):
    """What a list of decisions may be narrowed by; a wrong value answers 400."""

    state = serializers.ChoiceField(choices=Decision.State.choices, required=False)
    cohort = serializers.UUIDField(required=False)
    partnership = serializers.UUIDField(required=False)
    changed_since = serializers.DateTimeField(required=False)


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
    changed_at = serializers.DateTimeField()


@extend_schema_view(
    list=extend_schema(
        summary="Decisions",
        parameters=[
            OpenApiParameter("state", str, enum=list(Decision.State.values)),
            OpenApiParameter("cohort", OpenApiTypes.UUID),
            OpenApiParameter("partnership", OpenApiTypes.UUID),
            OpenApiParameter(
                "changed_since",
                OpenApiTypes.DATETIME,
                description="Only those changed at or after this moment.",
            ),
        ],
    ),
    retrieve=extend_schema(summary="One decision"),
)
class DecisionViewSet(  # type: ignore[misc]  # as above
    MemberViewSetMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Decision]
):
    """Decisions whose facts the token may read; drafts are none."""

    serializer_class = DecisionSerializer
    required_permission = Permission.FACTS_READ
    queryset = Decision.objects.none()  # for the schema: it asks without anybody

    def get_queryset(self) -> QuerySet[Decision]:
        """Return the decisions this token reads, narrowed by the list's parameters."""
        rows = Decision.objects.facts_for(self.member).with_answered()
        if self.action != "list":
            return rows
        wanted = DecisionFilter(data=self.request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        paths = {
            "state": "state",
            "cohort": "partnership__cohort",
            "partnership": "partnership",
            "changed_since": "changed_at__gte",
        }
        return rows.filter(**{paths[name]: value for name, value in given.items()})
