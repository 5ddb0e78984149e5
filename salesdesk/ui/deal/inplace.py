"""Large texts edited in place, as every panel has them (``widgets.inplace``)."""

from salesdesk.ui.widgets.inplace import INSET, DashedPill, InPlace, OwnerButton, dot_icon

__all__ = ["INSET", "DashedPill", "InPlace", "OwnerButton", "dot_icon"]
