"""Words for people: gettext catalogues and formats by the locale.

``tr`` translates at once; ``N_`` only marks a text for extraction (its translation happens at the
edge, where the language is known). English is the source language, Russian is complete.
"""

import gettext
import threading
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ru")
_DOMAIN = "salesdesk"
_lock = threading.Lock()
_catalogues: dict[str, gettext.NullTranslations] = {}
_language = "en"


def resource(*parts: str) -> Path:
    """Path of a file in ``resources/``, in a checkout or an installed package."""
    return _resources().joinpath(*parts)


@cache
def _resources() -> Path:
    inside = Path(__file__).parent / "resources"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "resources"


def _catalogue(language: str) -> gettext.NullTranslations:
    found = _catalogues.get(language)
    if found is not None:
        return found
    with _lock:
        if language == LANGUAGES[0]:  # the texts are written in it
            _catalogues[language] = gettext.NullTranslations()
        elif language not in _catalogues:
            _catalogues[language] = gettext.translation(
                _DOMAIN, resource("translations"), [language], fallback=True
            )
        return _catalogues[language]


def set_language(language: str) -> None:
    """Choose the language of everything that ``tr`` returns from now on (``en`` or ``ru``)."""
    global _language
    if language not in LANGUAGES:
        raise ValueError(f"no such language: {language}")
    _language = language


def language() -> str:
    """The language chosen, ``en`` or ``ru``."""
    return _language


def N_(message: str) -> str:
    """Mark ``message`` for translation without translating it."""
    return message


def tr(message: str, **values: object) -> str:
    """``message`` in the chosen language, with ``{name}`` places filled from ``values``."""
    text = _catalogue(_language).gettext(message) if message else ""
    return text.format(**values) if values else text


def tr_in(language: str, message: str) -> str:
    """``message`` in any language: what is searched for in both."""
    return _catalogue(language).gettext(message) if message else ""


def trp(context: str, message: str, **values: object) -> str:
    """Like ``tr``, for a word that may mean something else in this place than elsewhere."""
    words = _catalogue(_language)
    text = words.pgettext(context, message)
    if text == message:  # nothing of its own here: as elsewhere
        text = words.gettext(message)
    return text.format(**values) if values else text


def ntr(one: str, many: str, n: int, **values: object) -> str:
    """The plural form for ``n``; ``{n}`` in the text is filled in."""
    return _catalogue(_language).ngettext(one, many, n).format(n=n, **values)
