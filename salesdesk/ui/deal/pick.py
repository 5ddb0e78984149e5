"""Choosing a client, as every panel does it (``widgets.pick``)."""

from salesdesk.ui.widgets.pick import ClientPicker, Picked, PickRow, Shown

__all__ = ["ClientPicker", "PickRow", "Picked", "Shown"]
