"""The recipe for pandas in docs/api.md, run as it is printed."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.tenancy.context import tenant
from sessions.models.sessions import Attendance, Session
from tests.api.test_api import SECRET, make_token
from tests.cast import Cast
from tests.metrics.build import full_cohort

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.slow
def test_the_recipe_for_pandas_reads_types(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    pandas: Any = pytest.importorskip("pandas")
    make_token(cast.cora)
    full_cohort(cast.acme)
    (recipe,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    read_csv = pandas.read_csv

    def over_http(url: str, storage_options: dict[str, str], **options: Any) -> Any:
        answer: Any = Client().get(url.removeprefix("https://x"), headers=storage_options)
        assert answer.status_code == 200
        return read_csv(io.BytesIO(answer.getvalue()), **options)

    monkeypatch.setattr(pandas, "read_csv", over_http)
    names: dict[str, Any] = {"site": "https://x", "token": SECRET}
    exec(recipe, names)  # noqa: S102  # our own words
    with tenant(cast.acme):
        held = Session.objects.filter(state=Session.State.HELD)
        present = Attendance.objects.filter(session__in=held, kind=Attendance.Kind.PRESENT)
        rows = Attendance.objects.filter(session__in=held)
        assert (len(names["held"]), len(names["came"])) == (held.count(), rows.count())
        came = names["came"]["kind"] == "present"
        assert int(came.sum()) == present.count()
        starts = set(names["sessions"]["starts_at"].dt.to_pydatetime())
        assert starts == set(Session.objects.values_list("starts_at", flat=True))
    assert str(names["sessions"]["day"].dtype).startswith("datetime64")
    assert len(names["by_week"]) == 2
