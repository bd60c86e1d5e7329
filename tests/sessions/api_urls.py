"""The site with the sessions' resource, wherever the wiring has put it."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mentoring.urls import handler400, handler403, handler404, handler500
from mentoring.urls import urlpatterns as ours
from sessions.api import SessionViewSet

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

router = SimpleRouter()
router.register("sessions", SessionViewSet, basename="session")
urlpatterns = [path("api/v1/", include(router.urls)), *ours]
