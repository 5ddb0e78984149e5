"""Connecting in three steps, in the place of the page: where, what answers, what is what.

The secret stands in a password field until the CRM has answered, then only in the ``Access`` that
this object holds until it is connected or left; it goes to the keyring and nowhere else.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from salesdesk.errors import SalesDeskError
from salesdesk.services import secrets
from salesdesk.services.calls import is_local
from salesdesk.services.sync import catalog, connect, maps
from salesdesk.services.sync.bitrix24_rows import LEADS
from salesdesk.services.sync.catalog import Access
from salesdesk.services.sync.connect import Offer
from salesdesk.services.sync.pace import RealClock
from salesdesk.services.sync.remote import Remote, Stream
from salesdesk.services.sync.turn import turn
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.sync import words
from salesdesk.ui.sync.matching import MatchStep
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, label, line, set_role

if TYPE_CHECKING:
    from salesdesk.ui.sync.running import SyncDesk

_WIDTH = 760
_STEPS = (N_("1 Where"), N_("2 Who answers"), N_("3 What is what"))
_HINTS = {
    "bitrix24": N_("In Bitrix24: Developer resources, Other, Inbound webhook. Give it the rights "
                   "crm, task and user, and paste its address here."),
    "amocrm": N_("In amoCRM or Kommo: Settings, Integrations, make one of your own, and paste its "
                 "long-lived token and the address of the account here."),
}  # fmt: skip
#: What would be read first, with its counts where the CRM tells them.
_COUNTED: tuple[Stream, ...] = ("company", "contact", "deal")


@dataclass(frozen=True)
class Answered:
    """What a test found; ``far`` counts what is at the other end (None: it does not tell),
    ``kept`` is what is kept with the connection."""

    access: Access
    offer: Offer
    far: dict[str, int | None]
    kept: dict[str, Any]


class Wizard(QWidget):
    """``left(connected)``."""

    left = Signal(bool)

    def __init__(self, context: Context, desk: "SyncDesk", again: str = "") -> None:
        """``again``: the kind of the CRM that is connected and wants another key."""
        super().__init__()
        self._again = again
        self.context, self.desk = context, desk
        self._answered: Answered | None = None
        self._busy = False
        self.setObjectName("sync-wizard")
        self.steps = [label("", "muted") for _ in _STEPS]
        self.pages = QStackedWidget()
        self.pages.addWidget(self._make_where())
        self.pages.addWidget(self._make_check())
        self.match = MatchStep(context, desk)
        self.match.corrected.connect(self._judge)
        self.pages.addWidget(self.match)
        self.said = label("", "muted", wrap=True)
        self.said.setObjectName("sync-wizard-said")
        self.cancel = Button("", "sync-cancel", "plain", lambda: self.left.emit(False))
        self.back = Button("", "sync-back", "plain", lambda: self._step(self._at - 1))
        self.next = PrimaryButton("", "sync-next", self._on_next)
        self._build()
        if again:
            self.kind.set_value(again)
            found = context.ask(maps.connection)
            self.base.setText(found.base_url if found is not None else "")
        self.kind.setVisible(not again)
        self._step(0)
        self.retranslate()
        self._look_for_keyring()

    @property
    def _at(self) -> int:
        return self.pages.currentIndex()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.L)
        for step in self.steps:
            head.addWidget(step)
        head.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        inside = QWidget()
        inside.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addLayout(head)
        column.addWidget(self.pages, 1)
        column.addWidget(self.said)
        column.addWidget(line())
        column.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inside, 20)
        row.addStretch(1)

    # -- the three steps --------------------------------------------------------------------------

    def _make_where(self) -> QWidget:
        self.kind = ChipRow(
            [("bitrix24", maps.name_of("bitrix24")), ("amocrm", "amoCRM / Kommo")],
            "sync-kind",
            tr("CRM"),
        )
        self.kind.chosen.connect(lambda _key: self._show_kind())
        self.where_hint = label("", "muted", wrap=True)
        self.base = QLineEdit()
        self.base.setObjectName("sync-base")
        self.base.setPlaceholderText("https://example.amocrm.ru")
        self.secret = QLineEdit()
        self.secret.setObjectName("sync-secret")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.leads = Flag("sync-leads", "")
        self.http = Flag("sync-http", "")
        self.http.hide()
        self.kept = label("", "muted", wrap=True)
        for field in (self.base, self.secret):
            field.returnPressed.connect(self._on_next)
            field.textChanged.connect(lambda _text: self._on_typed())
        card = Card("", theme.L)
        self.base_label, self.secret_label = label("", "small"), label("", "small")
        card.body.addWidget(self.kind, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self.where_hint, self.base_label, self.base, self.secret_label,
                       self.secret, self.leads, self.http, self.kept):  # fmt: skip
            card.body.addWidget(widget)
        return _top(card)

    def _make_check(self) -> QWidget:
        self.account = label("", "title", wrap=True)
        self.account.setObjectName("sync-account")
        self.who = label("", "muted", wrap=True)
        self.rights = label("", "", wrap=True)
        self.rights.setObjectName("sync-rights")
        self.fields_hint = label("", "", wrap=True)
        self.fields = Flag("sync-fields", "")
        self.fields.chosen.connect(lambda _on: self._judge())
        card = Card("", theme.L)
        for widget in (self.account, self.who, self.rights, self.fields_hint, self.fields):
            card.body.addWidget(widget)
        return _top(card)

    # -- words ------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Connect a CRM"))
        for step, text in zip(self.steps, _STEPS, strict=True):
            step.setText(tr(text))
        self.cancel.set_text(tr("Cancel"))
        self.back.set_text(tr("Back"))
        self.kind.setAccessibleName(tr("CRM"))
        self.kind.set_texts({"bitrix24": maps.name_of("bitrix24")})
        self.base_label.setText(tr("Address of the account"))
        self.base.setAccessibleName(tr("Address of the account"))
        for flag, text in (
            (self.leads, tr("Read leads, too, as deals of a pipeline of their own")),
            (self.http, tr("Send the key without encryption (http), on purpose")),
        ):
            flag.setText(text)
            flag.setAccessibleName(text)
        self.fields.setAccessibleName(tr("Make the fields in the CRM"))
        self.match.retranslate()
        self._show_kind()
        self._show_step()
        if self._answered is not None:
            self._show_answer()

    def _show_kind(self) -> None:
        tested = self._tested is not None
        self.secret.setPlaceholderText(tr("The one that was tested") if tested else "")
        amo = self.kind.value() == "amocrm"
        self.leads.setVisible(not amo and not self._again)
        self.base.setVisible(amo)
        self.base_label.setVisible(amo)
        text = tr("Long-lived token") if amo else tr("Address of the inbound webhook")
        self.secret_label.setText(text)
        self.secret.setAccessibleName(text)
        self.where_hint.setText(tr(_HINTS[self.kind.value()]))
        self._judge()

    def _step(self, at: int) -> None:
        self.pages.setCurrentIndex(max(0, at))
        self._say("")
        self._show_step()
        if self.isVisible():
            self.take_focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes a step back, from the first one out."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._at > 0:
            self._step(self._at - 1)
        else:
            self.left.emit(False)

    def _show_step(self) -> None:
        for at, step in enumerate(self.steps):
            step.setVisible(not self._again)
            set_role(step, "strong" if at == self._at else "muted")
        self.back.setVisible(self._at > 0)
        name = maps.name_of(self.kind.value())
        first = tr("Connect again") if self._again else tr("Test")
        texts = (first, trp("wizard", "Next"), tr("Connect {name}", name=name))
        self.next.set_text(texts[self._at])
        self._judge()

    def _judge(self) -> None:
        """Whether one may go on."""
        if self._at == 0:
            amo = self.kind.value() == "amocrm"
            ready = bool(self.secret.text().strip()) or self._tested is not None
            ready = ready and (not amo or bool(self.base.text().strip()))
        elif self._at == 1:
            offer = self._answered.offer if self._answered else None
            ready = offer is not None and not offer.account.missing
            ready = ready and (not offer.fields or self.fields.isChecked()) if offer else False
        else:
            ready = self.match.is_ready
        self.next.setEnabled(ready and not self._busy)

    def take_focus(self) -> None:
        """The keyboard to the first thing of the step."""
        lacks = self.base.isVisible() and not self.base.text()
        first: QWidget = self.base if lacks else self.secret
        if self._at == 1:
            first = self.fields if self.fields.isVisible() else self.next
        elif self._at == 2 and self.match.pairs is not None:
            first = self.match.pairs
        first.setFocus()

    def _say(self, text: str, bad: bool = False) -> None:
        self.said.setText(text)
        set_role(self.said, "problem" if bad else "muted")
        self.said.setVisible(bool(text))

    def _set_busy(self, busy: bool, text: str = "") -> None:
        self._busy = busy
        self._say(text)
        self._judge()

    # -- 1: where ---------------------------------------------------------------------------------

    def _look_for_keyring(self) -> None:
        """Where the key will be kept; without a keyring there is nothing to type."""
        self.desk.ask(secrets.kept_by, self._on_keyring, self._on_no_keyring)

    def _on_keyring(self, name: str) -> None:
        self.kept.setText(tr("The key is kept in the keyring of this computer ({name}), nowhere "
                             "else.", name=name))  # fmt: skip

    def _on_no_keyring(self, error: Exception) -> None:
        for field in (self.base, self.secret):
            field.clear()
            field.setEnabled(False)
        self.kept.setText(words.error_text(error))
        set_role(self.kept, "problem")
        self._judge()

    def _on_typed(self) -> None:
        """To send the key in plain text is offered for the address that asks for it alone."""
        if not self.http.isHidden() and not self._is_http():
            self.http.setChecked(False)
            self.http.hide()
        self._judge()

    def _is_http(self) -> bool:
        typed = self.base.text() if self.kind.value() == "amocrm" else self.secret.text()
        if not typed.strip() and self._tested is not None:
            typed = self._tested.base
        return typed.strip().casefold().startswith("http:") and not is_local(typed.strip())

    def _on_next(self) -> None:
        if not self.next.isEnabled():
            return
        if self._at == 0:
            self._test()
        elif self._at == 1:
            self._step(2)
        else:
            self._connect()

    @property
    def _tested(self) -> Access | None:
        """The access that was tested, while the CRM that is chosen is the one it opens."""
        found = self._answered
        return found.access if found and found.access.kind == self.kind.value() else None

    def _test(self) -> None:
        try:
            access = self._access()
        except SalesDeskError as error:
            self._say(error.text(), bad=True)
            self.http.setVisible(self._is_http())
            return
        kept, known = self._options(), self._answered
        same = known is not None and (known.access, known.kept) == (access, kept)
        if known and same and not known.offer.account.missing:
            self._step(1)  # it was tested already
            return
        self._set_busy(True, tr("Asking {name}…", name=maps.name_of(access.kind)))
        store, makes = self.context.store, self.desk.makes
        clock = RealClock(self.context.now)
        if self._again:
            self._renew(access, clock)
            return

        def run() -> Answered:
            remote = makes.remote(access, clock, store.zone, kept)
            try:
                with store.read() as r:
                    offer = connect.look(r, remote)
                there = catalog.moved(access, remote)
                return Answered(there, offer, _far_counts(remote), kept)
            finally:
                remote.close()

        self.desk.ask(run, self._on_answer, self._on_failed)

    def _renew(self, access: Access, clock: RealClock) -> None:
        """Another key for the account that is connected: there is nothing to map again."""
        store, makes = self.context.store, self.desk.makes
        given: dict[str, Any] = {"person": self.context.person_id, "now": self.context.now()}

        def run() -> str:
            with store.read() as r:
                found = maps.connection(r)
            options = found.options if found is not None else {}
            remote = makes.remote(access, clock, store.zone, options)
            try:
                with turn(store):
                    connect.renew(store, access, remote, **given)
            finally:
                remote.close()
            return found.account if found is not None else ""

        self.desk.ask(run, self._on_renewed, self._on_failed)

    def _on_renewed(self, name: str) -> None:
        self.secret.clear()
        self.context.say(tr("Connected to {name}", name=name))
        self.left.emit(True)

    def _access(self) -> Access:
        """What was typed, or else the key that was tested; raises SalesDeskError."""
        plain, typed, tested = self.http.isChecked(), self.secret.text().strip(), self._tested
        if self.kind.value() == "amocrm":
            secret = tested.secret if tested and not typed else typed
            return catalog.token(self.base.text(), secret, plain_http=plain)
        return tested if tested and not typed else catalog.webhook(typed, plain_http=plain)

    def _options(self) -> dict[str, Any]:
        """What is kept with the connection."""
        leads = self.kind.value() == "bitrix24" and self.leads.isChecked()
        chosen = {"leads_pipeline": leads, "plain_http": self.http.isChecked()}
        return {name: True for name, on in chosen.items() if on}

    def _on_failed(self, error: Exception) -> None:
        self._set_busy(False)
        self._say(words.connecting_text(error, self.kind.value()), bad=True)

    # -- 2: who answers ---------------------------------------------------------------------------

    def _on_answer(self, found: Answered) -> None:
        self._answered = found
        self.secret.clear()
        self._show_kind()
        makes, zone = self.desk.makes, self.context.store.zone
        self.match.show_offer(
            found.offer, found.far,
            lambda clock: makes.remote(found.access, clock, zone, found.kept),
            [LEADS] if found.kept.get("leads_pipeline") else [],
        )  # fmt: skip
        for before, after in pairwise([*self.match.stops(), self.cancel, self.back, self.next]):
            QWidget.setTabOrder(before, after)
        self._set_busy(False)
        self._step(1)
        self._show_answer()

    def _show_answer(self) -> None:
        assert self._answered is not None
        offer = self._answered.offer
        account = offer.account
        self.account.setText(tr("{name} answers", name=account.name))
        self.who.setText(tr("The key is that of {name}.", name=account.user))
        missing = ", ".join(account.missing)
        self.rights.setText(
            tr("Rights are missing: {missing}. Grant them in the CRM, go back and test again.",
               missing=missing) if missing else tr("It has the rights that the sync needs.")
        )  # fmt: skip
        set_role(self.rights, "problem" if missing else "")
        n = len(offer.fields)
        self.fields_hint.setText(
            ntr("In the CRM deals need one more field: {names}. It lets SalesDesk find its deals "
                "again and carries who moved them and when.",
                "In the CRM deals need {n} more fields: {names}. They let SalesDesk find its deals "
                "again and carry who moved them and when.", n, names=", ".join(offer.fields))
        )  # fmt: skip
        self.fields.setText(ntr("Make this field", "Make these fields", n))
        self.fields_hint.setVisible(n > 0)
        self.fields.setVisible(n > 0)
        self._judge()

    def _connect(self) -> None:
        assert self._answered is not None
        access, offer, kept = self._answered.access, self._answered.offer, self._answered.kept
        pairs, makes = list(self.match.chosen), self.desk.makes
        made, since = self.match.made, self.match.since.value
        if since is not None:
            kept = {**kept, "counts_from": date.fromordinal(since).isoformat()}
        self.match.trial.halt()
        context, store = self.context, self.context.store
        given: dict[str, Any] = {
            "make_fields": self.fields.isChecked(), "sends": self.match.sends_all,
            "person": context.person_id, "now": context.now(), "options": kept,
        }  # fmt: skip
        clock = RealClock(context.now)
        self._set_busy(True, tr("Connecting…"))

        def run() -> int:
            remote = makes.remote(access, clock, store.zone, kept)
            try:
                with turn(store):
                    return connect.connect(store, access, remote, offer, pairs, made=made, **given)
            finally:
                remote.close()

        self.desk.ask(run, self._on_connected, self._on_failed)

    def _on_connected(self, _key: int) -> None:
        assert self._answered is not None
        name = self._answered.offer.account.name
        self._answered = None  # and with it the secret
        self.context.say(tr("Connected to {name}", name=name))
        self.left.emit(True)


def _far_counts(remote: Remote) -> dict[str, int | None]:
    """How much the other end has, as far as it tells."""
    return {name: remote.page(name, "").total for name in _COUNTED}


def _top(card: QWidget) -> QWidget:
    """A card at the top of a step."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(card)
    column.addStretch(1)
    return made
