"""The printed report: two sheets by a worker, for who asked; and whom a link to it is sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from PIL import Image

from core.common import clock
from core.jobs.models import StoredFile
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from metrics import readers
from metrics.definitions.shapes import Figure
from metrics.models import ReportReader
from metrics.printed import CannotDraw, draw
from programs.models.programs import Cohort
from tests.cast import Cast, main_of, sign_in
from tests.metrics.build import NOW, figures, full_cohort, make_cohort
from tests.work import catch_up, work_off

TODAY = date(2026, 6, 1)  # a Monday


def page_of(cohort: Cohort, rest: str = "printed/") -> str:
    return f"/o/acme/cohorts/{cohort.pk}/report/{rest}"


def drawn(cohort: Cohort, shown: dict[Any, Figure]) -> bytes:
    with tenant(cohort.organisation):
        chosen = OrganisationSettings.objects.get()
        picture = BytesIO()
        Image.new("RGB", (120, 40), "teal").save(picture, "PNG")
        chosen.logo = picture.getvalue()
        cohort = Cohort.objects.select_related("program", "organisation").get(pk=cohort.pk)
        return draw(cohort, list(shown.values()), chosen, NOW)


@pytest.mark.parametrize("full", [True, False])
def test_it_is_two_sheets_whatever_there_is_to_show(cast: Cast, full: bool):
    cohort = full_cohort(cast.acme) if full else make_cohort(cast.acme)
    with tenant(cast.acme):
        shown = figures(cohort)
    content = drawn(cohort, shown)
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == 2


def test_letters_that_we_have_not_are_refused_and_not_left_out(cast: Cast):
    cohort = make_cohort(cast.acme, "春")
    with tenant(cast.acme):
        shown = figures(cohort)
    with pytest.raises(CannotDraw):
        drawn(cohort, shown)


def test_a_worker_makes_it_and_it_is_its_askers_alone(cast: Cast):
    cohort = full_cohort(cast.acme)
    browser = sign_in(cast.hugo)
    for _again in range(2):  # the second takes the place of the first
        assert browser.post(page_of(cohort)).status_code == 302
        work_off()
    with tenant(cast.acme):
        assert StoredFile.objects.count() == 1
    assert "printed.pdf" in main_of(browser.get(page_of(cohort)))
    answer = browser.get(page_of(cohort, "printed.pdf"))
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert sign_in(cast.olga).get(page_of(cohort, "printed.pdf")).status_code == 404
    assert sign_in(cast.petra).get(page_of(cohort)).status_code == 403
    assert sign_in(cast.hugo).get(page_of(full_cohort(cast.globex))).status_code == 404


def test_a_report_of_what_cannot_be_seen_any_more_fails_with_words(cast: Cast):
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        job = readers.start_report(cohort=cohort, by=cast.hugo)
        Member.objects.filter(pk=cast.hugo.pk).update(role=Member.Role.PARTICIPANT)
        work_off()
        job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "This cohort cannot be seen any more.")


@pytest.mark.parametrize(
    ("day", "every", "then"),
    [
        (date(2026, 6, 1), "week", date(2026, 6, 8)),
        (date(2026, 6, 7), "week", date(2026, 6, 8)),
        (date(2026, 6, 1), "month", date(2026, 7, 1)),
        (date(2026, 12, 31), "month", date(2027, 1, 1)),
    ],
)
def test_it_comes_on_mondays_or_on_the_first(day: date, every: str, then: date):
    assert readers.first_after(day, every) == then


def name(cohort: Cohort, who: Member, by: Member, every: str = "week") -> Any:
    return sign_in(by).post(
        page_of(cohort, "readers/"), {"member": str(who.pk), "every": every}, follow=True
    )


def test_people_are_named_on_the_page_and_struck_off_there(cast: Cast):
    cohort = make_cohort(cast.acme)
    assert "They are sent a link" in name(cohort, cast.hugo, cast.olga).content.decode()
    with tenant(cast.acme):
        (reader,) = ReportReader.objects.all()
        assert (reader.set_by, reader.next_on.weekday()) == (cast.olga, 0)
    again = name(cohort, cast.hugo, cast.olga)
    assert (again.status_code, "sent it already" in main_of(again)) == (422, True)
    assert name(cohort, cast.petra, cast.olga).status_code == 422  # none of the choices
    stop = page_of(cohort, f"readers/{reader.pk}/stop/")
    assert sign_in(cast.petra).post(stop).status_code == 403
    said = sign_in(cast.hugo).post(stop, follow=True)
    assert "no more" in said.content.decode()
    with tenant(cast.acme):
        assert not ReportReader.objects.exists()


def test_who_may_not_read_it_is_not_named_and_nobody_for_what_is_over(cast: Cast):
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        with pytest.raises(readers.MayNotRead):
            readers.add_reader(cohort=cohort, member=cast.petra, every="week", by=cast.olga)
        cohort.phase = Cohort.Phase.CLOSED
        with pytest.raises(readers.CohortOver):
            readers.add_reader(cohort=cohort, member=cast.hugo, every="week", by=cast.olga)


def run(cast: Cast, at: datetime) -> int:
    with clock.at(at), tenant(cast.acme):
        return readers.send_due_reports(at=at)


def sent(cast: Cast) -> list[Email]:
    with tenant(cast.acme):
        return list(Email.objects.filter(kind=readers.MAIL).order_by("created_at"))


def test_a_link_is_sent_on_its_day_once_with_the_file_ready(cast: Cast):
    cohort = make_cohort(cast.acme)
    with clock.at(NOW), tenant(cast.acme):
        readers.add_reader(cohort=cohort, member=cast.hugo, every="week", by=cast.olga)
    assert run(cast, NOW + timedelta(days=6)) == 0
    monday = NOW + timedelta(days=7)
    assert (run(cast, monday), run(cast, monday + timedelta(hours=3))) == (1, 0)
    (email,) = sent(cast)
    assert (email.member_id, email.link["page"]) == (cast.hugo.pk, page_of(cohort))
    with clock.at(monday), tenant(cast.acme):
        work_off()
        assert readers.reports_of(cast.hugo, cohort).count() == 1
        assert ReportReader.objects.get().next_on == TODAY + timedelta(days=14)


def test_who_may_not_read_it_any_more_is_sent_nothing(cast: Cast):
    cohort = make_cohort(cast.acme)
    with clock.at(NOW), tenant(cast.acme):
        readers.add_reader(cohort=cohort, member=cast.hugo, every="week", by=cast.olga)
        Member.objects.filter(pk=cast.hugo.pk).update(role=Member.Role.PARTICIPANT)
    assert run(cast, NOW + timedelta(days=7)) == 1
    with tenant(cast.acme):
        assert not ReportReader.objects.exists()
    assert sent(cast) == []


def test_of_a_cohort_that_is_over_a_last_one_is_sent(cast: Cast):
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        readers.add_reader(cohort=cohort, member=cast.hugo, every="month", by=cast.olga)
        ReportReader.objects.update(next_on=clock.now().date())
        Cohort.objects.filter(pk=cohort.pk).update(phase=Cohort.Phase.CLOSED)
    catch_up()
    (email,) = sent(cast)
    assert email.context["last"] is True
    with tenant(cast.acme):
        assert not ReportReader.objects.exists()
    assert "is over" in main_of(sign_in(cast.hugo).get(page_of(cohort)))
    assert not [message for message in mail.outbox if "%(" in message.body]
