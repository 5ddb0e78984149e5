"""The icons: our drawing of the files is Qt's drawing of them."""

import re

import pytest
from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from salesdesk.text import resource
from salesdesk.ui import theme
from salesdesk.ui.widgets import icons

FILES = sorted(resource("icons").glob("*.svg"))
BLACK = QColor("black")
_SIZE = 64


def _canvas() -> QImage:
    image = QImage(_SIZE, _SIZE, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def _ours(name: str) -> QImage:
    image = _canvas()
    painter = QPainter(image)
    icons.paint(painter, name, QRectF(0, 0, _SIZE, _SIZE), BLACK)
    painter.end()
    return image


def _theirs(source: str) -> QImage:
    image = _canvas()
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(source.replace("currentColor", BLACK.name()).encode())).render(painter)
    painter.end()
    return image


def _alpha(image: QImage) -> list[int]:
    return [image.pixelColor(x, y).alpha() for x in range(_SIZE) for y in range(_SIZE)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_drawn_as_qt_draws_it(file: object, qapp: QApplication) -> None:
    path = resource("icons", getattr(file, "name", ""))
    source = path.read_text(encoding="utf-8")
    ours, theirs = _alpha(_ours(path.stem)), _alpha(_theirs(source))
    assert sum(theirs) > 0
    different = sum(abs(a - b) > 96 for a, b in zip(ours, theirs, strict=True))
    assert different < len(ours) * 0.01


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_uses_only_what_we_read(file: object) -> None:
    path = resource("icons", getattr(file, "name", ""))
    source = path.read_text(encoding="utf-8")
    assert set(re.findall(r"<(\w+)", source)) <= {"svg", "path", "rect", "circle"}
    commands = "".join(re.findall(r' d="([^"]*)"', source))
    assert set(re.findall(r"[A-Za-z]", commands)) <= set("MLHVCZ")
    assert 'viewBox="0 0 16 16"' in source
    assert 'stroke-width="1.5"' in source


def test_a_sharp_pixmap_at_any_scale(qapp: QApplication) -> None:
    drawn = icons.pixmap("plus", BLACK, 16, 2.0)
    assert drawn.width() == 32
    assert drawn.deviceIndependentSize().width() == 16


def test_an_unknown_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icons.icon("no such icon", theme.current().text)
