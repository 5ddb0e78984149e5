"""What the program can do, as lines of the palette, found by their names in both languages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from salesdesk.services.search import fitting
from salesdesk.text import LANGUAGES, N_, tr, tr_in
from salesdesk.ui import shortcuts
from salesdesk.ui.widgets.who import LANGUAGE_NAMES, THEME_NAMES

if TYPE_CHECKING:
    from salesdesk.ui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Command:
    """A line: ``name`` is stable, ``text`` as shown, ``words`` in every language it is found by."""

    name: str
    text: str
    words: tuple[str, ...]
    icon: str
    run: Callable[[], object]
    keys: str = ""


_GO = N_("Go to {page}")
_THEME = N_("Theme: {name}")
_LANGUAGE = N_("Language: {name}")
_SETTINGS = N_("Settings: {section}")
_REPORT = N_("Report: {name}")


def commands(window: "MainWindow") -> list[Command]:
    """Everything that can be done now, in the order of a list without a question."""
    found = [*_doing(window), *_pages(window), *_page_keys(window), *_looks(window)]
    return [*found, *_sections(window), *_views(window)]


def matching(known: list[Command], typed: str) -> list[tuple[float, Command]]:
    """Those that fit what was typed (in either layout), with how well, best first."""
    fits = [(fitting(command.words, typed), command) for command in known]
    return sorted((pair for pair in fits if pair[0] > 0), key=lambda pair: -pair[0])


def _made(
    name: str, text: str, icon: str, run: Callable[[], object], keys: str = "", /, **values: str
) -> Command:
    """``values`` are English source texts, put in translated."""

    def said(language: str) -> str:
        told = {key: tr_in(language, value) for key, value in values.items()}
        return tr_in(language, text).format(**told) if told else tr_in(language, text)

    shown = tr(text).format(**{key: tr(value) for key, value in values.items()})
    return Command(name, shown, tuple(said(each) for each in LANGUAGES), icon, run, keys)


def _doing(window: "MainWindow") -> Iterator[Command]:
    context = window.context
    if window.has_page("board"):
        yield _made("new-deal", N_("New deal"), "plus", lambda: _new_deal(window), "N")
    if context.can_undo():
        yield _made("undo", N_("Undo"), "undo", context.undo, "Ctrl+Z")
    if context.can_redo():
        yield _made("redo", N_("Redo"), "redo", context.redo, "Ctrl+Shift+Z")


def _new_deal(window: "MainWindow") -> None:
    window.open_page("board")
    make = getattr(window.page("board"), "new_deal", None)
    if make is not None:
        make()


def _pages(window: "MainWindow") -> Iterator[Command]:
    for place, spec in enumerate(window.specs, 1):
        if not spec.offered(window.context):
            continue
        titles = _titles(spec.title)
        yield Command(
            f"page-{spec.key}",
            tr(_GO, page=spec.title()),
            tuple(tr_in(each, _GO).format(page=title) for each, title in titles.items()),
            spec.icon,
            lambda key=spec.key: window.open_page(key),  # type: ignore[misc]
            f"Ctrl+{place % 10}" if place <= 10 else "",
        )


def _titles(title: Callable[[], str]) -> dict[str, str]:
    """A page's title in every language: it was translated already, so it is looked up by it."""
    from salesdesk.text import language, set_language

    now, found = language(), {}
    try:
        for each in LANGUAGES:
            set_language(each)
            found[each] = title()
    finally:
        set_language(now)
    return found


def _page_keys(window: "MainWindow") -> Iterator[Command]:
    """What the open page does by its keys."""
    page = window.page(window.open_key) if window.open_key else None
    seen = {"New deal"}
    for group in shortcuts.entries().values():
        for entry in group:
            key = entry.shortcut
            if key is None or not isValid(key) or entry.text in seen:
                continue
            owner = key.parent()
            if not isinstance(owner, QWidget) or page is None or not owner.isVisible():
                continue
            if owner is page or page.isAncestorOf(owner) or owner is window:
                if owner is window and entry.text in _OWN:
                    continue
                seen.add(entry.text)
                yield _made(f"key-{entry.keys}", entry.text, "keyboard", key.activated.emit,
                            entry.keys)  # fmt: skip


#: Of the window: listed otherwise, or the palette itself.
_OWN = {"Find anything", "Undo", "Redo"}


def _looks(window: "MainWindow") -> Iterator[Command]:
    context = window.context
    for mode, name in THEME_NAMES.items():
        yield _made(f"theme-{mode}", _THEME, "panel", lambda mode=mode: context.set_theme(mode),  # type: ignore[misc]
                    name=name)  # fmt: skip
    for code, name in LANGUAGE_NAMES.items():
        words = tuple(tr_in(each, _LANGUAGE).format(name=name) for each in LANGUAGES)
        text = tr(_LANGUAGE, name=name)
        yield Command(f"language-{code}", text, words, "note",
                      lambda code=code: context.set_language(code))  # type: ignore[misc] # fmt: skip


def _views(window: "MainWindow") -> Iterator[Command]:
    """The saved views of the reports."""
    if not window.has_page("reports"):
        return
    from salesdesk.services import saved_filters

    context = window.context
    for each in context.ask(saved_filters.saved_filters, "reports", context.person_id):
        words = tuple(tr_in(code, _REPORT).format(name=each.name) for code in LANGUAGES)
        yield Command(f"report-{each.id}", tr(_REPORT, name=each.name), words, "reports",
                      lambda texts=each.texts: window.open_page("reports", texts))  # type: ignore[misc] # fmt: skip


def _sections(window: "MainWindow") -> Iterator[Command]:
    """The sections of the settings."""
    if not window.has_page("settings"):
        return
    from salesdesk.ui.settings.panel import SECTIONS

    for key, title, *_ in SECTIONS:
        yield _made(f"settings-{key}", _SETTINGS, "settings",
                    lambda key=key: window.open_page("settings", key), section=title)  # type: ignore[misc] # fmt: skip
