"""Language and theme of this computer; both hold at once."""

from typing import Any

from salesdesk.text import LANGUAGES, N_, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.section import Section, inline
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, label

#: A language is called as its speakers call it.
_LANGUAGES = {"en": "English", "ru": "Русский"}
_THEMES: dict[theme.Mode, str] = {
    "system": N_("As the system"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}


class AppearanceSection(Section):
    """Everybody chooses for the own computer; nothing here is part of the workspace."""

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(context, title, tr("These choices hold on this computer only."))
        card = Card()
        self.language = ChipRow(
            [(code, _LANGUAGES[code]) for code in LANGUAGES], "settings-language", tr("Language")
        )
        self.language.set_value(context.language)
        self.language.chosen.connect(context.set_language)
        self.theme = ChipRow(
            [(mode, tr(text)) for mode, text in _THEMES.items()], "settings-theme", tr("Theme")
        )
        self.theme.set_value(theme.mode())
        self.theme.chosen.connect(context.set_theme)
        for text, chips in ((tr("Language"), self.language), (tr("Theme"), self.theme)):
            name = label(text, "muted")
            name.setFixedWidth(120)
            card.body.addWidget(inline(name, chips, 1))
        self.inside.addWidget(card)

    def question(self, r: Any) -> Any:
        return theme.mode()

    def fill(self, found: Any) -> None:
        self.theme.set_value(theme.mode())

    def allowed(self, r: Any) -> bool:
        return True
