"""An organisation's logo and accent: drawn anew, within bounds, its own people's alone."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

from core.common.pictures import MOST_PIXELS, NoPicture, TooManyPixels, redraw
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from core.ui.theme import ACCENTS
from tests.cast import Cast, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/o/acme/settings/logo/"


def png(width: int = 600, height: int = 300, **saved: object) -> bytes:
    written = BytesIO()
    Image.new("RGBA", (width, height), (9, 90, 200, 128)).save(written, "PNG", **saved)
    return written.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def upload(browser: Client, content: bytes, name: str = "logo.png") -> int:
    return browser.post(PAGE, {"logo": SimpleUploadedFile(name, content)}).status_code


def address(cast: Cast) -> str:
    with tenant(cast.acme):
        return f"/o/acme/logo.{OrganisationSettings.objects.get().logo_digest}.png"


def test_a_logo_is_drawn_anew_and_shown_to_its_people_alone(cast: Cast):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>secret place</script>")
    owner, petra = sign_in(cast.olga), sign_in(cast.petra)
    assert upload(owner, png(pnginfo=info)) == 302
    shown = petra.get(address(cast))
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert "immutable" in shown["Cache-Control"]
    assert b"secret place" not in shown.content
    with Image.open(BytesIO(shown.content)) as picture:
        assert (picture.size, picture.mode) == ((320, 160), "RGBA")
    assert address(cast) in petra.get("/o/acme/").content.decode()
    stranger = sign_in(cast.greta)
    assert stranger.get(address(cast)).status_code == 404
    assert stranger.get(address(cast).replace("acme", "globex")).status_code == 404


def test_it_is_removed_and_its_address_with_it(cast: Cast):
    owner = sign_in(cast.olga)
    upload(owner, png())
    was = address(cast)
    assert owner.post(f"{PAGE}remove/").status_code == 302
    assert owner.get(was).status_code == 404
    assert owner.get("/o/acme/logo..png").status_code == 404
    assert "<img" not in owner.get("/o/acme/").content.decode()


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
        png()[:200],
        bomb(6000, 6000),
        bomb(60_000, 60_000),
        b"x" * (1024 * 1024 + 1),
    ],
    ids=["svg", "gif", "png", "pdf", "cut", "large", "bomb", "heavy"],
)
def test_what_is_no_picture_of_ours_is_refused_on_the_page(cast: Cast, content: bytes):
    assert upload(sign_in(cast.olga), content) == 422
    with tenant(cast.acme):
        assert OrganisationSettings.objects.get().logo_digest == ""


def test_a_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(TooManyPixels):
        redraw(bomb(MOST_PIXELS, 2), longest_side=320)
    with pytest.raises(NoPicture):
        redraw(b"BM" + bytes(100), longest_side=320)  # a format that we do not ask Pillow to read


def test_each_accent_shows_its_colours_beside_its_name(cast: Cast):
    page = sign_in(cast.olga).get("/o/acme/settings/").content.decode()
    assert page.count('class="swatch"') == len(ACCENTS)
    for accent in ACCENTS:
        assert f'fill="{accent.light.accent}"' in page
        assert f'fill="{accent.dark.accent}"' in page
