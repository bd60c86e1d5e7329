"""A person's own data as one file: JSON for programs and a page for readers, in one zip.

The one place that reads private bodies for a Job: as the person themselves, who alone can fetch it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from core.common import clock
from core.jobs import operations as jobs
from core.jobs.models import Job, StoredFile
from core.members.models import Member
from core.tenancy.models import TenantModel
from mentoring.privacy.tables import columns_of, rows_of, tables

KIND = "privacy.export"
NAME = "my-data.zip"
LIFE = timedelta(hours=24)
Data = dict[str, list[dict[str, Any]]]


@transaction.atomic
def start_export(*, by: Member) -> Job:
    """Have a person's own data put together by a worker."""
    return jobs.start(kind=KIND, title=_("My data"), by=by, input={})


@transaction.atomic
def keep_export(*, by: Member) -> StoredFile:
    """Put a person's data together, in place of what was put together before."""
    StoredFile.objects.filter(uploaded_by=by, name=NAME).delete()
    return jobs.keep_file(name=NAME, content=archive(data_of(by), by), by=by, life=LIFE)


def exports_of(member: Member) -> list[StoredFile]:
    """Return the file that somebody can fetch now, if there is one."""
    rows = StoredFile.objects.visible_to(member).filter(name=NAME, expires_at__gt=clock.now())
    return list(rows.defer("content")[:1])


def data_of(member: Member) -> Data:
    """Return all that is this person's own, by table; as themselves, so with private bodies."""
    data: Data = {"sign_in": [{"email": member.user.email}]}
    for model in tables():
        rows = list(_own(model, member).order_by("pk").values(*_names(model)))
        if rows:
            data[model._meta.db_table] = rows
    return data


def _own(model: type[TenantModel], member: Member) -> Any:
    rows = rows_of(model, member, model.privacy.export)
    if model.privacy.partnership and model.privacy.export:
        # words of partners: what was written after somebody left is not for them
        rows = rows.filter(pk__in=model.objects.visible_to(member).values("pk"))  # type: ignore[attr-defined]  # a TenantQuerySet
    return rows


def _names(model: type[TenantModel]) -> list[str]:
    return [field.attname for field in columns_of(model)]


def archive(data: Data, member: Member) -> bytes:
    body = BytesIO()
    context = {"data": data.items(), "member": member, "at": clock.now()}
    with ZipFile(body, "w", ZIP_DEFLATED) as file:
        file.writestr("my-data.json", json.dumps(data, cls=DjangoJSONEncoder, indent=1))
        file.writestr("my-data.html", render_to_string("privacy/export.html", context))
    return body.getvalue()
