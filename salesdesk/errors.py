"""What goes wrong, in words for people.

An error carries a title, a message (both marked with ``N_`` where they are written) and the values
that fill the message; the edge (window, command line) translates them.
"""

from salesdesk.text import N_, tr


class SalesDeskError(Exception):
    """Something was refused or failed; nothing was written unless the message says so."""

    def __init__(self, title: str, message: str, /, **values: object) -> None:
        self.title = title
        self.message = message
        self.values = values
        super().__init__(message.format(**values) if values else message)

    def text(self) -> str:
        """The message in the chosen language."""
        return tr(self.message, **self.values)

    def heading(self) -> str:
        """The title in the chosen language."""
        return tr(self.title)


class NotFound(SalesDeskError):
    """A name, number or id that nothing here has."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(N_("Not found"), message, **values)


class Refused(SalesDeskError):
    """A rule of the business says no."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(N_("Refused"), message, **values)


class Invalid(SalesDeskError):
    """A value that cannot be taken as it is."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(N_("Not valid"), message, **values)


class NotBuilt(SalesDeskError):
    """A promise of the command line that this version does not keep yet."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(N_("Not available yet"), message, **values)
