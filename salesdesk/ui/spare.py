"""Import this before the other screens: a start without what nobody here needs of PySide.

PySide reads the source of every module that is imported after it, in search of its own name, to
know where names may be switched to snake_case. Nobody switches here, and the search costs 2 ms a
module: a fifth of a start.
"""

import sys

import PySide6.QtCore  # noqa: F401 - brings what is spared below


def _spare_the_sources() -> None:
    names = vars(sys.modules.get("shibokensupport.feature", sys))
    if "_mod_uses_pyside" in names:
        names["_mod_uses_pyside"] = lambda _module: False


_spare_the_sources()
