"""What was written in the lists of REST since a webhook heard of it last: its messages.

The instants are those of a pull (core/members/rest.py): each writing lies in exactly one window,
whoever writes meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from core.common.rows import row_by_row
from core.members.facts import FactsViewSet
from core.members.rest import PullPagination
from core.notifications import outgoing
from core.notifications.models import WebhookEndpoint
from core.tenancy.models import StampedModel
from core.tenancy.queries import tombstones_of, unseen_since
from mentoring.resources import router


def lists() -> dict[str, type[StampedModel]]:
    """Return the tables of the lists that can be pulled by what has changed."""
    return {
        viewset.resource: viewset.queryset.model
        for _prefix, viewset, _name in router.registry
        if issubclass(viewset, FactsViewSet)
        and issubclass(viewset.pagination_class, PullPagination)
        and viewset.queryset is not None
    }


@transaction.atomic
def tell_webhooks(*, at: datetime) -> int:
    """Write the messages about what was written or deleted since the last ones."""
    rows = WebhookEndpoint.objects.filter(stopped_at=None).order_by("pk")
    if not rows:
        return 0
    until = unseen_since()
    return row_by_row(rows.select_for_update(of=("self",)), partial(_tell, until=until))


def _tell(endpoint: WebhookEndpoint, *, until: datetime) -> int:
    queued = sum(
        outgoing.queue(endpoint=endpoint, kind=kind, ids=ids)
        for kind, ids in _written(endpoint, until)
    )
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(told_until=until)
    return queued


def _written(endpoint: WebhookEndpoint, until: datetime) -> Iterator[tuple[str, list[UUID]]]:
    window = {"stamped_at__gte": endpoint.told_until, "stamped_at__lt": until}
    for name, model in lists().items():
        if name in endpoint.lists:
            for kind, rows in (("changed", model.objects), ("deleted", tombstones_of(model))):
                ids = list(rows.filter(**window).values_list("pk", flat=True))
                if ids:
                    yield f"{name}.{kind}", ids
