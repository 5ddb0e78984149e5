"""The palette through real widgets: by keys, by mouse, in both languages, within one's scope."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from salesdesk.models.fulltext import found, mark_of, split
from salesdesk.models.store import Store
from salesdesk.names import key
from salesdesk.services import people
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.palette import following, rows
from salesdesk.ui.palette.palette import Palette
from tests.builders import Desk, empty_store
from tests.ui.shell_gallery import new_context

Control = Qt.KeyboardModifier.ControlModifier
CYRILLIC_EL = Qt.Key(0x041B)


class Shown(Page):
    """A page that remembers what it was asked to show."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.items: list[object] = []
        self.deals = 0

    def show_item(self, item: object) -> None:
        self.items.append(item)

    def new_deal(self) -> None:
        self.deals += 1


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with empty_store(tmp_path) as store:
        yield Desk(store)


@pytest.fixture
def context(qapp: QApplication, tmp_path: Path, desk: Desk) -> Iterator[Context]:
    theme.install(qapp, "light")
    made = new_context(tmp_path, desk.store)
    yield made
    made.close()


@pytest.fixture
def ids(desk: Desk, context: Context) -> dict[str, int]:
    stage, *_ = desk.pipeline("Sales")
    other = people.add_person(desk.store, "Пётр Орлов", person=None, now=5).id
    firm = desk.insert("client", kind="company", name="Стройинвест", name_key="стройинвест")
    fields = {"amount": "1200000", "client_id": firm}
    made = {"firm": firm, "other": other}
    made["roof"] = desk.deal(stage, 1, other, title="Кровля цеха", number=1042, **fields)
    made["hirer"] = desk.insert("contractor", name="Денар", name_key="денар")
    made["crane"] = desk.deal(stage, 1, context.person_id, title="Кран", number=1043)
    made["call"] = desk.task(made["roof"], other, 1, 2)
    return made


@pytest.fixture
def window(qtbot: QtBot, context: Context, ids: dict[str, int]) -> MainWindow:
    names = {
        "board": "Board",
        "clients": "Clients",
        "contractors": "Contractors",
        "ranking": "Ranking",
        "settings": "Settings",
    }
    made = MainWindow(context, [
        PageSpec(page, lambda title=title: title, "board", Shown)  # type: ignore[misc]
        for page, title in names.items()
    ])  # fmt: skip
    qtbot.addWidget(made)
    made.resize(1280, 720)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def opened(window: MainWindow) -> Palette:
    [shown] = [each for each in window.findChildren(Palette) if each.isVisible()]
    return shown


def is_open(window: MainWindow) -> bool:
    return any(each.isVisible() for each in window.findChildren(Palette))


def start(qtbot: QtBot, window: MainWindow) -> Palette:
    QTest.keyClick(window, Qt.Key.Key_K, Control)
    palette = opened(window)
    qtbot.waitUntil(lambda: bool(palette.lines.lines) or bool(palette.list.empty))
    return palette


def ask(qtbot: QtBot, palette: Palette, typed: str) -> list[str]:
    """Type; the lines as they are spoken."""
    with qtbot.waitSignal(palette.answered, check_params_cb=lambda text: text == typed.strip()):
        palette.field.setText(typed)
    return [rows.spoken(line) for line in palette.lines.lines]


def page(window: MainWindow, name: str) -> Shown:
    shown = window.page(name)
    assert isinstance(shown, Shown)
    return shown


@pytest.mark.qt_log_ignore("keyToAscii", extend=True)
@pytest.mark.parametrize("k", [Qt.Key.Key_K, CYRILLIC_EL], ids=["latin", "cyrillic"])
def test_opens_and_closes_by_its_key(window: MainWindow, k: Qt.Key) -> None:
    assert not is_open(window)
    QTest.keyClick(window, k, Control)
    assert is_open(window)
    assert QApplication.focusWidget() is opened(window).field
    QTest.keyClick(opened(window).field, k, Control)
    assert not is_open(window)


def test_esc_gives_the_focus_back(qtbot: QtBot, window: MainWindow) -> None:
    window.page("board").setFocus()
    palette = start(qtbot, window)
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not is_open(window)
    assert QApplication.focusWidget() is window.page("board")


def test_the_rail_opens_it_and_a_click_beside_it_closes_it(window: MainWindow) -> None:
    QTest.mouseClick(window.rail.finder, Qt.MouseButton.LeftButton)
    assert is_open(window)
    QTest.mouseClick(opened(window), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not is_open(window)


@pytest.mark.parametrize("typed", ["кровля", "1042", "rhjdkz", "кравля", "КРОВ цех"])
def test_enter_opens_a_deal(
    qtbot: QtBot, window: MainWindow, ids: dict[str, int], typed: str
) -> None:
    palette = start(qtbot, window)
    assert "Кровля цеха, Стройинвест, New, Пётр Орлов" in ask(qtbot, palette, typed)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not is_open(window)
    assert page(window, "board").items == [ids["roof"]]


def test_every_kind_leads_to_its_page(
    qtbot: QtBot, window: MainWindow, ids: dict[str, int]
) -> None:
    for typed, kind, where, item in (
        ("стройинв", "client", "clients", "firm"), ("орлов", "person", "ranking", "other"),
        ("call", "task", "board", "roof"), ("ltyfyh", "contractor", "contractors", "hirer"),
    ):  # fmt: skip
        palette = start(qtbot, window)
        ask(qtbot, palette, typed)
        [row] = [at for at, line in enumerate(palette.lines.lines)
                 if line.hit is not None and line.hit.kind == kind]  # fmt: skip
        while palette.list.currentIndex().row() != row:
            QTest.keyClick(palette.field, Qt.Key.Key_Down)
        QTest.keyClick(palette.field, Qt.Key.Key_Enter)
        assert window.open_key == where
        assert page(window, where).items[-1] == ids[item]


def test_arrows_pass_headings_and_go_round(qtbot: QtBot, window: MainWindow) -> None:
    palette = start(qtbot, window)
    ask(qtbot, palette, "кр")
    can = [at for at, line in enumerate(palette.lines.lines) if line.can_be_chosen]
    assert palette.list.currentIndex().row() == can[0] == 1
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == can[-1]
    walked = []
    for _ in can:
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
        walked.append(palette.list.currentIndex().row())
    assert walked == can


def test_tab_walks_the_kinds(qtbot: QtBot, window: MainWindow) -> None:
    palette = start(qtbot, window)
    ask(qtbot, palette, "стройинвест")
    both = {line.hit.kind for line in palette.lines.lines if line.hit}
    assert both == {"client", "deal"}
    for kinds in ({"deal"}, {"client"}, set[str](), set[str]()):
        with qtbot.waitSignal(palette.answered):
            QTest.keyClick(palette.field, Qt.Key.Key_Tab)
        assert {line.hit.kind for line in palette.lines.lines if line.hit} == kinds
    assert "Nothing is found" in palette.list.empty
    with qtbot.waitSignal(palette.answered):
        QTest.keyClick(palette.field, Qt.Key.Key_Backtab)
    assert palette.kinds.value() == "contractor"
    with qtbot.waitSignal(palette.answered):
        QTest.mouseClick(palette.kinds.chip("all"), Qt.MouseButton.LeftButton)
    assert {line.hit.kind for line in palette.lines.lines if line.hit} == both


def test_a_click_opens(qtbot: QtBot, window: MainWindow, ids: dict[str, int]) -> None:
    palette = start(qtbot, window)
    ask(qtbot, palette, "кран")
    where = palette.list.visualRect(palette.lines.index(1)).center()
    QTest.mouseMove(palette.list.viewport(), where)
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert page(window, "board").items == [ids["crane"]]


def test_opened_lately_comes_first(qtbot: QtBot, window: MainWindow, context: Context) -> None:
    palette = start(qtbot, window)
    assert "Opened lately" not in [line.heading for line in palette.lines.lines]
    ask(qtbot, palette, "кровля")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    palette = start(qtbot, window)
    spoken = [rows.spoken(line) for line in palette.lines.lines]
    assert spoken[:2] == ["Opened lately", "Кровля цеха, Стройинвест, New, Пётр Орлов"]
    assert ask(qtbot, palette, "кр")[1] == "Кровля цеха, Стройинвест, New, Пётр Орлов"
    palette.close()
    context.set_person(None, "", "")  # each person has things of their own
    palette = start(qtbot, window)
    assert "Opened lately" not in [line.heading for line in palette.lines.lines]


def test_what_is_opened_elsewhere_is_lately_too(
    qtbot: QtBot, window: MainWindow, context: Context, ids: dict[str, int]
) -> None:
    start(qtbot, window).close()
    context.go("clients", ids["firm"])
    palette = start(qtbot, window)
    assert [rows.spoken(line) for line in palette.lines.lines][:2] == [
        "Opened lately",
        "Стройинвест",
    ]


def test_pages_that_one_may_not_open_are_no_commands(
    qtbot: QtBot, context: Context, ids: dict[str, int]
) -> None:
    window = MainWindow(context, [
        PageSpec("board", lambda: "Board", "board", Shown),
        PageSpec("control", lambda: "Control", "control", Shown, needs="lead"),
    ])  # fmt: skip
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    assert "Go to Control" in ask(qtbot, start(qtbot, window), "control")
    opened(window).close()
    context.set_person(ids["other"], "Пётр Орлов", "manager")
    assert ask(qtbot, start(qtbot, window), "control") == []


@pytest.mark.parametrize("typed", ["dark", "вфкл", "theme dark"])
def test_commands(qtbot: QtBot, window: MainWindow, typed: str) -> None:
    palette = start(qtbot, window)
    assert ask(qtbot, palette, typed)[1] == "Theme: Dark"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert theme.current().name == "dark"
    theme.set_mode("light")


def test_a_command_that_fits_comes_before_similar_words(
    qtbot: QtBot, window: MainWindow, desk: Desk
) -> None:
    people.add_person(desk.store, "Daria Volkova", person=None, now=6)
    lines = ask(qtbot, start(qtbot, window), "dark")
    assert lines.index("Theme: Dark") < lines.index(next(one for one in lines if "Daria" in one))


def test_commands_show_their_keys_and_are_found_in_the_other_language(
    qtbot: QtBot, window: MainWindow, context: Context
) -> None:
    context.set_language("ru")
    palette = start(qtbot, window)
    ask(qtbot, palette, "new deal")
    line = palette.lines.lines[1]
    assert line.command is not None
    assert (line.command.text, line.command.keys) == ("Новая сделка", "N")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert page(window, "board").deals == 1


def test_undo_is_offered_when_there_is_something(
    qtbot: QtBot, window: MainWindow, context: Context
) -> None:
    palette = start(qtbot, window)
    assert ask(qtbot, palette, "undo") == []
    palette.close()
    with qtbot.waitSignal(context.undo_changed):
        context.write(people.add_person, "Maria Kim")
    palette = start(qtbot, window)
    assert ask(qtbot, palette, "undo")[1] == "Undo"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(context.can_redo)


def test_a_manager_finds_the_own(
    qtbot: QtBot, window: MainWindow, context: Context, ids: dict[str, int]
) -> None:
    context.set_person(ids["other"], "Пётр Орлов", "manager")
    assert context.seen == frozenset({ids["other"]})
    palette = start(qtbot, window)
    assert [line.hit.id for line in palette.lines.lines if line.hit] == []
    ask(qtbot, palette, "кр")
    assert [line.hit.id for line in palette.lines.lines if line.hit] == [ids["roof"]]


def test_says_what_it_took_it_for(qtbot: QtBot, window: MainWindow) -> None:
    palette = start(qtbot, window)
    ask(qtbot, palette, "cnhjqbydtcn")
    assert palette.note.text() == "Found for “стройинвест”"
    ask(qtbot, palette, "стройинвст")
    assert palette.note.text() == "Similar words"
    assert ask(qtbot, palette, "щщщщщ") == []
    assert "щщщщщ" in palette.list.empty


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_is_painted(qtbot: QtBot, window: MainWindow, desk: Desk, mode: theme.Mode) -> None:
    theme.set_mode(mode)
    long = "Очень длинное название " * 12
    for number in range(30):
        desk.deal(1, 1, title=f"{long}{number}", amount="12345678.5")
    desk.insert("note", deal_id=1, text="Заметка\nочень", at=5)
    desk.insert("client", kind="contact", name="Очень", name_key="очень")
    palette = start(qtbot, window)
    empty = palette.grab().toImage()
    ask(qtbot, palette, "очень")
    assert any(line.more for line in palette.lines.lines)
    assert palette.grab().toImage() != empty
    window.resize(780, 500)
    assert palette.size() == window.size()
    assert palette.rect().contains(palette.card.geometry())
    theme.set_mode("light")


def test_everything_has_a_name_and_stands_under_the_question_mark(
    qtbot: QtBot, window: MainWindow
) -> None:
    palette = start(qtbot, window)
    for part in (palette, palette.field, palette.list, palette.kinds, window.rail.finder):
        assert part.accessibleName()
        assert part.objectName()
    assert "Ctrl+K" in [entry.keys for entry in shortcuts.entries()["Everywhere"]]
    assert "Find anything" in shortcuts.entries()
    assert palette.lines.index(0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_the_index_follows_by_itself(qtbot: QtBot, window: MainWindow, context: Context) -> None:
    """What this process and another one write, soon after."""
    start(qtbot, window).close()
    store = context.store

    def indexed(word: str) -> bool:
        with store.read() as r:
            return mark_of(r) is not None and any(found(r, "client", split(word)))

    qtbot.waitUntil(lambda: indexed("стройинвест"))
    with Store.open(store.path) as other, other.command("test", now=1, origin="cli") as tx:
        tx.insert("client", [{"kind": "company", "name": "Дельта", "name_key": key("Дельта")}])
    qtbot.waitUntil(lambda: indexed("дельта"))


def test_the_index_waits_while_a_sync_or_an_import_writes(
    qtbot: QtBot, window: MainWindow, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a sixth of their time; what a person writes is indexed soon, and what waits with
    it."""
    start(qtbot, window).close()
    store = context.store

    def indexed(word: str) -> bool:
        with store.read() as r:
            return any(found(r, "client", split(word)))

    def write(name: str, origin: str) -> None:
        with store.command("test", now=1, origin=origin) as tx:
            tx.insert("client", [{"kind": "company", "name": name, "name_key": key(name)}])

    follower = context.findChild(QObject, "search-follower")
    assert isinstance(follower, following.Follower)
    qtbot.waitUntil(lambda: indexed("стройинвест"))
    qtbot.waitUntil(follower.is_at_rest)
    follower.calm.setInterval(60_000)
    for name, origin in (("Дельта", "sync"), ("Омега", "import")):
        with qtbot.waitSignal(context.bus.changed):
            write(name, origin)
        assert follower.calm.isActive()
        assert not follower.soon.isActive()
    assert not indexed("дельта")
    write("Каппа", "person")
    qtbot.waitUntil(lambda: indexed("каппа"))
    assert indexed("дельта")
    assert indexed("омега")
    qtbot.waitUntil(follower.is_at_rest)
    follower.calm.setInterval(1)
    write("Сигма", "sync")
    qtbot.waitUntil(lambda: indexed("сигма"))


def test_the_index_does_not_wait_for_ever(
    qtbot: QtBot, window: MainWindow, context: Context
) -> None:
    """Where a sync never rests it is brought up to date all the same."""
    start(qtbot, window).close()
    follower = context.findChild(QObject, "search-follower")
    assert isinstance(follower, following.Follower)
    qtbot.waitUntil(follower.is_at_rest)
    follower.calm.setInterval(60_000)
    follower.latest.setInterval(50)
    with context.store.command("test", now=1, origin="sync") as tx:
        tx.insert("client", [{"kind": "company", "name": "Дельта", "name_key": key("Дельта")}])

    def indexed() -> bool:
        with context.store.read() as r:
            return any(found(r, "client", split("дельта")))

    qtbot.waitUntil(indexed)
