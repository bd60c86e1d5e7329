"""Joining, people, settings: addresses below /o/<organisation>/, and public public."""

from django.urls import URLPattern, path

from core.accounts.views import me, people, public, settings

app_name = "accounts"

# /o/<org>/people/…
people_urls = [
    path("people/", people.people, name="people"),
    path("people/export/", people.export_people, name="export_people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invite-waiting/", people.invite_waiting, name="invite_waiting"),
    path("people/<uuid:member_id>/", people.member, name="member"),
    path("people/<uuid:member_id>/edit/", people.edit_member, name="edit_member"),
    path("people/<uuid:member_id>/change-role/", people.change_role, name="change_role"),
    path("people/<uuid:member_id>/mark-left/", people.mark_left, name="mark_left"),
    path("people/<uuid:member_id>/invite/", people.send_invitation, name="send_invitation"),
    path(
        "people/<uuid:member_id>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"
    ),
]

# /o/<org>/settings/…
settings_urls = [
    path("settings/", settings.settings, name="settings"),
    path("settings/tokens/", settings.tokens, name="tokens"),
    path("settings/tokens/<uuid:token_id>/revoke/", settings.revoke_token, name="revoke_token"),
    path("settings/audit/", settings.audit, name="audit"),
    path("theme.<slug:hash>.css", settings.theme, name="theme"),
]

# /o/<org>/me/…
own_urls = [
    path("me/", me.me, name="me"),
    path("me/emails/", me.emails, name="emails"),
    path("me/emails/mute/", me.mute_emails, name="mute_emails"),
    path("me/leave/", me.leave, name="leave"),
]

urlpatterns: list[URLPattern] = [*people_urls, *settings_urls, *own_urls]

public_urlpatterns: list[URLPattern] = [
    path("organisations/new/", public.new_organisation, name="new_organisation"),
    path("invitation/<str:key>/", public.invitation, name="invitation"),
]
