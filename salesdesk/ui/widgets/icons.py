"""Icons: the SVG files of ``resources/icons`` as strokes, tinted by the theme, sharp at any scale.

The files use a small part of SVG (``path`` with M L H V C Z, ``rect``, ``circle``), read here
directly: Qt's SVG module would cost the start 10 ms. A test draws both and compares.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from salesdesk.text import resource
from salesdesk.ui import theme

GRID = 16.0
STROKE = 1.5

_ELEMENT = re.compile(r"<(path|rect|circle)\b([^>]*?)/>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_TOKEN = re.compile(r"[MLHVCZ]|-?\d*\.?\d+")


class Shape(NamedTuple):
    """A drawn part of an icon on the 16 x 16 grid."""

    path: QPainterPath
    filled: bool


@lru_cache(maxsize=128)
def shapes(name: str) -> tuple[Shape, ...]:
    """The parts of the icon ``name``; raises ``FileNotFoundError`` for one that is not drawn."""
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    found = []
    for kind, attributes in _ELEMENT.findall(source):
        given = dict(_ATTRIBUTE.findall(attributes))
        found.append(Shape(_path_of(kind, given), given.get("fill", "none") != "none"))
    return tuple(found)


def _path_of(kind: str, given: dict[str, str]) -> QPainterPath:
    if kind == "path":
        return _outline(given["d"])
    path = QPainterPath()
    if kind == "circle":
        x, y, r = (float(given[key]) for key in ("cx", "cy", "r"))
        path.addEllipse(QRectF(x - r, y - r, 2 * r, 2 * r))
    else:
        x, y, w, h = (float(given[key]) for key in ("x", "y", "width", "height"))
        radius = float(given.get("rx", "0"))
        path.addRoundedRect(QRectF(x, y, w, h), radius, radius)
    return path


def _outline(d: str) -> QPainterPath:
    path = QPainterPath()
    tokens = _TOKEN.findall(d)
    at = 0
    command = ""

    def take(count: int) -> list[float]:
        nonlocal at
        at += count
        return [float(token) for token in tokens[at - count : at]]

    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        here = path.currentPosition()
        if command == "M":
            path.moveTo(*take(2))
        elif command == "L":
            path.lineTo(*take(2))
        elif command == "H":
            path.lineTo(take(1)[0], here.y())
        elif command == "V":
            path.lineTo(here.x(), take(1)[0])
        elif command == "C":
            path.cubicTo(*take(6))
        else:
            path.closeSubpath()
    return path


def paint(painter: QPainter, name: str, where: QRectF, colour: QColor) -> None:
    """Draw an icon into ``where`` (for delegates)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(where.topLeft())
    painter.scale(where.width() / GRID, where.height() / GRID)
    pen = QPen(colour, STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for shape in shapes(name):
        painter.setBrush(colour if shape.filled else Qt.BrushStyle.NoBrush)
        painter.drawPath(shape.path)
    painter.restore()


def pixmap(name: str, colour: QColor, size: int = theme.ICON, ratio: float = 1.0) -> QPixmap:
    """An icon of ``size`` device-independent pixels for a screen of this pixel ratio."""
    shapes(name)  # an unknown name fails before a painter is at work
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    with QPainter(drawn) as painter:
        paint(painter, name, QRectF(0, 0, size, size), colour)
    return drawn


def icon(
    name: str,
    colour: QColor | None = None,
    checked: QColor | None = None,
    disabled: bool = False,
    size: int = theme.ICON,
    ratio: float = 1.0,
) -> QIcon:
    """A ``QIcon`` in the theme's muted colour (or ``colour``), pale for a disabled button.

    Made for the theme and pixel ratio of now: whoever shows it makes it anew when either
    changes (``buttons.IconButton`` does).
    """
    now = theme.current()
    made = QIcon()
    tint = colour or now.muted
    made.addPixmap(pixmap(name, tint, size, ratio))
    if checked is not None:
        drawn = pixmap(name, checked, size, ratio)
        made.addPixmap(drawn, QIcon.Mode.Normal, QIcon.State.On)
    if disabled:
        pale = pixmap(name, theme.mix(now.faint, now.surface, 0.45), size, ratio)
        made.addPixmap(pale, QIcon.Mode.Disabled)
    return made
