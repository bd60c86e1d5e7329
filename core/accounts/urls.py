"""Joining, people, settings: addresses below /o/<organisation>/, and public public."""

from allauth.account import views as account_views
from allauth.account.decorators import reauthentication_required
from django.urls import URLPattern, path

from core.accounts.views import (
    chats,
    directory,
    domains,
    given_up,
    me,
    people,
    public,
    segments,
    settings,
    sign_in,
    single_sign_on,
    texts,
    tokens,
    webhooks,
)

app_name = "accounts"

# /o/<org>/people/…
people_urls = [
    path("people/", people.people, name="people"),
    path("people/export/", people.export_people, name="export_people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/segments/new/", segments.new_segment, name="new_segment"),
    path("people/segments/<uuid:segment_id>/", segments.edit_segment, name="edit_segment"),
    path(
        "people/segments/<uuid:segment_id>/delete/", segments.delete_segment, name="delete_segment"
    ),
    path("people/<uuid:member_id>/", people.member, name="member"),
    path("people/<uuid:member_id>/edit/", people.edit_member, name="edit_member"),
    path("people/<uuid:member_id>/change-role/", people.change_role, name="change_role"),
    path("people/<uuid:member_id>/keep-address/", people.keep_address, name="keep_address"),
    path("people/<uuid:member_id>/invite/", people.send_invitation, name="send_invitation"),
    path(
        "people/<uuid:member_id>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"
    ),
]

# /o/<org>/settings/…
settings_urls = [
    path("settings/", settings.settings, name="settings"),
    path("settings/address/", settings.slug, name="slug"),
    path("settings/logo/", settings.logo, name="logo"),
    path("settings/logo/remove/", settings.remove_logo, name="remove_logo"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<uuid:token_id>/", tokens.token, name="token"),
    path("settings/tokens/<uuid:token_id>/rotate/", tokens.rotate_token, name="rotate_token"),
    path("settings/tokens/<uuid:token_id>/offer/", tokens.offer_token, name="offer_token"),
    path(
        "settings/tokens/<uuid:token_id>/take-over/", tokens.take_over_token, name="take_over_token"
    ),
    path("settings/tokens/<uuid:token_id>/revoke/", tokens.revoke_token, name="revoke_token"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<uuid:endpoint_id>/", webhooks.webhook, name="webhook"),
    path(
        "settings/webhooks/<uuid:endpoint_id>/switch/",
        webhooks.switch_webhook,
        name="switch_webhook",
    ),
    path(
        "settings/webhooks/<uuid:endpoint_id>/rotate/",
        webhooks.rotate_webhook,
        name="rotate_webhook",
    ),
    path("settings/webhooks/<uuid:endpoint_id>/test/", webhooks.test_webhook, name="test_webhook"),
    path(
        "settings/webhooks/<uuid:endpoint_id>/remove/",
        webhooks.remove_webhook,
        name="remove_webhook",
    ),
    path(
        "settings/webhooks/messages/<uuid:message_id>/replay/",
        webhooks.replay_message,
        name="replay_message",
    ),
    path("settings/directory/", directory.directory, name="directory"),
    path(
        "settings/directory/<uuid:directory_token_id>/rotate/",
        directory.rotate_directory_token,
        name="rotate_directory_token",
    ),
    path(
        "settings/directory/<uuid:directory_token_id>/revoke/",
        directory.revoke_directory_token,
        name="revoke_directory_token",
    ),
    path(
        "settings/directory/groups/<uuid:directory_group_id>/",
        directory.directory_group,
        name="directory_group",
    ),
    path("settings/sso/", single_sign_on.sso, name="sso"),
    path("settings/sso/test/", single_sign_on.test_sso, name="test_sso"),
    path("settings/sso/require/", single_sign_on.require_sso, name="require_sso"),
    path("settings/sso/remove/", single_sign_on.remove_sso, name="remove_sso"),
    path("settings/domains/", domains.join_domains, name="join_domains"),
    path(
        "settings/domains/<uuid:join_domain_id>/prove/",
        domains.prove_join_domain,
        name="prove_join_domain",
    ),
    path(
        "settings/domains/<uuid:join_domain_id>/remove/",
        domains.remove_join_domain,
        name="remove_join_domain",
    ),
    path("settings/texts/", texts.texts, name="texts"),
    path("settings/texts/<str:kind>/<slug:case>/", texts.text, name="text"),
    path("settings/chats/", chats.chats, name="chats"),
    path("settings/chats/<uuid:webhook_id>/test/", chats.test_chat, name="test_chat"),
    path("settings/chats/<uuid:webhook_id>/remove/", chats.remove_chat, name="remove_chat"),
    path("settings/audit/", settings.audit, name="audit"),
    path("settings/audit.csv", settings.export_audit, name="export_audit"),
    path("settings/emails/", given_up.given_up, name="given_up"),
    path("settings/emails/send-again/", given_up.send_all_again, name="send_all_again"),
    path("settings/emails/<uuid:envelope_id>/send-again/", given_up.send_again, name="send_again"),
    path("logo.<slug:logo>.png", settings.logo_picture, name="logo_picture"),
    path("theme.<slug:hash>.css", settings.theme, name="theme"),
]

# /o/<org>/me/…
own_urls = [
    path("me/", me.me, name="me"),
    path("me/emails/", me.emails, name="emails"),
    path("me/sso/", single_sign_on.connect_sso, name="connect_sso"),
    path("me/sso/confirm/", single_sign_on.confirm_sso, name="confirm_sso"),
    path("me/sign-in/", single_sign_on.own_sign_in, name="own_sign_in"),
    path("me/sign-in/code/", single_sign_on.own_sign_in_code, name="own_sign_in_code"),
    path("me/mailbox-works/", given_up.mark_mailbox_working, name="mark_mailbox_working"),
]

urlpatterns: list[URLPattern] = [*people_urls, *settings_urls, *own_urls]

public_urlpatterns: list[URLPattern] = [
    path("organisations/new/", public.new_organisation, name="new_organisation"),
    path("organisations/join/", domains.join_organisation, name="join_organisation"),
    path("invitation/<str:key>/", public.invitation, name="invitation"),
    path("address/<str:key>/", public.address, name="address"),
]

# /account/…: beside allauth's, under its kind of names
sign_in_urls: list[URLPattern] = [
    path("signup/", sign_in.sign_up, name="account_signup"),
    path("signup/code/", sign_in.sign_up_code, name="account_sign_up_code"),
    path("join/", domains.join, name="account_join"),
    path("join/code/", domains.join_code, name="account_join_code"),
    path("confirm/", sign_in.confirm_by_code, name="account_confirm_by_code"),
    # allauth lets whoever holds a session set a first password: here they confirm who they are
    path(
        "password/set/",
        reauthentication_required(account_views.password_set),
        name="account_set_password",
    ),
    path("sessions/end/", sign_in.sign_out_everywhere, name="account_sign_out_everywhere"),
]
