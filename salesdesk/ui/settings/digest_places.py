"""Where the digest goes: chats of Telegram, looked up or typed, and folders."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog

from salesdesk.services import digest, digest_sending, digest_trial
from salesdesk.services.digest import FOLDER, TELEGRAM, Target
from salesdesk.services.digest_sending import FAILED, UNKNOWN, Record
from salesdesk.services.telegram import Chat
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.digest.desk import DigestDesk
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Entry, trash
from salesdesk.ui.settings.digest_preview import state_text
from salesdesk.ui.settings.section import END, Row, Rows, Section, heads, inline, words
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.kinds import Kind, TextKind
from salesdesk.ui.widgets.labels import Card, label

_NAME, _WHERE, _USED, _TEST = 180, 220, 64, 92


class AddressKind(Kind):
    """A chat or a path, as the services judge it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def read(self, text: str) -> str | None:
        if not text.strip():
            return None
        from salesdesk.errors import Invalid

        try:
            return digest.checked_address(self.kind, text)
        except Invalid as error:
            raise ValueError(error.text()) from None


class PlacesCard(Card):
    """A line a place, and ways to add one."""

    def __init__(self, section: Section) -> None:
        super().__init__("", 0)
        self.body.setContentsMargins(1, 1, 1, 1)
        self.body.setSpacing(0)
        self.section = section
        self.head = heads([(trp("thing", "Name"), _NAME), (tr("Chat or folder"), _WHERE),
                           (tr("Last"), 0), (tr("In use"), _USED), ("", _TEST),
                           ("", END)])  # fmt: skip
        self.body.addWidget(self.head)
        self.rows = Rows(lambda item: _PlaceRow(self, item[0]))
        self.body.addWidget(self.rows)
        self.number = Entry(AddressKind(TELEGRAM), "digest-chat-number", tr("Number of the chat"),
                            _WHERE, "inline")  # fmt: skip
        self.number.setPlaceholderText(tr("Number, or @channel"))
        self.add = AddLine("digest-chat", tr("Name of a chat"), tr("Add chat"), self.number,
                           width=_NAME)  # fmt: skip
        self.add.wanted.connect(self._on_add)
        self.body.addWidget(self.add)
        self.look_up = Button(tr("Find chats…"), "digest-find", "chip", self._on_look_up)
        self.folder = Button(tr("Add folder…"), "digest-folder", "chip", self._on_folder)
        edge = (theme.M, 0, theme.M, theme.S)
        self.ways = inline(self.look_up, self.folder, 1, margins=edge)
        self.body.addWidget(self.ways)
        self.said = label("", "muted", wrap=True)
        self.said.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        self.said.hide()
        self.body.addWidget(self.said)
        self._chats: list[Button] = []
        self._is_empty = False
        self.flow = FlowLayout()
        self.flow.setContentsMargins(theme.M, 0, theme.M, theme.S)
        self.body.addLayout(self.flow)

    def fill(self, targets: tuple[Target, ...], last: dict[int, Record]) -> None:
        """Show the places, each with what was sent there last."""
        self.head.setVisible(bool(targets))
        self.rows.set_items([(each.id, (each, last.get(each.id))) for each in targets])
        if targets and self._is_empty:
            self._say("")
        self._is_empty = not targets
        if not targets:
            how = tr("For Telegram keep the token of a bot below, write to the bot, and find the "
                     "chat here. A folder may be that of a screen on the wall.")  # fmt: skip
            self._say(how)

    def set_allowed(self, may: bool) -> None:
        """Offer to add places, or only show them."""
        self.ways.setVisible(may)

    # -- adding -------------------------------------------------------------------------------

    def _on_add(self, name: str) -> None:
        if not self.number.commit() or not self.number.value():
            self.add.show_problem(tr("Give the number of the chat, or find it below."))
            return

        def added(_saved: Any) -> None:
            self.number.set_value(None)
            self.add.done()

        self._add(TELEGRAM, name, self.number.value(), None, added)

    def _add(
        self, kind: str, name: str, address: str, thread: int | None, done: Any = None
    ) -> None:
        said = tr("The digest goes to {place}", place=name)
        self.section.do(digest.add_target, kind, name, address, thread=thread, say=said,
                        cell=self.add, done=done)  # fmt: skip

    def _on_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder for the digest"))
        if chosen:
            self._add(FOLDER, Path(chosen).name or chosen, chosen, None)

    def _on_look_up(self) -> None:
        self.look_up.setEnabled(False)
        self._say(tr("Asking Telegram…"))
        store = self.section.context.store
        DigestDesk.of(self.section.context).ask(
            lambda: digest_sending.bot_of(store).chats(), self._on_chats, self._on_no_chats
        )

    def _on_chats(self, chats: list[Chat]) -> None:
        self.look_up.setEnabled(True)
        for button in self._chats:
            self.flow.removeWidget(button)
            button.deleteLater()
        self._chats = []
        if not chats:
            self._say(tr("Nobody has written to the bot in the last day: press Start in a chat "
                         "with it, or write a line in the group, and look again."))  # fmt: skip
            return
        self._say(tr("Chats that wrote to the bot today; press one to add it:"))
        for chat in chats:
            add = partial(self._add, TELEGRAM, chat.name, chat.id, chat.thread)
            text = f"{chat.name} · {chat_text(chat.id, chat.thread)}"
            button = Button(text, f"digest-chat-{chat.id}", "chip", add)
            self._chats.append(button)
            self.flow.addWidget(button)

    def _on_no_chats(self, error: Exception) -> None:
        self.look_up.setEnabled(True)
        self._say(problem_text(error, self.section))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.setVisible(bool(text))


class _PlaceRow(Row):
    def __init__(self, card: PlacesCard, target: Target) -> None:
        super().__init__(f"digest-target-{target.id}")
        self.card, self.section, self.key = card, card.section, target.id
        name = f"digest-target-{target.id}"
        self.name = Entry(TextKind(True, 120), f"{name}-name", trp("thing", "Name"), _NAME)
        self.name.committed.connect(lambda value: self._change({"name": value}, self.name))
        self.where = Entry(AddressKind(target.kind), f"{name}-address", tr("Chat or folder"),
                           _WHERE)  # fmt: skip
        self.where.committed.connect(lambda value: self._change({"address": value}, self.where))
        self.last = words(0, "muted")
        self.used = Flag(f"{name}-used", tr("In use"), width=_USED)
        self.used.chosen.connect(lambda on: self._change({"active": on}, None))
        self.test = Button(tr("Test"), f"{name}-test", "link", self._on_test)
        self.test.setFixedWidth(_TEST)
        for cell in (self.name, self.where):
            self.add(cell)
        self.add(self.last, 1)
        self.add(self.used)
        self.add(self.test)
        self.add(trash(f"{name}-remove", tr("Send nothing there any more"), self._remove))

    def fill(self, item: Any) -> None:
        self.target, record = item
        self.name.set_value(self.target.name)
        self.where.set_value(self.target.address)
        if self.target.thread is not None:
            self.where.setToolTip(tr("topic {n}", n=self.target.thread))
        self.used.set_value(self.target.active)
        self.last.set_text(_last(record) if record else tr("Nothing yet"))
        bad = record is not None and record.outcome.state in (FAILED, UNKNOWN)
        self.show_problem(record.outcome.words() if record is not None and bad else "", self.where)

    def _change(self, fields: dict[str, Any], cell: Entry | None) -> None:
        said = tr("Changed: {place}", place=fields.get("name", self.target.name))
        self.section.do(digest.change_target, self.key, fields, say=said, cell=cell)

    def _remove(self) -> None:
        said = tr("The digest goes to {place} no more", place=self.target.name)
        self.section.do(digest.remove_target, self.key, say=said, cell=self)

    def _on_test(self) -> None:
        self.test.setEnabled(False)
        context, target, now = self.section.context, self.target, self.section.context.now()
        DigestDesk.of(context).ask(
            lambda: digest_trial.try_out(context.store, target, now=now),
            self._on_tested, self._on_not,
        )  # fmt: skip

    def _on_tested(self, told: str) -> None:
        self.test.setEnabled(True)
        self.show_problem("")
        self.section.context.say(told)

    def _on_not(self, error: Exception) -> None:
        self.test.setEnabled(True)
        self.show_problem(problem_text(error, self.section))


def _last(record: Record) -> str:
    return f"{state_text(record.outcome)}, {formats.day_short(record.day)}"


def chat_text(address: str, thread: int | None) -> str:
    """A chat's number, and its topic."""
    return address if thread is None else f"{address}, {tr('topic {n}', n=thread)}"


def problem_text(error: Exception, section: Section) -> str:
    """The sentence of an error that is said in place; another one is shown as everywhere."""
    from salesdesk.errors import SalesDeskError

    if isinstance(error, SalesDeskError):
        return error.text()
    section.context.fail(error)
    return ""
