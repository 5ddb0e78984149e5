"""What is what, of a CRM that is connected: the mapping as it is, to be chosen otherwise."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services.sync import maps, remapping
from salesdesk.services.sync.connect import Offer
from salesdesk.services.sync.pace import RealClock
from salesdesk.services.sync.remote import Remote
from salesdesk.services.sync.turn import turn
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.sync import words
from salesdesk.ui.sync.matching import MatchStep
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.labels import label, line, set_role

if TYPE_CHECKING:
    from salesdesk.ui.sync.running import SyncDesk

_WIDTH = 760


class Remapping(QWidget):
    """In the place of the page; ``left(changed)``."""

    left = Signal(bool)

    def __init__(self, context: Context, desk: "SyncDesk", kind: str) -> None:
        """``kind`` of the CRM that is connected."""
        super().__init__()
        self.context, self.desk, self._kind = context, desk, kind
        self._offer: Offer | None = None
        self._busy = False
        self.setObjectName("sync-remapping")
        self.title = label("", "title")
        self.match = MatchStep(context, desk)
        self.match.corrected.connect(self._judge)
        self.match.hide()
        self.said = label("", "muted", wrap=True)
        self.said.setObjectName("sync-remapping-said")
        self.cancel = Button("", "sync-remapping-cancel", "plain", lambda: self.left.emit(False))
        self.save = PrimaryButton("", "sync-remapping-save", self._on_save)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        foot.addWidget(self.save)
        inside = QWidget()
        inside.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addWidget(self.title)
        column.addWidget(self.match, 1)
        column.addWidget(self.said)
        self._filler = QWidget()
        column.addWidget(self._filler, 1)
        column.addWidget(line())
        column.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inside, 20)
        row.addStretch(1)
        self.retranslate()
        self._look()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Change the mapping"))
        self.title.setText(tr("What is what in {name}", name=maps.name_of(self._kind)))
        self.cancel.set_text(tr("Cancel"))
        self.save.set_text(tr("Save the mapping"))
        self.match.retranslate()

    def take_focus(self) -> None:
        """The keyboard to the mapping, to leaving as long as it is not there."""
        pairs = self.match.pairs
        (pairs if pairs is not None and self.match.isVisible() else self.cancel).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves all as it is."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit(False)
        else:
            super().keyPressEvent(event)

    def _say(self, text: str, bad: bool = False) -> None:
        self.said.setText(text)
        set_role(self.said, "problem" if bad else "muted")
        self.said.setVisible(bool(text))

    def _judge(self) -> None:
        """Whether there is something to keep."""
        offer = self._offer
        other = offer is not None and (
            tuple(self.match.chosen) != offer.pairs or bool(self.match.made)
        )
        self.save.setEnabled(other and self.match.is_ready and not self._busy)

    # -- looking ----------------------------------------------------------------------------------

    def _remote(self, clock: RealClock) -> Remote:
        """The remote of the connection; called on a thread of its own."""
        with self.context.store.read() as r:
            found = maps.connection(r)
            if found is None:
                raise remapping.nothing()
            return self.desk.makes.of_connection(r, found, clock)

    def _look(self) -> None:
        self._say(tr("Asking {name}…", name=maps.name_of(self._kind)))
        self._judge()
        store, clock = self.context.store, RealClock(self.context.now)

        def run() -> Offer:
            remote = self._remote(clock)
            try:
                with store.read() as r:
                    return remapping.look(r, remote)
            finally:
                remote.close()

        self.desk.ask(run, self._on_offer, self._on_failed)

    def _on_offer(self, offer: Offer) -> None:
        self._offer = offer
        self.match.show_present(offer, self._remote)
        had_focus = self.cancel.hasFocus()
        self.match.show()
        self._filler.hide()
        for before, after in pairwise([*self.match.stops(), self.cancel, self.save]):
            QWidget.setTabOrder(before, after)
        self._say("")
        self._judge()
        if had_focus:
            self.take_focus()

    def _on_failed(self, error: Exception) -> None:
        self._busy = False
        self._say(words.connecting_text(error, self._kind), bad=True)
        self._judge()

    # -- keeping ----------------------------------------------------------------------------------

    def _on_save(self) -> None:
        offer, desk, store = self._offer, self.desk, self.context.store
        if offer is None:
            return
        pairs, made = list(self.match.chosen), self.match.made
        given: dict[str, Any] = {
            "sends": self.match.sends_all, "person": self.context.person_id,
            "now": self.context.now(),
        }  # fmt: skip
        self._busy = True
        self._say(tr("Saving…"))
        self._judge()
        desk.halt()

        def run() -> int:
            desk.worker.wait()
            with turn(store):
                return remapping.change(store, offer, pairs, made=made, **given)

        desk.ask(run, self._on_saved, self._on_failed)

    def _on_saved(self, _command: int) -> None:
        self.context.say(tr("The mapping is changed; the next round goes by it"))
        self.left.emit(True)
