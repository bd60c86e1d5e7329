"""The e-mails about an enrolment: what each says of it, and to whom it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse

from core.common import clock
from core.common.dates import day_words
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, enqueue_all, withdraw
from programs.models.programs import Enrolment
from programs.queries.designs import coordinators_of

DAY = "j F Y"
APPLICATION = "programs.application"


def write_to(
    enrolments: Iterable[Enrolment],
    kind: str,
    *,
    by: Member | None = None,
    context: Mapping[str, object] | None = None,
) -> None:
    """Write to these people about their enrolment, one e-mail for each act.

    Who has not accepted the invitation yet reads of the cohort there; who has left reads nothing.
    The enrolment is the cause: what the apps above say of the same act becomes one e-mail with it.
    """
    moment = clock.now().isoformat()
    enrolments = list(enrolments)
    take_back_applications(enrolments)
    enqueue_all(
        [
            Draft(
                member=enrolment.member,
                kind=kind,
                program=enrolment.cohort.program_id,
                dedupe_key=f"{kind}:{enrolment.pk}:{moment}",
                link=Link(
                    page=reverse(
                        "programs:join",
                        args=[enrolment.member.organisation.slug, enrolment.cohort_id],
                    )
                ),
                context=_words(enrolment, by) | dict(context or {}),
                about=enrolment.pk,
                cause=enrolment.pk,
            )
            for enrolment in enrolments
            if enrolment.member.state == Member.State.LIVE
        ]
    )


def tell_coordinators(enrolment: Enrolment) -> None:
    """Tell those who decide that somebody has applied."""
    cohort = enrolment.cohort
    slug = enrolment.member.organisation.slug
    at = enrolment.applied_at.isoformat(timespec="seconds")
    people = reverse("programs:cohort_people", args=[slug, cohort.pk])
    enqueue_all(
        [
            Draft(
                member=coordinator,
                kind=APPLICATION,
                program=cohort.program_id,
                dedupe_key=f"{APPLICATION}:{enrolment.pk}:{at}:{coordinator.pk}",
                link=Link(page=f"{people}?state=applied"),
                context={
                    "applicant": enrolment.member.full_name,
                    "program": cohort.program.name,
                    "cohort": cohort.name,
                    "part": Enrolment.Part(enrolment.part).label,
                },
                about=enrolment.pk,
            )
            for coordinator in coordinators_of(cohort.program)
            if coordinator.pk != enrolment.member_id
        ]
    )


def take_back_applications(enrolments: Iterable[Enrolment]) -> None:
    """Ask nobody to decide what is decided, or over: take back what has not left yet."""
    unsent = Email.objects.filter(
        kind=APPLICATION,
        about_id__in=[enrolment.pk for enrolment in enrolments],
        sent_at=None,
        withdrawn_at=None,
    )
    for about in set(unsent.values_list("about_id", flat=True)):
        withdraw(about=about, kind=APPLICATION)


def _words(enrolment: Enrolment, by: Member | None) -> dict[str, object]:
    cohort = enrolment.cohort
    return {
        "program": cohort.program.name,
        "cohort": cohort.name,
        "rolling": cohort.is_rolling,
        "starts_on": day_words(cohort.starts_on, DAY),
        "part": Enrolment.Part(enrolment.part).label,
        "words": enrolment.decision_words,
        "reason": enrolment.end_words,
        "by": by.full_name if by and by.pk != enrolment.member_id else "",
    }
