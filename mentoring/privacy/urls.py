"""My own data, erasure, retention and closing: addresses below /o/<organisation>/."""

from django.urls import URLPattern, path

from mentoring.privacy import views

app_name = "privacy"

urlpatterns: list[URLPattern] = [
    path("me/data/", views.my_data, name="my_data"),
    path("me/data/<uuid:file_id>/", views.download, name="download"),
    path("me/data/ask-erasure/", views.ask_erasure, name="ask_erasure"),
    path("me/data/withdraw-erasure/", views.withdraw_erasure, name="withdraw_erasure"),
    path("me/consents/<slug:purpose>/", views.consent, name="consent"),
    path("me/consents/<slug:purpose>/withdraw/", views.withdraw_consent, name="withdraw_consent"),
    path("people/<uuid:member_id>/erase/", views.erase, name="erase"),
    path("settings/privacy/", views.retention, name="retention"),
    path("settings/privacy/words/", views.words, name="words"),
    path("settings/consents/<slug:purpose>/", views.consent_text, name="consent_text"),
    path("settings/close/", views.close, name="close"),
]
public_urlpatterns: list[URLPattern] = []
