"""Milestones found, thanks given, certificates issued a day after a completion, or revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from core.accounts.operations.keys import issue_key, revoke_keys
from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.members.keys import derived_secret
from core.members.languages import in_language_of
from core.members.models import Key, Member
from core.notifications.operations import Link, enqueue, withdraw
from core.notifications.words import in_words_of
from core.tenancy.context import current_organisation_id, tenant
from feedback.errors import CertificateRevoked, EnoughThanks, RevocationUnexplained
from feedback.models.recognition import Certificate, Milestone, Thanks
from feedback.recognition.milestones import RULES, Rule
from feedback.recognition.queries import facts_of, people_at, to_thank
from pairing.errors import NotTheirs
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations.completing import UNDO_WITHIN
from pairing.partnerships.seats import seats_told
from programs.models.programs import Enrolment

READY, REVOKED = "feedback.certificate", "feedback.certificate_revoked"
CELEBRATION = "feedback.celebration"
AT_ONCE = 200  # new milestones of one kind in one pass
THANKS_A_WEEK = 5  # of one person, so that they mean something
WEEK = timedelta(days=7)


@transaction.atomic
def keep_milestones(*, at: datetime) -> int:
    """Note what is reached, and undo what a corrected fact no longer says; how many of both."""
    kinds = set(Milestone.objects.order_by().values_list("kind", flat=True).distinct())
    undone = sum(
        row_by_row(rule.gone(at).for_list().order_by("id"), _undo)
        for rule in RULES
        if rule.kind in kinds
    )
    return undone + sum(
        row_by_row(rule.new(at)[:AT_ONCE], partial(_reach, rule, at)) for rule in RULES
    )


def _reach(rule: Rule, at: datetime, row: Seat | Partnership) -> None:
    seat = row if isinstance(row, Seat) else None
    partnership = row.partnership if isinstance(row, Seat) else row
    milestone = Milestone.objects.create(
        partnership=partnership, seat=seat, kind=rule.kind, reached_at=at
    )
    record(by=None, verb="milestone.reached", target=partnership, kind=str(rule.kind))
    for told in seats_told(partnership) if rule.told else ():
        program_id = partnership.cohort.program_id
        with in_language_of(told.enrolment.member), in_words_of(program_id):
            what = milestone.words
        enqueue(
            member=told.enrolment.member,
            kind=CELEBRATION,
            program=partnership.cohort.program_id,
            dedupe_key=f"{CELEBRATION}:{milestone.pk}:{told.enrolment.member_id}",
            link=Link(page=celebrations_page(partnership)),
            context={"partnership": partnership.name, "what": what},
            about=milestone.pk,
            cause=milestone.pk,
        )


def _undo(milestone: Milestone) -> None:
    withdraw(about=milestone.pk, kind=CELEBRATION)
    record(
        by=None,
        verb="milestone.undone",
        target=milestone.partnership,
        kind=str(milestone.kind),
    )
    Milestone.objects.filter(pk=milestone.pk).delete()


@transaction.atomic
def give_thanks(
    *, partnership: Partnership, to: Member, words: str, shown: bool, by: Member
) -> Thanks:
    """Thank a partner: they are told at once, and with `shown` the others can read it too.

    Raises NotTheirs unless both sit there, or did at its end; EnoughThanks after a few in a week.
    """
    if to not in to_thank(partnership, by):
        raise NotTheirs
    at = clock.now()
    people = people_at(partnership) if shown else [by, to]
    with tenant(current_organisation_id(), member=by.pk):
        if Thanks.objects.filter(author=by, given_at__gt=at - WEEK).count() >= THANKS_A_WEEK:
            raise EnoughThanks
        thanks = Thanks.objects.create(
            partnership=partnership,
            author=by,
            to=to,
            text=words,
            shown=shown,
            given_at=at,
            readers=sorted(member.pk for member in people),
        )
    record(by=by, verb="thanks.given", target=partnership, to=str(to.pk))
    _tell_thanks(thanks, [member for member in people if member.pk not in (by.pk, to.pk)])
    return thanks


def _tell_thanks(thanks: Thanks, others: list[Member]) -> None:
    """Tell who is thanked; the others hear of it once a week.  The words are read on the page."""
    partnership = thanks.partnership
    names = {"by": thanks.author.full_name, "name": thanks.to.full_name}
    said = {"partnership": partnership.name}
    for member in [thanks.to, *others]:
        if member.state == Member.State.LEFT:
            continue
        kind = "feedback.thanks" if member == thanks.to else CELEBRATION
        with in_language_of(member):
            what = _("%(by)s thanks %(name)s") % names
        enqueue(
            member=member,
            kind=kind,
            program=partnership.cohort.program_id,
            dedupe_key=f"{kind}:{thanks.pk}:{member.pk}",
            link=Link(page=celebrations_page(partnership)),
            context={**said, "what": what} | ({"by": names["by"]} if member == thanks.to else {}),
            about=thanks.pk,
            cause=thanks.pk,
        )


def celebrations_page(partnership: Partnership) -> str:
    return reverse("feedback:celebrations", args=[partnership.organisation.slug, partnership.pk])


@transaction.atomic
def issue_certificates(*, at: datetime) -> int:
    """Give everybody theirs once the day is over in which the end can be undone; how many."""
    rows = Enrolment.objects.filter(
        ~Exists(Certificate.objects.filter(enrolment=OuterRef("pk"))),
        state=Enrolment.State.COMPLETED,
        changed_at__lte=at - UNDO_WITHIN,
        member__erased_at=None,
    )
    return row_by_row(rows.for_list().order_by("id"), lambda enrolment: _issue(enrolment, at))


def _issue(enrolment: Enrolment, at: datetime) -> None:
    certificate = Certificate.objects.create(enrolment=enrolment, issued_at=at)
    kind = Key.Kind.CERTIFICATE
    issue_key(kind=kind, object_id=certificate.pk, secret=derived_secret(kind, certificate.pk))
    record(by=None, verb="certificate.issued", target=certificate)
    if enrolment.member.state == Member.State.LEFT:
        return
    enqueue(
        member=enrolment.member,
        kind=READY,
        program=enrolment.cohort.program_id,
        dedupe_key=f"{READY}:{certificate.pk}",
        link=Link(page=certificate.get_absolute_url()),
        context={
            "program": enrolment.cohort.program.name,
            "met": facts_of(certificate).met,
        },
        about=certificate.pk,
        cause=enrolment.pk,
    )


@transaction.atomic
def show_competencies(*, certificate: Certificate, shows: bool, by: Member) -> Certificate:
    """Put what somebody's roles practise on their certificate, or leave it out: as they wish."""
    assert by.pk == certificate.enrolment.member_id, "nobody else chooses it"
    Certificate.objects.filter(pk=certificate.pk).update(shows_competencies=shows)
    record(by=by, verb="certificate.changed", target=certificate, shows_competencies=shows)
    certificate.shows_competencies = shows
    return certificate


@transaction.atomic
def revoke_certificate(*, certificate: Certificate, by: Member, words: str = "") -> Certificate:
    """Revoke a certificate for good; its address says so from then on.

    Whoever revokes another's gives the reason, and the person reads it: else
    RevocationUnexplained.  Raises CertificateRevoked a second time.
    """
    is_own = by.pk == certificate.enrolment.member_id
    if not (is_own or words.strip()):
        raise RevocationUnexplained
    _revoke(certificate, by, words)
    member = certificate.enrolment.member
    if not is_own and member.state != Member.State.LEFT:
        program = certificate.enrolment.cohort.program
        enqueue(
            member=member,
            kind=REVOKED,
            program=program.pk,
            dedupe_key=f"{REVOKED}:{certificate.pk}",
            link=Link(page=certificate.get_absolute_url()),
            context={"program": program.name, "by": by.full_name, "words": words},
            about=certificate.pk,
            cause=certificate.enrolment_id,
        )
    return certificate


@transaction.atomic
def revoke_certificates_of_the_erased(*, at: datetime) -> int:
    """Revoke what would show an erased person, and close its address; return how many."""
    rows = Certificate.objects.filter(revoked_at=None, enrolment__member__erased_at__isnull=False)

    def close(certificate: Certificate) -> None:
        _revoke(certificate, None)
        revoke_keys(kind=Key.Kind.CERTIFICATE, object_id=certificate.pk)

    return row_by_row(rows.for_list().order_by("id"), close, refusals=(CertificateRevoked,))


def _revoke(certificate: Certificate, by: Member | None, words: str = "") -> None:
    now = clock.now()
    rows = Certificate.objects.filter(pk=certificate.pk, revoked_at=None)
    if not rows.update(revoked_at=now, revoked_by=by, revoked_words=words[:500]):
        raise CertificateRevoked
    certificate.revoked_at, certificate.revoked_by, certificate.revoked_words = now, by, words
    withdraw(about=certificate.pk, kind=READY)
    record(by=by, verb="certificate.revoked", target=certificate)
