"""What a page is to the window: a body, widgets for the header, and a few moments to react to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.ui.context import Context


class Page(QWidget):
    """Base of every page. Override what the page needs.

    The window calls ``header_widgets`` and ``header_actions`` once, right after the constructor.

    A page that has an address (a pipeline, filters, an opened deal) tells it by ``address`` and
    comes to one by ``go_to``. ``address_changed(step)``: it is another now; with ``step`` the way
    back leads to the one before (typing on in a field is no step).
    """

    address_changed = Signal(bool)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent or context.nest)
        self.context = context
        # So that keys reach the page when nothing inside it has the focus.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def header_widgets(self) -> list[QWidget]:
        """Title, switchers and chips, from the left."""
        return []

    def header_actions(self) -> list[QWidget]:
        """Actions at the right end; the primary one last."""
        return []

    def shows_undo(self) -> bool:
        """Whether Undo and Redo stand before the actions."""
        return True

    def activated(self) -> None:
        """The page has become visible: refresh it if something changed meanwhile."""

    def left(self) -> None:
        """Another page is shown now."""

    def show_item(self, item: object) -> None:
        """Someone asked for this page with something to show (``context.go``)."""

    def address(self) -> Mapping[str, str]:
        """Where on the page one is, as texts by name; nothing where that makes no difference."""
        return {}

    def go_to(self, parts: Mapping[str, str]) -> None:
        """Come to what ``address`` told, with ``address_changed`` said at most without a step."""

    def retranslate(self) -> None:
        """Set every text anew: the language or the locale has changed."""

    def closing(self) -> None:
        """The window is closing: remember what is worth it."""


def number_in(parts: Mapping[str, str], name: str) -> int:
    """A whole number of an address; 0 where there is none."""
    text = parts.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page of the rail. ``factory`` is called when the page is first shown.

    ``icon`` names a file in ``resources/icons``; ``title`` gives the text in the chosen language;
    ``badge(show)`` counts in the background what waits there and calls ``show(n)`` (0 shows
    nothing). ``needs`` is what a person must be allowed
    (an action of ``services.rights``) for the page to be offered at all. A page that belongs to
    another one (``within`` is its key) is not in the rail; such pages come last.
    """

    key: str
    title: Callable[[], str]
    icon: str
    factory: Callable[[Context], Page]
    badge: Callable[[Callable[[int], object]], object] | None = None
    needs: str = ""
    within: str = ""

    def offered(self, context: Context) -> bool:
        """Whether the person who works here is offered the page."""
        return not self.needs or context.may(self.needs)
