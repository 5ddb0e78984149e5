"""From a key to the painted list of the palette, with 1,000 and with 100,000 deals.

Run ``python -m benchmarks.palette``. Names, titles, phones and notes are made up of words that a
Russian sales team would use; typed are names, beginnings, numbers and phones, also misspelt and in
the wrong keyboard layout.
"""

import os
import random
import shutil
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.clock import NOW
from benchmarks.figures import Figure, median, percentile
from benchmarks.synthetic import FOLDER, Size, workspace
from salesdesk.models.store import Store, Transaction
from salesdesk.names import key
from salesdesk.services import search
from salesdesk.services.writer import Writer
from salesdesk.ui import startup, theme
from salesdesk.ui.context import Context
from salesdesk.ui.main_window import MainWindow
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.palette.palette import Palette
from salesdesk.ui.remember import Remember

GOAL_MS = 16.0


def _split(words: str) -> list[str]:
    return words.split()


_PARTS = _split(
    "строй инвест альфа бета пром торг сервис групп снаб маш газ нефте тех агро мета эко профи "
    "лайн капитал вектор гранд дом мир омега союз энерго авто транс урал сибирь балт юг север"
)
_WORKS = _split(
    "кровля монтаж ремонт поставка оборудование лифт фасад договор цех склад офис проект "
    "установка окна двери отделка проектирование вентиляция электрика сваи бетон металл аудит "
    "реклама крана аренда экскаватора перевозка телематика обучение сервис запчасти"
)
_SURNAMES = _split(
    "Иванов Петров Сидоров Смирнов Кузнецов Попов Васильев Соколов Михайлов Новиков Фёдоров "
    "Морозов Волков Алексеев Лебедев Семёнов Егоров Галиев Орлов Ершов"
)
_NAMES = _split("Иван Пётр Сергей Анна Мария Ольга Дмитрий Алексей Елена Тимур")
_TYPED = (
    "стройинвест", "ремонт кровли", "монтаж лифт", "иванов", "пётр семёнов", "альфасервис",
    "cnhjqbydtcn", "htvjyn", "gtnhjd", "стройинвст", "вентеляция", "кузнецоф", "4217", "9125",
    "8 912 55", "+7 (912) 5", "аренда экскаватора", "о", "ооо урал", "договор", "поставка металл",
    "ylo", "new deal", "тема", "ранкинг", "перевозка крана сибирь", "qqqq", "анна",
)  # fmt: skip
_BATCH = 2_000


def named(size: Size) -> Path:
    """A fresh copy of a workspace of this size whose records have names to look for."""
    kept = FOLDER / f"named-{size.name}"
    if not kept.exists():
        made = workspace(size)
        with Store.open(made) as store:
            _name(store, random.Random(size.moves))
            for _ in search.catch_up(store):
                pass
        made.rename(kept)
    copy = FOLDER / f"copy-{kept.name}"
    for old in FOLDER.glob(f"{copy.name}*"):
        if old.is_file():
            old.unlink()
    shutil.copy(kept, copy)
    return copy


def _name(store: Store, rng: random.Random) -> None:
    command = store.long_command("import.deals", now=NOW)
    with store.read() as r:
        deals = [row[0] for row in r.rows("SELECT id FROM deal")]
        clients = [row[0] for row in r.rows("SELECT id FROM client")]
        people = [row[0] for row in r.rows("SELECT id FROM person")]
    with command.transaction() as tx:
        _people(tx, people, rng)
        _clients(tx, clients, rng)
    for start in range(0, len(deals), _BATCH):
        with command.transaction() as tx:
            _deals(tx, deals[start : start + _BATCH], rng)
    with command.transaction(last=True):
        pass


def _person(rng: random.Random) -> str:
    return f"{rng.choice(_NAMES)} {rng.choice(_SURNAMES)}"


def _people(tx: Transaction, ids: list[int], rng: random.Random) -> None:
    rows = [{"id": each, "name": _person(rng)} for each in ids]
    tx.update("person", [{**row, "name_key": key(str(row["name"]))} for row in rows])
    tx.update("person", [{"id": ids[0], "role": "admin"}])


def _clients(tx: Transaction, ids: list[int], rng: random.Random) -> None:
    rows = []
    for each in ids:
        number = f" {rng.randint(1, 99)}" if rng.random() < 0.5 else ""
        name = f"ООО {rng.choice(_PARTS).title()}{rng.choice(_PARTS)}{number}"
        rows.append({"id": each, "name": name, "name_key": key(name)})
    tx.update("client", rows)
    contacts = [_person(rng) for _ in ids]
    made = tx.insert("client", [
        {"kind": "contact", "name": name, "name_key": key(name), "company_id": company}
        for company, name in zip(ids, contacts, strict=True)
    ])  # fmt: skip
    phones = [f"7912{rng.randint(0, 9_999_999):07}" for _ in made]
    tx.insert("client_contact", [
        {"client_id": client, "kind": "phone", "value": f"+{phone}", "value_key": phone}
        for client, phone in zip(made, phones, strict=True)
    ])  # fmt: skip


def _deals(tx: Transaction, ids: list[int], rng: random.Random) -> None:
    rows = []
    for each in ids:
        title = f"{rng.choice(_WORKS).title()} {rng.choice(_WORKS)}"
        rows.append({"id": each, "title": title, "title_key": key(title)})
    tx.update("deal", rows)
    tx.insert("note", [
        {"deal_id": each, "text": f"{_person(rng)}: {rng.choice(_WORKS)}, перезвонить", "at": NOW}
        for each in ids[::5]
    ])  # fmt: skip


class _Painted(QObject):
    """Ends the waiting loop once the list was painted after its answer came."""

    def __init__(self, palette: Palette, loop: QEventLoop) -> None:
        super().__init__(palette)
        self._loop, self._list = loop, palette.list.viewport()
        self._wanted = ""
        self._answered = bool(palette.lines.lines)
        self.at = 0.0
        palette.answered.connect(self._on_answered)
        self._list.installEventFilter(self)

    def want(self, typed: str) -> None:
        """The text whose answer is waited for."""
        self._wanted, self._answered = typed, False

    def _on_answered(self, typed: str) -> None:
        self._answered = typed == self._wanted
        self._list.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint and self._answered:
            self._answered = False
            QTimer.singleShot(0, self._stop)  # when this paint has been done and flushed
        return False

    def _stop(self) -> None:
        self.at = time.perf_counter()
        self._loop.quit()


def keystrokes(app: QApplication, path: Path, person: int | None) -> list[float]:
    """Milliseconds from each key to the painted list; ``person`` (the n-th) looks, or anybody."""
    found: list[float] = []
    with Store.open(path) as store, tempfile.TemporaryDirectory() as folder:
        context = Context(store, Writer(store), lambda: NOW, Remember(Path(folder) / "window.ini"))
        if person is not None:
            with store.read() as r:
                row = r.row(
                    "SELECT id, name, role FROM person ORDER BY id LIMIT 1 OFFSET ?", (person,)
                )
            assert row is not None
            context.set_person(*row)
        window = MainWindow(context, [
            PageSpec(name, lambda name=name: name, "board", Page)  # type: ignore[misc]
            for name in ("board", "clients", "ranking")
        ])  # fmt: skip
        window.resize(1440, 900)
        window.show()
        loop = QEventLoop()
        for turn in range(2):  # the first turn fills the caches
            kept: list[float] = []
            for typed in _TYPED:
                kept += _type(app, window, loop, typed)
            found = kept if turn else found
        window.close()
        context.close()
    return found


def _type(app: QApplication, window: MainWindow, loop: QEventLoop, typed: str) -> list[float]:
    window.open_palette()
    [palette] = [each for each in window.findChildren(Palette) if each.isVisible()]
    painted = _Painted(palette, loop)
    loop.exec()  # what it shows before anything is typed
    found = []
    for place, char in enumerate(typed, 1):
        painted.want(typed[:place].strip())
        start = time.perf_counter()
        palette.field.insert(char)  # what a key does; QTest knows no Cyrillic keys
        loop.exec()
        found.append((painted.at - start) * 1000)
    palette.close()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return found


def figures(large: Size, small: Size) -> list[Figure]:
    """p95 of a keystroke: somebody who sees all, and a manager who sees the own."""
    app = startup.application()
    theme.install(app, "light")
    paths = named(large), named(small)
    found = []
    for who, person in (("sees all", None), ("own deals", 3)):
        many, few = (keystrokes(app, path, person) for path in paths)
        p95 = percentile(many, 0.95)
        found.append(
            Figure(f"palette, key to painted, {large.open_deals:,}+ deals, {who}, p95",
                   f"{p95:.1f} ms (p50 {median(many):.1f})",
                   f"{percentile(few, 0.95):.1f} ms (1,000)", f"<= {GOAL_MS:.0f} ms",
                   p95 <= GOAL_MS)
        )  # fmt: skip
    return found


def main() -> None:
    """Print the figures."""
    from benchmarks.figures import show

    show(figures(Size(100_000, 1_000_000, 200), Size(1_000, 10_000)))


if __name__ == "__main__":
    main()
