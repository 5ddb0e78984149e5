"""Which pages there are, and what is wired between their panels (panels never import panels)."""

from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, PageSpec


def specs() -> list[PageSpec]:
    """The pages of the rail, in order; each is made when it is first shown."""
    return [
        PageSpec("board", lambda: tr("Board"), "board", _board),
    ]


def _board(context: Context) -> Page:
    from salesdesk.ui.board.panel import BoardPage

    return BoardPage(context)
