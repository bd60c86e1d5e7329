"""Webhooks over REST: what the page under Settings does, by a program and through the same acts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.accounts.forms import https_address
from core.accounts.operations import outgoing
from core.members.access import PULLED, RESOURCES
from core.members.facts import FactsViewSet, Instant, id_of, one_of
from core.members.limits import spend
from core.members.permissions import Permission
from core.members.rest import KeysetPagination
from core.members.writes import REPLAYED, Strict, TextField, key_of, key_parameter
from core.notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage

MOST_DAYS = 30  # that the secret before a new one goes on
LISTS = [(name, name) for name in PULLED]
STATES = [(state, state) for state in WebhookMessage.State.values]
PROBLEMS = [(problem, problem) for problem in WebhookAttempt.Problem.values]


class WebhookSerializer(serializers.ModelSerializer[WebhookEndpoint]):
    """An address that is told what was written; of it the host alone, since it may hold a key."""

    lists = serializers.ListField(child=serializers.ChoiceField(choices=LISTS))
    enabled = serializers.SerializerMethodField(
        help_text="Whether it is told: not where `stopped_at` is set."
    )
    problem = serializers.ChoiceField(
        choices=PROBLEMS,
        allow_blank=True,
        help_text="What came of the last try, or why it is sent no more; empty: nothing is wrong.",
    )
    arrived_at = serializers.DateTimeField(
        source="sent_at", allow_null=True, help_text="When a message last arrived."
    )
    former_secret_until = serializers.DateTimeField(
        source="former_until", allow_null=True, help_text="Until then the one before signs as well."
    )
    made_by = serializers.UUIDField(source="set_by_id", allow_null=True)
    made_at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = WebhookEndpoint
        fields = RESOURCES["webhooks"].fields
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.BOOL)
    def get_enabled(self, endpoint: WebhookEndpoint) -> bool:
        return endpoint.stopped_at is None


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook with its secret, which is said in this answer alone."""

    secret = serializers.SerializerMethodField(
        help_text="It begins with whsec_; what follows is the key of the signatures, in Base64."
    )

    class Meta:
        model = WebhookEndpoint
        fields = (*RESOURCES["webhooks"].fields, "secret")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_secret(self, endpoint: WebhookEndpoint) -> str:
        secret: str = self.context["secret"]
        return secret


class _Flag(serializers.BooleanField):
    """True or false; a text that looks like one is a mistake of the sender."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(_("This has to be true or false."))
        return data


class _Whole(serializers.IntegerField):
    def to_internal_value(self, data: object) -> int:
        if type(data) is not int:
            raise serializers.ValidationError(_("This has to be a whole number."))
        return super().to_internal_value(data)


class _Lists(serializers.ListField):
    """Names of lists, each once."""

    child = serializers.ChoiceField(choices=LISTS)

    def to_internal_value(self, data: Any) -> list[str]:
        if isinstance(data, list) and not all(isinstance(name, str) for name in data):
            raise serializers.ValidationError(_("Name lists of the API."))
        return sorted(set(super().to_internal_value(data)))


def _name(**how: Any) -> TextField:
    return TextField(
        max_length=80, help_text="What will hear it, so that you know it later.", **how
    )


def _is_https(address: str) -> None:
    https_address(address)


def _address(**how: Any) -> TextField:
    return TextField(
        max_length=2000,
        validators=[_is_https],
        help_text="It begins with https:// and can be reached from the internet; never shown.",
        **how,
    )


def _lists(**how: Any) -> _Lists:
    words = "Of which lists of the API it hears."
    return _Lists(min_length=1, max_length=len(LISTS), help_text=words, **how)


class NewWebhookSerializer(Strict):
    name, address, lists = _name(), _address(), _lists()


class WebhookChangeSerializer(Strict):
    """What is to be changed; what is left out stays."""

    name, address, lists = _name(required=False), _address(required=False), _lists(required=False)
    enabled = _Flag(
        required=False,
        help_text="false: nothing is sent. true: it goes on, and what was missed is sent.",
    )


class NewSecretSerializer(Strict):
    overlap_days = _Whole(
        min_value=0,
        max_value=MOST_DAYS,
        help_text="For how many days the secret before signs as well.",
    )


class ReplaySerializer(Strict):
    since = Instant(help_text="All messages since this instant are sent again, as they were.")


class ReplayedSerializer(serializers.Serializer[Any]):
    messages = serializers.IntegerField(help_text="How many are sent again.")


class AttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    """One try; of the answer its status and how long it took, no word."""

    at = serializers.DateTimeField(source="created_at")
    status = serializers.IntegerField(allow_null=True, help_text="null: no answer came.")
    problem = serializers.ChoiceField(
        choices=PROBLEMS, allow_blank=True, help_text="Empty: it arrived."
    )

    class Meta:
        model = WebhookAttempt
        fields = ("at", "status", "problem", "milliseconds")
        read_only_fields = fields


class WebhookDeliverySerializer(serializers.ModelSerializer[WebhookMessage]):
    """A message to a webhook with its tries; its id is what `webhook-id` says."""

    webhook = serializers.UUIDField(source="endpoint_id")
    type = serializers.CharField(source="kind", help_text="<list>.changed, <list>.deleted or test.")
    ids = serializers.ListField(child=serializers.UUIDField())
    state = serializers.ChoiceField(
        choices=STATES, help_text="due: on its way; sent: arrived; failed: given up."
    )
    arrived_at = serializers.DateTimeField(source="sent_at", allow_null=True)
    attempts = AttemptSerializer(many=True)

    class Meta:
        model = WebhookMessage
        fields = RESOURCES["webhook-deliveries"].fields
        read_only_fields = fields


class _ManagedViewSet(FactsViewSet[Any]):
    """What is read strictly as facts are, and is none: it is no file and has no pull."""

    required_permission = Permission.WEBHOOKS_MANAGE
    pagination_class = KeysetPagination

    def in_program(self, rows: QuerySet[Any], program_id: UUID) -> QuerySet[Any]:
        return rows.none()  # webhooks are the whole organisation's


NEW = OpenApiExample(
    "A warehouse hears of sessions",
    value={
        "name": "Warehouse",
        "address": "https://hooks.example.com/roundtable",
        "lists": ["attendance", "sessions"],
    },
    request_only=True,
)
OFF = OpenApiExample("Switched off", value={"enabled": False}, request_only=True)
WEEK = OpenApiExample("A week of both", value={"overlap_days": 7}, request_only=True)
SINCE = OpenApiExample("Since noon", value={"since": "2026-11-30T12:00:00Z"}, request_only=True)


@extend_schema_view(
    list=extend_schema(summary="List webhooks"),
    retrieve=extend_schema(summary="Read one webhook"),
)
class WebhookViewSet(_ManagedViewSet):
    """The addresses that are told which rows of which lists were written."""

    resource = "webhooks"
    serializer_class = WebhookSerializer
    queryset = WebhookEndpoint.objects.none()  # for the schema: it asks without anybody

    def facts(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.visible_to(self.member)

    @extend_schema(
        summary="Make a webhook",
        request=NewWebhookSerializer,
        responses={201: WebhookWithSecretSerializer},
        parameters=[key_parameter("request")],
        examples=[NEW],
    )
    def create(self, request: Request) -> Response:
        """Tell an address from now on what is written; its secret is in this answer alone."""
        key, wanted = key_of(request), _read(NewWebhookSerializer, request)
        sent = _sent(key, wanted)
        before = outgoing.answered_before(verb=outgoing.ADDED, request=sent, by=self.member)
        if before is not None:
            return self._with_secret(*before, status=201, headers=REPLAYED)
        spend(self.member, "token")
        made, secret = outgoing.add_endpoint(by=self.member, request=sent, **wanted)
        return self._with_secret(made, secret, status=201)

    @extend_schema(
        summary="Change a webhook",
        request=WebhookChangeSerializer,
        responses=WebhookSerializer,
        examples=[OFF],
    )
    def partial_update(self, request: Request, id: str) -> Response:
        """Change its name, address or lists, or switch it off and on; what is left out stays."""
        row, wanted = self.get_object(), _read(WebhookChangeSerializer, request)
        changed = outgoing.change_endpoint(endpoint=row, by=self.member, **wanted)
        return Response(self.get_serializer(changed).data)

    @extend_schema(
        summary="Remove a webhook", responses={204: OpenApiResponse(description="It is gone.")}
    )
    def destroy(self, request: Request, id: str) -> Response:
        """Tell it nothing any more, and forget what it was told."""
        outgoing.remove_endpoint(endpoint=self.get_object(), by=self.member)
        return Response(status=204)

    @extend_schema(
        summary="Make a new secret",
        operation_id="webhooks_secret",
        request=NewSecretSerializer,
        responses=WebhookWithSecretSerializer,
        parameters=[key_parameter("request")],
        examples=[WEEK],
    )
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, id: str) -> Response:
        """Sign with a new secret, and for so many days with the one before as well."""
        row, key, wanted = self.get_object(), key_of(request), _read(NewSecretSerializer, request)
        sent = _sent(key, {**wanted, "id": str(row.pk)})
        before = outgoing.answered_before(verb=outgoing.ROTATED, request=sent, by=self.member)
        if before is not None:
            return self._with_secret(*before, headers=REPLAYED)
        spend(self.member, "token")
        overlap = timedelta(days=wanted["overlap_days"])
        made, secret = outgoing.rotate_endpoint(
            endpoint=row, overlap=overlap, by=self.member, request=sent
        )
        return self._with_secret(made, secret)

    @extend_schema(
        summary="Send messages again",
        operation_id="webhooks_replay",
        request=ReplaySerializer,
        responses=ReplayedSerializer,
        examples=[SINCE],
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, id: str) -> Response:
        """Send all messages since an instant again; what is on its way is left to it."""
        row, wanted = self.get_object(), _read(ReplaySerializer, request)
        again = outgoing.replay_since(endpoint=row, by=self.member, **wanted)
        return Response({"messages": again})

    def _with_secret(
        self,
        row: WebhookEndpoint,
        secret: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        data = WebhookWithSecretSerializer(row, context={"secret": secret}).data
        return Response(data, status=status, headers=headers)


@extend_schema_view(
    list=extend_schema(
        summary="List messages to webhooks",
        parameters=[
            OpenApiParameter(
                "webhook", OpenApiTypes.UUID, description="Only those to this webhook."
            ),
            OpenApiParameter(
                "state", enum=WebhookMessage.State.values, description="Only those in this state."
            ),
        ],
    ),
    retrieve=extend_schema(summary="Read one message to a webhook"),
)
class WebhookDeliveryViewSet(_ManagedViewSet):
    """What webhooks were sent: which ids, and what came of each try."""

    resource = "webhook-deliveries"
    serializer_class = WebhookDeliverySerializer
    queryset = WebhookMessage.objects.none()
    filters: ClassVar = {
        "webhook": id_of("endpoint_id"),
        "state": one_of("state", STATES),
    }

    def facts(self) -> QuerySet[WebhookMessage]:
        attempts = WebhookAttempt.objects.visible_to(self.member).order_by("id")
        rows = WebhookMessage.objects.visible_to(self.member).select_related("endpoint")
        return rows.prefetch_related(Prefetch("attempts", attempts))

    @extend_schema(
        summary="Send a message again",
        operation_id="webhook_deliveries_replay",
        request=None,
        responses=WebhookDeliverySerializer,
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, id: str) -> Response:
        """Send this message again, as it was, with the same id."""
        outgoing.replay(message=self.get_object(), by=self.member)
        return Response(self.get_serializer(self.get_object()).data)


def _read(kind: type[Strict], request: Request) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values


def _sent(key: str, wanted: Mapping[str, object]) -> outgoing.Request:
    return outgoing.Request(key, json.dumps(wanted, sort_keys=True))
