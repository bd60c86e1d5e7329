"""The figures of cohorts as REST, and all of them as one streamed CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.common import clock, csv
from core.members.facts import FactsViewSet, id_of, read_parameters
from core.members.files import Tally
from core.members.permissions import Permission
from core.members.rest import CsvRenderer, KeysetPagination, member_of, token_of
from core.tenancy.queries import settings_in_force
from metrics.definitions.shapes import State
from metrics.exports import figure_lines
from metrics.figures import DEFINITIONS, figures_of
from programs.models.programs import Cohort

FIGURE_KEYS = [(entry.key, entry.key) for entry in DEFINITIONS]
FIGURE_STATES = [(state.value, state.value) for state in State]


class FigureSerializer(serializers.Serializer[Any]):
    """One figure: `value` has four decimal places and is null where `state` is not `shown`."""

    key = serializers.ChoiceField(choices=FIGURE_KEYS)
    part = serializers.CharField(help_text="A breakdown within the figure; empty for the whole.")
    label = serializers.CharField(  # type: ignore[assignment]  # hides a field's own label
        help_text="The part in words."
    )
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    value = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    low = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    high = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    n = serializers.IntegerField(allow_null=True, help_text="Distinct people behind it.")
    state = serializers.ChoiceField(
        choices=FIGURE_STATES,
        help_text=(
            "shown; no_data: nothing to count yet; hidden: about too few people, or people's "
            "answers of which too few are new."
        ),
    )
    answers_until = serializers.DateField(
        source="until",
        allow_null=True,
        help_text="Of people's answers, which are released in steps: the last day they are of.",
    )


class CohortFiguresSerializer(serializers.ModelSerializer[Cohort]):
    """A cohort with its figures as of one moment."""

    cohort = serializers.UUIDField(source="id")
    name = serializers.CharField()
    program = serializers.UUIDField(source="program_id")
    program_name = serializers.CharField(source="program.name")
    as_of = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField()

    class Meta:
        model = Cohort
        fields = (
            "cohort",
            "name",
            "program",
            "program_name",
            "phase",
            "starts_on",
            "ends_on",
            "as_of",
            "figures",
        )
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_as_of(self, cohort: Cohort) -> datetime:
        as_of: datetime = self.context["as_of"]
        return as_of

    @extend_schema_field(FigureSerializer(many=True))
    def get_figures(self, cohort: Cohort) -> Any:
        return FigureSerializer(self.context["figures"][cohort.pk], many=True).data


@extend_schema_view(
    list=extend_schema(
        summary="List the figures of cohorts",
        parameters=[
            OpenApiParameter(
                "cohort", OpenApiTypes.UUID, description="Only this cohort; 404 if there is none."
            )
        ],
    ),
    retrieve=extend_schema(summary="Read the figures of one cohort"),
)
class FigureViewSet(FactsViewSet[Cohort]):
    """The figures that the report page shows, to the last digit, cohort by cohort."""

    resource = "figures"
    program = "program"
    serializer_class = CohortFiguresSerializer
    required_permission = Permission.FIGURES_READ
    queryset = Cohort.objects.none()  # for the schema: it asks without anybody
    pagination_class = KeysetPagination  # figures are of the moment at which they are read
    filters = {"cohort": id_of("pk")}

    def facts(self) -> QuerySet[Cohort]:
        return Cohort.objects.visible_to(self.member).for_list()

    def get_queryset(self) -> QuerySet[Cohort]:
        rows = super().get_queryset()
        if self.action == "list" and "cohort" in self.request.query_params and not rows:
            raise Http404
        return rows

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Read the figures of what is about to be written, all cohorts of a page at once."""
        if not args:  # the schema asks without rows
            return super().get_serializer(**kwargs)
        cohorts: Sequence[Cohort] = [args[0]] if isinstance(args[0], Cohort) else list(args[0])
        now = clock.now()
        kwargs["context"] = {
            **self.get_serializer_context(),
            "as_of": now,
            "figures": figures_of(cohorts, settings_in_force(), now),
        }
        return super().get_serializer(*args, **kwargs)


class FiguresCsvView(APIView):
    """All figures of all cohorts that the token's member may see, as one CSV."""

    required_permission = Permission.FIGURES_READ
    renderer_classes = (CsvRenderer,)

    @extend_schema(
        summary="Read all figures as CSV",
        operation_id="figures_csv",
        tags=["figures"],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, description="One line a figure, streamed."
            )
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        read_parameters(request, {})
        member = member_of(request)
        rows = Cohort.objects.visible_to(member).order_by("pk")
        if program := token_of(request).program_id:
            rows = rows.filter(program=program)
        ids: list[UUID] = list(rows.values_list("pk", flat=True))
        tally = Tally()
        lines = tally.of(figure_lines(member, ids, clock.now()))
        answer = csv.download(lines, "figures.csv")
        answer.tally = tally  # type: ignore[attr-defined]  # read by TokenUseMiddleware
        return answer


class DefinitionSerializer(serializers.Serializer[Any]):
    """What one figure counts, in words."""

    key = serializers.ChoiceField(choices=FIGURE_KEYS)
    name = serializers.CharField()
    asks = serializers.CharField()
    numerator = serializers.CharField()
    denominator = serializers.CharField()
    window = serializers.CharField()
    unit = serializers.CharField()
    missing = serializers.CharField()
    people = serializers.CharField(help_text="Whom `n` counts.")
    source = serializers.CharField(  # type: ignore[assignment]  # hides a field's own source
        help_text="From which facts."
    )
    parts = serializers.CharField(help_text="What it is broken down by; empty: by nothing.")
    method = serializers.CharField(help_text="How it is reckoned; empty: as a plain share.")


class DefinitionsView(APIView):
    """The dictionary: what every figure counts, in the order in which they are shown."""

    required_permission = Permission.FIGURES_READ

    @extend_schema(
        summary="List the definitions of figures",
        operation_id="definitions_list",
        tags=["figures"],
        responses=DefinitionSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        read_parameters(request, {})
        return Response(DefinitionSerializer(DEFINITIONS, many=True).data)
