"""Collects the texts of the program for translation and brings the catalogues up to date.

``make messages`` runs it. New texts come with an empty translation, texts that are gone leave, and
nothing is guessed.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "resources" / "translations"
#: Functions of salesdesk/text.py that mark texts, and which of their arguments are texts.
KEYWORDS = {
    "N_": None,
    "tr": None,
    "ntr": (1, 2),
    "trp": ((1, "c"), 2),
}
#: A line with an f-string that may mark a text; most files have none and need not be parsed.
_MAY_MARK = re.compile(
    r"""\b[rf]*f[rf]*(?:["'].*\b(?:N_|tr|ntr|trp)\(|\"{3}|'{3})""", re.IGNORECASE
)


def extract(package: Path = ROOT / "salesdesk") -> Catalog:
    """Every text marked for translation in the Python files below ``package``."""
    template = Catalog(project="SalesDesk", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        package, method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=("i18n:",)
    )
    for name, _line, message, comments, context in found:
        where = (package / name).relative_to(package.parent).as_posix()
        template.add(message, None, [(where, 1)], auto_comments=comments, context=context)
    for path in sorted(package.rglob("*.py")):
        where = path.relative_to(package.parent).as_posix()
        for message, context in _inside_f_strings(path.read_text("utf-8")):
            template.add(message, None, [(where, 1)], context=context)
    return template


def _inside_f_strings(source: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Texts marked inside f-strings, with their contexts: to Babel these are only strings."""
    if _MAY_MARK.search(source) is None:
        return
    for outer in ast.walk(ast.parse(source)):
        if not isinstance(outer, ast.JoinedStr):
            continue
        for call in ast.walk(outer):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
                continue
            texts = [a.value for a in call.args
                     if isinstance(a, ast.Constant) and isinstance(a.value, str)]  # fmt: skip
            if call.func.id in ("N_", "tr") and texts:
                yield texts[0], None
            elif call.func.id == "ntr" and len(texts) > 1:
                yield (texts[0], texts[1]), None
            elif call.func.id == "trp" and len(texts) > 1:
                yield texts[1], texts[0]


def catalogues() -> list[Path]:
    """The ``.po`` files."""
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/salesdesk.po"))


def load(path: Path) -> Catalog:
    """The catalogue in a ``.po`` file."""
    with path.open("rb") as source:
        return read_po(source, locale=path.parts[-3], charset="utf-8")


def update(path: Path, template: Catalog) -> int:
    """Bring one ``.po`` file up to date; returns the number of texts without a translation."""
    catalogue = load(path)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as target:
        write_po(
            target,
            catalogue,
            width=100,
            sort_output=True,
            ignore_obsolete=True,
            include_lineno=False,
            include_previous=False,
        )
    return sum(1 for m in catalogue if m.id and not all(strings(m.string)))


def strings(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """The forms of a text or a translation: one, or one a plural form; empty when there is none."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


if __name__ == "__main__":
    TEMPLATE = extract()
    for po in catalogues():
        print(f"{po.parts[-3]}: {len(TEMPLATE)} texts, {update(po, TEMPLATE)} not translated")
