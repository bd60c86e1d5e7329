"""Sessions over REST: facts, never topics or retrospectives."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from core.members.access import RESOURCES
from core.members.facts import FactsViewSet, id_of, one_of
from sessions.models.sessions import Attendance, Session, Turn
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
    changed_at = serializers.DateTimeField(source="stamped_at")


@extend_schema_view(
    list=extend_schema(
        summary="Sessions",
        parameters=[
            OpenApiParameter("state", str, enum=list(Session.State.values)),
            OpenApiParameter("cohort", OpenApiTypes.UUID),
            OpenApiParameter("partnership", OpenApiTypes.UUID),
        ],
    ),
    retrieve=extend_schema(summary="One session"),
)
class SessionViewSet(FactsViewSet[Session]):
    """Sessions whose facts the token may read."""

    resource = "sessions"
    program = "partnership__cohort__program"
    serializer_class = SessionSerializer
    queryset = Session.objects.none()  # for the schema: it asks without anybody
    filters = {
        "state": one_of("state", Session.State.choices),
        "cohort": id_of("partnership__cohort"),
        "partnership": id_of("partnership"),
    }

    def facts(self) -> QuerySet[Session]:
        turns = lists.turns_for_facts(self.member)
        rows = Session.objects.facts_for(self.member).with_attendance()
        return rows.prefetch_related(Prefetch("turns", queryset=turns))


class AttendanceSerializer(serializers.ModelSerializer[Attendance]):
    """That somebody was at a session, or was not."""

    session = serializers.UUIDField(source="session_id")
    seat = serializers.UUIDField(source="seat_id")
    member = serializers.UUIDField(source="seat.enrolment.member_id")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Attendance
        fields = RESOURCES["attendance"].fields
        read_only_fields = fields


class HeldTurnSerializer(serializers.ModelSerializer[Turn]):
    """Who holds which meeting role in which session."""

    session = serializers.UUIDField(source="session_id")
    seat = serializers.UUIDField(source="seat_id")
    member = serializers.UUIDField(source="seat.enrolment.member_id")
    role = serializers.CharField(source="role.key")
    changed_at = serializers.DateTimeField(source="stamped_at")

    class Meta:
        model = Turn
        fields = RESOURCES["turns"].fields
        read_only_fields = fields


OF_SESSION = {
    "cohort": id_of("session__partnership__cohort"),
    "partnership": id_of("session__partnership"),
}
OF_SESSION_PARAMETERS = [
    OpenApiParameter("cohort", OpenApiTypes.UUID, description="Only those of this cohort."),
    OpenApiParameter("partnership", OpenApiTypes.UUID, description="Only those at this table."),
]


@extend_schema_view(
    list=extend_schema(summary="List attendance", parameters=OF_SESSION_PARAMETERS),
    retrieve=extend_schema(summary="Read one attendance"),
)
class AttendanceViewSet(FactsViewSet[Attendance]):
    """Who came to which session."""

    resource = "attendance"
    program = "session__partnership__cohort__program"
    serializer_class = AttendanceSerializer
    queryset = Attendance.objects.none()  # for the schema: it asks without anybody
    filters = OF_SESSION

    def facts(self) -> QuerySet[Attendance]:
        return Attendance.objects.facts_for(self.member).select_related("seat__enrolment")


@extend_schema_view(
    list=extend_schema(summary="List turns", parameters=OF_SESSION_PARAMETERS),
    retrieve=extend_schema(summary="Read one turn"),
)
class TurnViewSet(FactsViewSet[Turn]):
    """Who holds which meeting role, session by session."""

    resource = "turns"
    program = "session__partnership__cohort__program"
    serializer_class = HeldTurnSerializer
    queryset = Turn.objects.none()  # for the schema: it asks without anybody
    filters = OF_SESSION

    def facts(self) -> QuerySet[Turn]:
        return Turn.objects.facts_for(self.member).select_related("seat__enrolment", "role")
