"""Russian is complete: every text that the program shows has its translation, with its places."""

import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from installer import messages

RUSSIAN = messages.TRANSLATIONS / "ru" / "LC_MESSAGES" / "salesdesk.po"


def places(text: str) -> set[tuple[str, str]]:
    """The ``{name:format}`` places of a text; braces that are none are themselves a place."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return {("not a format", text)}
    return {(name, spec or "") for _text, name, spec, _conversion in parts if name is not None}


def _blanks(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def problems_of(source: Message, target: Message | None) -> list[str]:
    """What is wrong with the translation ``target`` of the text ``source``."""
    ids = messages.strings(source.id)
    name = repr(ids[0])
    if target is None:
        return [f"{name}: missing, run `make messages`"]
    found = messages.strings(target.string)
    if not all(found):
        return [f"{name}: not translated"]
    wrong = [f"{name}: only guessed (fuzzy)"] if target.fuzzy else []
    forms = 3 if source.pluralizable else 1
    if len(found) != forms:
        wrong.append(f"{name}: {len(found)} forms, not {forms}")
    for text in found:
        if places(text) != places(ids[-1]):
            wrong.append(f"{name}: other places in {text!r}")
        if _blanks(text) != _blanks(ids[-1]):
            wrong.append(f"{name}: other blanks at the ends of {text!r}")
    return wrong


def problems(template: Catalog, catalogue: Catalog) -> list[str]:
    """Everything that keeps ``catalogue`` from being a complete translation of ``template``."""
    wrong = [f"{key!r}: obsolete, run `make messages`" for key in catalogue.obsolete]
    for source in template:
        if source.id:
            wrong += problems_of(source, catalogue.get(source.id, source.context))
    for target in catalogue:
        if target.id and template.get(target.id, target.context) is None:
            wrong.append(f"{target.id!r}: nothing shows it any more, run `make messages`")
    return wrong


def test_russian_is_complete() -> None:
    wrong = problems(messages.extract(), messages.load(RUSSIAN))
    assert not wrong, f"{len(wrong)} problems:\n" + "\n".join(wrong)


def test_russian_has_three_plural_forms() -> None:
    assert messages.load(RUSSIAN).num_plurals == 3


def test_every_way_of_marking_is_extracted(tmp_path: Path) -> None:
    package = tmp_path / "salesdesk"
    package.mkdir()
    (package / "page.py").write_text(
        'tr("one {x}", x=1)\nN_("two")\nntr("{n} deal", "{n} deals", 2)\ntrp("verb", "Open")\n',
        "utf-8",
    )
    found = {(m.id, m.context) for m in messages.extract(package) if m.id}
    assert found == {
        ("one {x}", None),
        ("two", None),
        (("{n} deal", "{n} deals"), None),
        ("Open", "verb"),
    }


PLURAL = ("{n} deal", "{n} deals")


@pytest.mark.parametrize(
    ("text", "translation", "complaint"),
    [
        ("Board", "", "not translated"),
        ("Board", None, "missing"),
        ("Move {deal}", "Переместить {сделку}", "other places"),
        ("{x:.1f} days", "{x} дней", "other places"),
        ("Sum: ", "Сумма:", "other blanks"),
        (PLURAL, ("{n} сделка", "{n} сделки", ""), "not translated"),
        (PLURAL, ("одна сделка", "{n} сделки", "{n} сделок"), "other places"),
        (PLURAL, ("{n} сделка", "{n} сделки"), "2 forms, not 3"),
    ],
)
def test_a_bad_translation_is_noticed(
    text: str | tuple[str, str], translation: str | tuple[str, ...] | None, complaint: str
) -> None:
    template, catalogue = Catalog(), Catalog(locale="ru")
    template.add(text)
    if translation is not None:
        catalogue.add(text, translation)
    (wrong,) = problems(template, catalogue)
    assert complaint in wrong


def test_a_guess_and_leftovers_are_noticed() -> None:
    template, catalogue = Catalog(), Catalog(locale="ru")
    template.add("Board")
    catalogue.add("Board", "Доска", flags=["fuzzy"])
    catalogue.add("Gone", "Нет")
    catalogue.obsolete["Old"] = Message("Old", "Старое")
    wrong = problems(template, catalogue)
    assert [line.split(": ")[1].split(",")[0] for line in wrong] == [
        "obsolete",
        "only guessed (fuzzy)",
        "nothing shows it any more",
    ]


def test_a_good_translation_is_let_through() -> None:
    template, catalogue = Catalog(), Catalog(locale="ru")
    template.add("Move {deal}")
    catalogue.add("Move {deal}", "Переместить {deal}")
    template.add(PLURAL)
    catalogue.add(PLURAL, ("{n} сделка", "{n} сделки", "{n} сделок"))
    template.add("Open", context="verb")
    catalogue.add("Open", "Открыть", context="verb")
    assert problems(template, catalogue) == []


def test_the_catalogue_compiles_without_complaint() -> None:
    """Every fresh machine compiles it; a text like "% of" looks like a format to Babel."""
    for path in messages.catalogues():
        catalogue = messages.load(path)
        faults = [error for message in catalogue for error in message.check(catalogue)]
        assert faults == []
