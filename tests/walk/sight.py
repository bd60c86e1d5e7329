"""How much of each table each person sees, counted through `visible_to` on real rows.

In Acme stand one of everything, a partner who has left, one who came after, and a coordinator who
runs another program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps

from core.common import clock
from core.members.models import Member, TenantQuerySet
from core.notifications.models import BouncingAddress, KindPace, MutedKind, QuietHours
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from metrics.models import AlertNote, Finding, FoldMark
from pairing.models.partnerships import Parting
from pairing.models.requests import Wish
from pairing.models.runs import PublicationRequest
from programs.models.programs import Program, ProgramStaff
from tests.cast import make_member
from tests.walk.leaving import Left

TABLE = Path(__file__).with_name("sight.txt")
Sight = dict[str, dict[str, int]]


def people_of(left: Left) -> dict[str, Member]:
    """Return everybody whose sight is counted; the first four may most."""
    world = left.world
    with tenant(world.organisation):
        elsewhere = make_member(world.organisation, "Elsewhere", Member.Role.COORDINATOR)
        Member.objects.filter(pk=elsewhere.pk).update(runs_all=False)
        elsewhere.refresh_from_db()
        other = Program.objects.create(name="Another program", format=Program.Format.CIRCLES)
        ProgramStaff.objects.create(program=other, member=elsewhere)
        _what_few_have(left)
    return {
        "owner": world.owner,
        "coordinator": world.coordinator,
        "elsewhere": elsewhere,  # a coordinator of another program
        "hr": left.hr,
        "participant": world.participant,
        "partner": world.partner,
        "former": left.former,
        "newcomer": left.newcomer,
    }


def _what_few_have(left: Left) -> None:
    """Rows that the world of the walks goes without."""
    world, at = left.world, clock.now()
    person = world.participant
    BouncingAddress.objects.create(address=person.email)
    KindPace.objects.create(member=person, kind="feedback.check_in", pace="daily")
    MutedKind.objects.create(member=person, kind="feedback.check_in", channel="email")
    QuietHours.objects.create(member=person, quiet_from=22, quiet_until=6, weekends=True)
    Parting.objects.create(seat=world.rows["seat"], cause="other", said_at=at)
    Wish.objects.create(
        enrolment=world.rows["enrolment"], wished=world.rows["other_enrolment"], rank=1
    )
    FoldMark.objects.create(cohort=world.rows["cohort"], folded_at=at)
    Finding.objects.create(
        reason="quiet",
        cohort=world.rows["cohort"],
        partnership=world.rows["partnership"],
        since=at.date(),
        facts=[30, f"{at:%Y-%m-%d}"],
    )
    run = world.rows["run"]
    PublicationRequest.objects.create(run=run, asked_by=world.coordinator)
    AlertNote.objects.create(
        reason="silent", about_id=run.pk, by=world.coordinator, act="noted", text="walk"
    )


def seen_models() -> list[type[TenantModel]]:
    """Return every model of which somebody may see rows."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, TenantModel) and hasattr(model.objects, "visible_to")
    ]


def sight(left: Left, people: dict[str, Member], models: Sequence[type[TenantModel]]) -> Sight:
    """Count the rows of each table that each person sees."""
    found: Sight = {}
    for name, member in people.items():
        with tenant(left.world.organisation, member=member.pk):
            for model in models:
                rows: Any = model.objects
                found.setdefault(model._meta.label, {})[name] = rows.visible_to(member).count()
    return found


def words(counts: dict[str, int]) -> list[str]:
    """Say of each person whether they see nothing, some, or as much as anybody.

    Numbers would change with every row that somebody adds to the world.
    """
    most = max(counts.values())
    return ["." if not count else "all" if count == most else "some" for count in counts.values()]


def as_text(seen: Sight) -> str:
    """Return the table as sight.txt has it: one line a model, one column a person."""
    names = list(next(iter(seen.values())))
    width = max(len(label) for label in seen)
    lines = [" ".join([" " * width, *(f"{name:>11}" for name in names)])]
    for label, counts in sorted(seen.items()):
        cells = (f"{word:>11}" for word in words(counts))
        lines.append(" ".join([f"{label:<{width}}", *cells]))
    return "\n".join(lines) + "\n"


def narrowing() -> Iterator[type[TenantQuerySet[Any]]]:
    """Yield each class that narrows what its base shows, by a `visible_to` of its own."""
    waiting: list[Any] = [TenantQuerySet]
    known = set()
    while waiting:
        here = waiting.pop()
        waiting += [below for below in here.__subclasses__() if below not in known]
        narrows = "visible_to" in vars(here) and not here.__module__.startswith("tests")
        if here not in known and here is not TenantQuerySet and narrows:
            yield here
        known.add(here)
