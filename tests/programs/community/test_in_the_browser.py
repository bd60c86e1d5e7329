"""Profiles and the pages of a community in every window: a phone and a desk, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from core.common import clock
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership
from programs.community.operations import announcements, discussions
from programs.models.community import Announcement, Post
from programs.profiles.operations import set_profile
from tests.browser import chromium, window
from tests.cast import Cast
from tests.feedback.build import make_cohort, make_partnership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pages(cast: Cast) -> dict[str, tuple[str, str]]:
    """Petra and Pavel are a circle; Pavel has written, and Petra finds it wrong."""
    cohort = make_cohort(cast.acme)
    make_partnership(cohort, cast.petra, cast.pavel)
    with tenant(cast.acme):
        table = Partnership.objects.get()
        shown = ["partners", "cohort", "coordinators"]
        texts = {"offer": "Listening", "pronouns": "he/him"}
        set_profile(texts=texts, shown_to=dict.fromkeys(texts, shown), by=cast.pavel)
        said = {"program": cohort.program, "cohort": cohort, "text": "**Come**\n\n- early"}
        now = announcements.write_announcement(
            title="The kick-off", send_at=None, by=cast.cora, **said
        )
        later = announcements.write_announcement(
            title="The close", send_at=clock.now() + timedelta(days=9), by=cast.cora, **said
        )
        thread = discussions.open_thread(
            cohort=cohort, title="How do you open?", text="With > silence", by=cast.pavel
        )
        post = Post.objects.for_list().get()
        discussions.report_post(post=post, reason="off", text="Look", by=cast.petra)
        assert Announcement.objects.count() == 2
    here = f"/o/acme/cohorts/{cohort.pk}/community/"
    return {
        "my profile": ("petra", "/o/acme/me/shown/"),
        "profile": ("petra", f"/o/acme/profiles/{cast.pavel.pk}/"),
        "profiles": ("petra", f"/o/acme/partnerships/{table.pk}/profiles/"),
        "partnership": ("petra", f"/o/acme/partnerships/{table.pk}/"),
        "communities": ("petra", "/o/acme/community/"),
        "community": ("petra", here),
        "found": ("petra", f"{here}search/?q=silence"),
        "new thread": ("petra", f"{here}threads/new/"),
        "thread": ("pavel", f"/o/acme/threads/{thread.pk}/"),
        "edit": ("pavel", f"/o/acme/posts/{post.pk}/edit/"),
        "report": ("petra", f"/o/acme/posts/{post.pk}/report/"),
        "announcement": ("petra", f"/o/acme/announcements/{now.pk}/"),
        "scheduled": ("cora", f"/o/acme/announcements/{later.pk}/"),
        "coordinator's": ("cora", here),
        "reports": ("cora", f"{here}reports/"),
        "remove": ("cora", f"/o/acme/posts/{post.pk}/remove/"),
        "announce": ("cora", f"{here}announce/"),
        "celebrations": ("petra", f"/o/acme/cohorts/{cohort.pk}/celebrations/"),
    }


def test_every_page_is_clean(
    live_server, cast: Cast, browser: Browser, pages: dict[str, tuple[str, str]]
) -> None:
    found: dict[str, list[str]] = {}
    for name, (who, path) in pages.items():
        with window(browser, live_server.url, who=getattr(cast, who)) as watched:
            watched.page.goto(path)
            if problems := watched.look_in_all_windows():
                found[name] = problems
    assert found == {}


def test_opening_an_announcement_counts_it_as_read(
    live_server, cast: Cast, browser: Browser, pages: dict[str, tuple[str, str]]
) -> None:
    with window(browser, live_server.url, who=cast.petra) as watched:
        watched.page.goto(pages["announcement"][1])
        watched.page.get_by_role("button", name="I have read it").wait_for(state="detached")
    with tenant(cast.acme):
        assert Announcement.objects.get(title="The kick-off").reads == 1
