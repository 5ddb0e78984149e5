"""The menu at the foot of the rail: language, theme, shortcuts, another workspace."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from salesdesk.text import LANGUAGES, N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.widgets.popup import menu, show_under

if TYPE_CHECKING:
    from salesdesk.ui.main_window import MainWindow

#: A language is called as its speakers call it.
LANGUAGE_NAMES = {"en": "English", "ru": "Русский"}
THEME_NAMES: dict[theme.Mode, str] = {
    "system": N_("As the system"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}


def _add_people(window: "MainWindow", made: QMenu) -> None:
    """Another person, and the PIN of the one who works here."""
    from salesdesk.services import pins

    context = window.context
    person = context.person_id
    entries: list[tuple[str, str, Callable[[], object]]] = [
        ("switch", tr("Another person works here…") if person else tr("Who works here?"),
         context.ask_who)
    ]  # fmt: skip
    if person is not None:
        has = context.ask(pins.has_pin, person)
        words = tr("Change my PIN…") if has else tr("Give me a PIN…")
        entries.append(("pin", words, lambda: _ask_pin(window)))
        if has:
            said = tr("The PIN is gone")
            entries.append(
                ("unpin", tr("Remove my PIN"),
                 lambda: context.write(pins.remove_pin, person, say=lambda _command: said))
            )  # fmt: skip
    for key, text, run in entries:
        action = made.addAction(text, run)
        action.setObjectName(f"who-{key}")
    made.addSeparator()


def _ask_pin(window: "MainWindow") -> None:
    from salesdesk.ui.widgets.pin import PinPopover

    show_under(PinPopover(window.context), window.rail.who)


def who_menu(window: "MainWindow") -> QMenu:
    """Made anew each time it opens."""
    context = window.context
    made = QMenu(window)
    made.setObjectName("who-menu")
    made.setAccessibleName(tr("Language, theme, shortcuts"))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    languages = menu(
        [
            (code, LANGUAGE_NAMES[code], lambda code=code: context.set_language(code))  # type: ignore[misc]
            for code in LANGUAGES
        ],
        "language",
        made,
        checked=context.language,
    )
    # The language's own name for itself stays readable in a language one does not read.
    languages.setTitle(
        tr("Language") if context.language == "en" else f"{tr('Language')} · Language"
    )
    themes = menu(
        [
            (mode, tr(text), lambda mode=mode: context.set_theme(mode))  # type: ignore[misc]
            for mode, text in THEME_NAMES.items()
        ],
        "theme",
        made,
        checked=theme.mode(),
    )
    themes.setTitle(tr("Theme"))
    _add_people(window, made)
    made.addMenu(languages)
    made.addMenu(themes)
    made.addSeparator()
    made.addAction(shortcuts.hint(tr("Keyboard shortcuts"), "?"), window.show_shortcuts)
    made.addSeparator()
    made.addAction(tr("Another workspace…"), window.leave_wanted.emit)
    return made
