"""One version, one schema: every app's resources under /api/v1/."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.common.problems import MEDIA_TYPE, problem
from core.members.facts import read_parameters
from core.members.permissions import Permission
from core.members.requests import documentation
from core.tenancy.queries import settings_in_force
from mentoring.exports.api import ColumnsView
from mentoring.resources import FILES, managed, router
from metrics.api import DefinitionsView, FiguresCsvView
from metrics.impact.api import OutcomeBatchView
from programs.api import MemberBatchView


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its registry
    """Says in the schema how a token is sent."""

    target_class = "core.members.rest.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from settings."}


REFUSALS = {
    "400": ("Invalid", "A parameter cannot be read; each is named with what is wrong with it."),
    "401": ("Error", "No token, or one that is unknown, expired or revoked."),
    "403": ("Error", "The token has not this scope, or its member not this permission."),
    "404": ("Error", "There is none, or it is another organisation's."),
    "405": ("Error", "This resource is read only."),
    "406": ("Error", "That media type is not offered."),
    "409": ("Error", "A rule says no now: its code says which."),
    "410": ("Error", "Asked from too far back: fetch all again, without changed_since."),
    "413": ("Error", "A request may have 1 MB."),
    "414": ("Error", "An address may have 8,000 characters."),
    "415": ("Error", "That media type cannot be read: send application/json."),
    "429": (
        "Error",
        "Too often: 60 a minute and 120 at once; Retry-After says in how many seconds.",
    ),
}
_REFUSAL = {
    "type": {"type": "string", "description": "Always about:blank: `code` says which it is."},
    "title": {"type": "string", "description": "The status in words."},
    "status": {"type": "integer"},
    "code": {"type": "string", "description": "For programs: it does not change."},
    "detail": {"type": "string", "description": "For people."},
}
_FIELDS = {
    "type": "object",
    "description": "What is wrong, by parameter.",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}
SCHEMAS = {
    "Error": {"type": "object", "properties": _REFUSAL, "required": list(_REFUSAL)},
    "Invalid": {
        "type": "object",
        "properties": {**_REFUSAL, "fields": _FIELDS},
        "required": [*_REFUSAL, "fields"],
    },
}


def document_refusals(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add to every operation what it may answer instead: a hook of drf-spectacular."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(SCHEMAS)
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, (schema, description) in REFUSALS.items():
                content = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
                operation["responses"].setdefault(
                    status,
                    {"description": description, "content": {MEDIA_TYPE: content}},
                )
    return result


SCHEMA_SETTINGS = {
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "mentoring.api.document_refusals",
    ],
    # one name for each set of choices, wherever it is used
    "ENUM_NAME_OVERRIDES": {
        "MemberStateEnum": "core.members.models.Member.State",
        "MemberRoleEnum": "core.members.models.Member.Role",
        "EnrolmentStateEnum": "programs.models.programs.Enrolment.State",
        "PartEnum": "programs.models.programs.Enrolment.Part",
        "PhaseEnum": "programs.models.programs.Cohort.Phase",
        "PartnershipStateEnum": "pairing.models.partnerships.Partnership.State",
        "GoalStateEnum": "agreements.goals.models.Goal.State",
        "AttendanceKindEnum": "sessions.models.sessions.Attendance.Kind",
        "FormatEnum": "programs.models.programs.Program.Format",
        "CadenceUnitEnum": "programs.models.programs.CadenceUnit",
        "EntryEnum": "programs.models.programs.Cohort.Entry",
        "SessionStateEnum": "sessions.models.sessions.Session.State",
        "DecisionMethodEnum": "agreements.decisions.models.Method",
        "DecisionQuorumEnum": "agreements.decisions.models.Quorum",
        "DecisionStateEnum": "agreements.decisions.models.Decision.State",
        "HrStatusEnum": "metrics.models.HrRecord.Status",
        "FigureKeyEnum": "metrics.api.FIGURE_KEYS",
        "FigureStateEnum": "metrics.api.FIGURE_STATES",
    },
}


def nothing_here(request: HttpRequest, **_kwargs: str) -> JsonResponse:
    """Answer an unknown address below /api/v1/ as every other error is answered."""
    return problem(404, "not_found", "Not found.")


class OrganisationSerializer(serializers.Serializer[Any]):
    """The organisation that a token opens, and what its figures go by."""

    slug = serializers.CharField(source="organisation.slug")
    name = serializers.CharField(source="organisation.name")
    time_zone = serializers.CharField(help_text="Whose days are a fact's days.")
    week_starts_on = serializers.IntegerField(help_text="0 is Monday.")
    threshold = serializers.IntegerField(help_text="About fewer people no figure is shown.")


class OrganisationView(APIView):
    """The organisation that the token opens."""

    required_permission = Permission.FACTS_READ

    @extend_schema(
        summary="Read the organisation",
        operation_id="organisation_read",
        responses=OrganisationSerializer,
    )
    def get(self, request: Request) -> Response:
        read_parameters(request, {})
        return Response(OrganisationSerializer(settings_in_force()).data)


def _files() -> list[URLPattern]:
    """Return the addresses of all lists as files; figures have one of their own."""
    return [
        path(f"v1/{prefix}.{ending}", viewset.as_view({"get": ending}), name=f"{prefix}_{ending}")
        for prefix, viewset in FILES.items()
        for ending in ("csv", "jsonl")
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/members/batch/", MemberBatchView.as_view(), name="member_batch"),
    path("v1/outcomes/batch/", OutcomeBatchView.as_view(), name="outcome_batch"),
    path("v1/", include(router.urls)),
    path("v1/", include(managed.urls)),
    *_files(),
    path("v1/organisation/", OrganisationView.as_view(), name="organisation"),
    path("v1/definitions/", DefinitionsView.as_view(), name="definitions"),
    path("v1/columns.csv", ColumnsView.as_view(), name="columns_csv"),
    path("v1/figures.csv", FiguresCsvView.as_view(), name="figures_csv"),
    re_path(r"^v1/.*$", nothing_here),
    path(
        "schema/",
        documentation(SpectacularAPIView.as_view(custom_settings=SCHEMA_SETTINGS)),
        name="api_schema",
    ),
    path(
        "docs/",
        # its own template, because the package's one has an inline style
        documentation(
            SpectacularSwaggerSplitView.as_view(
                url_name="api_schema", template_name="api/docs.html"
            )
        ),
        name="api_docs",
    ),
]
