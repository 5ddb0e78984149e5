"""The first pull tried before connecting: all is read, nothing is written, and what would come of
it is said. It can be stopped; nothing of it is kept."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.services.sync.connect import Offer
from salesdesk.services.sync.mapping import Pair
from salesdesk.services.sync.pace import RealClock, Stopping
from salesdesk.services.sync.rehearsal import READ, Rehearsed, rehearse
from salesdesk.services.sync.remote import Entity, Remote
from salesdesk.text import ntr, tr
from salesdesk.ui import formats
from salesdesk.ui.background import still_there
from salesdesk.ui.context import Context
from salesdesk.ui.sync import words
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import label, set_role

if TYPE_CHECKING:
    from salesdesk.ui.sync.running import SyncDesk

#: Makes the way to the CRM that is tried; called on the thread of the trial.
Makes = Callable[[RealClock], Remote]


class Trial(QWidget):
    """A link that tries the first pull, how far it has come, and what it found; ``ended()``."""

    ended = Signal()

    def __init__(self, context: Context, desk: "SyncDesk") -> None:
        super().__init__()
        self._context, self._desk = context, desk
        self._clock: RealClock | None = None
        self._halted = False
        self._found: Rehearsed | None = None
        self._given: tuple[Offer, Sequence[Pair], Sequence[str], Makes] | None = None
        context.closing.connect(self.halt)
        self.button = LinkButton("", "sync-try", self._on_button)
        self.button.setProperty("flush", True)
        self.said = label("", "muted", wrap=True)
        self.said.setObjectName("sync-tried")
        self.said.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.said)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def is_running(self) -> bool:
        """Whether it reads."""
        return self._clock is not None

    @property
    def has_found(self) -> bool:
        """Whether what it found is shown."""
        return self._found is not None and not self.is_running

    def show_plan(
        self, offer: Offer, pairs: Sequence[Pair], made: Sequence[str], makes: Makes
    ) -> None:
        """What would be tried from now on; what an earlier trial found holds no longer."""
        self.halt()
        self._clock = None
        self._given, self._found = (offer, list(pairs), list(made), makes), None
        self._say("")
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything anew."""
        text = tr("Stop") if self.is_running else tr("Try it without writing anything")
        self.button.set_text(text)
        if self._found is not None and not self.is_running:
            self._say(result(self._found, self._halted))

    def halt(self) -> None:
        """Read no further."""
        if self._clock is not None:
            self._halted = True
            self._clock.stop()

    def _on_button(self) -> None:
        if self.is_running:
            self.halt()
        else:
            self._begin()

    def _begin(self) -> None:
        if self._given is None:
            return
        offer, pairs, made, makes = self._given
        clock = self._clock = RealClock(self._context.now)
        self._halted = False
        found = self._found = Rehearsed()
        store, desk, tell = self._context.store, self._desk, self._on_page

        def told(entity: Entity, read: int) -> None:
            desk.show(lambda: tell(clock, entity, read) if still_there(tell) else None)
            clock.sleep(0)  # raises when asked to stop

        def run() -> None:
            remote = makes(clock)
            try:
                account = offer.account.account_id
                rehearse(store, remote, offer.structure, pairs, made, told, found,
                         account_id=account)  # fmt: skip
            except Stopping:
                return
            finally:
                remote.close()

        self._say(tr("Reading…"))
        self.retranslate()
        desk.ask(run, lambda _none: self._ended(clock), lambda error: self._ended(clock, error))

    def _on_page(self, clock: RealClock, entity: Entity, read: int) -> None:
        if clock is self._clock:
            self._say(tr("Reading… {what}", what=words.counted(entity, read)))

    def _ended(self, clock: RealClock, error: Exception | None = None) -> None:
        if clock is not self._clock or not still_there(self._ended):
            return
        self._clock = None
        self.retranslate()
        if error is not None:
            self._found = None
            self._say(words.connecting_text(error), bad=True)
        self.ended.emit()

    def _say(self, text: str, bad: bool = False) -> None:
        self.said.setText(text)
        set_role(self.said, "problem" if bad else "muted")
        self.said.setVisible(bool(text))


def _follows(found: Rehearsed) -> list[str]:
    """What comes with the deals: how much of it the CRM has, or that it does not tell."""
    counted = [words.counted(kind, n) for kind, n in found.there.items() if n]
    rest = [tr(words.MANY[kind]) for kind, n in found.there.items() if n is None]
    lines = []
    if counted:
        lines.append(tr("The CRM has {what}; those of these deals come with them.",
                        what=", ".join(counted)))  # fmt: skip
    if rest:
        lines.append(tr("Not counted, for the CRM does not tell how many there are: {what}.",
                        what=", ".join(rest)))  # fmt: skip
    return lines


def result(found: Rehearsed, halted: bool) -> str:
    """What a first pull would do, in lines."""
    came = [words.counted(kind, found.new[kind]) for kind in READ if found.new[kind]]
    lines = [tr("Would be taken over: {what}.", what=", ".join(came) or tr("nothing new"))]
    here = [words.counted(kind, found.here[kind]) for kind in READ if found.here[kind]]
    if here:
        lines.append(tr("Here already: {what}.", what=", ".join(here)))
    stays = []
    if found.elsewhere:
        stays.append(
            ntr("{n} deal in a pipeline that is not synced",
                "{n} deals in pipelines that are not synced", found.elsewhere)
        )  # fmt: skip
    for name, n in found.unplaced.most_common(3):
        stays.append(
            ntr("{n} deal in the stage “{name}”, which has no partner",
                "{n} deals in the stage “{name}”, which has no partner", n, name=name)
        )  # fmt: skip
    if stays:
        lines.append(tr("Stays in the CRM: {what}.", what="; ".join(stays)))
    lines += _follows(found)
    if halted:
        read = formats.whole(sum(found.read.values()))
        lines.append(tr("Stopped after {n} records; the rest was not looked at.", n=read))
    return "\n".join(lines)
