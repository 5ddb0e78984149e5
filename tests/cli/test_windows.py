"""Commands that draw, as processes of their own."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest


def process(*words: object, **env: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the command line; names with an empty value are taken out of the environment."""
    around = {name: value for name, value in (os.environ | env).items() if value}
    return subprocess.run(
        [sys.executable, "-m", "salesdesk", *map(str, words)],
        capture_output=True, env=around, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_of_a_page(workspace: Path, tmp_path: Path, theme: str) -> None:
    picture = tmp_path / f"{theme}.png"
    found = process(
        "--workspace", workspace, "--now", "2026-11-20T11:20", "screenshot", "board",
        "--output", picture, "--size", "1200x700", "--theme", theme,
        QT_QPA_PLATFORM="offscreen",
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (1200, 700)


def test_a_picture_with_something_open(workspace: Path, tmp_path: Path) -> None:
    plain, opened = tmp_path / "plain.png", tmp_path / "opened.png"
    words = ("--workspace", workspace, "--now", "2026-11-20T11:20", "screenshot", "settings")
    for output, more in ((plain, ()), (opened, ("--open", "backups"))):
        found = process(*words, "--output", output, *more, QT_QPA_PLATFORM="offscreen")
        assert found.returncode == 0, found.stderr
    assert plain.read_bytes() != opened.read_bytes()
    found = process(*words, "--output", plain, "--open", "nothing", QT_QPA_PLATFORM="offscreen")
    assert found.returncode == 1
    assert found.stderr.count(b"\n") == 1


def test_the_sections_of_the_settings_are_those_that_can_be_opened() -> None:
    from salesdesk.page_keys import SETTINGS
    from salesdesk.ui.settings.panel import SECTIONS

    assert tuple(key for key, _title, _class in SECTIONS) == SETTINGS


@pytest.mark.parametrize(("theme", "ground"), [("light", "#f6f7f9"), ("dark", "#12151b")])
def test_a_picture_of_the_ranking(workspace: Path, tmp_path: Path, theme: str, ground: str) -> None:
    from PySide6.QtGui import QImage

    picture = tmp_path / "ranking.png"
    words = ("ranking", "--from", "2026-11-01", "--to", "2026-11-30", "--output")
    found = process(
        "--workspace", workspace, "--lang", "ru", *words, picture, "--theme", theme,
        QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="",
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    drawn = QImage(str(picture))
    assert drawn.width() == 1440
    assert drawn.pixelColor(2, 2).name() == ground
    found = process("--workspace", workspace, *words, tmp_path / "no" / "x.png")
    assert found.returncode == 1
    assert found.stderr.count(b"\n") == 1


def test_a_picture_that_cannot_be_written(workspace: Path, tmp_path: Path) -> None:
    found = process(
        "--workspace", workspace, "screenshot", "board", "--output", tmp_path / "no" / "x.png",
        QT_QPA_PLATFORM="offscreen",
    )  # fmt: skip
    assert found.returncode == 1
    assert found.stderr.count(b"\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize("words", [(), ("demo",)], ids=["window", "demo"])
def test_no_window_without_a_screen(workspace: Path, words: tuple[str, ...]) -> None:
    found = process(
        "--workspace", workspace, *words, QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY=""
    )
    assert found.returncode == 1
    assert found.stdout == b""
    assert found.stderr.count(b"\n") == 1


def test_the_window_of_a_missing_workspace(tmp_path: Path) -> None:
    found = process("--workspace", tmp_path / "none.salesdesk", QT_QPA_PLATFORM="offscreen")
    assert found.returncode == 1
    assert found.stderr.count(b"\n") == 1
