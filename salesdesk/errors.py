"""What goes wrong, in words for people.

An error carries a title, a message (both marked with ``N_`` where they are written) and the values
that fill the message; the edge (window, command line) translates them.
"""

import errno

from salesdesk.text import N_, tr

#: Why files cannot be read or written; of others the system's own words are said.
_REASONS = {
    errno.ENOENT: N_("No such file or directory"),
    errno.EACCES: N_("Permission denied"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.EEXIST: N_("File exists"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EROFS: N_("Read-only file system"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.EIO: N_("Input/output error"),
    errno.EBUSY: N_("Device or resource busy"),
}


class Reason:
    """Why something failed, as a value of a message: said in the language chosen by then."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __str__(self) -> str:
        error = self._error
        if isinstance(error, UnicodeDecodeError):
            return tr("it is not UTF-8")
        if not isinstance(error, OSError):
            return str(error)
        known = _REASONS.get(error.errno or 0)
        return tr(known) if known else error.strerror or str(error) or type(error).__name__


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
