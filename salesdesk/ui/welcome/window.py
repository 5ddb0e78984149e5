"""The welcome page: shown when there is no workspace to open, or another one is wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from salesdesk import text
from salesdesk.errors import SalesDeskError
from salesdesk.services import beginnings
from salesdesk.services.beginnings import SAMPLE, Trouble, Wish
from salesdesk.services.template_names import TEMPLATES
from salesdesk.services.writer import Stopped
from salesdesk.text import tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.background import Background, Deliverer
from salesdesk.ui.collecting import Collector
from salesdesk.ui.context import problem_of
from salesdesk.ui.remember import Remember
from salesdesk.ui.welcome import options
from salesdesk.ui.welcome.choice import ChoiceButton
from salesdesk.ui.welcome.form import NewForm
from salesdesk.ui.welcome.mending import TroubleCard
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, SectionLabel, label
from salesdesk.ui.widgets.progress import ProgressRow
from salesdesk.ui.widgets.who import LANGUAGE_NAMES

_WIDTH = 980
_IN_A_ROW = 4
_ICONS = {
    "sales": "ranking", "turnkey": "branch", "rental": "calendar", "cold-calls": "phone",
    "repeat": "history", "service": "settings", "empty": "file",
}  # fmt: skip
_KINDS = "*.salesdesk"
_TABLES = "*.csv *.xlsx *.xls *.html *.htm *.txt"


@dataclass(frozen=True, slots=True)
class Opening:
    """The workspace to open, and with what: a page and an item for it."""

    path: Path
    page: str = ""
    item: object = None


class WelcomeWindow(QMainWindow):
    """Closes when a workspace is chosen; ``opening`` then says which (None: nothing was)."""

    def __init__(
        self, now: Callable[[], int], remember: Remember, trouble: Trouble | None = None
    ) -> None:
        super().__init__()
        self.opening: Opening | None = None
        self._now, self._remember = now, remember
        self._trouble = trouble
        self._file: Path | None = None
        self._stop_asked = False
        self._before: QWidget | None = None
        self._collector = Collector(self)
        self._background = Background(self)
        self._deliverer = Deliverer(self)
        self.setObjectName("welcome-window")
        self.setAcceptDrops(True)
        self.title = label("SalesDesk", "big")
        self.about = label("", "muted", wrap=True)
        self.language = ChipRow(
            [(code, LANGUAGE_NAMES[code]) for code in text.LANGUAGES], "welcome-language", ""
        )
        self.language.set_value(text.language())
        self.problem = label("", "problem", wrap=True)
        self.problem.setObjectName("welcome-problem")
        self.problem.hide()
        self.trouble = TroubleCard()
        self.sample = ChoiceButton("board", "welcome-sample", self.make_sample, 2)
        self.templates = {
            key: ChoiceButton(_ICONS[key], f"welcome-{key}", partial(self.open_form, key), 2)
            for key in TEMPLATES
        }
        self.bring = ChoiceButton("import", "welcome-import", self.choose_table, 2)
        self.open_button = ChoiceButton("inbox", "welcome-open", self.choose_workspace, 2)
        self.look, self.new, self.have, self.known = (SectionLabel("") for _ in range(4))
        self.recent: list[ChoiceButton] = []
        self.form = NewForm()
        self.progress = ProgressRow("welcome-progress", "")
        self._build()
        self._connect()
        self.retranslate()
        self.trouble.show_trouble(trouble)
        self.sample.setFocus()
        QTimer.singleShot(0, self, self._read_options)

    # -- building -----------------------------------------------------------------------------

    def _choices(self) -> tuple[tuple[SectionLabel, tuple[ChoiceButton, ...]], ...]:
        return (
            (self.look, (self.sample,)),
            (self.new, tuple(self.templates.values())),
            (self.have, (self.bring, self.open_button)),
        )

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.language)
        self._first = QWidget()
        rows = QVBoxLayout(self._first)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.S)
        for section, choices in self._choices():
            rows.addWidget(section)
            grid = QGridLayout()
            grid.setSpacing(theme.S)
            for place, choice in enumerate(choices):
                grid.addWidget(choice, place // _IN_A_ROW, place % _IN_A_ROW)
            rows.addLayout(grid)
            rows.addSpacing(theme.S)
        rows.addWidget(self.known)
        rows.addLayout(self._grid)
        rows.addStretch(1)
        self._form_card = self._card(self.form)
        self._waiting = self._card(self.progress)
        self._stack = QStackedWidget()
        for each in (self._first, self._form_card, self._waiting):
            self._stack.addWidget(each)
        inside = QWidget()
        inside.setProperty("role", "body")
        inside.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
        column.setSpacing(theme.L)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addWidget(self.problem)
        column.addWidget(self.trouble)
        column.addWidget(self._stack, 1)
        self._show_all(inside)

    @staticmethod
    def _card(inside: QWidget) -> QWidget:
        """A card as high as what is in it, at the top."""
        card = Card("", theme.XL)
        card.body.addWidget(inside)
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        column.addStretch(1)
        return made

    def _show_all(self, inside: QWidget) -> None:
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, theme.L, 0, 0)
        row.addStretch(1)
        row.addWidget(inside, 100)
        row.addStretch(1)
        area = QScrollArea()
        area.setObjectName("welcome-scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(middle)
        self.area = area
        self.setCentralWidget(area)
        self.setMinimumSize(QSize(760, 480))
        if not self.restoreGeometry(self._remember.blob("window/geometry")):
            self.resize(1280, 800)
        self._list_recent()

    def _list_recent(self) -> None:
        found = beginnings.recent()
        self.known.setVisible(bool(found))
        for at, one in enumerate(found):
            button = ChoiceButton("clock", f"welcome-recent-{at}", partial(self.open, one.path))
            button.set_texts(one.path.stem, str(one.path.parent))
            self.recent.append(button)
            self._grid.addWidget(button, at // 2, at % 2)

    def _connect(self) -> None:
        self.language.chosen.connect(self._on_language)
        self.form.wanted.connect(self._on_wanted)
        self.form.left.connect(self.show_choices)
        self.progress.cancelled.connect(self._on_cancel)
        self.trouble.restore_wanted.connect(self._on_restore)
        self.trouble.move_wanted.connect(self._on_move)
        self.trouble.again_wanted.connect(self._on_again)
        self.trouble.other_wanted.connect(self.choose_workspace)
        shortcuts.add(self, "Ctrl+O", "", self.choose_workspace)
        shortcuts.add(self.form, "Esc", "", self.show_choices)

    # -- words --------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setWindowTitle(tr("Welcome — SalesDesk"))
        self.area.setAccessibleName(tr("Welcome"))
        self.about.setText(
            tr("A desk for a sales team: deals on a board, the next step of each, and who sells "
               "how much. How do you want to begin?")
        )  # fmt: skip
        self.language.setAccessibleName(tr("Language"))
        keys = shortcuts.shown("Ctrl+O")
        for choice, title, about in (
            (
                self.sample,
                tr("Look around in a sample"),
                tr("A year of a made-up team, in a copy to play with"),
            ),
            *(
                (self.templates[key], tr(words.title), tr(words.about))
                for key, words in TEMPLATES.items()
            ),
            (
                self.bring,
                tr("Import a file"),
                tr("Deals of another program: CSV, XLSX; amoCRM, Bitrix24"),
            ),
            (
                self.open_button,
                tr("Open a workspace"),
                tr("A file that is there already ({keys})", keys=keys),
            ),
        ):
            choice.set_texts(title, about)  # fmt: skip
        for section, words in (
            (self.look, tr("See how it works")),
            (self.new, tr("New workspace")),
            (self.have, tr("What you have already")),
            (self.known, tr("Opened before")),
        ):
            section.set_text(words)  # fmt: skip
        self.progress.retranslate()
        self.progress.bar.setAccessibleName(tr("Making the workspace"))
        self.trouble.retranslate()
        self.form.retranslate()

    def _on_language(self, code: str) -> None:
        text.set_language(code)
        self._remember.set("window/language", code)
        self.retranslate()
        self._read_options()

    def _read_options(self) -> None:
        self._background.ask(options.read, self.form.set_options, self._on_failed, "options")

    # -- choosing -----------------------------------------------------------------------------

    def show_choices(self) -> None:
        """Back to the choices."""
        self._file = None
        self._stack.setCurrentWidget(self._first)
        self.sample.setFocus()

    def open_form(self, template: str, file: Path | None = None) -> None:
        """The form of a new workspace; with a file that is imported afterwards."""
        self._file = file
        self._stack.setCurrentWidget(self._form_card)
        self.form.begin(template, file)

    def open(self, path: Path, page: str = "", item: object = None) -> None:
        """This is the workspace to open."""
        self.opening = Opening(path, page, item)
        self.close()

    def choose_workspace(self) -> None:
        """Ask for a workspace that is there."""
        kind = tr("SalesDesk workspace (*{suffix})", suffix=_KINDS[1:])
        start = str(self._trouble.path.parent) if self._trouble is not None else self._start()
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Open a workspace"), start, kind)
        if chosen:
            self.open(Path(chosen))

    def choose_table(self) -> None:
        """Ask for a file to import."""
        kind = f"{tr('Tables')} ({_TABLES})"
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Import a file"), str(Path.home()), kind)
        if chosen:
            self.open_form("sales", Path(chosen))

    @staticmethod
    def _start() -> str:
        from salesdesk.services import workspaces

        folder = workspaces.default_folder()
        return str(folder if folder.is_dir() else Path.home())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = next(Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile())
        event.acceptProposedAction()
        if path.suffix.lower() == _KINDS[1:]:
            self.open(path)
        else:
            self.open_form("sales", path)

    # -- making -------------------------------------------------------------------------------

    def make_sample(self) -> None:
        """A fresh copy of the sample."""
        from salesdesk.services import machine_locale

        wish = Wish(SAMPLE, beginnings.sample_path(), machine_locale.zone(), "RUB", "RU",
                    text.language())  # fmt: skip
        self._make(wish, tr("Making the sample: a year of a team's work…"))

    def _on_wanted(self, wish: Wish) -> None:
        self._make(wish, tr("Making {name}…", name=wish.path.stem))

    def _make(self, wish: Wish, words: str) -> None:
        self._stop_asked = False
        self.problem.hide()
        self._wait()
        self.progress.begin(words)
        self.progress.button.setVisible(wish.what == SAMPLE)
        now = self._now()

        def told(share: float) -> None:
            if self._stop_asked:
                raise Stopped
            self._deliverer.call(lambda: self._on_share(share, words))

        self._background.ask(
            lambda: beginnings.make(wish, now, told), self._on_made, self._on_failed
        )

    def _wait(self) -> None:
        """Show the progress in the place of the choices."""
        self._before = self._stack.currentWidget()
        self._stack.setCurrentWidget(self._waiting)

    def _on_share(self, share: float, words: str) -> None:
        if not self._stop_asked:
            self.progress.set_progress(round(share * 1000), 1000, words)

    def _on_made(self, path: Path) -> None:
        if self._file is not None:
            self.open(path, "import", str(self._file))
        else:
            self.open(path)

    def _on_cancel(self) -> None:
        self._stop_asked = True

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Stopped):
            self.show_choices()
            return
        said = problem_of(error).message
        self._stack.setCurrentWidget(self._before or self._first)
        if self._before is self._form_card:
            self.form.fail(said)
        else:
            self.problem.setText(said)
            self.problem.show()

    # -- mending ------------------------------------------------------------------------------

    def _on_again(self) -> None:
        if self._trouble is not None:
            self.open(self._trouble.path)

    def _on_restore(self) -> None:
        self._mend(beginnings.restore, tr("Restoring the backup…"))

    def _on_move(self) -> None:
        self._mend(beginnings.move, tr("Moving the workspace…"))

    def _mend(self, verb: Callable[[Trouble, int], Path], words: str) -> None:
        trouble, now = self._trouble, self._now()
        assert trouble is not None
        self._wait()
        self.progress.begin(words)
        self.progress.button.hide()
        self._background.ask(lambda: verb(trouble, now), self.open, self._on_not_mended)

    def _on_not_mended(self, error: Exception) -> None:
        assert self._trouble is not None
        self.show_choices()
        if isinstance(error, SalesDeskError):
            self._trouble = Trouble(self._trouble.path, error)
            self.trouble.show_trouble(self._trouble)
        else:
            raise error

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop_asked = True
        self._background.close()
        self._collector.stop()
        self._remember.set("window/geometry", self.saveGeometry())
        self._remember.save()
        super().closeEvent(event)
