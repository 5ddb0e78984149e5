"""Kinds of values of a deal, and those of own fields (``widgets.own_kinds``)."""

from salesdesk.ui.widgets.own_kinds import (
    ProbabilityKind,
    TagsKind,
    options_of,
    own_kind,
    own_shown,
)

__all__ = ["ProbabilityKind", "TagsKind", "options_of", "own_kind", "own_shown"]
