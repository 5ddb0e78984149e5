"""Deciding about a reach: void it or credit it to someone else, each with a reason; or take that
back. Only leads and administrators may, and nobody about a reach of their own."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from salesdesk.services.ranking_explain import Line
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.popup import Option, Picker, Popover, menu
from salesdesk.ui.widgets.reason import ReasonForm

#: Of a menu: its key, its words, what it does.
Entry = tuple[str, str, Callable[[], object]]


class Rulings:
    """What may be decided about a line of the explanation, and the forms that ask for it."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        self._context, self._parent = context, parent

    def may(self, person_id: int) -> bool:
        """Whether the person who works here may decide about a reach of ``person_id``."""
        from salesdesk.services import rulings

        mine = self._context.person_id
        return mine != person_id and self._context.ask(rulings.may_rule, mine)

    def open(self, line: Line, holder: int, place: QPoint) -> None:
        """Offer what can be decided about a line of ``holder``'s explanation."""
        entries: list[Entry | None] = [*self.to_open(line.deal_id)]
        if entries:
            entries.append(None)
        self.show([*entries, *self.entries(line, holder, place)], place)

    def show(self, entries: list[Entry | None], place: QPoint) -> None:
        """Open a menu of what can be done."""
        menu(entries, "ranking-ruling-menu", self._parent).popup(place)

    def to_open(self, deal: int | None) -> list[Entry]:
        """To see the deal itself."""
        if deal is None:
            return []
        return [("deal", tr("Open the deal"), lambda: self._context.go("board", deal))]

    def entries(self, line: Line, holder: int, place: QPoint) -> list[Entry]:
        """What can be decided about a line: nothing, or to void and credit it, or to take that
        back."""
        if line.ruling is not None:
            words = tr("Take the ruling back…")
            return [("restore", words, lambda: self._ask_restore(line, place))]
        if not line.counts:
            return []
        credit = tr("Credit it to another person…")
        return [
            ("void", tr("Void this reach…"), lambda: self._ask_void(line, place)),
            ("credit", credit, lambda: self._pick(line, holder, place)),
        ]

    def _form(self, title: str, action: str, place: QPoint, run: Callable[[str], object]) -> None:
        hint = tr("Say why: the reason is shown beside the number.")
        form = ReasonForm("ranking-ruling", title, action, hint, self._parent)
        form.given.connect(run)
        open_at(form, place)

    def _ask_void(self, line: Line, place: QPoint) -> None:
        title = tr("Void “{stage}” of “{deal}”", stage=line.stage, deal=line.deal)
        self._form(title, tr("Void"), place, lambda reason: self._void(line, reason))

    def _ask_restore(self, line: Line, place: QPoint) -> None:
        title = tr("Let “{stage}” of “{deal}” count as before", stage=line.stage, deal=line.deal)
        self._form(title, tr("Take back"), place, lambda reason: self._restore(line, reason))

    def _pick(self, line: Line, holder: int, place: QPoint) -> None:
        people = dict(self._context.ask(_people, now=self._context.now()))
        barred = (holder, self._context.person_id)
        options = [Option(key, name) for key, name in people.items() if key not in barred]
        picker = Picker(options, "ranking-credit-to", tr("Credit to"), None, self._parent)
        picker.picked.connect(lambda to: self._ask_credit(line, to, people[to], place))
        open_at(picker, place)

    def _ask_credit(self, line: Line, to: int, name: str, place: QPoint) -> None:
        title = tr("Credit “{stage}” of “{deal}” to {name}", stage=line.stage, deal=line.deal,
                   name=name)  # fmt: skip
        self._form(title, tr("Credit"), place, lambda why: self._credit(line, to, name, why))

    def _void(self, line: Line, reason: str) -> None:
        from salesdesk.services import rulings

        said = tr("Voided: “{deal}” earns nothing for “{stage}”", deal=line.deal, stage=line.stage)
        self._context.write(
            rulings.void, line.deal_id, line.stage_id, reason=reason, say=lambda _: said
        )

    def _credit(self, line: Line, to: int, name: str, reason: str) -> None:
        from salesdesk.services import rulings

        said = tr("“{stage}” of “{deal}” is credited to {name}", stage=line.stage, deal=line.deal,
                  name=name)  # fmt: skip
        self._context.write(
            rulings.credit, line.deal_id, line.stage_id, to, reason=reason, say=lambda _: said
        )

    def _restore(self, line: Line, reason: str) -> None:
        from salesdesk.services import rulings

        said = tr("The ruling is taken back")
        self._context.write(
            rulings.restore, line.deal_id, line.stage_id, line.move_id, reason=reason,
            say=lambda _: said,
        )  # fmt: skip


def _people(r: Any, *, now: int) -> list[tuple[int, str]]:
    """Who works here and is in the ranking."""
    from salesdesk.services import people

    day = r.zone.day_of(now)
    return [(one.id, one.name) for one in people.people(r, on_day=day) if one.in_ranking]


def open_at(popup: Popover, place: QPoint) -> None:
    """Open at a place of the screen, wholly on it."""
    popup.adjustSize()
    size = popup.sizeHint()
    screen = popup.screen().availableGeometry()
    x = max(screen.left(), min(place.x() - size.width() + theme.L, screen.right() - size.width()))
    y = max(screen.top(), min(place.y() + theme.XS, screen.bottom() - size.height()))
    popup.move(x, y)
    popup.show()
