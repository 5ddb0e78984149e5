"""Whose cards say something else after a change."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from salesdesk.services import board as questions
from salesdesk.ui.board.state import MANY


def touched(ask: Callable[..., Any], tables: Mapping[str, Sequence[int]]) -> Sequence[int]:
    """The deals of a change: those that were written, those of own fields that were, and, of few,
    their parents, whose cards show where their children stand (of many they are asked for once
    all are gathered)."""
    ids = tables.get("deal", ())
    values = tables.get("field_value", ())
    if ids and values:
        ids = [*ids, *ask(questions.described_by, values)]
    if 0 < len(ids) <= MANY:
        ids = [*ids, *ask(questions.parents_of, ids)]
    return ids
