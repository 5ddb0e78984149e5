"""The screens: Qt lives here alone."""

import sys

import PySide6.QtCore  # noqa: F401 - brings what is spared below


def _spare_the_sources() -> None:
    """Keep PySide from reading the source of every module that is imported after it.

    It looks for its own name there, to know where names may be switched to snake_case; nobody
    switches here, and the search costs 2 ms a module: a fifth of a start.
    """
    names = vars(sys.modules.get("shibokensupport.feature", sys))
    if "_mod_uses_pyside" in names:
        names["_mod_uses_pyside"] = lambda _module: False


_spare_the_sources()
