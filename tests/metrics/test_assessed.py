"""Figures of assessments: peers apart from oneself, confidence and belonging, reliability."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from core.common.statistics import cronbach_alpha
from core.tenancy.context import tenant
from feedback.assessments.peers import NAME, occasion_of
from feedback.assessments.scales import BELONGING, CONFIDENCE
from feedback.models.assessments import Assessment, PeerResult
from feedback.models.released import ReleasedStep
from feedback.models.surveys import AnonymousBox
from metrics.wording import figure_text
from programs.models.parts import Competency
from programs.models.programs import Enrolment
from tests.cast import Cast
from tests.metrics.build import NOW, circle, enrol, figures, make_cohort, people

DAY = timedelta(days=1)


def answer(enrolment: Enrolment, moment: str, scale: str, values: Sequence[int]) -> None:
    """Write what somebody answered to the four items of a scale."""
    Assessment.objects.update_or_create(
        enrolment=enrolment,
        moment=moment,
        defaults={
            "opened_at": NOW,
            "answered_at": NOW,
            "scales": {f"{scale}_{number}": value for number, value in enumerate(values, 1)},
        },
    )


def test_confidence_moves_in_pairs_of_whole_scales(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    said = [
        ((2, 2, 2, 4), (4, 4, 4, 2)),  # 2 + 2 + 2 + 2 = 8, then 16
        ((3, 3, 3, 3), (3, 4, 3, 3)),  # 12, 13
        ((4, 4, 4, 2), (4, 4, 4, 2)),  # 16, 16
        ((1, 2, 3, 4), (3, 3, 3, 2)),  # 8, 13
        ((5, 4, 4, 1), (4, 4, 4, 1)),  # 18, 17
        ((5, 4, 4), (4, 4, 4, 1)),  # an item is missing: no pair
    ]
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in people(cast.acme, len(said))]
        for row, (start, end) in zip(rows, said, strict=True):
            answer(row, "start", "confidence", start)
            answer(row, "end", "confidence", end)

    found = figures(cohort)

    change = found["confidence_change", ""]
    # differences in points 2, 0.25, 0, 1.25, −0.25: mean 0.65, variance 0.89375, t(4) = 2.776445
    assert (change.numerator, change.denominator, change.n) == (13, 20, 5)
    assert change.value == Decimal("0.6500")
    assert (change.low, change.high) == (Decimal("-0.5238"), Decimal("1.8238"))
    assert found["confidence_change", "start:"].value == Decimal("3.1000")  # 62 of 20
    assert found["confidence_change", "end:"].value == Decimal("3.7500")
    # 0.65 / sqrt(0.89375)
    assert found["confidence_change", "effect:"].value == Decimal("0.6876")
    assert figure_text(change).words == "+0.6"  # half to even, as in every chart and file
    parts = ["start:", "end:", "effect:"]
    texts = [figure_text(found["confidence_change", part]) for part in ["", *parts]]
    assert [(text.title, text.counts) for text in texts] == [
        ("Confidence change", "n = 5 pairs"),
        ("Confidence change: mean at the start", "n = 5 pairs"),
        ("Confidence change: mean at the end", "n = 5 pairs"),
        ("Confidence change: effect size d_z", "n = 5 pairs"),
    ]
    assert found["belonging_change", ""].suppressed
    assert str(CONFIDENCE.name) == change.label != str(BELONGING.name)


def test_fewer_than_five_pairs_are_hidden(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    with tenant(cast.acme):
        for place, member in enumerate(people(cast.acme, 4)):
            row = enrol(cohort, member)
            answer(row, "start", "belonging", (1 + place, 2, 3, 4))
            answer(row, "end", "belonging", (2, 2 + place % 2, 3, 4))
    assert figures(cohort)["belonging_change", ""].suppressed


def seen(enrolment: Enrolment, moment: str, skill: Competency, marks: Sequence[int]) -> None:
    """Write the marks that peers gave somebody, as counted."""
    PeerResult.objects.create(enrolment=enrolment, moment=moment, shown=len(marks) > 2)
    AnonymousBox.objects.create(
        survey=NAME,
        cohort=enrolment.cohort,
        occasion=occasion_of(moment, enrolment.pk),
        answers=[{skill.pk.hex: mark} for mark in marks],
    )


def test_peers_stand_beside_oneself(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    marks = [
        ((1, 2, 3), (3, 4, 5)),  # 2, 4
        ((2, 3, 3), (3, 3, 4)),  # 2.6667, 3.3333
        ((4, 4, 4), (4, 4, 4)),  # 4, 4
        ((3, 4, 5), (4, 4, 5)),  # 4, 4.3333
        ((5, 5, 5), (5, 5, 4)),  # 5, 4.6667
        ((2, 2), (5, 5, 5)),  # of two at the start: no pair
    ]
    with tenant(cast.acme):
        skill = Competency.objects.create(program=cohort.program, key="listening", name="Listening")
        rows = [enrol(cohort, member) for member in people(cast.acme, len(marks))]
        circle(cohort, rows)
        for row, (start, end) in zip(rows, marks, strict=True):
            seen(row, "start", skill, start)
            seen(row, "end", skill, end)

    found = figures(cohort)

    change = found["competency_change", "peers:listening"]
    # differences 2, 0.6666, 0, 0.3333, −0.3333 of averages rounded to four places
    assert (change.value, change.n) == (Decimal("0.5333"), 5)
    assert found["competency_change", "peers:start:listening"].value == Decimal("3.5333")
    assert found["competency_change", "peers:end:listening"].value == Decimal("4.0667")
    # variance 0.8111, sd 0.9006: d_z = 0.53332 / 0.90061; the interval by t(4) = 2.776445
    assert found["competency_change", "peers:effect:listening"].value == Decimal("0.5922")
    assert (change.low, change.high) == (Decimal("-0.5849"), Decimal("1.6516"))
    assert found["competency_change", "listening"].suppressed  # nobody rated themselves
    assert figure_text(change).part_words == "Listening, by peers"
    assert figure_text(change).words == "+0.5"


def test_alpha_is_shown_with_n_from_thirty_people_on(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    raw = [(1 + n % 5, 1 + n % 4, 1 + (n // 2) % 5, 5 - n % 3) for n in range(31)]
    with tenant(cast.acme):
        rows = [enrol(cohort, member) for member in people(cast.acme, 31)]
        for row, values in list(zip(rows, raw, strict=True))[:29]:
            answer(row, "start", "confidence", values)
    part = ("scale_reliability", "alpha:confidence")
    assert figures(cohort, NOW)[part].suppressed
    with tenant(cast.acme):
        answer(rows[29], "start", "confidence", raw[29])
    shown = figures(cohort, NOW + DAY)[part]
    keyed = [(a, b, c, 6 - d) for a, b, c, d in raw[:30]]
    alpha = cronbach_alpha(keyed)
    assert alpha is not None
    assert (shown.value, shown.n) == (round(Decimal(alpha.numerator) / alpha.denominator, 4), 30)
    text = figure_text(shown)
    assert (text.words, text.counts) == (f"{shown.value:.2f}", "n = 30 people")
    assert text.title == "Reliability of a scale: confidence in leading"
    with tenant(cast.acme):
        answer(rows[30], "start", "confidence", raw[30])
    assert figures(cohort, NOW + 2 * DAY)[part] == shown  # frozen until thirty more have answered
    with tenant(cast.acme):
        assert ReleasedStep.objects.filter(key="scale_reliability").count() == 1
