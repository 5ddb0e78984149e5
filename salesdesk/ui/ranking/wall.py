"""The ranking on the wall of the office: the whole screen, large type, live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from salesdesk.text import ntr, tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.ranking import query
from salesdesk.ui.ranking.drawing import HEAD, ChartsDrawing, TableDrawing
from salesdesk.ui.ranking.query import Answer, Asked
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.period import days_text

_TITLE = 56
_MARGIN = theme.L
_CHART_LEAST, _CHART_BEST, _CHART_MOST = 150, 190, 300
#: How much larger than in the window letters may be, from the largest; the last fits any screen.
_SCALES = tuple(step / 20 for step in range(120, 7, -1))
#: Of a screen of 1920 x 1080; as much more on a larger one.
_READABLE = 0.8
_IDLE_MS, _CLOCK_MS = 3_000, 5_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What the wall says: the answer, to what it is limited, the columns, the moment in words."""

    answer: Answer
    about: Sequence[str]
    columns: Sequence[str]
    clock: str
    without_red: bool = False
    with_chart: bool = True


@dataclass(frozen=True, slots=True)
class Fit:
    """How it is placed: the scale, so many rows of people, so high a chart (0: none)."""

    scale: float
    table: TableDrawing
    people: int
    chart: float


def fitted(shown: Shown, size: QSizeF, look: theme.Theme) -> Fit:
    """As large as everybody and the chart fit; without the chart where that is not enough, with
    narrow columns where even then it is not, at last as many people as fit from the top."""
    table = TableDrawing(
        shown.answer, 1, look, columns=shown.columns, without_red=shown.without_red
    )
    charts = (True, False) if shown.with_chart and table.lines else (False,)
    for roomy in (True, False):
        for with_chart in charts:
            scale = _largest(table, size, with_chart, roomy)
            if scale is not None:
                chart = _left(table, size, scale) - theme.M if with_chart else 0.0
                return Fit(scale, table, max(table.lines - 1, 0), min(chart, _CHART_MOST))
    scales = [scale for scale in _SCALES if scale <= _least(size)] or [_SCALES[-1]]
    scale = next((one for one in scales if _holds(table, size, one)), scales[-1])
    room = _left(table, size, scale) + table.height() - HEAD
    return Fit(scale, table, min(max(int(room // table.row) - 2, 1), table.lines - 1), 0)


def _least(size: QSizeF) -> float:
    """Smaller letters than these are not read from a desk."""
    return _READABLE * min(size.width() / 1920, size.height() / 1080)


def _holds(table: TableDrawing, size: QSizeF, scale: float) -> bool:
    """Whether the columns fit at a scale."""
    _left(table, size, scale)
    return not table.is_tight


def _largest(table: TableDrawing, size: QSizeF, with_chart: bool, roomy: bool) -> float | None:
    """The largest scale at which everything fits: what fits fits in smaller ones too."""
    needed = _CHART_BEST + theme.M if with_chart else 0
    scales = [scale for scale in _SCALES if scale >= _least(size)]
    low, high = 0, len(scales)
    while low < high:
        middle = (low + high) // 2
        left = _left(table, size, scales[middle])
        if left >= needed and (table.is_roomy if roomy else not table.is_tight):
            high = middle
        else:
            low = middle + 1
    return scales[low] if low < len(scales) else None


def _left(table: TableDrawing, size: QSizeF, scale: float) -> float:
    """Place the table at a scale; the height that is left below it."""
    table.fit_to(int(size.width() / scale) - 2 * _MARGIN)
    return size.height() / scale - _TITLE - table.height() - _MARGIN


def draw(painter: QPainter, size: QSizeF, shown: Shown, look: theme.Theme) -> Fit:
    """Paint the wall; how it was placed."""
    painter.fillRect(QRectF(QPointF(), size), look.background)
    fit = fitted(shown, size, look)
    fit.table.fit_to(int(size.width() / fit.scale) - 2 * _MARGIN)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.scale(fit.scale, fit.scale)
    width = size.width() / fit.scale
    _draw_title(painter, width, shown, look)
    painter.translate(_MARGIN, _TITLE)
    lines = fit.table.lines
    if not lines:
        painter.setFont(theme.font(theme.TITLE))
        painter.setPen(look.muted)
        painter.drawText(QPointF(0, theme.XL), tr("Nobody has a number in this period."))
    elif fit.people == lines - 1:
        fit.table.paint(painter)
    else:
        _draw_first(painter, fit, look)
    if fit.chart >= _CHART_LEAST:
        painter.translate(0, fit.table.height() + theme.M)
        ChartsDrawing(shown.answer, QSizeF(width - 2 * _MARGIN, fit.chart), look).paint(painter)
    painter.restore()
    return fit


def _draw_first(painter: QPainter, fit: Fit, look: theme.Theme) -> None:
    """The first people, how many there are more, and the sum of all."""
    table = fit.table
    table.paint(painter, 0, fit.people)
    foot = table.height(0, fit.people)
    painter.setFont(theme.font(theme.SECONDARY))
    painter.setPen(look.muted)
    more = table.lines - 1 - fit.people
    painter.drawText(QPointF(theme.S, foot + theme.L), ntr("and {n} more", "and {n} more", more))


def _draw_title(painter: QPainter, width: float, shown: Shown, look: theme.Theme) -> None:
    period = shown.answer.ranking.period
    foot = _TITLE / 2 + theme.BIG / 2 - 2
    painter.setFont(theme.font(theme.BIG, bold=True))
    painter.setPen(look.text)
    title = tr("Ranking")
    painter.drawText(QPointF(_MARGIN, foot), title)
    left = _MARGIN + painter.fontMetrics().horizontalAdvance(title) + theme.M
    parts = [days_text(period.first_day, period.last_day), *shown.about]
    other = shown.answer.other
    if other is not None:
        days = days_text(other.period.first_day, other.period.last_day)
        parts.append(tr("vs {days}", days=days))
    painter.setFont(theme.font(theme.TITLE))
    painter.setPen(look.muted)
    painter.drawText(QPointF(left, foot), " · ".join(parts))
    painter.setFont(theme.font(theme.TITLE, tabular=True))
    painter.setPen(look.text)
    right = width - _MARGIN - painter.fontMetrics().horizontalAdvance(shown.clock)
    painter.drawText(QPointF(right, foot), shown.clock)


class Wall(QWidget):
    """A window of its own over the whole screen; Esc or F11 leaves. ``closed()`` tells so.

    The pointer hides when it rests; moving it shows what can be chosen.
    """

    closed = Signal()

    def __init__(
        self,
        context: Context,
        asked: Callable[[], Asked],
        about: Callable[[], list[str]],
        columns: Callable[[], Sequence[str]],
    ) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._context, self._about, self._columns = context, about, columns
        self._answer: Answer | None = None
        self.fit: Fit | None = None
        self.setObjectName("ranking-wall")
        self.setProperty("covers", True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.reading = Reading(
            self, context, asked, query.read, self._show,
            indifferent=query.INDIFFERENT, minutes=True,
        )  # fmt: skip
        self._build()
        self._idle = QTimer(self, interval=_IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._on_idle)
        clock = QTimer(self, interval=_CLOCK_MS)
        clock.timeout.connect(self._on_clock)
        clock.start()
        self._said = ""
        theme.changed.connect(self.update)
        context.language_changed.connect(self.retranslate)
        for keys in ("Esc", "F11"):
            shortcuts.add(self, keys, "", self.close)
        self.retranslate()

    def _build(self) -> None:
        remember = self._context.remember
        self.bar = QFrame(self)
        self.bar.setProperty("role", "popover")
        self.red = Flag("ranking-wall-red", " ", " ")
        self.red.set_value(not remember.flag("ranking/wall_without_red"))
        self.red.chosen.connect(self._on_red)
        self.chart = Flag("ranking-wall-chart", " ", " ")
        self.chart.set_value(remember.flag("ranking/wall_chart", True))
        self.chart.chosen.connect(self._on_chart)
        self.leave_button = Button("", "ranking-wall-leave", "plain", self.close)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        row.setSpacing(theme.L)
        for widget in (self.red, self.chart, self.leave_button):
            row.addWidget(widget)
        self.bar.hide()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setWindowTitle(tr("Ranking"))
        self.setAccessibleName(tr("Ranking on the wall"))
        for flag, text in ((self.red, tr("Red cells")), (self.chart, tr("Charts"))):
            flag.setText(text)
            flag.setAccessibleName(text)
        self.leave_button.set_text(tr("Leave (Esc)"))
        self._place_bar()
        self.update()

    def shown(self) -> Shown | None:
        """What is on the wall now; nothing before the first answer."""
        if self._answer is None:
            return None
        return Shown(
            self._answer, self._about(), self._columns(), self._clock(),
            not self.red.isChecked(), self.chart.isChecked(),
        )  # fmt: skip

    def _clock(self) -> str:
        now, zone = self._context.now(), self._context.store.zone
        return f"{formats.day(zone.day_of(now))}  {zone.local(now):%H:%M}"

    def _show(self, answer: Answer) -> None:
        self._answer = answer
        rows = answer.ranking.rows
        said = ", ".join(f"{row.rank} {row.person} {formats.decimal(row.points)}" for row in rows)
        self.setAccessibleDescription(said)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        shown, look = self.shown(), theme.current()
        with QPainter(self) as painter:  # left open it would take the program down
            if shown is None:
                painter.fillRect(self.rect(), look.background)
            else:
                self._said = shown.clock
                self.fit = draw(painter, QSizeF(self.size()), shown, look)

    def _on_clock(self) -> None:
        if self.isVisible() and self._clock() != self._said:
            self.update()

    # -- what can be chosen -------------------------------------------------------------------

    def _on_red(self, on: bool) -> None:
        self._context.remember.set("ranking/wall_without_red", not on)
        self.update()

    def _on_chart(self, on: bool) -> None:
        self._context.remember.set("ranking/wall_chart", on)
        self.update()

    def _place_bar(self) -> None:
        size = self.bar.sizeHint()
        self.bar.resize(size)
        self.bar.move(
            self.width() - size.width() - theme.L, self.height() - size.height() - theme.L
        )

    def _stir(self) -> None:
        """Show the pointer and what can be chosen, for a while."""
        self.unsetCursor()
        if not self.bar.isVisible():
            theme.dress(self.bar)
            self._place_bar()
            self.bar.show()
        self._idle.start()

    def _on_idle(self) -> None:
        if self.bar.underMouse() or self.bar.isAncestorOf(self.focusWidget()):
            self._idle.start()
            return
        self.bar.hide()
        self.setCursor(Qt.CursorShape.BlankCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._stir()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Tab:
            self._stir()
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(1280, 720)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_bar()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reading.seen()
        self.setFocus()
        self._idle.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def open_over(self, window: QWidget) -> None:
        """Take the whole of the screen that a window is on."""
        self.setGeometry(window.geometry())
        self.showFullScreen()
        self.activateWindow()
