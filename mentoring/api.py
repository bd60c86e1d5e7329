"""One version, one schema: every app's resources under /api/v1/."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from agreements.decisions.api import DecisionViewSet
from feedback.api import CheckInViewSet
from metrics.api import FiguresCsvView, FigureViewSet
from pairing.api import PartnershipViewSet
from programs.api import EnrolmentViewSet, MemberViewSet
from sessions.api import SessionViewSet

router = SimpleRouter()
router.register("members", MemberViewSet, basename="member")
router.register("enrolments", EnrolmentViewSet, basename="enrolment")
router.register("partnerships", PartnershipViewSet, basename="partnership")
router.register("sessions", SessionViewSet, basename="session")
router.register("decisions", DecisionViewSet, basename="decision")
router.register("check-ins", CheckInViewSet, basename="check-in")
router.register("figures", FigureViewSet, basename="figure")


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
}
_REFUSAL = {
    "code": {"type": "string", "description": "For programs: it does not change."},
    "detail": {"type": "string", "description": "For people."},
}
_FIELDS = {
    "type": "object",
    "description": "What is wrong, by parameter.",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}
SCHEMAS = {
    "Error": {"type": "object", "properties": _REFUSAL, "required": ["code", "detail"]},
    "Invalid": {
        "type": "object",
        "properties": {**_REFUSAL, "fields": _FIELDS},
        "required": ["code", "detail", "fields"],
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
                    {"description": description, "content": {"application/json": content}},
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
        "SessionStateEnum": "sessions.models.sessions.Session.State",
        "DecisionMethodEnum": "agreements.decisions.models.Method",
        "DecisionQuorumEnum": "agreements.decisions.models.Quorum",
        "DecisionStateEnum": "agreements.decisions.models.Decision.State",
        "FigureKeyEnum": "metrics.api.FIGURE_KEYS",
        "FigureStateEnum": "metrics.api.FIGURE_STATES",
    },
}


def nothing_here(request: HttpRequest, **_kwargs: str) -> JsonResponse:
    """Answer an unknown address below /api/v1/ as every other error is answered."""
    return JsonResponse({"code": "not_found", "detail": "Not found."}, status=404)


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(router.urls)),
    path("v1/figures.csv", FiguresCsvView.as_view(), name="figures_csv"),
    re_path(r"^v1/.*$", nothing_here),
    path("schema/", SpectacularAPIView.as_view(custom_settings=SCHEMA_SETTINGS), name="api_schema"),
    path(
        "docs/",
        # its own template, because the package's one has an inline style
        SpectacularSwaggerSplitView.as_view(url_name="api_schema", template_name="api/docs.html"),
        name="api_docs",
    ),
]
