"""The journal: addresses below /o/<organisation>/."""

from django.urls import path

from feedback.journal import views

urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("journal/write/", views.write, name="write_in_journal"),
    path("journal/journal.md", views.export, name="journal_export"),
    path("journal/<uuid:entry_id>/", views.entry, name="journal_entry"),
    path("journal/<uuid:entry_id>/delete/", views.delete, name="delete_journal_entry"),
    path("sessions/<uuid:session_id>/journal/", views.write_about, name="session_journal"),
]
