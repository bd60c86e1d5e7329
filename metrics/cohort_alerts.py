"""What waits for a coordinator in a whole cohort: who wants in, who has nobody, what is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.members.models import Invitation, Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from metrics.health import Alert, Reason
from metrics.models import Finding
from pairing.inputs.collect import never_partnered, waiting_since
from programs.models.community import PostReport
from programs.models.programs import Cohort, Enrolment
from programs.queries.enrolments import waiting_with_a_place_free
from programs.queries.moves import DueMove, due_moves, moves_that_ask

PATIENCE = timedelta(days=7)  # for an invitation that nobody answers
MATCHING, RUNNING = Cohort.Phase.MATCHING, Cohort.Phase.RUNNING
COORDINATE = (Member.Role.OWNER, Member.Role.COORDINATOR)


Waits = tuple[UUID, UUID, str, UUID, datetime]  # cohort, who, in which role, for what, since when


@dataclass(frozen=True)
class _Group:
    """How many wait in one cohort, and on which day the last of them began to."""

    cohort: Cohort
    count: int
    since: date


def cohort_findings(member: Member | None, *, now: datetime) -> list[Finding]:
    """Return what waits in the cohorts that this person coordinates, or that anybody does.

    The number of statements does not grow with the number of cohorts.
    """
    rows = Cohort.objects.visible_to(member) if member else Cohort.objects.all()
    cohorts = {cohort.pk: cohort for cohort in rows.exclude(phase__in=Cohort.OVER).for_list()}
    if not cohorts:
        return []
    lists, today = _Waiting(member, cohorts, now), day_of(now)
    return [
        *lists.groups(Reason.REPORTED, lists.reported()),
        *lists.of_places(),
        *lists.groups(Reason.NO_PARTNER, lists.without_partner()),
        *_late(cohorts, moves_that_ask(member, today), today=today),
    ]


class _Waiting:
    """The groups of people who wait, by cohort."""

    def __init__(
        self, member: Member | None, cohorts: Mapping[UUID, Cohort], now: datetime
    ) -> None:
        self.member, self.cohorts, self.now = member, cohorts, now
        self.zone = settings_in_force().zone
        self.people = Enrolment.objects.filter(cohort__in=list(cohorts))

    def groups(self, reason: Reason, waits: Iterable[Waits]) -> Iterator[Finding]:
        """Yield a finding for each cohort in which somebody waits.

        What waits for oneself is not on one's own list: of those who coordinate themselves the
        facts say what is left of the group without them.
        """
        by_cohort: dict[UUID, list[Waits]] = defaultdict(list)
        for row in waits:
            by_cohort[row[0]].append(row)
        for cohort_id, rows in by_cohort.items():
            coordinators = {who for _cohort, who, role, *_rest in rows if role in COORDINATE}
            n, since = self._counted(rows)
            assert since is not None
            others = {
                str(who): self._counted([row for row in rows if row[1] != who])
                for who in coordinators
            }
            without = {who: [m, day and day.isoformat()] for who, (m, day) in others.items()}
            yield Finding(reason=reason.value, cohort_id=cohort_id, since=since, facts=[n, without])

    def _counted(self, rows: Sequence[Waits]) -> tuple[int, date | None]:
        if not rows:
            return 0, None
        return len({row[3] for row in rows}), day_of(max(row[4] for row in rows), self.zone)

    def of_places(self) -> Iterator[Finding]:
        """Yield who has applied, waits though a place is free, or has not joined: one statement."""
        kinds = (
            (Reason.APPLICATIONS, self._applied(), "applied_at"),
            (Reason.PLACE_FREE, self._waitlisted(), "applied_at"),
            (Reason.NOT_JOINED, self._not_joined(), "accepted_at"),
        )
        marks = {
            f"waits{k}": ExpressionWrapper(waits, models.BooleanField())
            for k, (_reason, waits, _since) in enumerate(kinds)
        }
        anybody = reduce(or_, (waits for _reason, waits, _since in kinds))
        columns = ("cohort", "member", "member__role", "pk")
        rows = list(
            self.people.filter(anybody)
            .order_by()
            .annotate(**marks)
            .values(*columns, "applied_at", "accepted_at", *marks)
        )
        for k, (reason, _waits, since) in enumerate(kinds):
            yield from self.groups(
                reason,
                (
                    (*(row[name] for name in columns), row[since] or row["applied_at"])
                    for row in rows
                    if row[f"waits{k}"]
                ),
            )

    def reported(self) -> Iterable[Waits]:
        """Posts, not people; not one's own report, which another coordinator looks at."""
        reports = PostReport.objects
        rows = reports.visible_to(self.member) if self.member else reports.all()
        waits = rows.open().filter(post__cohort__in=list(self.cohorts)).order_by()
        return waits.values_list("post__cohort", "by", "by__role", "post", "created_at")

    def _applied(self) -> Q:
        return Q(state=Enrolment.State.APPLIED)

    def _waitlisted(self) -> Q:
        line = waiting_with_a_place_free(self.member)
        return Q(pk__in=line.order_by().values("pk"))

    def without_partner(self) -> Iterable[Waits]:
        """By part: somebody may have a mentor and wait for a mentee."""
        cohorts = [
            cohort for cohort in self.cohorts.values() if cohort.phase in (MATCHING, RUNNING)
        ]
        places = {**waiting_since(*cohorts), **never_partnered(*cohorts)}
        waits = {who: at for (who, _part), at in sorted(places.items(), key=lambda item: item[1])}
        people = self.people.filter(pk__in=waits)
        rows = people.values_list("cohort", "member", "member__role", "pk")
        for cohort_id, who, role, pk in rows:
            yield cohort_id, who, role, pk, waits[pk]

    def _not_joined(self) -> Q:
        invited = Invitation.objects.filter(
            member=OuterRef("member"), created_at__lt=self.now - PATIENCE
        )
        is_in = Q(state__in=[Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE])
        return is_in & Q(member__state=Member.State.INVITED) & Q(Exists(invited))


def without(finding: Finding, member: Member) -> Finding | None:
    """Return what is left of a finding when this person is not counted; None where nothing is."""
    if finding.reason not in GROUPS or not (left := finding.facts[1].get(str(member.pk))):
        return finding
    n, since = left
    if not n:
        return None
    finding.facts, finding.since = [n, {}], date.fromisoformat(since)
    return finding


def cohorts_in_words(findings: Sequence[Finding]) -> list[Alert]:
    """Return what findings about cohorts say, in the same order: one statement.

    Of a cohort that is late it asks again what is in the way.
    """
    rows = Cohort.objects.filter(pk__in={finding.cohort_id for finding in findings}).for_list()
    cohorts = {cohort.pk: cohort for cohort in rows} if findings else {}
    late = {finding.facts[1] for finding in findings if finding.reason == Reason.PHASE_LATE}
    days = [date.fromisoformat(text) for text in late if text]
    moves = {move.cohort.pk: move for day in days for move in due_moves(day)}
    alerts = []
    for finding in findings:
        if cohort := cohorts.get(finding.cohort_id):
            if finding.reason == Reason.PHASE_LATE:
                alerts.append(_late_in_words(cohort, finding, moves.get(cohort.pk)))
            else:
                group = _Group(cohort, finding.facts[0], finding.since)
                alerts.append(GROUPS[finding.reason](group))
    return alerts


def _people_url(cohort: Cohort, query: str) -> str:
    slug = cohort.organisation.slug
    return reverse("programs:cohort_people", args=[slug, cohort.pk]) + query


def _reported(group: _Group) -> Alert:
    slug = group.cohort.organisation.slug
    return Alert(
        Reason.REPORTED,
        group.cohort,
        ngettext("One post is reported", "%(n)d posts are reported", group.count)
        % {"n": group.count},
        _("%(cohort)s. The last report came on %(day)s.")
        % {"cohort": group.cohort, "day": date_format(group.since, "j F")},
        group.since,
        url=reverse("programs:reports", args=[slug, group.cohort.pk]),
        verb=_("Look at it"),
    )


def _applied(group: _Group) -> Alert:
    return Alert(
        Reason.APPLICATIONS,
        group.cohort,
        ngettext("One application waits", "%(n)d applications wait", group.count)
        % {"n": group.count},
        _("%(cohort)s. The last came on %(day)s.")
        % {"cohort": group.cohort, "day": date_format(group.since, "j F")},
        group.since,
        url=_people_url(group.cohort, "?state=applied"),
        verb=_("Decide"),
    )


def _place_free(group: _Group) -> Alert:
    return Alert(
        Reason.PLACE_FREE,
        group.cohort,
        ngettext(
            "A place is free, and one person waits",
            "A place is free, and %(n)d people wait",
            group.count,
        )
        % {"n": group.count},
        str(group.cohort),
        group.since,
        url=_people_url(group.cohort, "?state=waitlisted"),
        verb=_("See the waiting list"),
    )


def _no_partner(group: _Group) -> Alert:
    slug = group.cohort.organisation.slug
    return Alert(
        Reason.NO_PARTNER,
        group.cohort,
        ngettext("One person has no partner", "%(n)d people have no partner", group.count)
        % {"n": group.count},
        _("%(cohort)s. The last waits since %(day)s.")
        % {"cohort": group.cohort, "day": date_format(group.since, "j F")},
        group.since,
        url=reverse("pairing:waiting", args=[slug, group.cohort.pk]),
        verb=_("Find partners"),
    )


def _not_joined(group: _Group) -> Alert:
    return Alert(
        Reason.NOT_JOINED,
        group.cohort,
        ngettext(
            "One person has not accepted the invitation",
            "%(n)d people have not accepted the invitation",
            group.count,
        )
        % {"n": group.count},
        _("%(cohort)s. Invited a week ago or longer.") % {"cohort": group.cohort},
        group.since,
        url=_people_url(group.cohort, ""),
        verb=_("See the people"),
    )


def _late(
    cohorts: Mapping[UUID, Cohort], moves: Sequence[DueMove], *, today: date
) -> Iterator[Finding]:
    """Yield the cohorts that are not where their days say: a date waits for somebody, or nobody
    has opened them or said until when people enrol.
    """
    late, asked = Reason.PHASE_LATE.value, today.isoformat()
    for move in moves:
        yield Finding(
            reason=late, cohort_id=move.cohort.pk, since=move.day, facts=[str(move.to), asked]
        )
    waiting = {move.cohort.pk for move in moves}
    for cohort in cohorts.values():
        by_hand = cohort.phase == Cohort.Phase.DRAFT or (
            cohort.phase == Cohort.Phase.ENROLLING and cohort.enrol_until is None
        )
        if by_hand and cohort.starts_on < today and cohort.pk not in waiting:
            yield Finding(reason=late, cohort_id=cohort.pk, since=cohort.starts_on, facts=["", ""])


def _late_in_words(cohort: Cohort, finding: Finding, move: DueMove | None) -> Alert:
    to = finding.facts[0]
    if to:
        address = reverse("programs:move_cohort", args=[cohort.organisation.slug, cohort.pk])
        return Alert(
            Reason.PHASE_LATE,
            cohort,
            _("%(cohort)s waits for you: next is %(phase)s")
            % {"cohort": cohort, "phase": str(Cohort.Phase(to).label).lower()},
            " ".join(move.sentences) if move else "",
            finding.since,
            url=f"{address}?to={to}",
            verb=_("Look at it"),
        )
    return Alert(
        Reason.PHASE_LATE,
        cohort,
        _("%(cohort)s is late") % {"cohort": cohort},
        _("It was to begin on %(day)s, and is: %(phase)s.")
        % {
            "day": date_format(finding.since, "j F"),
            "phase": str(cohort.get_phase_display()).lower(),
        },
        finding.since,
        verb=_("Open the cohort"),
    )


GROUPS: Mapping[str, Callable[[_Group], Alert]] = {
    Reason.REPORTED: _reported,
    Reason.APPLICATIONS: _applied,
    Reason.PLACE_FREE: _place_free,
    Reason.NO_PARTNER: _no_partner,
    Reason.NOT_JOINED: _not_joined,
}
