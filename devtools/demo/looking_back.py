"""What people keep for themselves, what they let be said, and what changes because of it."""

from __future__ import annotations

from core.common import clock
from core.members.models import Member
from core.tenancy.context import look_as
from devtools.demo.history import Events, Life, attempt
from feedback.journal import operations as journal
from feedback.journal.queries import to_reflect_on
from feedback.models.testimonials import Testimonial
from feedback.review import operations as review
from feedback.testimonials import operations as testimonials
from programs.models.programs import Cohort, Enrolment

ENTRIES = (
    "I wanted to answer at once, and counted to ten. Somebody else said it better.",
    "I keep the time and forget to listen. Next time I say so before we begin.",
    "We decided without me steering. It took longer, and nobody asked for it to be opened again.",
)
PLACES = Testimonial.Place.values
SAID = (
    ("Nobody had ever let me finish a thought at work. Here seven people did.", PLACES, "first"),
    ("I led a meeting for the first time, and I was allowed to do it badly.", PLACES, "full"),
    ("The rounds went into my own team within two weeks.", PLACES[:2], "nobody"),
)
CHANGES = (
    (
        "Ninety minutes are short for two cases.",
        "One case a session, and the other one is written.",
    ),
    ("We met too late to choose a goal together.", "The first two sessions lie within ten days."),
)


def look_back(diarist: Member, circles: Cohort, pairs: Cohort, by: Member) -> Events:
    """Let somebody keep a journal, three be quoted, and the programs be reviewed."""

    def reflect(number: int) -> None:
        look_as(diarist.pk)
        session = to_reflect_on(diarist, at=clock.now())
        with attempt():
            journal.write_entry(by=diarist, text=ENTRIES[number], session=session)

    def be_quoted(_life: Life) -> None:
        people = Enrolment.objects.filter(cohort=circles, state__in=Testimonial.AUTHORS)
        people = people.exclude(member__state=Member.State.LEFT).select_related("member")
        for enrolment, (text, places, signed) in zip(
            people.order_by("pk")[2:5], SAID, strict=False
        ):
            testimonials.give_testimonial(
                cohort=circles, by=enrolment.member, text=text, places=places, signed=signed
            )

    def pick(_life: Life) -> None:
        for row in Testimonial.objects.in_force().for_list().order_by("pk")[:2]:
            testimonials.pick_testimonial(testimonial=row, by=by)

    def draft(_life: Life) -> None:
        review.keep_changes(cohort=circles, by=by, changes=CHANGES[:1])
        review.keep_changes(cohort=pairs, by=by, changes=CHANGES)

    def publish(_life: Life) -> None:
        review.publish_review(cohort=pairs, by=by)

    return {
        20: lambda _life: reflect(0),
        41: lambda _life: reflect(1),
        52: be_quoted,
        54: pick,
        63: lambda _life: reflect(2),
        65: draft,
        67: publish,
    }
