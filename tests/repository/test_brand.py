"""The brand images that Home Assistant serves for the integration."""

import sys
from pathlib import Path
from subprocess import run

import pytest
from PIL import Image, ImageChops

from .files import PACKAGE, ROOT

BRAND = PACKAGE / "brand"


@pytest.mark.parametrize(("suffix", "size"), [("", 256), ("@2x", 512)])
def test_icons_are_squares(suffix: str, size: int) -> None:
    with Image.open(BRAND / f"icon{suffix}.png") as icon:
        assert icon.size == (size, size)


@pytest.mark.parametrize(("suffix", "shortest"), [("", 128), ("@2x", 256)])
@pytest.mark.parametrize("name", ["logo", "dark_logo"])
def test_logos_are_as_large_as_the_frontend_wants_and_trimmed(
    name: str, suffix: str, shortest: int
) -> None:
    with Image.open(BRAND / f"{name}{suffix}.png") as logo:
        assert shortest <= min(logo.size) <= 2 * shortest
        assert logo.getbbox() == (0, 0, *logo.size)


@pytest.mark.parametrize("path", sorted(BRAND.iterdir()), ids=lambda path: path.name)
def test_images_are_small_and_transparent(path: Path) -> None:
    assert path.stat().st_size < 50_000
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", "RGBA")
        assert image.getchannel("A").getextrema() == (0, 255)


def test_the_images_are_what_the_script_draws(tmp_path: Path) -> None:
    run([sys.executable, ROOT / "scripts/brand", tmp_path], check=True)
    drawn = sorted(tmp_path.iterdir())
    assert [path.name for path in drawn] == sorted(path.name for path in BRAND.iterdir())
    for path in drawn:
        with Image.open(path) as new, Image.open(BRAND / path.name) as committed:
            assert new.size == committed.size
            # Font rendering may differ by a shade between platforms.
            assert max(ImageChops.difference(new, committed).tobytes()) <= 16
