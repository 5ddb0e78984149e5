"""Colours, sizes and type: the one place that names them.

``current()`` is the theme on the screen; paint with its ``QColor`` fields and read it anew in every
``paintEvent`` or on ``theme.changed``, which fires after the palette was replaced and what is seen
was dressed anew (``restyling``).
"""

import sys
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from salesdesk.ui import spare  # noqa: F401 - the modules that follow come faster

Mode = Literal["system", "light", "dark"]
Level = Literal["full", "half", "over", "none"]
MODES: tuple[Mode, ...] = ("system", "light", "dark")

# Spacing steps, radii and fixed measures, in device-independent pixels.
XS, S, M, L, XL = 4, 8, 12, 16, 24
RADIUS, RADIUS_CARD = 6, 8
CONTROL_HEIGHT = 32
CHIP_HEIGHT = 24
ROW_HEIGHT = 36
HEADER_HEIGHT = 52
RAIL_WIDTH, RAIL_COLLAPSED = 168, 52
PANEL_WIDTH = 312
ICON = 16
AVATAR = 22

#: The handle of a scroll bar, on any ground.
HANDLE = "rgba(135, 145, 161, 150)"

# Type, in pixels.
TINY, SMALL, SECONDARY, BODY, TITLE, HEADING, BIG = 10, 11, 12, 13, 15, 17, 18


@dataclass(frozen=True, slots=True)
class Tint:
    """A background and the text that stands on it."""

    background: QColor
    text: QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens of one theme. ``faint`` is for lines and shapes only, never for text."""

    name: Literal["light", "dark"]
    background: QColor
    surface: QColor
    raised: QColor
    line: QColor
    text: QColor
    muted: QColor
    faint: QColor
    accent: QColor
    accent_soft: QColor
    accent_text: QColor
    good: QColor
    good_soft: QColor
    warning: QColor
    warning_soft: QColor
    bad: QColor
    bad_soft: QColor
    toast: QColor
    toast_text: QColor
    toast_action: QColor
    shadow: QColor
    stages: dict[str, QColor]
    avatars: tuple[QColor, ...]
    avatar_text: QColor
    series: tuple[QColor, ...]
    dots: dict[str, QColor]
    amber: QColor

    @property
    def is_dark(self) -> bool:
        """Whether light text stands on dark ground."""
        return self.name == "dark"

    @property
    def hover(self) -> QColor:
        """Ground of a plain control under the pointer."""
        return mix(self.surface, self.text, 0.05)

    @property
    def pressed(self) -> QColor:
        """Ground of a plain control held down."""
        return mix(self.surface, self.text, 0.10)

    @property
    def quiet(self) -> QColor:
        """Ground of a quiet pill (the age on a card, a search field)."""
        return self.background if not self.is_dark else mix(self.surface, self.background, 0.8)

    @property
    def accent_hover(self) -> QColor:
        """Ground of a primary button under the pointer."""
        return mix(self.accent, self.toast if not self.is_dark else self.text, 0.12)

    @property
    def track(self) -> QColor:
        """Ground of a bar that is not full."""
        return mix(self.surface, self.text, 0.11)

    def stage(self, colour: str) -> QColor:
        """The colour of a stage by its name (``cards.STAGE_COLOURS``); slate for an unknown one."""
        return self.stages.get(colour, self.stages["slate"])

    def avatar(self, index: int) -> QColor:
        """The ground of an avatar; white text on it is readable in both themes."""
        return self.avatars[index % len(self.avatars)]

    def line_of(self, index: int) -> QColor:
        """The colour of a chart's n-th series."""
        return self.series[index % len(self.series)]

    def dot(self, task_state: str) -> QColor:
        """The colour of a task's state; ``waiting`` and ``none`` are drawn as a ring."""
        return self.dots.get(task_state, self.faint)

    def level(self, level: str) -> Tint | None:
        """Ground and text of a coloured cell, or ``None`` when it has no colour."""
        if level == "full":
            return Tint(self.good_soft, self.good)
        if level == "half":
            return Tint(self.warning_soft, self.warning)
        if level == "over":
            return Tint(self.bad_soft, self.bad)
        return None

    def bar(self, level: str) -> QColor:
        """The colour of a plan's bar."""
        by_level = {"full": self.stages["green"], "half": self.amber, "over": self.bad}
        return by_level.get(level, self.faint)

    def age(self, age: str) -> Tint:
        """Ground and text of the days-in-stage pill: ``fresh``, ``warn`` or ``stuck``."""
        if age == "stuck":
            return Tint(self.bad_soft, self.bad)
        if age == "warn":
            return Tint(self.warning_soft, self.warning)
        return Tint(self.quiet, self.muted)


def mix(a: QColor, b: QColor, share: float) -> QColor:
    """``a`` with ``share`` (0..1) of ``b`` in it."""
    keep = 1.0 - share
    return QColor(
        round(a.red() * keep + b.red() * share),
        round(a.green() * keep + b.green() * share),
        round(a.blue() * keep + b.blue() * share),
    )


# White text keeps 4.5:1 on each of these.
_AVATARS = "#1F5FDB #6D4CE0 #C2510C #0B7A70 #C11574 #8A6100 #0E7090 #B42318 #475467 #4E7A0B"


def _colours(names: str) -> tuple[QColor, ...]:
    return tuple(QColor(name) for name in names.split())


def _named(**names: str) -> dict[str, QColor]:
    return {key: QColor(value) for key, value in names.items()}


@cache
def light() -> Theme:
    """The light theme."""
    c = QColor
    return Theme(
        name="light",
        background=c("#F6F7F9"), surface=c("#FFFFFF"), raised=c("#FFFFFF"), line=c("#E4E7EC"),
        text=c("#1B2330"), muted=c("#5D677B"), faint=c("#98A2B3"),
        accent=c("#1F5FDB"), accent_soft=c("#E8F0FE"), accent_text=c("#FFFFFF"),
        good=c("#0F7654"), good_soft=c("#DDF3E8"),
        warning=c("#8A6100"), warning_soft=c("#FDF0CC"),
        bad=c("#B42318"), bad_soft=c("#FDE3E0"),
        toast=c("#1B2330"), toast_text=c("#FFFFFF"), toast_action=c("#8FB4FF"),
        shadow=c(16, 24, 40, 28),
        stages=_named(
            slate="#98A2B3", blue="#2F6FED", teal="#0D9488", violet="#7A5AF8", orange="#DD6B20",
            pink="#D6247F", amber="#DC9A00", green="#0F8A5F", red="#B42318",
        ),
        avatars=_colours(_AVATARS), avatar_text=c("#FFFFFF"),
        series=_colours("#7A5AF8 #DD6B20 #0D9488 #C11574 #2F6FED #B58900 #0E7090 #B42318 #475467"),
        dots=_named(overdue="#D92D20", today="#DC9A00", planned="#0F8A5F"),
        amber=c("#DC9A00"),
    )  # fmt: skip


@cache
def dark() -> Theme:
    """The dark theme."""
    c = QColor
    return Theme(
        name="dark",
        background=c("#12151B"), surface=c("#191D25"), raised=c("#20252F"), line=c("#2B313C"),
        text=c("#E6E9EF"), muted=c("#9AA4B5"), faint=c("#6B7485"),
        accent=c("#6C9DFF"), accent_soft=c("#1F2B45"), accent_text=c("#12151B"),
        good=c("#5AD1A2"), good_soft=c("#15352B"),
        warning=c("#F0C664"), warning_soft=c("#3A3018"),
        bad=c("#FF8A7E"), bad_soft=c("#45211F"),
        toast=c("#1F2937"), toast_text=c("#FFFFFF"), toast_action=c("#8FB4FF"),
        shadow=c(0, 0, 0, 90),
        stages=_named(
            slate="#8B95A7", blue="#4C86F5", teal="#14A89B", violet="#8B70FA", orange="#E87B35",
            pink="#E8559F", amber="#E0A520", green="#2BA678", red="#D9483B",
        ),
        avatars=_colours(_AVATARS), avatar_text=c("#FFFFFF"),
        series=_colours("#9B86FF #F08C4A #2FC4B5 #F06BB0 #6C9DFF #E0B84A #4FB7D6 #FF8A7E #A5B0C2"),
        dots=_named(overdue="#F0564A", today="#E0A520", planned="#2BA678"),
        amber=c("#E0A520"),
    )  # fmt: skip


class _Signals(QObject):
    changed = Signal()


_signals = _Signals()
#: Fires after the theme on the screen has changed.
changed = _signals.changed
_mode: Mode = "system"
_current: Theme | None = None
_switched = False


def current() -> Theme:
    """The theme on the screen."""
    return _current if _current is not None else light()


def mode() -> Mode:
    """What was chosen: ``system`` follows the system."""
    return _mode


def set_mode(mode: Mode) -> None:
    """Choose ``light``, ``dark`` or ``system`` and repaint everything at once."""
    global _mode
    if mode not in MODES:
        raise ValueError(f"no such theme: {mode}")
    _mode = mode
    app = QApplication.instance()
    if isinstance(app, QApplication):
        _refresh(app)


def install(app: QApplication, mode: Mode = "system") -> None:
    """Dress the application: style, font, palette, style sheet; then follow the system."""
    global _mode
    _mode = mode
    if sys.platform != "linux":
        # There Qt brings no other style, and asking makes Python know all of QStyle (10 ms).
        app.setStyle("Fusion")
    app.setFont(font())
    app.styleHints().colorSchemeChanged.connect(_on_system_changed)
    _refresh(app)


def _on_system_changed(_scheme: Qt.ColorScheme) -> None:
    app = QApplication.instance()
    if _mode == "system" and isinstance(app, QApplication):
        _refresh(app)


def _wanted() -> Theme:
    if _mode == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return dark() if scheme == Qt.ColorScheme.Dark else light()
    return dark() if _mode == "dark" else light()


def _refresh(app: QApplication) -> None:
    global _current, _switched
    from salesdesk.ui.style import palette, sheet

    wanted = _wanted()
    dressed = bool(app.styleSheet())
    if wanted is _current and dressed:
        return
    _current = wanted
    app.setPalette(palette(wanted))
    if dressed:
        from salesdesk.ui import restyling

        restyling.begin(app)
        _switched = True
    else:
        app.setStyleSheet(sheet())
    changed.emit()


def dress(top: QWidget) -> None:
    """Call before what was hidden is shown: right after a switch it may wear the old colours."""
    if _switched:
        from salesdesk.ui import restyling

        restyling.finish(top)


def font(size: int = BODY, bold: bool = False, tabular: bool = False) -> QFont:
    """The system's font at ``size`` pixels; ``tabular`` gives figures of one width (tables)."""
    return QFont(_font(size, bold, tabular))


@cache
def _font(size: int, bold: bool, tabular: bool) -> QFont:
    wanted = QFont(_family())
    wanted.setPixelSize(size)
    if bold:
        wanted.setWeight(QFont.Weight.DemiBold)
    if tabular:
        wanted.setFeature(QFont.Tag("tnum"), 1)
    return wanted


@cache
def _family() -> str:
    return QGuiApplication.font().family()
