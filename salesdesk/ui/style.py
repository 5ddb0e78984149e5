"""The one Qt style sheet, and the palette that colours it, generated from the tokens of ``theme``.

The sheet is the same in every theme: it names roles of the palette, so that another theme is
another palette and each widget polished anew (``restyling``), a tenth of what another sheet costs.

Buttons choose their look by the dynamic property ``look``: ``primary``, ``plain`` (default),
``chip``, ``icon``, ``link``; labels by ``role``: ``title``, ``heading``, ``muted``, ``section``.
"""

from functools import cache

from PySide6.QtGui import QPalette

from salesdesk.ui import theme as t
from salesdesk.ui.theme import Theme


class Ink:
    """The tokens as a style sheet names them. Where the theme needs more colours than Qt has names
    for, roles are taken that nothing else asks for."""

    background = "palette(window)"
    surface = "palette(base)"
    raised = "palette(button)"
    line = "palette(mid)"
    text = "palette(window-text)"
    muted = "palette(placeholder-text)"
    faint = "palette(dark)"
    accent = "palette(accent)"
    accent_soft = "palette(highlight)"
    accent_text = "palette(bright-text)"
    accent_hover = "palette(link-visited)"
    good = "palette(light)"
    bad = "palette(shadow)"
    hover = "palette(midlight)"
    track = "palette(alternate-base)"
    toast = "palette(tooltip-base)"
    #: These are the same in both themes, or lie on both grounds.
    toast_text = t.light().toast_text.name()
    toast_action = t.light().toast_action.name()
    handle = t.HANDLE


def palette(theme: Theme) -> QPalette:
    """The palette of the theme, for the style sheet and for everything that it does not reach."""
    role = QPalette.ColorRole
    made = QPalette()
    for which, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.track),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.accent_text),
        (role.Light, theme.good),
        (role.Midlight, theme.hover),
        (role.Mid, theme.line),
        (role.Dark, theme.faint),
        (role.Shadow, theme.bad),
        (role.Highlight, theme.accent_soft),
        (role.HighlightedText, theme.text),
        (role.ToolTipBase, theme.toast),
        (role.ToolTipText, theme.toast_text),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent_hover),
        (role.Accent, theme.accent),
    ):
        made.setColor(which, colour)
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, theme.muted)
    return made


@cache
def sheet() -> str:
    """The style sheet of every theme."""
    return "\n".join((_frames(Ink), _buttons(Ink), _fields(Ink), _tables(Ink), _rest(Ink)))


def _frames(c: type[Ink]) -> str:
    return f"""
QMainWindow, QDialog {{ background: {c.background}; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {t.TITLE}px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {t.HEADING}px; font-weight: 600; }}
QLabel[role="big"] {{ font-size: {t.BIG}px; font-weight: 700; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="muted"] {{ color: {c.muted}; font-size: {t.SECONDARY}px; }}
QLabel[role="small"] {{ color: {c.muted}; font-size: {t.SMALL}px; }}
QLabel[role="problem"] {{ color: {c.bad}; font-size: {t.SECONDARY}px; }}
QLabel[role="section"] {{ color: {c.muted}; font-size: {t.SMALL}px; font-weight: 600; }}
QFrame[role="rail"] {{ background: {c.surface}; border: none;
  border-right: 1px solid {c.line}; }}
QFrame[role="header"] {{ background: {c.surface}; border: none;
  border-bottom: 1px solid {c.line}; }}
QFrame[role="panel"] {{ background: {c.surface}; border: none;
  border-left: 1px solid {c.line}; }}
QFrame[role="card"] {{ background: {c.surface}; border: 1px solid {c.line};
  border-radius: {t.RADIUS_CARD}px; }}
QFrame[role="popover"] {{ background: {c.raised}; border: 1px solid {c.line};
  border-radius: {t.RADIUS_CARD}px; }}
QFrame[role="selection"] {{ background: {c.accent_soft}; border: none;
  border-radius: {t.RADIUS_CARD}px; }}
QFrame[role="line"] {{ background: {c.line}; border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget[role="body"] {{ background: transparent;
  border: none; }}
QSplitter::handle {{ background: {c.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
"""


def _buttons(c: type[Ink]) -> str:
    return f"""
QPushButton, QToolButton {{ background: {c.raised}; color: {c.text};
  border: 1px solid {c.line}; border-radius: {t.RADIUS}px; padding: 0 {t.M}px;
  min-height: {t.CONTROL_HEIGHT - 2}px; }}
QPushButton:hover, QToolButton:hover {{ background: {c.hover}; }}
QPushButton:pressed, QToolButton:pressed, QPushButton:open {{ background: {c.track}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {c.accent}; outline: none; }}
QPushButton:disabled {{ color: {c.muted}; background: {c.background}; }}
ComboButton {{ text-align: left; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[look="primary"] {{ background: {c.accent}; color: {c.accent_text};
  border-color: {c.accent}; font-weight: 600; }}
QPushButton[look="primary"]:hover, QPushButton[look="primary"]:pressed {{
  background: {c.accent_hover}; border-color: {c.accent_hover}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {c.text}; }}
QPushButton[look="primary"]:disabled {{ background: {c.track}; color: {c.muted};
  border-color: {c.track}; }}
QPushButton[look="chip"] {{ background: {c.surface}; color: {c.muted};
  border-radius: {t.CHIP_HEIGHT // 2 - 1}px; font-size: {t.SECONDARY}px; padding: 0 11px;
  min-height: {t.CHIP_HEIGHT - 4}px; max-height: {t.CHIP_HEIGHT - 4}px; }}
QPushButton[look="chip"]:hover {{ color: {c.text}; border-color: {c.faint}; }}
QPushButton[look="chip"]:checked, QPushButton[look="chip"]:focus {{
  border-color: {c.accent}; }}
QPushButton[look="chip"]:checked {{ color: {c.accent}; }}
QPushButton[look="chip"]:disabled {{ color: {c.muted}; background: {c.background}; }}
QPushButton[look="chip"][tone="good"] {{ color: {c.good}; border-color: {c.good}; }}
QPushButton[look="chip"][tone="bad"] {{ color: {c.bad}; border-color: {c.bad}; }}
QPushButton[look="chip"][tone="accent"] {{ color: {c.accent};
  border-color: {c.accent}; }}
QToolButton[look="icon"] {{ padding: 0; min-width: {t.CONTROL_HEIGHT - 2}px; }}
QToolButton[look="quiet"] {{ padding: 0; background: transparent; border-color: transparent;
  min-width: 22px; min-height: 22px; }}
QToolButton[look="quiet"]:hover {{ background: {c.hover}; }}
QToolButton[look="quiet"]:focus {{ border-color: {c.accent}; }}
QPushButton[look="link"] {{ background: transparent; border: 1px solid transparent;
  color: {c.accent}; padding: 0 2px; min-height: 20px; text-align: left; }}
QPushButton[look="link"][flush="true"] {{ padding: 0 2px 0 0; border-left: none; }}
QPushButton[look="link"]:hover {{ text-decoration: underline; }}
QPushButton[look="link"]:focus {{ border-color: {c.accent}; }}
QPushButton[look="link"]:disabled {{ color: {c.faint}; text-decoration: none; }}
QPushButton[look="nav"] {{ background: transparent; color: {c.muted}; border: none;
  text-align: left; padding: 0 10px; min-height: 32px; max-height: 32px; }}
QPushButton[look="nav"]:hover {{ background: {c.hover}; color: {c.text}; }}
QPushButton[look="nav"]:checked {{ background: {c.accent_soft}; color: {c.accent};
  font-weight: 600; }}
QPushButton[look="nav"]:focus {{ border: 1px solid {c.accent}; padding: 0 9px; }}
QPushButton[look="who"] {{ background: transparent; color: {c.muted}; text-align: left;
  border: 1px solid transparent; padding: 0 9px; font-size: {t.SMALL}px; }}
QPushButton[look="who"]:hover {{ background: {c.hover}; color: {c.text}; }}
QPushButton[look="who"]:focus {{ border-color: {c.accent}; }}
QPushButton[look="initials"] {{ background: {c.accent_soft}; color: {c.accent};
  border: 1px solid transparent; font-size: {t.SMALL}px; font-weight: 600; padding: 0; }}
QPushButton[look="initials"]:focus {{ border-color: {c.accent}; }}
QPushButton[look="toast"] {{ background: transparent; border: 1px solid transparent;
  color: {c.toast_action}; font-weight: 600; padding: 0 {t.XS}px; min-height: 22px; }}
QPushButton[look="toast"]:focus {{ border-color: {c.toast_action}; }}
QCheckBox, QRadioButton {{ spacing: {t.S}px; background: transparent; }}
"""


def _fields(c: type[Ink]) -> str:
    edges = f"border: 1px solid {c.line}; border-radius: {t.RADIUS}px"
    kinds = "QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit"
    focused = ", ".join(f"{kind}:focus" for kind in kinds.split(", "))
    return f"""
{kinds}, QComboBox {{ background: {c.surface}; color: {c.text}; {edges};
  selection-background-color: {c.accent}; selection-color: {c.accent_text}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit, QComboBox {{
  padding: 0 {t.S}px; min-height: {t.CONTROL_HEIGHT - 2}px; }}
QPlainTextEdit, QTextEdit {{ padding: {t.XS}px; }}
{focused}, QComboBox:focus {{ border-color: {c.accent}; }}
QLineEdit[look="search"] {{ background: {c.background}; }}
QLineEdit[look="palette"], QLineEdit[look="palette"]:focus {{ background: transparent;
  border: none; font-size: {t.TITLE}px; padding: 0; }}
QListView[role="palette"] {{ background: transparent; }}
QLineEdit[look="inline"] {{ min-height: 22px; padding: 0 5px; }}
QLineEdit > QToolButton {{ padding: 0; min-height: 0; }}
QLineEdit[valid="false"], QPlainTextEdit[valid="false"] {{ border-color: {c.bad}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {c.muted}; background: {c.background}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox QAbstractItemView {{ background: {c.raised}; {edges}; padding: {t.XS}px;
  selection-background-color: {c.accent_soft}; selection-color: {c.text}; }}
"""


def _tables(c: type[Ink]) -> str:
    return f"""
QAbstractItemView {{ background: {c.surface}; border: none; outline: none;
  selection-background-color: {c.accent_soft}; selection-color: {c.text}; }}
QTableView, QTreeView {{ gridline-color: transparent; }}
QTableView::item, QTreeView::item {{ border-bottom: 1px solid {c.line};
  padding: 0 {t.S}px; }}
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {{
  background: {c.accent_soft}; color: {c.text}; }}
QListView::item {{ padding: 0 {t.S}px; border-radius: {t.XS}px; }}
QListView::item:hover {{ background: {c.hover}; }}
QListView[role="nav"]::item {{ color: {c.muted};
  border-radius: {t.RADIUS}px; }}
QListView[role="nav"]::item:selected {{ color: {c.accent}; }}
QHeaderView {{ background: {c.surface}; border: none; }}
QHeaderView::section {{ background: {c.surface}; color: {c.muted}; border: none;
  border-bottom: 1px solid {c.line}; padding: 6px 11px; font-size: {t.SMALL}px;
  font-weight: 600; }}
QTableCornerButton::section {{ background: {c.surface}; border: none; }}
"""


def _rest(c: type[Ink]) -> str:
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {c.handle}; border-radius: 3px;
  margin: 2px; }}
QScrollBar::handle:hover {{ background: {c.faint}; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  background: transparent; border: none; width: 0; height: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QMenu {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line};
  padding: {t.XS}px; }}
QMenu::item {{ padding: 6px {t.XL}px 6px {t.M}px; border-radius: {t.XS}px; }}
QMenu::item:selected {{ background: {c.accent_soft}; }}
QMenu::item:disabled {{ color: {c.muted}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: {t.XS}px {t.S}px; }}
QToolTip {{ background: {c.toast}; color: {c.toast_text}; border: none;
  padding: {t.XS}px {t.S}px; }}
QProgressBar {{ background: {c.track}; border: none; border-radius: 3px; min-height: 6px;
  max-height: 6px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
QTabBar::tab {{ background: transparent; color: {c.muted}; padding: 6px {t.M}px;
  border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {c.accent}; border-bottom-color: {c.accent}; }}
QCalendarWidget QToolButton {{ border: none; background: transparent; font-weight: 600; }}
QCalendarWidget QToolButton:hover {{ background: {c.hover}; }}
QCalendarWidget QWidget#qt_calendar_navigationbar {{ background: {c.raised}; }}
QCalendarWidget QTableView {{ background: {c.raised}; }}
QCalendarWidget QTableView::item {{ padding: 0; border: none; border-radius: {t.XS}px; }}
QCalendarWidget QTableView::item:selected {{ background: {c.accent};
  color: {c.accent_text}; }}
"""
