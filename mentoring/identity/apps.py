from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "mentoring.identity"
    label = "identity"
