"""What waits for coordinators: judged, or as it was last judged.

Source: docs/adr/0039-findings-are-stored.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from core.audit.models import AuditEvent
from core.members.models import Member
from core.tenancy.due import A_DAY
from metrics.cohort_alerts import cohort_findings
from metrics.health import partnership_findings
from metrics.models import AlertNote, Finding, FindingMark
from metrics.unanswered import unanswered_findings


def findings_of(member: Member | None, *, now: datetime) -> list[Finding]:
    """Return what the rules find for this coordinator, or for any."""
    return [
        *partnership_findings(member, now=now),
        *cohort_findings(member, now=now),
        *unanswered_findings(member, now=now),
    ]


def known_findings(member: Member, now: datetime) -> list[Finding]:
    """Return what was last judged; what this person did since is judged at once.

    So it is where nothing has been judged for a day: then nobody follows up.
    """
    acts = AuditEvent.objects.filter(actor_id=member.pk, pk__gte=OuterRef("first_id"))
    fresh = FindingMark.objects.filter(~Exists(acts), judged_at__gt=now - A_DAY, judged_at__lte=now)
    notes = AlertNote.objects.filter(about_id=Coalesce(OuterRef("partnership"), OuterRef("cohort")))
    kept: list[Any] = list(  # with what is annotated
        Finding.objects.visible_to(member).annotate(fresh=Exists(fresh), noted=Exists(notes))
    )
    is_fresh = kept[0].fresh if kept else fresh.exists()
    return kept if is_fresh else findings_of(member, now=now)
