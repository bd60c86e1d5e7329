"""Addresses of SCIM, as a directory builds them from the one on the settings page."""

from django.urls import URLPattern, path

from core.accounts.scim import views

app_name = "scim"

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/ServiceProviderConfig", views.service_provider_config, name="config"),
    path("<slug:slug>/Schemas", views.all_schemas, name="schemas"),
    path("<slug:slug>/Schemas/<str:name>", views.one_schema, name="schema"),
    path("<slug:slug>/ResourceTypes", views.all_resource_types, name="resource_types"),
    path("<slug:slug>/ResourceTypes/<str:name>", views.one_resource_type, name="resource_type"),
    path("<slug:slug>/.search", views.search_all, name="search"),
    path("<slug:slug>/Users/.search", views.search_users, name="search_users"),
    path("<slug:slug>/Users", views.all_users, name="users"),
    path("<slug:slug>/Users/<str:user_id>", views.one_user, name="user"),
    path("<slug:slug>/Groups/.search", views.search_groups, name="search_groups"),
    path("<slug:slug>/Groups", views.all_groups, name="groups"),
    path("<slug:slug>/Groups/<str:group_id>", views.one_group, name="group"),
    path("<slug:slug>/<path:path>", views.nothing, name="nothing"),
]
