"""One concern, raised in the eighth week and in mediation since."""

from __future__ import annotations

from collections.abc import Sequence

from core.members.models import Member
from core.tenancy.days import today
from devtools.demo.history import Events, Life
from feedback.concerns import operations
from feedback.models.concerns import Concern, ConcernFile, ConcernStep
from pairing.models.partnerships import Seat


def mediate(reporter: Member, *, handlers: Sequence[Member], owner: Member) -> Events:
    """Set up the desk, let somebody raise a concern about a partner, and see to it."""
    first = handlers[0]

    def set_up(_life: Life) -> None:
        operations.set_up_desk(by=owner, phone="+49 30 5550 112", kept_days=90)
        for handler in handlers:
            operations.name_handler(by=owner, member=handler)
        operations.make_link(by=owner)

    def raise_it(_life: Life) -> None:
        own = Seat.objects.open().filter(enrolment__member=reporter)
        partners = Seat.objects.open().filter(partnership__in=own.values("partnership"))
        other = partners.exclude(enrolment__member=reporter).order_by("pk").first()
        operations.raise_concern(
            by=reporter,
            topic=Concern.Topic.DOMINANCE,
            urgency=Concern.Urgency.WEEKS,
            words="One of us talks for most of the hour. I would like to hear the others too.",
            about=other.enrolment.member if other else None,
        )

    def step(kind: ConcernStep.Kind, note: str, answer: str) -> None:
        file = ConcernFile.objects.for_list().filter(reporter=reporter).order_by("pk").first()
        assert file is not None
        operations.record_step(file=file, by=first, kind=kind, done_on=today(), note=note)
        operations.answer_concern(file=file, by=first, words=answer)

    return {
        50: set_up,
        56: raise_it,
        58: lambda _life: step(
            ConcernStep.Kind.LISTEN,
            "She wishes for rounds, not for another circle.",
            "Thank you for telling me. May I speak with the other side as well?",
        ),
        63: lambda _life: step(
            ConcernStep.Kind.BOTH_SIDES,
            "He had not noticed, and is glad to hear it.",
            "I have heard both of you. Shall we agree on a round at the start, all three of us?",
        ),
    }
