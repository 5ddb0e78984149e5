"""The page of the sync: how it stands, what needs somebody; connecting when there is none."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page
from salesdesk.ui.reading import Reading
from salesdesk.ui.sync.overview import OverviewPanel
from salesdesk.ui.widgets.buttons import Button, IconButton, PrimaryButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, Popover, menu, show_under

if TYPE_CHECKING:
    from salesdesk.services.sync.desk import Overview
    from salesdesk.ui.sync.remapping import Remapping
    from salesdesk.ui.sync.running import SyncDesk
    from salesdesk.ui.sync.wizard import Wizard

_CALM_MS = 250


class SyncPage(Page):
    """Nothing connected, connecting, or how it stands."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._found: Overview | None = None
        #: Whether a round went on when that was read: it tells nothing of a round that has ended.
        self._was_running = False
        self.wizard: Wizard | Remapping | None = None
        self.title = label("", "heading")
        self.now_button = PrimaryButton("", "sync-now", self._on_now)
        self.pause_button = Button("", "sync-pause", "chip", self._on_pause)
        self.more_button = IconButton("more", "", "sync-more", self._on_more)
        self.nothing = EmptyState("sync-nothing", "", "", self.connect_crm, "sync")
        self.panel = OverviewPanel(context.store.zone)
        self.panel.acted.connect(self._on_acted)
        self.area = QScrollArea()
        self.area.setObjectName("sync-scroll")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.panel)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(self.area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self.reading: Reading[_Asked, Overview | None] = Reading(
            self, context, self._asked, _read, self._show, calm=_CALM_MS, minutes=True
        )
        context.sync_told.connect(self._on_told)
        context.rights_changed.connect(self._on_told)
        self.retranslate()
        self._offer()

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title]

    def header_actions(self) -> list[QWidget]:
        return [self.pause_button, self.now_button, self.more_button]

    def shows_undo(self) -> bool:
        return False

    def activated(self) -> None:
        self.reading.seen()

    def show_item(self, item: object) -> None:
        if item == "connect":
            self.connect_crm()

    def retranslate(self) -> None:
        self.title.setText(tr("Sync"))
        self.now_button.set_text(tr("Sync now"))
        self.more_button.set_text(tr("More"))
        self.area.setAccessibleName(tr("Sync"))
        self.panel.retranslate()
        if self.wizard is not None:
            self.wizard.retranslate()
        self._offer()

    # -- what is shown ------------------------------------------------------------------------

    @property
    def desk(self) -> "SyncDesk":
        """What runs beside this window."""
        from salesdesk.ui.sync.running import SyncDesk

        return SyncDesk.of(self.context)

    def _asked(self) -> "_Asked":
        """An answer that was begun while a round went on is dropped when that has ended: the round
        would be told as cut off."""
        return self.context.person_id, self.desk.worker.state.running

    def _show(self, found: "Overview | None") -> None:
        self._found, self._was_running = found, self.desk.worker.state.running
        if found is not None:
            self._show_panel(found)
        self._offer()

    def _show_panel(self, found: "Overview") -> None:
        state, may = self.desk.worker.state, self.context.may("admin")
        self.panel.show_overview(found, state, self.context.now(), may)

    def _on_told(self) -> None:
        ended = self._was_running and not self.desk.worker.state.running
        if self._found is not None and self.isVisible() and not ended:
            self._show_panel(self._found)
        self._offer()
        self.reading.stale()

    def _offer(self) -> None:
        """Which of the three is shown, and what can be done."""
        found = self._found
        may = self.context.may("admin")
        wizard = self.wizard
        if wizard is not None:
            self.stack.setCurrentWidget(wizard)
        else:
            self.stack.setCurrentWidget(self.nothing if found is None else self.area)
        text = tr("SalesDesk works alone. Connect Bitrix24 or amoCRM, and it keeps them in step "
                  "by itself, also after days without a net.")  # fmt: skip
        if may:
            self.nothing.set_texts(text, tr("Connect a CRM"))
        else:
            self.nothing.set_texts(f"{text} {tr('An administrator connects them.')}")
        shown = found is not None and wizard is None
        for button in (self.now_button, self.pause_button, self.more_button):
            button.setVisible(shown)
        paused = found is not None and found.brief.paused
        self.pause_button.set_text(tr("Resume") if paused else tr("Pause"))
        running = shown and self.desk.worker.state.running
        self.now_button.setEnabled(shown and not running and not paused)

    # -- what is done -------------------------------------------------------------------------

    def _on_now(self) -> None:
        self.desk.now()

    def _on_pause(self) -> None:
        from salesdesk.services.sync import deciding

        on = self._found is not None and not self._found.brief.paused
        if on:
            self.desk.halt()

        def done(_nothing: object) -> None:
            self.reading.refresh()
            self.context.sync_told.emit()
            if not on:
                self.desk.now()

        self.context.write(deciding.set_paused, on, done=done, undoable=False)

    def _on_more(self) -> None:
        entries: list[Any] = [
            ("sync-choices", tr("Choices of the sync"), lambda: self.context.go("settings", "sync"))
        ]
        if self.context.may("admin"):
            entries.append(("sync-remap", tr("Change the mapping…"), self.change_mapping))
            entries += [None, ("sync-disconnect", tr("Disconnect…"), self._ask_disconnect)]
        show_under(menu(entries, "sync-menu", self), self.more_button, right=True)

    def _on_acted(self, verb: str, item: Any) -> None:
        from salesdesk.services.sync import deciding

        if verb == "open":
            open_record(self.context, item.record)
        elif verb in ("ours", "theirs"):
            said = tr("Decided: your value holds") if verb == "ours" else tr(
                "Decided: the value of the CRM holds"
            )  # fmt: skip
            self._write(deciding.decide, [item.id], verb, said=said)
        elif verb == "retry":
            self._write(deciding.retry, [item.id], said=tr("It goes with the next round"))
        elif verb == "retry-all":
            n = len(item)
            said = ntr("{n} goes with the next round", "{n} go with the next round", n)
            self._write(deciding.retry, [one.id for one in item], said=said)
        elif verb == "anew":
            said = tr("It is made in the CRM anew with the next round")
            self._write(deciding.send_anew, [item.id], said=said)
        elif verb == "discard":
            self._write(deciding.discard, [item.id], said=tr("It stays here and is not sent"))
        elif verb == "resume":
            self._write(deciding.resume, said="")
        elif verb in (
            plain := {
                "compare": self.desk.compare,
                "halt": self.desk.halt,
                "connect": self.connect_crm,
                "remap": self.change_mapping,
            }
        ):
            plain[verb]()
        elif verb == "show-waiting":
            self._choose(item)

    def _choose(self, records: Any) -> None:
        """What waits, to open one of it."""
        if not records:
            return
        from salesdesk.ui.sync import words

        options = [Option(one, words.record(one)) for one in records]
        picker = Picker(options, "sync-records", tr("What waits"), parent=self)
        picker.picked.connect(lambda record: open_record(self.context, record))
        show_under(picker, self.panel.waiting.heading)

    def _write(self, verb: Any, *args: Any, said: str) -> None:
        """Have something decided; the round that carries it out begins at once."""

        def done(_result: object) -> None:
            self.reading.refresh()
            self.context.sync_told.emit()
            self.desk.now()
            if said:
                self.context.say(said)

        self.context.write(verb, *args, done=done, undoable=False)

    # -- connecting and disconnecting ---------------------------------------------------------

    def connect_crm(self) -> None:
        """The three steps of connecting, in the place of the page."""
        if self.wizard is not None or not self.context.may("admin"):
            return
        from salesdesk.ui.sync.wizard import Wizard

        again = self._found.brief.kind if self._found is not None else ""
        self._show_wizard(Wizard(self.context, self.desk, again))

    def change_mapping(self) -> None:
        """What is what of the CRM that is connected, in the place of the page."""
        if self.wizard is not None or self._found is None or not self.context.may("admin"):
            return
        from salesdesk.ui.sync.remapping import Remapping

        self._show_wizard(Remapping(self.context, self.desk, self._found.brief.kind))

    def _show_wizard(self, wizard: "Wizard | Remapping") -> None:
        self.wizard = wizard
        wizard.left.connect(self._leave_wizard)
        self.stack.addWidget(wizard)
        self._offer()
        wizard.take_focus()

    def _leave_wizard(self, connected: bool) -> None:
        wizard, self.wizard = self.wizard, None
        has_page = connected or self._found is not None
        (self.area if has_page else self.nothing.button).setFocus()
        if wizard is not None:
            wizard.match.trial.halt()
            self.stack.removeWidget(wizard)
            wizard.deleteLater()
        self.reading.refresh()
        self._offer()
        if connected:
            self.desk.start()
            self.desk.now()
            self.context.sync_told.emit()

    def _ask_disconnect(self) -> None:
        form = Leave(self._disconnect, self)
        show_under(form, self.more_button, right=True)

    def _disconnect(self) -> None:
        from salesdesk.services.sync import connect
        from salesdesk.services.sync.turn import turn

        desk, store = self.desk, self.context.store
        person, now = self.context.person_id, self.context.now()
        desk.halt()

        def run() -> None:
            desk.worker.wait()
            with turn(store):
                connect.disconnect(store, person=person, now=now)

        def done(_nothing: object) -> None:
            self.reading.refresh()
            self.context.sync_told.emit()
            self.context.say(tr("Disconnected. Nothing was deleted, here or there."))

        desk.ask(run, done)


class Leave(Popover):
    """What disconnecting means, and the button that does it."""

    def __init__(self, run: Any, parent: QWidget) -> None:
        super().__init__("sync-leave", tr("Disconnect"), parent)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        text = label(
            tr("The key is forgotten and nothing is sent or read any more. All records stay on "
               "both sides, and connecting to the same account again finds them."), wrap=True,
        )  # fmt: skip
        text.setFixedWidth(300)
        self._run = run
        self.button = Button(tr("Disconnect"), "sync-leave-do", "plain", self._on_do)
        self.body.addWidget(text)
        self.body.addWidget(self.button)

    def _on_do(self) -> None:
        self.close()
        self._run()


def open_record(context: Context, record: Any) -> None:
    """Open a record where it is edited: a note at its deal, a task at its deal or in the list."""
    if record.entity in ("company", "contact"):
        context.go("clients", record.id)
    elif record.deal_id is not None:
        context.go("board", record.deal_id)
    else:
        context.go("tasks", record.id)


#: Who asks, and whether a round goes on.
_Asked = tuple[int | None, bool]


def _read(r: Any, asked: _Asked, *, now: int) -> "Overview | None":
    from salesdesk.services.sync import desk

    return desk.overview(r, asked[0], now=now)
