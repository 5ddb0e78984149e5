"""The bot that sends the digest: its token (in this computer's keyring) and its server."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QLineEdit

from salesdesk.services import digest, digest_sending, secrets, settings, telegram
from salesdesk.services.secrets import NoKeyring
from salesdesk.services.telegram import Telegram, TelegramError
from salesdesk.services.writer import Store
from salesdesk.text import tr
from salesdesk.ui.digest.desk import DigestDesk
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.settings.digest_places import problem_text
from salesdesk.ui.settings.section import Section, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.kinds import TextKind
from salesdesk.ui.widgets.labels import Card, label, set_role

LABEL = 150
_TOKEN, _SERVER = 320, 320
#: What Telegram says of a token that is none.
_NO_TOKEN = ("token", "address")


@dataclass(frozen=True)
class _Keyring:
    """What this computer's keyring says: its name, or why it is not used; whether a token is
    there."""

    name: str = ""
    problem: str = ""
    has_token: bool = False


class BotCard(Card):
    """A token is typed, kept and tried out; it is never shown again."""

    def __init__(self, section: Section) -> None:
        super().__init__(tr("Bot of Telegram"))
        self.section, self.context = section, section.context
        self.desk = DigestDesk.of(section.context)
        self._asked = False
        self.token = QLineEdit()
        self.token.setObjectName("digest-token")
        self.token.setAccessibleName(tr("Token of the bot"))
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setProperty("look", "inline")
        self.token.setFixedWidth(_TOKEN)
        self.token.returnPressed.connect(self._on_keep)
        self.keep = Button(tr("Keep"), "digest-token-keep", "chip", self._on_keep)
        self.keep.setEnabled(False)
        self.token.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))
        self.try_button = Button(tr("Test the bot"), "digest-token-test", "chip", self._on_try)
        self.forget = Button(tr("Forget the token"), "digest-token-forget", "link", self._on_forget)
        self.server = Entry(TextKind(True, 200), "digest-server", tr("Server"), _SERVER, "inline")
        self.server.committed.connect(self._on_server)
        self.server.problem.connect(self._on_server_problem)
        self.said = label("", "muted", wrap=True)
        self.said.setObjectName("digest-bot-said")
        self.server_said = label("", "problem", wrap=True)
        self.server_said.hide()
        for title, *widgets in (
            (tr("Token"), self.token, self.keep, self.try_button, self.forget),
            (tr("Server"), self.server, label(tr("a proxy or a server of your own, if any"),
                                              "muted")),
        ):  # fmt: skip
            name = label(title, "muted")
            name.setFixedWidth(LABEL)
            self.body.addWidget(inline(name, *widgets, 1))
        self.body.addWidget(self.server_said)
        self.body.addWidget(self.said)

    def fill(self, server: str) -> None:
        """Show the server; the keyring is asked once, aside."""
        self.server.set_value(server)
        if not self._asked:
            self._asked = True
            self._look()

    # -- the keyring --------------------------------------------------------------------------

    def _look(self, problem: str = "") -> None:
        """Ask the keyring; ``problem`` is told in place of what it says."""
        store = self.context.store

        def ask() -> _Keyring:
            try:
                with store.read() as r:
                    token = secrets.get(r, secrets.TELEGRAM)
                return _Keyring(secrets.kept_by(), has_token=token is not None)
            except NoKeyring as error:
                return _Keyring(problem=error.text())

        self.desk.ask(ask, lambda found: self._on_looked(found, problem))

    def _on_looked(self, found: _Keyring, problem: str) -> None:
        usable = not found.problem
        self.token.setEnabled(usable)
        self.token.setPlaceholderText(
            tr("kept in the keyring") if found.has_token else tr("123456:ABC-DEF")
        )
        self.try_button.setVisible(usable and found.has_token)
        self.forget.setVisible(usable and found.has_token)
        if found.problem or problem:
            self._say(found.problem or problem, bad=bool(problem))
        elif found.has_token:
            self._say(tr("The token is in the keyring of this computer ({name}), nowhere else.",
                         name=found.name))  # fmt: skip
        else:
            self._say(tr("Write to @BotFather in Telegram, make a bot with /newbot, and paste its "
                         "token here. It is kept in the keyring of this computer ({name}).",
                         name=found.name))  # fmt: skip

    def _on_keep(self) -> None:
        token, store = self.token.text(), self.context.store
        if not token.strip():
            return
        self.token.clear()

        self._say(tr("Asking Telegram…"))
        self.desk.ask(lambda: _kept(store, token), self._on_kept, self._on_kept_perhaps)

    def _on_kept(self, name: str) -> None:
        self.context.say(tr("The token is kept: the bot is {name}", name=name))
        self._look()

    def _on_kept_perhaps(self, error: Exception) -> None:
        """A token that Telegram refused is not kept, one that it could not be asked about is."""
        self._look(problem_text(error, self.section))

    def _on_try(self) -> None:
        store = self.context.store
        self._say(tr("Asking Telegram…"))
        self.desk.ask(
            lambda: digest_sending.bot_of(store).name(),
            lambda name: self._say(tr("Telegram answers: the bot is {name}.", name=name)),
            self._on_not,
        )

    def _on_not(self, error: Exception) -> None:
        self._say(problem_text(error, self.section), bad=True)

    def _on_forget(self) -> None:
        store = self.context.store

        def forget() -> None:
            with store.read() as r:
                secrets.delete(r, secrets.TELEGRAM)

        self.desk.ask(forget, lambda _nothing: self._look(), self._on_not)

    def _say(self, text: str, bad: bool = False) -> None:
        self.said.setText(text)
        set_role(self.said, "problem" if bad else "muted")

    # -- the server ---------------------------------------------------------------------------

    def _on_server(self, value: Any) -> None:
        self.section.do(settings.change, {settings.DIGEST_SERVER.name: value or ""},
                        say=tr("Server changed"), cell=self.server)  # fmt: skip

    def _on_server_problem(self, text: str) -> None:
        self.server_said.setText(text)
        self.server_said.setVisible(bool(text))


def _kept(store: Store, token: str) -> str:
    """Ask Telegram about a token and keep it, unless it is none; the bot's name. Raises
    SalesDeskError."""
    checked = telegram.checked_token(token)
    with store.read() as r:
        server = digest.choices(r).server
    name, trouble = "", None
    try:
        name = Telegram(server, checked).name()
    except TelegramError as error:
        if error.code in _NO_TOKEN:
            raise
        trouble = error
    with store.read() as r:
        secrets.keep(r, secrets.TELEGRAM, checked)
    if trouble is not None:
        raise trouble
    return name
