from django.apps import AppConfig


class UiConfig(AppConfig):
    """What pages share."""

    name = "core.ui"

    def ready(self) -> None:
        """Let every language speak in the own words of a program, before one is loaded."""
        from core.common import own_words

        own_words.install()
