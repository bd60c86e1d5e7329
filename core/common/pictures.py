"""Pictures that people upload: decoded and drawn anew, within bounds."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

MOST_PIXELS = 24_000_000
# what Pillow may try to read: each other format is one more parser for hostile bytes
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


class NoPicture(ValueError):
    """Not one of the formats, or broken."""


class TooManyPixels(NoPicture):
    """Small as a file, and huge once it is unpacked."""


def redraw(content: bytes, *, longest_side: int) -> bytes:
    """Return the picture as a PNG that is no longer than that on any side.

    Nothing hides in what is drawn anew, and no camera says where it was.  The size that a file
    tells is believed only to refuse it, before anything is unpacked.  Raises NoPicture.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise TooManyPixels
            has_alpha = "A" in picture.getbands() or "transparency" in picture.info
            drawn = picture.convert("RGBA" if has_alpha else "RGB")
    except NoPicture:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NoPicture from error
    drawn.thumbnail((longest_side, longest_side))
    written = BytesIO()
    drawn.save(written, "PNG", optimize=True)
    return written.getvalue()
