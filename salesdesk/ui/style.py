"""The one Qt style sheet and the palette, generated from the tokens of ``theme.py``.

Buttons choose their look by the dynamic property ``look``: ``primary``, ``plain`` (default),
``chip``, ``icon``, ``link``; labels by ``role``: ``title``, ``heading``, ``muted``, ``section``.
"""

from PySide6.QtGui import QColor, QPalette

from salesdesk.ui import theme as t
from salesdesk.ui.theme import Theme


def palette(theme: Theme) -> QPalette:
    """The palette of the theme, for everything that the style sheet does not reach."""
    role = QPalette.ColorRole
    made = QPalette()
    for which, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.background),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.surface),
        (role.ButtonText, theme.text),
        (role.Highlight, theme.accent_soft),
        (role.HighlightedText, theme.text),
        (role.ToolTipBase, theme.toast),
        (role.ToolTipText, theme.toast_text),
        (role.Link, theme.accent),
        (role.Accent, theme.accent),
        (role.Mid, theme.line),
    ):
        made.setColor(which, colour)
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, theme.muted)
    return made


def sheet(theme: Theme) -> str:
    """The style sheet of the theme."""
    return "\n".join(
        (_frames(theme), _buttons(theme), _fields(theme), _tables(theme), _rest(theme))
    )


def _n(colour: QColor) -> str:
    return colour.name()


def _frames(c: Theme) -> str:
    return f"""
QMainWindow, QDialog {{ background: {_n(c.background)}; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {t.TITLE}px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {t.HEADING}px; font-weight: 600; }}
QLabel[role="big"] {{ font-size: {t.BIG}px; font-weight: 700; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="muted"] {{ color: {_n(c.muted)}; font-size: {t.SECONDARY}px; }}
QLabel[role="small"] {{ color: {_n(c.muted)}; font-size: {t.SMALL}px; }}
QLabel[role="problem"] {{ color: {_n(c.bad)}; font-size: {t.SECONDARY}px; }}
QLabel[role="section"] {{ color: {_n(c.muted)}; font-size: {t.SMALL}px; font-weight: 600; }}
QFrame[role="rail"] {{ background: {_n(c.surface)}; border: none;
  border-right: 1px solid {_n(c.line)}; }}
QFrame[role="header"] {{ background: {_n(c.surface)}; border: none;
  border-bottom: 1px solid {_n(c.line)}; }}
QFrame[role="panel"] {{ background: {_n(c.surface)}; border: none;
  border-left: 1px solid {_n(c.line)}; }}
QFrame[role="card"] {{ background: {_n(c.surface)}; border: 1px solid {_n(c.line)};
  border-radius: {t.RADIUS_CARD}px; }}
QFrame[role="popover"] {{ background: {_n(c.raised)}; border: 1px solid {_n(c.line)};
  border-radius: {t.RADIUS_CARD}px; }}
QFrame[role="selection"] {{ background: {_n(c.accent_soft)}; border: none;
  border-radius: {t.RADIUS_CARD}px; }}
QFrame[role="error"] {{ background: {_n(c.bad_soft)}; border: 1px solid {_n(c.bad)};
  border-radius: {t.RADIUS_CARD}px; }}
QFrame[role="line"] {{ background: {_n(c.line)}; border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget[role="body"] {{ background: transparent;
  border: none; }}
QSplitter::handle {{ background: {_n(c.line)}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
"""


def _buttons(c: Theme) -> str:
    return f"""
QPushButton, QToolButton {{ background: {_n(c.raised)}; color: {_n(c.text)};
  border: 1px solid {_n(c.line)}; border-radius: {t.RADIUS}px; padding: 0 {t.M}px;
  min-height: {t.CONTROL_HEIGHT - 2}px; }}
QPushButton:hover, QToolButton:hover {{ background: {_n(c.hover)}; }}
QPushButton:pressed, QToolButton:pressed, QPushButton:open {{ background: {_n(c.pressed)}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {_n(c.accent)}; outline: none; }}
QPushButton:disabled {{ color: {_n(c.muted)}; background: {_n(c.background)}; }}
ComboButton {{ text-align: left; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[look="primary"] {{ background: {_n(c.accent)}; color: {_n(c.accent_text)};
  border-color: {_n(c.accent)}; font-weight: 600; }}
QPushButton[look="primary"]:hover, QPushButton[look="primary"]:pressed {{
  background: {_n(c.accent_hover)}; border-color: {_n(c.accent_hover)}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {_n(c.text)}; }}
QPushButton[look="primary"]:disabled {{ background: {_n(c.track)}; color: {_n(c.muted)};
  border-color: {_n(c.track)}; }}
QPushButton[look="chip"] {{ background: {_n(c.surface)}; color: {_n(c.muted)};
  border-radius: {t.CHIP_HEIGHT // 2 - 1}px; font-size: {t.SECONDARY}px; padding: 0 11px;
  min-height: {t.CHIP_HEIGHT - 4}px; max-height: {t.CHIP_HEIGHT - 4}px; }}
QPushButton[look="chip"]:hover {{ color: {_n(c.text)}; border-color: {_n(c.faint)}; }}
QPushButton[look="chip"]:checked, QPushButton[look="chip"]:focus {{
  border-color: {_n(c.accent)}; }}
QPushButton[look="chip"]:checked {{ color: {_n(c.accent)}; }}
QPushButton[look="chip"]:disabled {{ color: {_n(c.muted)}; background: {_n(c.background)}; }}
QPushButton[look="chip"][tone="good"] {{ color: {_n(c.good)}; border-color: {_n(c.good)}; }}
QPushButton[look="chip"][tone="bad"] {{ color: {_n(c.bad)}; border-color: {_n(c.bad)}; }}
QPushButton[look="chip"][tone="accent"] {{ color: {_n(c.accent)};
  border-color: {_n(c.accent)}; }}
QToolButton[look="icon"] {{ padding: 0; min-width: {t.CONTROL_HEIGHT - 2}px; }}
QToolButton[look="quiet"] {{ padding: 0; background: transparent; border-color: transparent;
  min-width: 22px; min-height: 22px; }}
QToolButton[look="quiet"]:hover {{ background: {_n(c.hover)}; }}
QToolButton[look="quiet"]:focus {{ border-color: {_n(c.accent)}; }}
QPushButton[look="link"] {{ background: transparent; border: 1px solid transparent;
  color: {_n(c.accent)}; padding: 0 2px; min-height: 20px; text-align: left; }}
QPushButton[look="link"]:hover {{ text-decoration: underline; }}
QPushButton[look="link"]:focus {{ border-color: {_n(c.accent)}; }}
QPushButton[look="nav"] {{ background: transparent; color: {_n(c.muted)}; border: none;
  text-align: left; padding: 0 10px; min-height: 32px; max-height: 32px; }}
QPushButton[look="nav"]:hover {{ background: {_n(c.hover)}; color: {_n(c.text)}; }}
QPushButton[look="nav"]:checked {{ background: {_n(c.accent_soft)}; color: {_n(c.accent)};
  font-weight: 600; }}
QPushButton[look="nav"]:focus {{ border: 1px solid {_n(c.accent)}; padding: 0 9px; }}
QPushButton[look="who"] {{ background: transparent; color: {_n(c.muted)}; text-align: left;
  border: 1px solid transparent; padding: 0 9px; font-size: {t.SMALL}px; }}
QPushButton[look="who"]:hover {{ background: {_n(c.hover)}; color: {_n(c.text)}; }}
QPushButton[look="who"]:focus {{ border-color: {_n(c.accent)}; }}
QPushButton[look="initials"] {{ background: {_n(c.accent_soft)}; color: {_n(c.accent)};
  border: 1px solid transparent; font-size: {t.SMALL}px; font-weight: 600; padding: 0; }}
QPushButton[look="initials"]:focus {{ border-color: {_n(c.accent)}; }}
QPushButton[look="toast"] {{ background: transparent; border: 1px solid transparent;
  color: {_n(c.toast_action)}; font-weight: 600; padding: 0 {t.XS}px; min-height: 22px; }}
QPushButton[look="toast"]:focus {{ border-color: {_n(c.toast_action)}; }}
QCheckBox, QRadioButton {{ spacing: {t.S}px; background: transparent; }}
"""


def _fields(c: Theme) -> str:
    edges = f"border: 1px solid {_n(c.line)}; border-radius: {t.RADIUS}px"
    kinds = "QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit"
    focused = ", ".join(f"{kind}:focus" for kind in kinds.split(", "))
    return f"""
{kinds}, QComboBox {{ background: {_n(c.surface)}; color: {_n(c.text)}; {edges};
  selection-background-color: {_n(c.accent)}; selection-color: {_n(c.accent_text)}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit, QComboBox {{
  padding: 0 {t.S}px; min-height: {t.CONTROL_HEIGHT - 2}px; }}
QPlainTextEdit, QTextEdit {{ padding: {t.XS}px; }}
{focused}, QComboBox:focus {{ border-color: {_n(c.accent)}; }}
QLineEdit[look="search"] {{ background: {_n(c.quiet)}; }}
QLineEdit[look="inline"] {{ min-height: 22px; padding: 0 5px; }}
QLineEdit[valid="false"], QPlainTextEdit[valid="false"] {{ border-color: {_n(c.bad)}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {_n(c.muted)}; background: {_n(c.background)}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox QAbstractItemView {{ background: {_n(c.raised)}; {edges}; padding: {t.XS}px;
  selection-background-color: {_n(c.accent_soft)}; selection-color: {_n(c.text)}; }}
"""


def _tables(c: Theme) -> str:
    return f"""
QAbstractItemView {{ background: {_n(c.surface)}; border: none; outline: none;
  selection-background-color: {_n(c.accent_soft)}; selection-color: {_n(c.text)}; }}
QTableView, QTreeView {{ gridline-color: transparent; }}
QTableView::item, QTreeView::item {{ border-bottom: 1px solid {_n(c.line)};
  padding: 0 {t.S}px; }}
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {{
  background: {_n(c.accent_soft)}; color: {_n(c.text)}; }}
QListView::item {{ padding: 0 {t.S}px; border-radius: {t.XS}px; }}
QListView::item:hover {{ background: {_n(c.hover)}; }}
QListView[role="nav"]::item {{ color: {_n(c.muted)};
  border-radius: {t.RADIUS}px; }}
QListView[role="nav"]::item:selected {{ color: {_n(c.accent)}; }}
QHeaderView {{ background: {_n(c.surface)}; border: none; }}
QHeaderView::section {{ background: {_n(c.surface)}; color: {_n(c.muted)}; border: none;
  border-bottom: 1px solid {_n(c.line)}; padding: 6px 11px; font-size: {t.SMALL}px;
  font-weight: 600; }}
QTableCornerButton::section {{ background: {_n(c.surface)}; border: none; }}
"""


def _rest(c: Theme) -> str:
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {_n(t.mix(c.background, c.faint, 0.6))}; border-radius: 3px;
  margin: 2px; }}
QScrollBar::handle:hover {{ background: {_n(c.faint)}; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  background: transparent; border: none; width: 0; height: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QMenu {{ background: {_n(c.raised)}; color: {_n(c.text)}; border: 1px solid {_n(c.line)};
  padding: {t.XS}px; }}
QMenu::item {{ padding: 6px {t.XL}px 6px {t.M}px; border-radius: {t.XS}px; }}
QMenu::item:selected {{ background: {_n(c.accent_soft)}; }}
QMenu::item:disabled {{ color: {_n(c.muted)}; }}
QMenu::separator {{ height: 1px; background: {_n(c.line)}; margin: {t.XS}px {t.S}px; }}
QToolTip {{ background: {_n(c.toast)}; color: {_n(c.toast_text)}; border: none;
  padding: {t.XS}px {t.S}px; }}
QProgressBar {{ background: {_n(c.track)}; border: none; border-radius: 3px; min-height: 6px;
  max-height: 6px; }}
QProgressBar::chunk {{ background: {_n(c.accent)}; border-radius: 3px; }}
QTabBar::tab {{ background: transparent; color: {_n(c.muted)}; padding: 6px {t.M}px;
  border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {_n(c.accent)}; border-bottom-color: {_n(c.accent)}; }}
QCalendarWidget QToolButton {{ border: none; background: transparent; font-weight: 600; }}
QCalendarWidget QToolButton:hover {{ background: {_n(c.hover)}; }}
QCalendarWidget QWidget#qt_calendar_navigationbar {{ background: {_n(c.raised)}; }}
QCalendarWidget QTableView {{ background: {_n(c.raised)}; }}
QCalendarWidget QTableView::item {{ padding: 0; border: none; border-radius: {t.XS}px; }}
QCalendarWidget QTableView::item:selected {{ background: {_n(c.accent)};
  color: {_n(c.accent_text)}; }}
"""
