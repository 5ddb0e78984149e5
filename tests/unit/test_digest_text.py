"""The words of a digest: escaped, cut to length, nothing lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.services import digest_text
from salesdesk.services.digest_text import Span, Text
from tests.emulators.telegram import Refusal, read_html

_SIGNS = st.sampled_from([*"ab <>&;\"' \u00a0é", "😀", "👩‍👧", "&amp;", "<b>", "&lt", "ёж"])
_WORDS = st.lists(_SIGNS, max_size=30).map("".join)
_SPANS = st.builds(Span, _WORDS, st.booleans())
_LINES = st.lists(_SPANS, max_size=6).map(tuple)
TEXTS = st.lists(_LINES, max_size=12).map(tuple)


def tags(html: str) -> int:
    return html.count("<b>")


@given(TEXTS)
def test_what_telegram_reads_is_what_was_written(text: Text) -> None:
    assert read_html(digest_text.html(text)) == digest_text.plain(text)


@given(TEXTS, st.integers(1, 40), st.integers(2, 60))
def test_pieces_are_within_their_limits_and_lose_nothing(text: Text, first: int, rest: int) -> None:
    first, rest = max(first, 2), max(rest, 2)
    found = digest_text.pieces(text, first, rest)
    for place, piece in enumerate(found):
        html = digest_text.html(piece)
        assert digest_text.size(read_html(html)) <= (first if place == 0 else rest)
        assert tags(html) <= digest_text.ENTITIES
        assert digest_text.plain(piece).strip()
    said = "".join(digest_text.plain(piece) for piece in found)
    assert re.sub(r"\s", "", said) == re.sub(r"\s", "", digest_text.plain(text))


@given(st.lists(_WORDS.filter(lambda said: bool(said.strip())), min_size=1, max_size=40))
def test_a_text_is_cut_at_its_lines(lines: list[str]) -> None:
    text = tuple((Span(line),) for line in lines)
    found = digest_text.pieces(text, 200, 200)
    assert "\n".join(digest_text.plain(piece) for piece in found) == digest_text.plain(text)


def test_a_short_text_is_one_piece() -> None:
    text = ((Span("Title", bold=True),), (), (Span("a < b & c"),))
    assert digest_text.pieces(text, 1024) == [text]
    assert digest_text.html(text) == "<b>Title</b>\n\na &lt; b &amp; c"


def test_a_line_that_is_too_long_is_cut_behind_a_blank() -> None:
    text = ((Span("one two three"),),)
    found = [digest_text.plain(piece) for piece in digest_text.pieces(text, 8, 8)]
    assert found == ["one two ", "three"]


def test_a_pair_of_utf16_units_is_not_cut() -> None:
    found = [digest_text.plain(piece) for piece in digest_text.pieces(((Span("a😀b"),),), 2, 2)]
    assert found == ["a", "😀", "b"]


def test_more_tags_than_a_message_may_have_make_another_message() -> None:
    text = tuple((Span(f"line {n} ", bold=True),) for n in range(250))
    found = digest_text.pieces(text)
    assert [tags(digest_text.html(piece)) for piece in found] == [100, 100, 50]
    line = (tuple(Span(f"{n} ", bold=True) for n in range(250)),)
    assert [tags(digest_text.html(piece)) for piece in digest_text.pieces(line)] == [100, 100, 50]


def test_the_reader_of_these_tests_finds_what_is_wrong() -> None:
    for wrong in ("a & b", "<b>x", "x</b>", "<x>", "a &lt b", "<b><i>x</b></i>", "<b>1</b>" * 101):
        with pytest.raises(Refusal, match="parse entities"):
            read_html(wrong)
