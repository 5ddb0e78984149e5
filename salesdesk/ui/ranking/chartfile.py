"""A chart of the ranking saved as a picture: PNG twice as fine as the screen, or SVG."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.text import tr
from salesdesk.ui import saving, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.popup import menu

_FINER = 2
_MARGIN = theme.L
_TITLE = 28
#: As a screen has: what pyqtgraph has recorded is played again at the size it had there.
_DOTS_AN_INCH = 96
#: Draws into a room of this width and height, from (0, 0).
Draws = Callable[[QPainter, float, float], None]


def save_menu(
    context: Context, parent: QWidget, name: str, title: str, size: QSize, draws: Draws
) -> QMenu:
    """A menu "PNG…", "SVG…" that saves what ``draws`` paints, under its title."""

    def entry(suffix: str, text: str) -> tuple[str, str, Callable[[], object]]:
        file = f"{title}.{suffix}".replace("\u00a0", " ").replace(":", "")
        return suffix, text, lambda: saving.save_drawn(
            context, parent, file,
            lambda path: save(path, title, size, draws),
        )  # fmt: skip

    return menu(
        [entry("png", tr("Picture as PNG…")), entry("svg", tr("Picture as SVG…"))], name, parent
    )


def save(path: Path, title: str, size: QSize, draws: Draws) -> None:
    """Write a picture by the suffix of its name; raises SalesDeskError where it cannot be."""
    saving.must_be_writable(path)
    whole = QSize(size.width() + 2 * _MARGIN, size.height() + 2 * _MARGIN + _TITLE)
    wrote = (
        _svg(path, title, whole, draws)
        if path.suffix.lower() == ".svg"
        else _png(path, title, whole, draws)
    )
    if not wrote:
        raise saving.not_saved(path)


def _png(path: Path, title: str, whole: QSize, draws: Draws) -> bool:
    image = QImage(whole * _FINER, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        painter.scale(_FINER, _FINER)
        _paint(painter, title, whole, draws)
    return image.save(str(path))


def _svg(path: Path, title: str, whole: QSize, draws: Draws) -> bool:
    from PySide6.QtSvg import QSvgGenerator

    made = QSvgGenerator()
    made.setFileName(str(path))
    made.setSize(whole)
    made.setViewBox(QRect(0, 0, whole.width(), whole.height()))
    made.setResolution(_DOTS_AN_INCH)
    made.setTitle(title)
    painter = QPainter()
    if not painter.begin(made):
        return False
    _paint(painter, title, whole, draws)
    return painter.end()


def _paint(painter: QPainter, title: str, whole: QSize, draws: Draws) -> None:
    look = theme.current()
    painter.fillRect(QRect(0, 0, whole.width(), whole.height()), QColor(look.surface))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = theme.font(theme.BODY, bold=True)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    painter.setFont(font)
    painter.setPen(look.text)
    painter.drawText(QPointF(_MARGIN, _MARGIN + theme.BODY), title)
    painter.translate(_MARGIN, _MARGIN + _TITLE)
    draws(painter, whole.width() - 2 * _MARGIN, whole.height() - 2 * _MARGIN - _TITLE)
