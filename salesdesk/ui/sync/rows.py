"""Cards of rows that need a person: what both ends changed, and what the CRM did not take."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.moments import Zone
from salesdesk.services.sync import reasons
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.sync import words
from salesdesk.ui.widgets.buttons import Button, LinkButton
from salesdesk.ui.widgets.labels import Card, label, line

if TYPE_CHECKING:
    from salesdesk.services.sync.clashes import Clash, Told
    from salesdesk.services.sync.desk import Failed

_STEP = 6
_LEFT = Qt.AlignmentFlag.AlignLeft


class RowCard(Card):
    """A heading and rows, a few at first; ``acted(verb, item)`` when a button was pressed."""

    acted = Signal(str, object)

    def __init__(self, name: str, zone: Zone) -> None:
        super().__init__()
        self.setObjectName(name)
        self._zone, self._most = zone, _STEP
        self._rows: list[QWidget] = []
        self._items: Sequence[Any] = ()
        self._now, self._crm = 0, ""
        self.heading = label("", "strong")
        self.hint = label("", "muted", wrap=True)
        self.more = LinkButton("", f"{name}-more", self._on_more)
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.S)
        self.head.addWidget(self.heading)
        self.head.addStretch(1)
        self.lines = QVBoxLayout()
        self.lines.setSpacing(theme.M)
        self.body.addLayout(self.head)
        self.body.addWidget(self.hint)
        self.body.addLayout(self.lines)
        self.body.addWidget(self.more, 0, _LEFT)

    def show_items(self, items: Sequence[Any], now: int, crm: str) -> None:
        """Show these; hidden without any."""
        self._items, self._now, self._crm = items, now, crm
        self.setVisible(bool(items))
        shown = items[: self._most]
        while len(self._rows) < len(shown):
            row = self.make(len(self._rows))
            self._rows.append(row)
            self.lines.addWidget(row)
        for at, row in enumerate(self._rows):
            row.setVisible(at < len(shown))
            if at < len(shown):
                filled: Any = row
                filled.fill(shown[at], self._zone, now, crm)
        left = len(items) - len(shown)
        self.more.setVisible(left > 0)
        self.more.set_text(ntr("and {n} more…", "and {n} more…", left))
        self.retranslate()

    def retranslate(self) -> None:
        """Set heading and hint anew."""

    def make(self, at: int) -> QWidget:
        """A new row, the ``at``-th."""
        raise NotImplementedError

    def stops(self) -> list[QWidget]:
        """What the keyboard comes to, in order."""
        found: list[QWidget] = []
        for row in self._rows:
            found += row.findChildren(Button)
        return [*found, self.more]

    def _on_more(self) -> None:
        self._most += _STEP
        self.show_items(self._items, self._now, self._crm)


class ClashCard(RowCard):
    """``acted("ours" | "theirs" | "open", clash)``."""

    def retranslate(self) -> None:
        n = len(self._items)
        self.heading.setText(ntr("{n} field was changed on both sides",
                                 "{n} fields were changed on both sides", n))  # fmt: skip
        self.hint.setText(tr("Until somebody decides, both sides keep what they have."))

    def make(self, at: int) -> QWidget:
        row = ClashRow(f"sync-clash-{at}")
        row.acted.connect(self.acted)
        return row


class _Side(QWidget):
    """One of the three values: what it is called, the value, who and when."""

    def __init__(self) -> None:
        super().__init__()
        self.head = label("", "small")
        self.value = label("", "strong", wrap=True)
        self.who = label("", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for one in (self.head, self.value, self.who):
            column.addWidget(one)
        column.addStretch(1)

    def fill(self, head: str, told: "Told", who: str, zone: Zone, now: int) -> None:
        self.head.setText(head)
        self.value.setText(words.value(told, zone, now))
        self.who.setText(who)


class ClashRow(QWidget):
    """A field with its three values side by side."""

    acted = Signal(str, object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._item: Clash | None = None
        self.title = LinkButton("", f"{name}-open", lambda: self._act("open"))
        self.title.setProperty("flush", True)
        self.field = label("", "muted")
        self.before, self.ours, self.theirs = _Side(), _Side(), _Side()
        self.keep = Button("", f"{name}-ours", "plain", lambda: self._act("ours"))
        self.take = Button("", f"{name}-theirs", "plain", lambda: self._act("theirs"))
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.title)
        head.addWidget(self.field)
        head.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(theme.S)
        for at, side in enumerate((self.before, self.ours, self.theirs)):
            grid.addWidget(side, 0, at)
            grid.setColumnStretch(at, 1)
        grid.addWidget(self.keep, 1, 1, _LEFT)
        grid.addWidget(self.take, 1, 2, _LEFT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(line())
        column.addLayout(head)
        column.addLayout(grid)

    def fill(self, item: "Clash", zone: Zone, now: int, crm: str) -> None:
        """Show a conflict."""
        self._item = item
        name = tr(reasons.FIELDS.get(item.field, item.field))
        self.title.set_text(item.record.title or tr(words.KINDS[item.record.entity]))
        self.field.setText(name)
        self.before.fill(trp("value", "Before"), item.before, "", zone, now)
        self.ours.fill(tr("Yours"), item.ours, _who(item.ours_by, item.ours_at, zone, now),
                       zone, now)  # fmt: skip
        self.theirs.fill(crm, item.theirs, _who("", item.theirs_at, zone, now), zone, now)
        which = f"{item.record.title}, {name}"
        self.keep.set_text(tr("Keep mine"), f"{tr('Keep mine')}: {which}")
        self.take.set_text(tr("Take theirs"), f"{tr('Take theirs')}: {which}")

    def _act(self, verb: str) -> None:
        if self._item is not None:
            self.acted.emit(verb, self._item)


def _who(by: str, at: int | None, zone: Zone, now: int) -> str:
    when = "" if at is None else words.when(zone, at, now) if by else formats.near(zone, at, now)
    return " · ".join(filter(None, (by, when)))


class FailedCard(RowCard):
    """``acted("open" | "retry" | "anew" | "discard", failed)``, ``("retry-all", items)``."""

    def __init__(self, name: str, zone: Zone) -> None:
        super().__init__(name, zone)
        self.all = Button("", f"{name}-all", "chip", self._on_all)
        self.head.addWidget(self.all)

    def retranslate(self) -> None:
        n = len(self._items)
        self.heading.setText(ntr("{n} record was not taken by the CRM",
                                 "{n} records were not taken by the CRM", n))  # fmt: skip
        self.hint.setText(tr("Nothing is lost: it is kept here. Mend it and try again, or leave it "
                             "out of the sync until it changes."))  # fmt: skip
        self.all.set_text(tr("Try all again"))
        self.all.setVisible(len(self._again()) > 1)

    def make(self, at: int) -> QWidget:
        row = FailedRow(f"sync-failed-{at}")
        row.acted.connect(self.acted)
        return row

    def _again(self) -> list["Failed"]:
        """What may go through another time; what is not there any more does not."""
        return [one for one in self._items if not one.gone]

    def _on_all(self) -> None:
        self.acted.emit("retry-all", self._again())


class FailedRow(QWidget):
    """What was not taken, why, and what can be done."""

    acted = Signal(str, object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._item: Failed | None = None
        self.title = label("", "strong")
        self.why = label("", "muted", wrap=True)
        self.edit = Button("", f"{name}-open", "chip", lambda: self._act("open"))
        self.retry = Button("", f"{name}-retry", "chip", self._on_retry)
        self.discard = Button("", f"{name}-discard", "chip", lambda: self._act("discard"))
        told = QVBoxLayout()
        told.setSpacing(1)
        told.addWidget(self.title)
        told.addWidget(self.why)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for button in (self.edit, self.retry, self.discard):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(line())
        column.addLayout(told)
        column.addLayout(row)

    def fill(self, item: "Failed", zone: Zone, now: int, _crm: str) -> None:
        """Show what failed."""
        self._item = item
        title = item.record.title
        self.title.setText(f"{tr(words.KINDS[item.record.entity])}: {title}")
        since = tr("changed {when}", when=words.when(zone, item.at, now))
        told = reasons.why(item.failure, item.detail)
        if item.gone:
            told = tr("It was deleted in the CRM, and changed here since.")
        self.why.setText(f"{told.rstrip('.')} · {since}")
        texts = (tr("Edit"), tr("Try again"), tr("Do not send"))
        if item.gone:
            texts = (tr("Open"), tr("Make it there anew"), tr("Keep it here alone"))
        for button, text in zip((self.edit, self.retry, self.discard), texts, strict=True):
            button.set_text(text, f"{text}: {title}")

    def _on_retry(self) -> None:
        gone = self._item is not None and self._item.gone
        self._act("anew" if gone else "retry")

    def _act(self, verb: str) -> None:
        if self._item is not None:
            self.acted.emit(verb, self._item)
