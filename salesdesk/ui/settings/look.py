"""What the settings page adds to the style sheet: cells that show their border when needed."""

from salesdesk.ui import theme
from salesdesk.ui.style import Ink


def sheet() -> str:
    """The style sheet of the page, the same in every theme."""
    line, accent, surface = Ink.line, Ink.accent, Ink.surface
    hover, muted, text = Ink.hover, Ink.muted, Ink.text
    bad = Ink.bad
    return f"""
QLineEdit[look="cell"] {{ background: transparent; border: 1px solid transparent;
  border-radius: {theme.RADIUS}px; padding: 0 {theme.S - 2}px; min-height: 26px; }}
QLineEdit[look="cell"]:hover {{ border-color: {line}; }}
QLineEdit[look="cell"]:focus {{ border-color: {accent}; background: {surface}; }}
QLineEdit[look="cell"]:disabled {{ color: {text}; border-color: transparent; }}
QLineEdit[look="cell"][valid="false"] {{ border-color: {bad}; }}
QPushButton[look="cell"] {{ background: transparent; border: 1px solid transparent;
  border-radius: {theme.RADIUS}px; padding: 0 {theme.L}px 0 {theme.S - 2}px; min-height: 26px;
  text-align: left; font-weight: 400; }}
QPushButton[look="cell"]:hover {{ border-color: {line}; background: {hover}; }}
QPushButton[look="cell"]:focus {{ border-color: {accent}; }}
QPushButton[look="cell"]:disabled {{ color: {text}; }}
QPushButton[look="token"] {{ background: transparent; border: none; border-radius: {theme.XS}px;
  color: {accent}; font-weight: 600; padding: 0; min-height: 24px; max-height: 24px; }}
QPushButton[look="token"]:hover, QPushButton[look="token"]:focus {{ background: {hover}; }}
QPushButton[look="token"]:disabled {{ color: {text}; }}
QTableView[look="grid"]::item {{ padding: 0 {theme.XS}px; }}
QTableView[look="grid"] QHeaderView::section {{ padding: 6px 7px; }}
QFrame[role="sections"] {{ background: {surface}; border: none; border-right: 1px solid {line}; }}
QFrame[role="beside"] {{ background: transparent; border: none;
  border-left: 1px solid {line}; }}
QLabel[role="column"] {{ color: {muted}; font-size: {theme.SMALL}px; font-weight: 600; }}
"""
