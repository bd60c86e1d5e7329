"""Public links of the outbox; it has no rooms below /o/ yet."""

from django.urls import URLPattern, path

from core.notifications import views

app_name = "notifications"

urlpatterns: list[URLPattern] = []
public_urlpatterns = [
    path("l/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
