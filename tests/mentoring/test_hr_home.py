"""HR's home: what is new in the figures, and the way to reports, tokens and files."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from core.accounts.operations import keys
from core.common import clock
from core.members.permissions import Permission
from core.tenancy.context import tenant
from programs.models.programs import Cohort
from tests.cast import Cast, sign_in
from tests.metrics.build import NOW, full_cohort, make_cohort
from tests.metrics.test_pages import get

HOME = reverse("home", args=["acme"])


def test_hr_finds_what_is_new_and_every_way_out(cast: Cast) -> None:
    cohort = full_cohort(cast.acme)  # whose answers are released now
    old, moved = make_cohort(cast.acme, "Old"), make_cohort(cast.acme, "Moved")
    with tenant(cast.acme), clock.at(NOW - timedelta(days=2)):
        Cohort.objects.filter(pk=old.pk).update(moved_at=NOW - timedelta(days=8))
        Cohort.objects.filter(pk=moved.pk).update(moved_at=NOW - timedelta(days=6))
        keys.create_token(
            name="Warehouse",
            scopes=[Permission.FIGURES_READ],
            expires_at=NOW + timedelta(days=30),
            by=cast.hugo,
        )
    page = get(sign_in(cast.hugo), HOME)
    news = page.partition('id="hr-news"')[2].partition("</section>")[0]
    assert "More answers in: Competency change" in news
    assert (cohort.name in news, "Moved" in news, "Old" in news) == (True, True, False)
    assert "Warehouse" in page
    for name in ("metrics:insights", "metrics:compare", "accounts:tokens"):
        assert reverse(name, args=["acme"]) in page
    assert reverse("metrics:report", args=["acme", old.pk]) in page


def test_a_quiet_week_says_so(cast: Cast) -> None:
    page = get(sign_in(cast.hugo), HOME)
    assert "No cohort moved on, and no answers were added to the figures." in page
    assert "You have no token that is good now." in page


def test_who_coordinates_or_takes_part_has_no_such_part(cast: Cast) -> None:
    for person in (cast.cora, cast.petra):
        assert "hr-news" not in get(sign_in(person), HOME)
