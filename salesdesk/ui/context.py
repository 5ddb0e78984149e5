"""What every page is handed: store, writer, bus, person, clock, language, and a way to speak.

``ask`` reads at once on the GUI thread, ``read`` in the background, ``write`` runs a verb on the
writer thread; answers always come back on the GUI thread. The commands of this session that Ctrl+Z
takes back are kept here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from salesdesk import text
from salesdesk.errors import Refused, SalesDeskError
from salesdesk.services.writer import PERSON, SYNC, Job, Stopped, Writer
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.background import Background, Deliverer, still_there
from salesdesk.ui.bus import Bus
from salesdesk.ui.collecting import Collector
from salesdesk.ui.remember import Remember

if TYPE_CHECKING:
    from PySide6.QtCore import QLocale, QTranslator
    from PySide6.QtWidgets import QWidget

    from salesdesk.services.rights import Ranks
    from salesdesk.services.writer import Store

T = TypeVar("T")
_UNDO_DEPTH = 200
_CLOSE_SECONDS = 30
#: What rights follow from.
_RIGHTS_TABLES = {"person", "team", "absence", "setting"}


@dataclass(frozen=True, slots=True)
class Note:
    """A toast: what was done, and maybe the one thing to do about it."""

    text: str
    action: str = ""
    run: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is shown; ``details`` are for "Copy details" only. ``error`` says it once more
    when the language changes."""

    title: str
    message: str
    details: str
    error: SalesDeskError | None = None

    def words(self) -> tuple[str, str]:
        """Title and message in the language of now."""
        return words_of(self.error)


def problem_of(error: BaseException) -> Problem:
    """What a person is told about an error."""
    import traceback

    details = "".join(traceback.format_exception(error))
    known = error if isinstance(error, SalesDeskError) else None
    if known is not None:
        known.__traceback__ = None  # it would keep alive whatever was at work
    return Problem(*words_of(known), details, known)


def words_of(error: SalesDeskError | None) -> tuple[str, str]:
    """Title and message of an error in the chosen language; of a defect without one."""
    if error is not None:
        return error.heading(), error.text()
    message = tr("This could not be finished. Everything saved before it is kept.")
    return tr("Something went wrong"), message


class Context(QObject):
    """Everything a page may use; made once by the application.

    Signals: ``language_changed()``, ``person_changed()``, ``rights_changed()`` (another person, or
    what the person may has changed: ask ``may`` and ``seen`` anew), ``undo_changed()``,
    ``said(Note)``,
    ``problem(Problem)``, ``page_asked(key, item)``, ``who_asked(person id or None)`` (choose
    who works here), ``address_asked(text)``, ``closing()`` (what runs beside the window stops),
    ``sync_told()`` (the sync has got somewhere).
    """

    language_changed = Signal()
    person_changed = Signal()
    rights_changed = Signal()
    undo_changed = Signal()
    said = Signal(object)
    problem = Signal(object)
    page_asked = Signal(str, object)
    who_asked = Signal(object)
    address_asked = Signal(str)
    closing = Signal()
    sync_told = Signal()

    def __init__(
        self,
        store: "Store",
        writer: Writer,
        now: Callable[[], int],
        remember: Remember,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.store = store
        self.writer = writer
        self.now = now
        self.remember = remember
        self.collector = Collector(self)
        self.background = Background(self)
        self.bus = Bus(store, self.background, self)
        self.person_id: int | None = None
        self.person_name = ""
        self.role = ""
        self._deliverer = Deliverer(self)
        self._done: list[int] = []
        self._undone: list[int] = []
        self._others: dict[int | None, tuple[list[int], list[int]]] = {}
        self._ranks: Ranks | None = None
        self.bus.changed.connect(self._on_changed)
        self._translator: QTranslator | None = None
        #: Where a page is made, if it is made for a window: a tree of widgets that is put there
        #: later is dressed once more.
        self.nest: QWidget | None = None
        self._after_picture: list[Callable[[], object]] | None = None

    # The first picture

    def wait_for_picture(self) -> None:
        """A window is being made: what its first picture does not need waits for that."""
        self._after_picture = []

    def after_picture(self, run: Callable[[], object]) -> None:
        """Call ``run()`` once the first picture is there; at once when no window is being made."""
        if self._after_picture is None:
            run()
        else:
            self._after_picture.append(run)

    def picture_is_there(self) -> None:
        """What has waited for it follows, each for itself."""
        waiting, self._after_picture = self._after_picture or [], None
        for run in waiting:
            QTimer.singleShot(0, self, run)

    # Reading and writing

    def ask(self, question: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """``question(reader, *args)`` at once; for what answers within a few milliseconds."""
        with self.store.read() as reader:
            return question(reader, *args, **kwargs)

    def read(
        self,
        question: Callable[..., T],
        *args: Any,
        done: Callable[[T], object],
        failed: Callable[[Exception], object] | None = None,
        key: str | None = None,
        **kwargs: Any,
    ) -> None:
        """``question(reader, *args)`` in the background, then ``done(answer)`` here.

        With a ``key`` only the latest question of that key is answered. ``failed(error)`` is called
        on an error; unless it returns ``True`` the error is shown.
        """

        def run() -> T:
            with self.store.read() as reader:
                return question(reader, *args, **kwargs)

        self.background.ask(run, done, lambda error: self._failed(failed, error), key)

    def write(
        self,
        verb: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        say: Callable[[Any], str] | None = None,
        progress: Callable[[Any], object] | None = None,
        undoable: bool = True,
        priority: int = PERSON,
        **kwargs: Any,
    ) -> Job[Any]:
        """``verb(store, *args, person=..., now=..., **kwargs)`` on the writer thread.

        The result's command id (the result itself, or its ``command_id``) goes on the undo stack,
        then ``done(result)`` is called here and the toast says ``say(result)`` with Undo. A verb
        that is a generator runs in slices, ``progress(value)`` gets the latest that it yielded.
        ``failed(error)`` is called on an error; unless it returns ``True`` the error is shown.
        """
        kwargs.setdefault("person", self.person_id)
        kwargs.setdefault("now", self.now())
        owner = self.person_id
        job = self.writer.submit(lambda store: verb(store, *args, **kwargs), priority)
        if progress is not None:
            job.add_progress_callback(self._latest_only(progress))

        def finish(ended: Job[Any]) -> None:
            error = ended.exception()
            if isinstance(error, Exception):
                self._failed(failed, error)
            elif error is None:
                self._succeeded(ended.result(), owner, done, say, undoable)

        job.add_done_callback(lambda ended: self._deliverer.call(lambda: finish(ended)))
        return job

    def _succeeded(
        self,
        result: Any,
        owner: int | None,
        done: Callable[[Any], object] | None,
        say: Callable[[Any], str] | None,
        undoable: bool,
    ) -> None:
        command = command_of(result) if undoable else None
        if command is not None and owner != self.person_id:  # people have changed places meanwhile
            self._others.setdefault(owner, ([], []))[0].append(command)
        elif command is not None:
            self._done = [*self._done[-_UNDO_DEPTH:], command]
            self._undone.clear()
            self.undo_changed.emit()
        if done is not None and still_there(done):
            done(result)
        if say is not None:
            self.say(say(result), command)

    def _failed(self, failed: Callable[[Exception], object] | None, error: Exception) -> None:
        if failed is not None and still_there(failed) and failed(error) is True:
            return
        if not isinstance(error, Stopped):
            self.fail(error)

    def _latest_only(self, progress: Callable[[Any], object]) -> Callable[[object], None]:
        """Deliver only the newest value when several arrive between two frames."""
        waiting: list[object] = []

        def deliver() -> None:
            value = waiting[-1]
            waiting.clear()
            if still_there(progress):
                progress(value)

        def arrive(value: object) -> None:
            waiting.append(value)
            if len(waiting) == 1:
                self._deliverer.call(deliver)

        return arrive

    # Undo and redo

    def can_undo(self) -> bool:
        """Whether this session has a command to take back."""
        return bool(self._done)

    def can_redo(self) -> bool:
        """Whether the last thing done was an undo."""
        return bool(self._undone)

    def undo(self, command: int | None = None) -> None:
        """Take back a command; without one the last of this session."""
        if command is None:
            if not self._done:
                return
            command = self._done[-1]
        self._done = [each for each in self._done if each != command]
        self._undone.append(command)
        self.undo_changed.emit()
        self._turn(command, back=False)

    def redo(self, command: int | None = None) -> None:
        """Do again what was taken back; without a command the last one."""
        if command is None:
            if not self._undone:
                return
            command = self._undone[-1]
        self._undone = [each for each in self._undone if each != command]
        self._done.append(command)
        self.undo_changed.emit()
        self._turn(command, back=True)

    def _turn(self, command: int, back: bool) -> None:
        """Take ``command`` back (or bring it back), in slices that let a person's commands pass."""
        from salesdesk.services import chronicle, history

        def failed(error: Exception) -> None:
            there, here = (self._undone, self._done) if back else (self._done, self._undone)
            if command in here:
                here.remove(command)
            if not isinstance(error, Refused):  # it may go through the next time
                there.append(command)
            self.undo_changed.emit()

        def done(result: history.UndoResult) -> None:
            what = self.ask(chronicle.words, command)
            said = N_("Done again: {what}") if back else N_("Taken back: {what}")
            said = tr(said, what=what)
            if result.kept:
                names = ", ".join(result.kept)
                said = tr("{done}. Changed since and kept: {names}", done=said, names=names)
            turn, action = (self.undo, tr("Undo")) if back else (self.redo, tr("Redo"))
            self.said.emit(Note(said, action, lambda: turn(command)))

        self.write(
            history.held_undo_steps, command, back=back,
            done=done, failed=failed, undoable=False, priority=SYNC,
        )  # fmt: skip

    # Speaking

    def say(self, words: str, command: int | None = None) -> None:
        """A toast; with a command it offers Undo."""
        if command is None:
            self.said.emit(Note(words))
        else:
            self.said.emit(Note(words, tr("Undo"), lambda: self.undo(command)))

    def fail(self, error: BaseException) -> None:
        """Show an error: what happened, what was kept; details to copy."""
        self.problem.emit(problem_of(error))

    def go(self, page: str, item: object = None) -> None:
        """Open a page by its key; ``item`` is handed to the page's ``show_item``."""
        self.page_asked.emit(page, item)

    def go_to(self, address: str) -> None:
        """Come to an address (``board?who=mine``), as ``MainWindow.address`` writes it."""
        self.address_asked.emit(address)

    # Who, language, theme

    def ask_who(self, person_id: int | None = None) -> None:
        """Let whoever sits here say who works here; with a person only their PIN is asked for."""
        self.who_asked.emit(person_id)

    def set_person(self, person_id: int | None, name: str, role: str) -> None:
        """Who works here: ``role`` is ``manager``, ``team_lead`` or ``admin``.

        Undo reaches one's own commands: those of the one who worked here before wait for them.
        """
        if person_id != self.person_id:
            self._others[self.person_id] = self._done, self._undone
            self._done, self._undone = self._others.pop(person_id, ([], []))
            self.undo_changed.emit()
        self.person_id, self.person_name, self.role = person_id, name, role
        self._ranks = None
        self.person_changed.emit()
        self.rights_changed.emit()

    def may(self, action: str, *ids: int) -> bool:
        """Whether the person may do something (``services.rights.Action``), with these records;
        what may not be done is not offered. Without ids it costs nothing."""
        from salesdesk.services import rights

        known = self._known_ranks()
        if not ids or known.is_free(self.person_id):
            return rights.may_with(known, self.person_id, action)
        return self.ask(rights.may, self.person_id, action, *ids, day=self.today())

    @property
    def seen(self) -> "frozenset[int] | None":
        """Whose deals, tasks and clients the person sees and changes; ``None``: everybody's."""
        return self._known_ranks().scope(self.person_id, self.today())

    def today(self) -> int:
        """The local day of now, an ordinal."""
        return self.store.zone.day_of(self.now())

    def _known_ranks(self) -> "Ranks":
        from salesdesk.services import rights

        if self._ranks is None:
            self._ranks = self.ask(rights.ranks)
        return self._ranks

    def _on_changed(self, changes: Any) -> None:
        """People, teams or what managers see have changed: so have rights, maybe one's own name."""
        if not _RIGHTS_TABLES & changes.tables.keys():
            return
        self._ranks = None
        row = self.ask(
            lambda r: r.row(
                "SELECT id, name, role FROM person WHERE id = ? AND deleted_at IS NULL",
                (self.person_id,),
            )
        )
        if row is not None and row != (self.person_id, self.person_name, self.role):
            self.set_person(*row)
        else:
            self.rights_changed.emit()

    @property
    def language(self) -> str:
        """``en`` or ``ru``."""
        return text.language()

    def set_language(self, language: str) -> None:
        """Change the language of everything on the screen, at once."""
        text.set_language(language)
        self.after_picture(lambda: QTimer.singleShot(0, self, self._load_qt_words))
        self.remember.set("window/language", language)
        self.language_changed.emit()

    def set_theme(self, mode: theme.Mode) -> None:
        """``system``, ``light`` or ``dark``, at once."""
        self.remember.set("window/theme", mode)
        theme.set_mode(mode)

    def _load_qt_words(self) -> None:
        """Qt's own dialogs and menus, a moment later."""
        from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

        QLocale.setDefault(locale_of(self.language))
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
        if self.language != "en":
            where = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            self._translator = QTranslator(self)
            if self._translator.load(f"qtbase_{self.language}", where):
                QCoreApplication.installTranslator(self._translator)

    def close(self) -> bool:
        """Stop looking, answer no more questions, finish what was asked to be written.

        Whether all of it was finished within half a minute; the next start puts in order what was
        not.
        """
        self.closing.emit()
        self.bus.stop()
        self.background.close()
        finished = self.writer.close(_CLOSE_SECONDS)
        self.collector.stop()
        self.remember.save()
        return finished


def locale_of(language: str) -> "QLocale":
    """How Qt's own widgets (a calendar) write dates and numbers in a language."""
    from PySide6.QtCore import QLocale

    return QLocale("ru_RU" if language == "ru" else "en_GB")


def command_of(result: object) -> int | None:
    """The command id in a verb's result, if it has one."""
    if isinstance(result, bool):
        return None
    if isinstance(result, int):
        return result
    command = getattr(result, "command_id", None)
    return command if isinstance(command, int) else None
