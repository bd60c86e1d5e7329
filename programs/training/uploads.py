"""What may be shown beside a lesson: a picture, drawn anew, or a PDF; told by its bytes."""

from __future__ import annotations

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.common.pictures import NoPicture, TooManyPixels, redraw

MOST_BYTES = 5 * 1024 * 1024
LONGEST_SIDE = 1600
PDF = b"%PDF-"


class Upload(NamedTuple):
    kind: str
    content: bytes


def read_upload(content: bytes) -> Upload:
    """Return it as it is kept; raises ValidationError for anything but a picture or a PDF.

    A picture is decoded and written anew: nothing hides in it, and no camera says where it was.
    """
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The file is larger than 5 MB."))
    if content.startswith(PDF):
        return Upload("application/pdf", content)
    try:
        drawn = redraw(content, longest_side=LONGEST_SIDE)
    except TooManyPixels as error:
        raise ValidationError(_("The picture has too many pixels.")) from error
    except NoPicture as error:
        raise ValidationError(_("This is no picture and no PDF that we can read.")) from error
    return Upload("image/png", drawn)
