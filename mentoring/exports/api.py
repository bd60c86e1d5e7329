"""The dictionary of all files over REST."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from core.common import csv
from core.members.facts import read_parameters
from core.members.permissions import Permission
from core.members.rest import CsvRenderer, member_of
from mentoring.exports.lists import dictionary


class ColumnsView(APIView):
    """What every column of every file means: its type, unit, window and, of figures, definition."""

    required_permission = Permission.FACTS_READ
    renderer_classes = (CsvRenderer,)

    @extend_schema(
        summary="Read what the columns of all files mean",
        operation_id="columns_csv",
        tags=["files"],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, description="One line a column, and of figures one a figure."
            )
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        read_parameters(request, {})
        head, *lines = dictionary(member_of(request))
        return csv.download(csv.lines(head, lines), "columns.csv")
