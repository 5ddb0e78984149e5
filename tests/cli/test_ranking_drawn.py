"""The ranking as a page of paper and on the wall, by processes of their own, without a screen."""

from pathlib import Path

from tests.cli.test_windows import process

NOVEMBER = ("ranking", "--from", "2026-11-01", "--to", "2026-11-30", "--output")
NOWHERE = {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}


def test_a_page_of_paper(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "ranking.pdf"
    found = process("--workspace", workspace, "--lang", "ru", *NOVEMBER, page, **NOWHERE)
    assert found.returncode == 0, found.stderr
    assert page.read_bytes()[:5] == b"%PDF-"
    assert found.stderr == b""
    plain = tmp_path / "plain.pdf"
    words = (*NOVEMBER, plain, "--without-red", "--json")
    found = process("--workspace", workspace, *words, **NOWHERE)
    assert found.returncode == 0, found.stderr
    assert str(plain) in found.stdout.decode()
    found = process("--workspace", workspace, *NOVEMBER, tmp_path / "no" / "x.pdf", **NOWHERE)
    assert found.returncode == 1
    assert found.stderr.count(b"\n") == 1


def test_a_picture_of_the_wall(workspace: Path, tmp_path: Path) -> None:
    from PySide6.QtGui import QImage

    wall, page = tmp_path / "wall.png", tmp_path / "page.png"
    words = ("--workspace", workspace, "--now", "2026-11-20T11:20", "screenshot", "ranking")
    size = ("--size", "1600x900", "--theme", "dark")
    for output, more in ((wall, ("--open", "wall")), (page, ())):
        found = process(*words, "--output", output, *size, *more, QT_QPA_PLATFORM="offscreen")
        assert found.returncode == 0, found.stderr
    drawn = QImage(str(wall))
    assert (drawn.width(), drawn.height()) == (1600, 900)
    assert drawn.pixelColor(2, 450).name() == "#12151b"  # no rail: the wall has it all
    assert QImage(str(page)) != drawn
