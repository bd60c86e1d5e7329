"""The lists that REST has, and those of them that are files too."""

from __future__ import annotations

from typing import Any

from rest_framework.routers import SimpleRouter

from agreements.decisions.api import DecisionViewSet
from agreements.goals.api import GoalViewSet
from core.accounts.api import WebhookDeliveryViewSet, WebhookViewSet
from core.members.facts import FactsViewSet
from feedback.api import CertificateViewSet, CheckInViewSet, SurveyResultViewSet
from metrics.api import FigureViewSet
from metrics.impact.api import OutcomeViewSet
from pairing.api import PartnershipViewSet, SeatViewSet
from programs.api import CohortViewSet, EnrolmentViewSet, MemberViewSet, ProgramViewSet
from sessions.api import AttendanceViewSet, SessionViewSet, TurnViewSet

router = SimpleRouter()
router.register("members", MemberViewSet, basename="member")
router.register("programs", ProgramViewSet, basename="program")
router.register("cohorts", CohortViewSet, basename="cohort")
router.register("enrolments", EnrolmentViewSet, basename="enrolment")
router.register("partnerships", PartnershipViewSet, basename="partnership")
router.register("seats", SeatViewSet, basename="seat")
router.register("sessions", SessionViewSet, basename="session")
router.register("attendance", AttendanceViewSet, basename="attendance")
router.register("turns", TurnViewSet, basename="turn")
router.register("decisions", DecisionViewSet, basename="decision")
router.register("goals", GoalViewSet, basename="goal")
router.register("certificates", CertificateViewSet, basename="certificate")
router.register("check-ins", CheckInViewSet, basename="check-in")
router.register("survey-results", SurveyResultViewSet, basename="survey-result")
router.register("outcomes", OutcomeViewSet, basename="outcome")
router.register("figures", FigureViewSet, basename="figure")

# what a program manages: no facts, so nobody's files, exports or pulls
managed = SimpleRouter()
managed.register("webhooks", WebhookViewSet, basename="webhook")
managed.register("webhook-deliveries", WebhookDeliveryViewSet, basename="webhook-delivery")

# figures are a file of their own shape
FILES: dict[str, type[FactsViewSet[Any]]] = {
    prefix: viewset
    for prefix, viewset, _name in router.registry
    if issubclass(viewset, FactsViewSet) and prefix != "figures"
}
