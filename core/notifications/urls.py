"""The bell, below /o/<organisation>/, and public links of the outbox."""

from django.urls import URLPattern, path

from core.notifications import views

app_name = "notifications"

# /o/<org>/bell/
urlpatterns: list[URLPattern] = [
    path("bell/", views.bell, name="bell"),
    path("bell/open/", views.open_bell, name="open_bell"),
    path("bell/count/", views.bell_count, name="bell_count"),
]
public_urlpatterns = [
    path("mail/inbound/", views.inbound, name="inbound"),
    path("l/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
