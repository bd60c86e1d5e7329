"""The house with the outbox's public link, wherever the house itself mounts it."""

from django.urls import include, path

from core.notifications import urls as notifications_urls
from mentoring.urls import urlpatterns as house

urlpatterns = [
    path("", include((notifications_urls.public_urlpatterns, "notifications_public"))),
    *house,
]
