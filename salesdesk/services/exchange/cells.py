"""Cells of files for spreadsheets that a spreadsheet must not take for formulas.

A spreadsheet runs a cell that starts with ``=``, ``+``, ``-`` or ``@`` (also after blanks, and in
full-width letters), and drops a tab or a line break at the start. Such a text gets an apostrophe in
front, which ``plain_cell`` takes off again. Phone numbers (``+7 912 345-67-89``) and plain negative
numbers stay as they are: they hold nothing but digits and the signs between them, so there is
nothing in them to run. In XLSX no apostrophe is needed: write texts there as cells of type text.
"""

import re

_ACTIVE = re.compile(r"[\s\ufeff\u200b]*[=+\-@＝＋－＠]|[\t\r\n\v\f\0]")
_PHONE = re.compile(r"\+[0-9][0-9 \u00a0().-]{4,22}[0-9]")
_NUMBER = re.compile(r"[+-][0-9](?:[0-9 \u00a0\u202f]*[0-9])?(?:[.,][0-9]+)?%?")
_DASHES = re.compile(r"-+")


def is_active(text: str) -> bool:
    """Whether a spreadsheet might take ``text`` for a formula."""
    if not _ACTIVE.match(text):
        return False
    return not any(known.fullmatch(text) for known in (_PHONE, _NUMBER, _DASHES))


def safe_cell(text: str) -> str:
    """``text`` for a CSV file: with an apostrophe in front if it could be taken for a formula."""
    return "'" + text if is_active(text) else text


def plain_cell(text: str) -> str:
    """What ``safe_cell`` was given: without the guarding apostrophe."""
    return text[1:] if text[:1] == "'" and is_active(text[1:]) else text
