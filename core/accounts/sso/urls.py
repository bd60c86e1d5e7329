"""Ways in at an organisation's own provider: before anybody is signed in."""

from django.urls import URLPattern, path

from core.accounts.sso import views

app_name = "sso"

urlpatterns: list[URLPattern] = [
    path("", views.find, name="find"),
    path("<slug:slug>/", views.begin, name="begin"),
    path("<slug:slug>/callback/", views.callback, name="callback"),
    path("<slug:slug>/acs/", views.acs, name="acs"),
    path("<slug:slug>/metadata/", views.metadata, name="metadata"),
]
