from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """No tables: people are members', sign-ins allauth's.  An app for its command."""

    name = "core.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Hear of codes that were typed: allauth tells of them by this signal alone."""
        from allauth.account.signals import authentication_step_completed  # its models first

        from core.accounts.adapter import prove_by_code

        authentication_step_completed.connect(prove_by_code)
