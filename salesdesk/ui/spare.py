"""Import this before the other screens: a start without what nobody here needs of PySide.

- PySide takes the place of ``import``, to know where names may be switched to snake_case: it reads
  the source of every module that is imported after it, in search of its own name. Nobody switches
  here, and the search costs 2 ms a module.
- It carries sources inside itself and compiles them at every start: those of an earlier start are
  taken (``compiled``). One of them writes stubs, for which it makes large regular expressions; it
  stays empty. Another makes one for what is told of a wrong call; it is made then.
- Its enumerations are put together by ``quick_enums``.
"""

import builtins
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from salesdesk.ui import compiled, quick_enums

_WRITES_STUBS = "shibokensupport/signature/lib/pyi_generator.py"
_PARSES = "shibokensupport.signature.parser"


class _Later:
    """A pattern that is compiled when it is first used."""

    def __init__(self, make: Callable[[], "re.Pattern[str]"]) -> None:
        self._make = make

    @cached_property
    def _pattern(self) -> "re.Pattern[str]":
        return self._make()

    def finditer(self, text: str) -> "Iterator[re.Match[str]]":
        """As of the pattern."""
        return self._pattern.finditer(text)


@contextmanager
def _without_patterns() -> Iterator[None]:
    """What PySide parses signatures with is made when the first one is parsed."""
    plain = re.compile

    def make(pattern: Any, flags: Any = 0) -> Any:
        if sys._getframe(1).f_globals.get("__name__") == _PARSES:
            return _Later(lambda: plain(pattern, flags))
        return plain(pattern, flags)

    re.compile = make
    try:
        yield
    finally:
        re.compile = plain


def _spare_the_sources() -> None:
    usual = getattr(builtins, "__orig_import__", None)
    if usual is not None and builtins.__import__ is getattr(builtins, "__feature_import__", None):
        builtins.__import__ = usual


quick_enums.install()
with compiled.serving("shibokensupport/", empty=_WRITES_STUBS), _without_patterns():
    import PySide6.QtCore  # noqa: F401 - brings what is spared
_spare_the_sources()
