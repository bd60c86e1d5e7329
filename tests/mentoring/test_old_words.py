"""Words of people who are still here go when the time that an owner chose is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from core.audit.models import AuditEvent
from core.common import clock
from core.common.months import months_before
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings, TenantModel
from mentoring.privacy.erasing import ERASED
from mentoring.privacy.tables import tables
from mentoring.privacy.words import erase_old_words, keep_words, old_words, written_in
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Attendance, Session
from tests.cast import sign_in
from tests.mentoring.test_erasing import CANARY, everybody, holding, plant
from tests.walk.world import World, kept_worlds

KEPT_ELSEWHERE = {  # of a person, not of a program: they stay while the person is here
    "members.Member",
    "members.ApiToken",
    "members.Invitation",
    "members.AddressChange",
    "members.MergeProposal",
    "members.DirectoryEntry",
    "members.DirectoryGroupMember",
    "members.Identity",
    "notifications.MutedKind",
    "notifications.KindPace",
    "notifications.QuietHours",
    "mentoring_sessions.BusyCalendar",
    # what HR knew of somebody, and who is sent a report: of the person, erased with them
    "metrics.HrRecord",
    "metrics.ReportReader",
    "metrics.AlertNote",  # of whoever runs a program, about somebody: not theirs to be told by it
    # what a cohort's alumni still read; it goes when its writer is erased
    "programs.Thread",
    "programs.Post",
    "programs.PostReport",
    "programs.ThreadFollower",
    # no words of a program: what one shows of oneself, and which lessons one has done
    "programs.ProfileEntry",
    "programs.LessonProgress",
    # with a clock of their own
    "notifications.Email",
    "notifications.InboundMessage",
    "jobs.Job",
    "jobs.StoredFile",
    "programs.PeopleImport",
    "metrics.RecordImport",
    "feedback.ConcernText",
}


@pytest.fixture
def world(db: None) -> World:
    return kept_worlds().acme


def by_clock() -> list[type[TenantModel]]:
    return list(dict.fromkeys([*written_in(Partnership), *written_in(Enrolment)]))


def end(world: World, *, at: datetime) -> None:
    """Let the partnership of the world and all cohorts be over since then."""
    Partnership.objects.filter(pk=world.id_of("partnership")).update(state="completed", ended_at=at)
    Cohort.objects.update(phase="closed", moved_at=at)


def keep(world: World, months: int | None) -> OrganisationSettings:
    return keep_words(months=months, by=world.owner)


def test_every_table_of_words_goes_with_a_partnership_or_a_place_or_says_why_not():
    words = {
        model._meta.label
        for model in tables()
        if model.privacy.erase or model.privacy.rows or model.privacy.shared
    }
    assert words - {model._meta.label for model in by_clock()} == KEPT_ELSEWHERE


def test_nothing_goes_unless_an_owner_has_said_how_long(world: World):
    now = clock.now()
    with tenant(world.organisation):
        end(world, at=now - timedelta(days=9999))
        assert erase_old_words(at=now) == 0
        assert not Partnership.objects.exclude(words_erased_at=None).exists()


@pytest.mark.slow
def test_after_the_time_no_word_is_left_and_what_happened_stays(world: World):
    now, people = clock.now(), everybody(world)
    over = months_before(now, 12)
    for member in (world.participant, world.partner):
        with tenant(world.organisation, member=member.pk):
            planted = [plant(model, member) for model in by_clock() if not model.privacy.rows]
            assert sum(planted) > 3
    with tenant(world.organisation):
        end(world, at=over)
        facts = {m: m._base_manager.count() for m in (Session, Attendance, Enrolment)}
        changed = list(Partnership.objects.values_list("changed_at").order_by("pk"))
        assert holding(CANARY, *people) > {"feedback_checkinnote.text"}
        keep(world, 12)
        assert erase_old_words(at=now - timedelta(seconds=1)) == 0
        first = erase_old_words(at=now)
        assert first > 1
        while erase_old_words(at=now):
            pass
        assert {m: m._base_manager.count() for m in facts} == facts
        assert list(Partnership.objects.values_list("changed_at").order_by("pk")) == changed
        assert Session.objects.get(pk=world.id_of("held_session")).topic == ERASED
        assert Member.objects.filter(pk=world.participant.pk, state="live").exists()
        log = AuditEvent.objects.filter(verb="words.erased")
        assert log.filter(target_id=world.id_of("partnership")).count() == 1
        assert all(act.actor_id is None and act.details["rows"] >= 0 for act in log)
    assert holding(CANARY, *people) == set()


def test_what_is_over_for_less_stays_and_is_announced(world: World):
    now = clock.now()
    over = now - timedelta(days=100)
    with tenant(world.organisation):
        end(world, at=over)
        counted = old_words(months=6, at=now)
        assert (counted.partnerships, counted.enrolments, counted.people) == (0, 0, 0)
        assert counted.next_at == months_before(over, -6)
        keep(world, 6)
        assert erase_old_words(at=now) == 0
        counted = old_words(months=6, at=now + timedelta(days=90))
        assert counted.partnerships == 1
        assert counted.enrolments == Enrolment.objects.count()
        assert counted.people == Enrolment.objects.values("member").distinct().count()


def test_an_owner_looks_first_and_then_says_so(world: World):
    with tenant(world.organisation):
        end(world, at=clock.now() - timedelta(days=500))
        chosen = OrganisationSettings.objects.get()
    slug = world.organisation.slug
    owner, page = sign_in(world.owner), f"/o/{slug}/settings/privacy/words/"
    assert "As long as their author is here" in owner.get(page).content.decode()
    looked = owner.post(page, {"months": "12"}).content.decode()
    assert "Of 1 partnership the words go now" in " ".join(looked.split())
    chosen = fresh(world, chosen)
    assert chosen.words_months is None
    assert owner.post(page, {"months": "7"}).status_code == 422
    done = owner.post(page, {"months": "12", "confirm": "yes"}, follow=True).content.decode()
    assert "goes 12 months after it is over" in " ".join(done.split())
    assert fresh(world, chosen).words_months == 12
    out = StringIO()
    call_command("erase_words", stdout=out)
    assert f"{slug} 12 months: 1 partnerships" in out.getvalue()
    call_command("erase_words", "--now", stdout=out)
    listed = " ".join(owner.get(f"/o/{slug}/settings/privacy/").content.decode().split())
    assert "A partnership" in listed
    back = owner.post(page, {"months": ""}).content.decode()
    assert "From now on no words go by themselves" in back
    owner.post(page, {"months": "", "confirm": "yes"})
    assert fresh(world, chosen).words_months is None
    assert sign_in(world.coordinator).get(page).status_code == 403


def fresh(world: World, chosen: OrganisationSettings) -> OrganisationSettings:
    with tenant(world.organisation):
        return OrganisationSettings.objects.get(pk=chosen.pk)


def test_a_time_that_is_not_offered_is_refused(world: World):
    with tenant(world.organisation), pytest.raises(ValueError, match="not offered"):
        keep(world, 1)


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [
        ((2026, 8, 31), 6, (2026, 2, 28)),
        ((2026, 1, 15), 12, (2025, 1, 15)),
        ((2024, 2, 29), 12, (2023, 2, 28)),
        ((2025, 8, 31), -6, (2026, 2, 28)),
    ],
)
def test_months_are_counted_as_people_do(
    at: tuple[int, int, int], months: int, before: tuple[int, int, int]
):
    assert months_before(datetime(*at, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)
