from types import ModuleType

from django.apps import AppConfig

from core.common import own_words


class UiConfig(AppConfig):
    """What pages share."""

    name = "core.ui"

    def __init__(self, app_name: str, app_module: ModuleType | None) -> None:
        """Let every language speak in the own words of a program, before one is loaded.

        Not in `ready`: a model of Django's own is named in English while models are imported.
        """
        super().__init__(app_name, app_module)
        own_words.install()
