"""The house with the outbox's public door, wherever the house itself mounts it."""

from django.urls import include, path

from mentoring.notifications import urls as notifications
from mentoring.urls import handler404 as handler404
from mentoring.urls import urlpatterns as house

urlpatterns = [
    path("", include((notifications.public_urlpatterns, "notifications_public"))),
    *house,
]
