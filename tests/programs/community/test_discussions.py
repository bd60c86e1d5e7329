"""Discussions: who reads and writes, what is told, edited, reported, removed and found."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.accounts.operations import people
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from mentoring.privacy.erasing import erase_member
from programs.community import queries
from programs.community.operations import discussions as operations
from programs.errors import NotTheirPost, NotWriting, PostRemoved, TooManyPosts
from programs.models.community import Post, PostReport, Thread
from programs.models.programs import Cohort, Enrolment, Program
from tests.cast import Cast, make_member, sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program, run_only


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    """Petra, Pavel and Mia are in it; Noor is in another cohort of the program."""
    program = make_program(cast.acme)
    cohort, other = make_cohort(program), make_cohort(program, "Autumn")
    for member in (cast.petra, cast.pavel, make_member(cast.acme, "Mia")):
        make_enrolment(cohort, member)
    make_enrolment(other, make_member(cast.acme, "Noor"))
    return cohort


def begin(
    cast: Cast, cohort: Cohort, text: str = "canary words", by: Member | None = None
) -> Thread:
    with tenant(cast.acme):
        operations.open_thread(cohort=cohort, title="How do you open?", text=text, by=cast.petra)
        return Thread.objects.for_list().order_by("-id")[0]


def write(cast: Cast, thread: Thread, text: str, by: Member) -> Post:
    with tenant(cast.acme):
        return operations.write_post(thread=thread, text=text, by=by)


def named(cast: Cast, name: str) -> Member:
    with tenant(cast.acme):
        return Member.objects.select_related("organisation", "user").get(given_name=name)


def told(cast: Cast, kind: str) -> list[str]:
    with tenant(cast.acme):
        rows = Email.objects.filter(kind=f"programs.{kind}", withdrawn_at=None)
        return sorted(rows.values_list("member__given_name", flat=True))


def pages(thread: Thread) -> list[str]:
    return [
        f"/o/acme/cohorts/{thread.cohort_id}/community/",
        f"/o/acme/cohorts/{thread.cohort_id}/community/search/?q=canary",
        f"/o/acme/threads/{thread.pk}/",
    ]


def test_its_cohort_and_who_runs_it_read_it_and_nobody_else(cast: Cast, cohort: Cohort):
    thread = begin(cast, cohort)
    people = [cast.petra, cast.pavel, named(cast, "Mia"), cast.cora, cast.olga]
    for member in people:
        assert [sign_in(member).get(page).status_code for page in pages(thread)] == [200] * 3
    for member in (named(cast, "Noor"), cast.hugo, cast.greta):
        slug = member.organisation.slug
        found = [
            sign_in(member).get(page.replace("acme", slug)).status_code for page in pages(thread)
        ]
        assert found == [404] * 3
    with tenant(cast.acme):
        run_only(cast.cora, Program.objects.create(name="Another", format="circles"))
    assert sign_in(cast.cora).get(pages(thread)[2]).status_code == 404


def test_who_withdraws_or_leaves_reads_no_more(cast: Cast, cohort: Cohort):
    thread = begin(cast, cohort)
    with tenant(cast.acme):
        Enrolment.objects.filter(member=cast.pavel).update(state="withdrawn", ended_at=clock.now())
        assert not Post.objects.visible_to(cast.pavel).exists()
        Member.objects.filter(pk=cast.petra.pk).update(state="left", left_at=clock.now())
        gone = Member.objects.get(pk=cast.petra.pk)
        for model in (Thread, Post):
            assert not model.objects.visible_to(gone).exists()
    assert sign_in(cast.pavel).get(pages(thread)[2]).status_code == 404


@pytest.mark.parametrize("alumni_post", [False, True])
def test_when_the_cohort_is_closed_alumni_read_and_write_only_where_the_program_says_so(
    cast: Cast, cohort: Cohort, alumni_post: bool
):
    thread = begin(cast, cohort)
    with tenant(cast.acme):
        Program.objects.filter(pk=cohort.program_id).update(alumni_post=alumni_post)
        Cohort.objects.filter(pk=cohort.pk).update(phase="closed")
        Enrolment.objects.filter(member=cast.pavel).update(
            state="completed", started_at=clock.now(), ended_at=clock.now()
        )
    browser = sign_in(cast.pavel)
    opened = browser.get(pages(thread)[2]).text
    assert ("canary words" in opened, "Write an answer" in opened) == (True, alumni_post)
    answer = browser.post(pages(thread)[2], {"text": "my late words"})
    assert answer.status_code == (302 if alumni_post else 422)
    if not alumni_post:
        assert str(NotWriting()) in answer.text
    assert sign_in(cast.cora).post(pages(thread)[2], {"text": "As ever"}).status_code == 302


def test_who_writes_follows_and_hears_of_what_is_new_once_a_day(cast: Cast, cohort: Cohort):
    with time_machine.travel(clock.now().replace(hour=10), tick=False) as time:
        thread = begin(cast, cohort)
        for n in range(3):
            write(cast, thread, f"answer {n}", cast.pavel)
        assert told(cast, "discussion") == ["Petra"]
        time.shift(timedelta(days=1))
        write(cast, thread, "the day after", cast.pavel)
        assert told(cast, "discussion") == ["Petra", "Petra"]
        sign_in(cast.petra).post(f"/o/acme/threads/{thread.pk}/unfollow/")
        time.shift(timedelta(days=1))
        write(cast, thread, "and again", cast.pavel)
        assert told(cast, "discussion") == ["Petra", "Petra"]
        sign_in(named(cast, "Mia")).post(f"/o/acme/threads/{thread.pk}/follow/")
        write(cast, thread, "once more", cast.pavel)
        assert told(cast, "discussion") == ["Mia", "Petra", "Petra"]
    with tenant(cast.acme):
        assert "answer" not in str(list(Email.objects.values_list("context", flat=True)))


def test_only_who_can_read_it_is_called_by_name(cast: Cast, cohort: Cohort):
    thread = begin(cast, cohort)
    words = "@Pavel Acme and @Noor Acme, and @mia acme: see x@pavel acme. @Cora Acme?"
    write(cast, thread, words, cast.petra)
    assert told(cast, "mentioned") == ["Cora", "Mia", "Pavel"]


def test_a_post_is_changed_silently_for_fifteen_minutes_and_then_says_so(
    cast: Cast, cohort: Cohort
):
    with time_machine.travel(clock.now(), tick=False) as time:
        thread = begin(cast, cohort)
        with tenant(cast.acme):
            post = Post.objects.get()
        edit, browser = f"/o/acme/posts/{post.pk}/edit/", sign_in(cast.petra)
        time.shift(timedelta(minutes=15))
        browser.post(edit, {"text": "better words"})
        opened = sign_in(cast.pavel).get(pages(thread)[2]).text
        assert ("better words" in opened, "edited" in opened) == (True, False)
        time.shift(timedelta(minutes=1))
        browser.post(edit, {"text": "late words"})
        opened = sign_in(cast.pavel).get(pages(thread)[2]).text
        assert ("late words" in opened, "edited" in opened) == (True, True)
        sign_in(cast.pavel).post(edit, {"text": "not mine"})
        with tenant(cast.acme):
            assert Post.objects.get().text == "late words"


def test_markdown_is_shown_and_nothing_runs(cast: Cast, cohort: Cohort):
    words = "**bold** <img src=x onerror=alert(1)> [go](javascript:alert(1)) <b>raw</b>"
    opened = sign_in(cast.pavel).get(pages(begin(cast, cohort, words))[2]).text
    assert "<strong>bold</strong>" in opened
    assert "<img src=x" not in opened
    assert 'href="javascript' not in opened


def test_a_locked_discussion_is_read_and_not_written_in(cast: Cast, cohort: Cohort):
    thread = begin(cast, cohort)
    lock = f"/o/acme/threads/{thread.pk}/lock/"
    assert sign_in(cast.petra).post(lock).status_code == 403
    sign_in(cast.cora).post(lock)
    answer = sign_in(cast.petra).post(pages(thread)[2], {"text": "kept words"})
    assert (answer.status_code, "This discussion is closed" in answer.text) == (422, True)
    sign_in(cast.cora).post(f"/o/acme/threads/{thread.pk}/unlock/")
    assert sign_in(cast.petra).post(pages(thread)[2], {"text": "open"}).status_code == 302


def test_a_reported_post_waits_for_who_runs_it_and_its_author_is_told_why_it_went(
    cast: Cast, cohort: Cohort
):
    thread = begin(cast, cohort)
    with tenant(cast.acme):
        post = Post.objects.get()
    report = f"/o/acme/posts/{post.pk}/report/"
    sent = {"reason": "unkind", "text": "secret reasons"}
    browser = sign_in(cast.pavel)
    assert "The coordinators look at it." in browser.post(report, sent, follow=True).text
    again = browser.post(report, sent)
    assert (again.status_code, "reported this post already" in again.text) == (422, True)
    assert told(cast, "post_reported") == ["Cora"]
    queue = f"/o/acme/cohorts/{cohort.pk}/community/reports/"
    assert "secret reasons" in sign_in(cast.cora).get(queue).text
    assert "One post is reported" in sign_in(cast.cora).get("/o/acme/to-do/").text
    assert sign_in(cast.petra).get(queue).status_code == 403
    remove = f"/o/acme/posts/{post.pk}/remove/"
    assert sign_in(cast.petra).get(remove).status_code == 403
    gone = {"reason": "unkind", "words": "Please be kind."}
    sign_in(cast.cora).post(remove, gone)
    opened = sign_in(cast.pavel).get(pages(thread)[2]).text
    assert ("canary words" in opened, "has removed this post" in opened) == (False, True)
    assert ("Please be kind." in opened, "secret reasons" in opened) == (False, False)
    assert "Please be kind." in sign_in(cast.petra).get(pages(thread)[2]).text
    assert "canary words" not in sign_in(cast.pavel).get(pages(thread)[1]).text
    assert (told(cast, "post_removed"), told(cast, "post_reported")) == (["Petra"], [])
    with tenant(cast.acme):
        (email,) = Email.objects.filter(kind="programs.post_removed")
        assert "Pavel" not in str(email.context)
        assert not PostReport.objects.open().exists()


def test_a_reported_post_may_stand_and_nobody_is_told(cast: Cast, cohort: Cohort):
    begin(cast, cohort)
    with tenant(cast.acme):
        post = Post.objects.for_list().get()
        operations.report_post(post=post, reason="off", text="", by=cast.pavel)
    sign_in(cast.cora).post(f"/o/acme/posts/{post.pk}/keep/")
    with tenant(cast.acme):
        assert not PostReport.objects.open().exists()
    assert told(cast, "post_reported") == told(cast, "post_removed") == []


def test_an_erased_person_takes_their_words_along(cast: Cast, cohort: Cohort):
    thread = begin(cast, cohort)
    write(cast, thread, "an answer", cast.pavel)
    with tenant(cast.acme):
        erase_member(member=cast.petra, by=cast.petra)
    assert "canary words" not in sign_in(cast.pavel).get(pages(thread)[1]).text
    opened = sign_in(cast.pavel).get(pages(thread)[2])
    assert (opened.status_code, "an answer" in opened.text) == (200, True)


def fill(cohort: Cohort, by: Member, n: int, words: str = "a word of no weight") -> Thread:
    at = clock.now()
    thread = Thread.objects.create(cohort=cohort, author=by, title="Long", posts=n, last_at=at)
    Post.objects.bulk_create(
        [
            Post(thread=thread, cohort=cohort, author=by, text=f"{words} {i}", written_at=at)
            for i in range(n)
        ],
        batch_size=2000,
    )
    return thread


def test_pages_ask_the_same_statements_however_much_is_written(cast: Cast, cohort: Cohort):
    browser = sign_in(cast.petra)
    with tenant(cast.acme):
        thread = fill(cohort, cast.petra, 2)

    def statements() -> list[int]:
        counts = []
        for page in pages(thread):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert browser.get(page).status_code == 200
            counts.append(len(asked))
        return counts

    statements()
    few, now = statements(), clock.now()
    with tenant(cast.acme):
        Post.objects.bulk_create(
            [
                Post(thread=thread, cohort=cohort, author=author, text="canary", written_at=now)
                for author in (cast.petra, cast.pavel, named(cast, "Mia"))
                for _time in range(40)
            ]
        )
        for _time in range(20):
            fill(cohort, cast.pavel, 1)
    assert statements() == few


@pytest.mark.slow
def test_the_search_of_a_cohort_reads_that_cohort_by_its_index_and_takes_no_time(
    cast: Cast, cohort: Cohort
):
    with tenant(cast.acme):
        other = Cohort.objects.exclude(pk=cohort.pk).get()
        fill(cohort, cast.petra, 10_000)
        fill(other, named(cast, "Noor"), 10_000, "canary")
        thread = fill(cohort, cast.pavel, 1, "canary in the mine")
        rows = queries.found_in(cohort, cast.petra, "canary mine")
        assert [post.thread_id for post in rows] == [thread.pk]
        plan = rows.order_by("-id")[:51].explain(analyze=True)
    assert "cohort_id = " in plan.partition("Index Cond: ")[2].partition("\n")[0], plan
    assert "Seq Scan on programs_post" not in plan, plan
    took = float(plan.rpartition("Execution Time: ")[2].split()[0])
    assert took < 100, plan


def test_a_link_to_a_post_leads_to_its_page_of_a_long_discussion(cast: Cast, cohort: Cohort):
    with tenant(cast.acme):
        thread = fill(cohort, cast.petra, 120)
        last = Post.objects.filter(thread=thread).order_by("-id")[0]
    answer = sign_in(cast.pavel).get(f"/o/acme/posts/{last.pk}/", follow=True)
    assert f'id="post-{last.pk}"' in answer.text


def test_nobody_begins_a_discussion_in_a_cohort_that_is_over(cast: Cast, cohort: Cohort):
    browser, new = sign_in(cast.petra), f"/o/acme/cohorts/{cohort.pk}/community/threads/new/"
    sent = {"title": "Late", "text": "my late words"}
    with tenant(cast.acme):
        Cohort.objects.filter(pk=cohort.pk).update(phase="closed")
    refused = browser.post(new, sent)
    assert (refused.status_code, str(NotWriting()) in refused.text) == (422, True)
    assert "my late words" in refused.text
    with tenant(cast.acme):
        assert not Thread.objects.exists()


def test_who_writes_sixty_posts_within_an_hour_waits(cast: Cast, cohort: Cohort):
    with time_machine.travel(clock.now(), tick=False) as time:
        with tenant(cast.acme):
            thread = fill(cohort, cast.petra, operations.AN_HOUR)
        refused = sign_in(cast.petra).post(pages(thread)[2], {"text": "one too many"})
        assert (refused.status_code, str(TooManyPosts()) in refused.text) == (429, True)
        assert "one too many" in refused.text
        write(cast, thread, "of somebody else", cast.pavel)
        time.shift(timedelta(hours=1))
        write(cast, thread, "an hour later", cast.petra)
    with tenant(cast.acme):
        assert Post.objects.count() == operations.AN_HOUR + 2


def test_a_post_is_changed_by_its_author_while_it_stands_and_they_may_write(
    cast: Cast, cohort: Cohort
):
    begin(cast, cohort)
    with tenant(cast.acme):
        post = Post.objects.for_list().get()
        with pytest.raises(NotTheirPost):
            operations.change_post(post=post, text="not mine", by=cast.pavel)
        Cohort.objects.filter(pk=cohort.pk).update(phase="closed")
        late = Post.objects.for_list().get()
        with pytest.raises(NotWriting):
            operations.change_post(post=late, text="too late", by=cast.petra)
        Cohort.objects.filter(pk=cohort.pk).update(phase="running")
        operations.remove_post(post=post, reason="off", words="", by=cast.cora)
        opened_before = Post.objects.for_list().get()
        with pytest.raises(PostRemoved):
            operations.change_post(post=opened_before, text="back again", by=cast.petra)
        assert Post.objects.get().text == "canary words"


def test_what_is_removed_is_neither_reported_nor_removed_again(cast: Cast, cohort: Cohort):
    begin(cast, cohort)
    with tenant(cast.acme):
        post = Post.objects.for_list().get()
        operations.remove_post(post=post, reason="off", words="", by=cast.cora)
        with pytest.raises(PostRemoved):
            operations.report_post(post=post, reason="off", text="", by=cast.pavel)
        with pytest.raises(PostRemoved):
            operations.remove_post(post=post, reason="unkind", words="", by=cast.olga)
        assert not PostReport.objects.exists()
        assert Post.objects.get().removed_reason == "off"
    assert told(cast, "post_removed") == ["Petra"]


@pytest.mark.parametrize("how", ["their own", "has left"])
def test_nobody_is_written_to_about_a_post_of_their_own_or_after_they_have_left(
    cast: Cast, cohort: Cohort, how: str
):
    with tenant(cast.acme):
        by = cast.cora if how == "their own" else cast.petra
        operations.open_thread(cohort=cohort, title="Welcome", text="Hello", by=by)
        if how == "has left":
            people.mark_left(member=cast.petra, by=cast.olga)
        post = Post.objects.for_list().get()
        operations.remove_post(post=post, reason="off", words="", by=cast.cora)
        assert Post.objects.get().removed_at is not None
    assert told(cast, "post_removed") == []
