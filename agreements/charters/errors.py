"""What writing and signing a charter may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class CharterBegun(DomainError):
    code = "charter_begun"
    message = _("Your charter has already been begun.")


class SectionChanged(DomainError):
    """Somebody has saved the section since it was opened; `text` is what it says now."""

    code = "charter_section_changed"
    message = _("Somebody else has changed this section meanwhile. Both texts are kept below.")

    def __init__(self, text: str, version: int) -> None:
        super().__init__()
        self.text, self.version = text, version


class CharterUnwritten(DomainError):
    code = "charter_unwritten"
    message = _("Write something first; then everybody signs.")


class CharterChanged(DomainError):
    code = "charter_changed"
    message = _("The charter has changed. Read it again before you sign.")
