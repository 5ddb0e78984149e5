"""Sends the digest while the program runs, and whenever somebody asks for it.

Reading happens in the background, drawing on the GUI thread (it takes a frame or two), and what
waits for the net on a thread of its own, so that nothing here stops the window. Whether this
computer sends is a choice of the computer, not of the workspace.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from salesdesk.services import digest_sending
from salesdesk.services.digest import Target
from salesdesk.services.digest_days import Part
from salesdesk.services.digest_sending import FAILED, SENT, UNKNOWN, Outcome, Owed, Sender
from salesdesk.services.writer import SYNC, Closed, Store
from salesdesk.text import tr
from salesdesk.ui.background import Deliverer, apart, still_there
from salesdesk.ui.context import Context
from salesdesk.ui.digest import since_key

if TYPE_CHECKING:
    from salesdesk.ui.digest.drawing import Made

T = TypeVar("T")
_LOOK_MS = 30_000
#: A place, and what became of the digest there.
Results = list[tuple[Target, Outcome]]


class Draws(Protocol):
    """What makes a digest and its picture (``ui.digest.drawing``)."""

    def read(self, r: Any, part: Part, /) -> "Made":
        """The digest of a part: for the background."""

    def image(self, made: "Made", /) -> QImage:
        """Its picture: on the GUI thread."""

    def fitted(self, image: QImage, /) -> bytes:
        """The picture as it is sent: on any thread."""


class DigestDesk(QObject):
    """One a window. ``changed()``: something was sent, or this computer sends from now on."""

    changed = Signal()

    def __init__(self, context: Context, draws: Callable[[], Draws]) -> None:
        super().__init__(context)
        self._context, self._draws = context, draws
        self._deliverer = Deliverer(self)
        self._busy = 0
        self._looking = False
        #: What failed at the last look: said once, not every half a minute.
        self._failing = ""
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        context.bus.changed.connect(self._on_changed)

    @staticmethod
    def of(context: Context) -> "DigestDesk":
        """The one of this window, made when it is first asked for."""
        found = context.findChild(DigestDesk)
        return DigestDesk(context, _drawing) if found is None else found

    def start(self) -> None:
        """Look from now on, every half a minute, what is due."""
        self._timer.start()
        self.look()

    # -- this computer ------------------------------------------------------------------------

    @property
    def since(self) -> int:
        """The moment from which on this computer sends; 0 when it does not."""
        text = self._context.remember.text(self._key())
        return int(text) if text.isdecimal() else 0

    def set_sends_here(self, on: bool) -> None:
        """Let this computer send from now on, or not."""
        self._context.remember.set(self._key(), self._context.now() if on else 0)
        if on:
            self.start()
        else:
            self._timer.stop()
        self.changed.emit()

    def _key(self) -> str:
        from salesdesk.services.search import workspace_id

        return since_key(self._context.ask(workspace_id))

    # -- what is due --------------------------------------------------------------------------

    def look(self) -> None:
        """Send what is due, if this computer sends and nothing is under way."""
        since = self.since
        if not since or self._busy or self._looking:
            return
        self._looking = True
        self._context.read(
            _look, now=self._context.now(), since=since,
            done=self._on_looked, failed=self._on_look_failed, key="digest-due",
        )  # fmt: skip

    def _on_look_failed(self, error: Exception) -> bool:
        """The next look may do better."""
        self._looking = False
        return self._said_before(error)

    def _said_before(self, error: Exception) -> bool:
        """Whether this very failure was shown already; another one is shown."""
        before, self._failing = self._failing, f"{type(error).__name__}: {error}"
        return before == self._failing

    def _on_looked(self, found: tuple[list[Owed], bool]) -> None:
        owed, cut_off = found
        now = self._context.now()
        if cut_off:
            self._write(lambda store: digest_sending.settle_cut_off(store, now=now))
        for each in owed:
            if each.skips:
                for target in each.targets:
                    self._write(partial(_skip, part=each.part, target_id=target.id, now=now))
            else:
                self._make_and_send(each)
        if not owed:
            self._failing = ""
        self._looking = False

    def _make_and_send(self, owed: Owed) -> None:
        self._busy += 1  # no other look before it is known what becomes of this one

        def made(made: "Made", image: QImage) -> None:
            self._busy -= 1
            self.send(made, image, owed.targets)

        def failed(error: Exception) -> bool:
            self._busy -= 1
            return self._said_before(error)

        self.make(owed.part, made, failed)

    def _write(self, run: Callable[[Store], object]) -> None:
        """Have something written behind what people do."""
        writer = self._context.writer
        self.ask(lambda: writer.submit(run, SYNC).result(), lambda _done: None, self._on_unwritten)

    def _on_unwritten(self, error: Exception) -> None:
        if not self._said_before(error):
            self._context.fail(error)

    # -- making and sending -------------------------------------------------------------------

    def make(
        self,
        part: Part,
        done: "Callable[[Made, QImage], object]",
        failed: Callable[[Exception], object] | None = None,
        key: str | None = None,
    ) -> None:
        """Read a digest in the background, draw it here, then ``done(made, image)``. With a ``key``
        only the latest one asked for."""

        def drawn(made: "Made") -> None:
            if not still_there(done):
                return
            try:
                image = self._draws().image(made)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
                if failed is None or not failed(error):
                    self._context.fail(error)
                return
            done(made, image)

        def read(r: Any) -> "Made":
            return self._draws().read(r, part)

        self._context.read(read, done=drawn, failed=failed, key=key)

    def ask(
        self,
        run: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """``run()`` on a thread of its own (it waits for the net or the keyring), then
        ``done(answer)`` here; an error goes to ``failed``, else it is shown."""

        # The window may be closing; what was begun is put in order later.
        apart(self._deliverer, "digest", run, done, failed or self._context.fail, (Closed,))

    def send(
        self,
        made: "Made",
        image: QImage,
        targets: tuple[Target, ...],
        *,
        repeat: bool = False,
        by_hand: bool = False,
        done: Callable[[Results], object] | None = None,
    ) -> None:
        """Send a digest to places, on a thread of its own; a quiet note says what became of it."""
        writer, draws = self._context.writer, self._draws()
        sender = Sender(
            write=lambda run: writer.submit(run, SYNC).result(),
            clock=self._context.now,
            bot=lambda: digest_sending.bot_of(self._context.store),
            person=self._context.person_id if by_hand else None,
            origin="window" if by_hand else "rule",
        )

        def work() -> Results:
            png = draws.fitted(image)
            return [
                (target, digest_sending.send(sender, made.digest, png, target, repeat=repeat))
                for target in targets
            ]

        self._busy += 1
        self.changed.emit()
        self.ask(work, lambda results: self._on_sent(results, done), self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self._busy -= 1
        self.changed.emit()
        self._context.fail(error)

    def _on_sent(self, results: Results, done: Callable[[Results], object] | None) -> None:
        self._busy -= 1
        self.changed.emit()
        if done is not None and still_there(done):
            done(results)
        for text in told(results):
            self._context.say(text)

    def _on_changed(self, changes: Any) -> None:
        if {"digest_sent", "digest_target"} & changes.tables.keys():
            self.changed.emit()


def told(results: Results) -> list[str]:
    """What a quiet note says: first what went wrong, else where it went."""
    bad = [(target, outcome) for target, outcome in results if outcome.state in (FAILED, UNKNOWN)]
    if bad:
        target, outcome = bad[0]
        return [tr("Digest to {place}: {what}", place=target.name, what=outcome.words())]
    names = [target.name for target, outcome in results if outcome.state == SENT]
    return [tr("Digest sent: {places}", places=", ".join(names))] if names else []


def _drawing() -> Draws:
    """Who draws: found by name, as the settings find their sections, since the picture is the
    ranking's and panels never import panels."""
    found: Any = import_module("salesdesk.ui.digest.drawing")
    drawing: Draws = found
    return drawing


def _skip(store: Store, part: Part, target_id: int, now: int) -> None:
    digest_sending.skip(store, part, target_id, now=now)


def _look(r: Any, *, now: int, since: int) -> tuple[list[Owed], bool]:
    """What is due, and whether something was begun long ago and never finished."""
    cut_off = r.value(
        "SELECT 1 FROM digest_sent WHERE state = 'sending' AND at <= ? AND deleted_at IS NULL",
        (now - digest_sending.CUT_OFF,),
    )
    return digest_sending.owed(r, now=now, since=since), cut_off is not None
