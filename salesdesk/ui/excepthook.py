"""Errors that nobody caught: one clear sentence in the window, details to copy."""

import sys
import threading
from types import TracebackType

from salesdesk.ui.background import Deliverer
from salesdesk.ui.context import Context


def install(context: Context) -> None:
    """From now on unexpected errors of any thread are shown; they also go to standard error."""
    deliverer = Deliverer(context)

    def show(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, where)
        _let_go(error)
        if issubclass(kind, Exception):
            deliverer.call(lambda: context.fail(error))

    def show_from_thread(caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            show(caught.exc_type, caught.exc_value, caught.exc_traceback)

    sys.excepthook = show
    threading.excepthook = show_from_thread


def _let_go(error: BaseException) -> None:
    """Drop what the frames of an error hold: a painter that outlives its event ends the program."""
    from traceback import clear_frames  # a start needs none

    follow: BaseException | None = error
    while follow is not None:
        clear_frames(follow.__traceback__)
        follow = follow.__context__
