"""The agenda of a program, edited row by row."""

from __future__ import annotations

from core.tenancy.context import tenant
from programs.models.programs import Program
from programs.queries.agendas import READY_AGENDAS
from tests.cast import sign_in
from tests.programs.build import make_program
from tests.programs.test_pages import read, url


def test_the_agenda_is_rearranged_row_by_row_and_saved_at_the_end(cast):
    program = make_program(cast.acme)
    cora = sign_in(cast.cora)
    page = cora.get(url("edit_agenda", program.pk))
    assert "How this step works" not in read(page)
    assert "Everybody speaks once before anybody speaks twice" in read(page)
    rows = {"count": "2"} | {
        "title_0": "Arrive",
        "minutes_0": "5",
        "kind_0": "check_in",
        "title_1": "Talk",
        "minutes_1": "55",
        "kind_1": "fishbowl",
    }
    moved = cora.post(url("edit_agenda", program.pk), rows | {"act": "up-1"})
    assert [row["title"] for row in moved.context["form"].rows_given] == ["Talk", "Arrive"]
    for act in ("up-0", "down-1", "remove-9", "dance", "fill-nothing", "up-", "remove-99999999"):
        same = cora.post(url("edit_agenda", program.pk), rows | {"act": act})
        assert [row["title"] for row in same.context["form"].rows_given] == ["Arrive", "Talk"], act
    for ready in READY_AGENDAS:
        filled = cora.post(url("edit_agenda", program.pk), rows | {"act": f"fill-{ready}"})
        assert filled.context["form"].minutes == program.session_minutes
    for wrong in ({"title_0": ""}, {"minutes_1": "0"}, {"kind_0": "dance"}, {"count": "31"}):
        assert cora.post(url("edit_agenda", program.pk), rows | wrong).status_code == 422, wrong
    assert cora.post(url("edit_agenda", program.pk), rows).status_code == 302
    with tenant(cast.acme):
        assert Program.objects.get().agenda == [
            {"title": "Arrive", "minutes": 5, "kind": "check_in"},
            {"title": "Talk", "minutes": 55, "kind": "fishbowl"},
        ]
