"""The studio's live counts: what a click costs at 1,000 people, and what it would without a cache.

`python -m bench.studio [--quick]`: one JSON line a row, then one with the goals. Seconds are of
the whole answer in one process: address, permission, counts and HTML, without the network.
"""

from __future__ import annotations

import random
from typing import Any

from bench._database import database, make_owner
from bench._lines import Lines, asked_quick, best_of, timed

SIZES = (250, 500, 1000, 2000)
LANGUAGES = ("en", "de", "pt", "hi", "af", "xh", "fr")
SKILLS = ("coaching", "delegation", "facilitation", "negotiation", "listening", "feedback")


def main() -> None:
    """Time a toggle over htmx, cold and warm, beside reading and comparing everybody again."""
    lines, quick = Lines("studio"), asked_quick(__doc__)
    with database("studio"):
        for people in SIZES[:3:2] if quick else SIZES:
            measure(lines, people)
    lines.end()


def measure(lines: Lines, people: int) -> None:
    """Make a mentor cohort of that many people, half of them mentors, and click in its studio."""
    from django.test import Client
    from django.urls import reverse

    from core.tenancy.context import tenant
    from pairing.inputs.collect import take_snapshot
    from pairing.inputs.snapshot import Choice
    from pairing.runs.presenters import studio
    from pairing.runs.queries import matching_stamp

    owner, cohort = make_cohort(people)
    client = Client()
    client.force_login(owner.user)
    slug = owner.organisation.slug
    url = reverse("pairing:matching_counts", args=[slug, cohort.pk])
    size = f"{people} people"

    with tenant(owner.organisation):
        seconds, snapshot = timed(lambda: take_snapshot(cohort))
        lines.row("read", size, "snapshot", seconds)
        seconds, grounds = timed(lambda: studio.read_grounds(snapshot))
        packed = sum(bits.nbytes for bits in (*grounds.rules.values(), *grounds.reached.values()))
        lines.row("compare", size, "everybody with everybody", seconds, kept_bytes=packed)
        seconds, _stamp = best_of(5, lambda: matching_stamp(cohort))
        lines.row("stamp", size, "one statement", seconds)
        choice = Choice(off=frozenset({"language"}))
        seconds, _counts = best_of(20, lambda: studio.count(grounds, choice))
        lines.row("count", size, "packed bits", seconds)

    weights = {f"weight_{key}": 5 for key in counting_keys(owner, cohort)}

    def click(**more: Any) -> int:
        answer = client.get(url, weights | more, headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.status_code
        return len(answer.content)

    cold, _bytes = timed(click)
    lines.row("click", size, "cold: after something has changed", cold)
    warm, _bytes = best_of(10, lambda: click(rule_language="on"))
    lines.row("click", size, "warm: a rule or weight switched", warm, ratio=round(cold / warm, 1))
    if people == 1000:
        lines.goal("a switch is counted within 0.3 s at 1,000 people", 0.3, warm, warm <= 0.3)


def counting_keys(owner: Any, cohort: Any) -> list[str]:
    """Return the keys of the criteria that are weighed."""
    from core.tenancy.context import tenant

    with tenant(owner.organisation):
        return list(cohort.program.criteria.filter(sort="score").values_list("key", flat=True))


def make_cohort(people: int) -> tuple[Any, Any]:
    """Make an organisation with a mentor cohort of that many people, by our own operations."""
    from datetime import timedelta

    from core.common import clock
    from core.members.models import Member, User
    from core.tenancy.context import tenant
    from programs.models.programs import Cohort, Enrolment
    from programs.operations import cohorts, designs, enrolments
    from programs.operations.enrolments import NewPerson

    draw = random.Random(people)
    owner = make_owner(f"Bench{people}")
    with tenant(owner.organisation):
        program = designs.create_program(
            template="mentor-and-mentee", name=f"Of {people}", by=owner
        )
        start = clock.now().date()
        cohort = cohorts.create_cohort(
            program=program,
            name="Spring",
            starts_on=start,
            ends_on=start + timedelta(weeks=26),
            by=owner,
        )
        for phase in (Cohort.Phase.ENROLLING, Cohort.Phase.MATCHING):
            cohort = cohorts.move_cohort(cohort=cohort, to=phase, by=owner, confirmed=True)
        users = User.objects.bulk_create(
            User(email=f"p{n}.{people}@example.org", password="!") for n in range(people)
        )
        members = Member.objects.bulk_create(
            Member(
                user=each,
                email=each.email,
                given_name=f"Given{n}",
                family_name=f"Family{n}",
                state=Member.State.LIVE,
                live_at=clock.now(),
                level=str(draw.randint(1, 8)),
                department=f"Department {n % 12}",
                location=("Berlin", "Lisbon", "Pune")[n % 3],
                time_zone=("Europe/Berlin", "Europe/Lisbon", "Asia/Kolkata")[n % 3],
                languages=draw.sample(LANGUAGES, 1 + n % 2),
            )
            for n, each in enumerate(users)
        )
        enrolments.enrol_many(
            cohort=cohort,
            people=[
                NewPerson(
                    member,
                    "mentor" if n % 2 else "mentee",
                    1 + n % 2,
                    {
                        "skills_offered" if n % 2 else "skills_sought": {
                            skill: draw.randint(1, 5) for skill in draw.sample(SKILLS, 3)
                        }
                    },
                )
                for n, member in enumerate(members)
            ],
            by=owner,
        )
        Enrolment.objects.update(expectations_accepted_at=clock.now())
    return owner, cohort


if __name__ == "__main__":
    main()
