"""The certificate of an award: an A4 page in landscape, letters as letters; a page a winner."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPageLayout,
    QPageSize,
    QPainter,
    QPainterPath,
    QPdfWriter,
    QPen,
)

from salesdesk.errors import SalesDeskError
from salesdesk.moments import Zone
from salesdesk.services.awards import Quarter, Winner, quarter_name
from salesdesk.text import N_, tr
from salesdesk.ui import formats, startup, theme
from salesdesk.ui.awards.words import METALS, points

_DOTS_AN_INCH = 300
#: The page as everything is placed on it: A4 in landscape, in tenths of a millimetre.
_WIDE, _HIGH = 2970.0, 2100.0
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_SUNK = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
_RAYS = 24
_LAW = {1: N_("for the first place"), 2: N_("for the second place"), 3: N_("for the third place")}


def save(
    quarter: Quarter, winners: Sequence[Winner], output: Path, zone: Zone, team: str = ""
) -> int:
    """Write the certificates of these winners as a PDF; the number of its pages.

    ``team`` is the name that stands at the head (of the workspace). Needs no window. Raises
    SalesDeskError when the file cannot be written.
    """
    startup.application(offscreen_instead=True)
    try:
        with output.open("ab"):
            pass
    except OSError as error:
        raise _refused(output) from error
    writer = QPdfWriter(str(output))
    writer.setResolution(_DOTS_AN_INCH)
    writer.setTitle(f"{tr('Certificate')} · {quarter_name(quarter.first_month)}")
    writer.setCreator("SalesDesk")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape, QMarginsF()
        )
    )
    painter = QPainter()
    if not painter.begin(writer):
        raise _refused(output)
    try:
        painter.scale(writer.width() / _WIDE, writer.height() / _HIGH)
        for at, winner in enumerate(winners):
            if at:
                writer.newPage()
            paint(painter, quarter, winner, zone, team)
    finally:
        ended = painter.end()
    if not ended:
        raise _refused(output)
    return len(winners)


def _refused(output: Path) -> SalesDeskError:
    return SalesDeskError(
        N_("The certificate was not saved"),
        N_("{file} cannot be written; nothing was changed."),
        file=str(output),
    )


def paint(painter: QPainter, quarter: Quarter, winner: Winner, zone: Zone, team: str) -> None:
    """Draw one certificate, 2970 x 2100 units large."""
    look = theme.light()
    metal = look.stage(METALS[winner.place])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _frame(painter, look, metal)
    _rosette(painter, QPointF(_WIDE / 2, 430), winner.place, metal)
    _text(painter, 705, tr("Certificate").upper(), 118, look.text, spaced=34)
    _text(painter, 890, tr("is awarded to"), 62, look.muted)
    _text(painter, 1000, winner.person, 170, look.text, bold=True)
    painter.setPen(QPen(metal, 5))
    painter.drawLine(QPointF(_WIDE / 2 - 420, 1245), QPointF(_WIDE / 2 + 420, 1245))
    _text(painter, 1285, tr(_LAW[winner.place]), 88, look.text)
    where = tr("in the ranking of {quarter}", quarter=quarter_name(quarter.first_month))
    _text(painter, 1405, f"{where} · {points(winner.points)}", 62, look.muted)
    _foot(painter, look, quarter, zone, team)


def _frame(painter: QPainter, look: theme.Theme, metal: QColor) -> None:
    """Two lines around the page, with corners cut in."""
    painter.fillRect(QRectF(0, 0, _WIDE, _HIGH), look.surface)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for inset, wide, cut in ((90.0, 12.0, 120.0), (125.0, 4.0, 110.0)):
        painter.setPen(QPen(metal, wide))
        painter.drawPath(_cut_in(QRectF(0, 0, _WIDE, _HIGH).adjusted(inset, inset, -inset, -inset),
                                 cut))  # fmt: skip


def _cut_in(box: QRectF, cut: float) -> QPainterPath:
    """A rectangle whose corners are quarters of circles cut out."""
    path = QPainterPath(QPointF(box.left() + cut, box.top()))
    path.lineTo(box.right() - cut, box.top())
    path.arcTo(QRectF(box.right() - cut, box.top() - cut, 2 * cut, 2 * cut), 180, 90)
    path.lineTo(box.right(), box.bottom() - cut)
    path.arcTo(QRectF(box.right() - cut, box.bottom() - cut, 2 * cut, 2 * cut), 90, 90)
    path.lineTo(box.left() + cut, box.bottom())
    path.arcTo(QRectF(box.left() - cut, box.bottom() - cut, 2 * cut, 2 * cut), 0, 90)
    path.lineTo(box.left(), box.top() + cut)
    path.arcTo(QRectF(box.left() - cut, box.top() - cut, 2 * cut, 2 * cut), 270, 90)
    return path


def _rosette(painter: QPainter, centre: QPointF, place: int, metal: QColor) -> None:
    """A medal with two ribbons, the place in it."""
    painter.save()
    painter.translate(centre)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(metal.darker(125))
    for lean in (-1, 1):
        ribbon = QPainterPath(QPointF(lean * 20, 60))
        for x, y in ((130, 215), (85, 205), (60, 245), (-10, 90)):
            ribbon.lineTo(lean * x, y)
        ribbon.closeSubpath()
        painter.drawPath(ribbon)
    painter.setBrush(metal)
    for _ray in range(_RAYS):
        painter.drawEllipse(QPointF(0, -128), 22, 22)
        painter.rotate(360 / _RAYS)
    painter.drawEllipse(QPointF(0, 0), 132, 132)
    painter.setPen(QPen(theme.light().surface, 7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(0, 0), 104, 104)
    painter.setFont(_font(150, bold=True))
    painter.drawText(QRectF(-100, -100, 200, 200), _CENTRE, str(place))
    painter.restore()


def _foot(painter: QPainter, look: theme.Theme, quarter: Quarter, zone: Zone, team: str) -> None:
    """Who confirmed it, and when; between them the team."""
    y, wide = 1735.0, 760.0
    left, right = 330.0, _WIDE - 330.0 - wide
    painter.setPen(QPen(look.line, 4))
    for x in (left, right):
        painter.drawLine(QPointF(x, y), QPointF(x + wide, y))
    day = formats.day(zone.day_of(quarter.at))
    cells = ((left, quarter.by or "", tr("Confirmed by")), (right, day, tr("Date")))
    for x, above, below in cells:
        _text(painter, y - 95, above, 60, look.text, box=(x, wide))
        _text(painter, y + 20, below, 44, look.muted, box=(x, wide))
    if team:
        _text(painter, y - 20, team, 50, look.muted, box=(left + wide, right - left - wide))


def _font(size: float, *, bold: bool = False, spaced: float = 0.0) -> QFont:
    font = QFont(theme.font(theme.BODY, bold=bold))
    font.setPixelSize(round(size))
    if spaced:
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spaced)
    return font


def _text(
    painter: QPainter, top: float, text: str, size: float, colour: QColor, *, bold: bool = False,
    spaced: float = 0.0, box: tuple[float, float] = (250.0, _WIDE - 500.0),
) -> None:  # fmt: skip
    """A line in the middle of a box; smaller where it is too long, never cut."""
    left, wide = box
    font = _font(size, bold=bold, spaced=spaced)
    while size > 20 and QFontMetricsF(font).horizontalAdvance(text) > wide:
        size *= 0.94
        font = _font(size, bold=bold, spaced=spaced)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(QRectF(left, top, wide, size * 1.4), _SUNK, text)
