"""The command line: arguments, the global options, and the edge where errors become sentences.

``main`` is a promise to scripts (``docs/cli.md``): exit status 0 done, 1 refused or failed, 2 wrong
usage, 130 interrupted; with ``--json`` exactly one document on standard output. What a command does
stands in ``salesdesk.commands``; its module is imported only when the command is named.
"""

import argparse
import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NoReturn

from salesdesk import __version__, text
from salesdesk.commands import COMMANDS, Answer, Command, WrongUsage, add_json
from salesdesk.errors import Reason, SalesDeskError
from salesdesk.text import tr

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
#: How many objects a command may make before cycles among them are looked for.
_MANY_OBJECTS = 100_000


class Parser(argparse.ArgumentParser):
    """Raises instead of ending the process, so that ``--json`` can answer as well."""

    def error(self, message: str) -> NoReturn:
        raise WrongUsage(message, self.format_usage())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status, never raises."""
    words = list(sys.argv[1:] if argv is None else argv)
    _open_streams()
    _speak_utf8()
    text.set_language(_language_of(words))
    wants_json = "--json" in words
    try:
        status = _run(words)
        return _flushed(status)
    except SystemExit as end:  # argparse after --help and --version
        return _flushed(end.code if isinstance(end.code, int) else DONE)
    except WrongUsage as error:
        return _refuse(tr("Wrong usage"), str(error), wants_json, USAGE, error.usage)
    except SalesDeskError as error:
        return _refuse(error.heading(), error.text(), wants_json, FAILED)
    except KeyboardInterrupt:
        message = tr("Stopped; what was not finished was not saved.")
        return _refuse(tr("Stopped"), message, wants_json, INTERRUPTED)
    except BrokenPipeError:
        _forget_output()
        return DONE
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, the log the details
        return _refuse(tr("Something went wrong"), _unexpected(error), wants_json, FAILED)


def _run(words: list[str]) -> int:
    parser, commands = _parser(words)
    options = parser.parse_args(words)
    from salesdesk.commands.session import Session

    session = Session(options.workspace, options.now, _clock, options.json, options.lang)
    if options.command is None:
        return _open_window(session)
    module = import_module(COMMANDS[options.command].module)
    run = getattr(module, f"run_{options.command}")
    try:
        with seldom_collected():
            answer: Answer = run(session, options)
    except WrongUsage as error:
        error.usage = error.usage or commands.choices[options.command].format_usage()
        raise
    return _give(answer, options.json)


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """A command makes rows by the hundred thousand and ends: a fifth of the time of a report would
    be spent on looking for cycles among them."""
    usual = gc.get_threshold()
    gc.set_threshold(_MANY_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _clock() -> int:
    return time.time_ns() // 1000


def _open_window(session: Any) -> int:
    from salesdesk.commands.windows import open_window

    return int(open_window(session))


def _give(answer: Answer, wants_json: bool) -> int:
    """Print what a command answered; nothing but the document goes to standard output."""
    document = dict(answer.document)
    if answer.error is not None:
        document["error"] = _told(answer.error.heading(), answer.error.text())
    if wants_json:
        shown = json.dumps(document, ensure_ascii=False)
    else:
        shown = answer.text() if callable(answer.text) else answer.text
    if shown and not _printed(shown.rstrip("\n") + "\n"):
        return FAILED
    if answer.error is not None:
        sys.stderr.write(answer.error.text() + "\n")
        return FAILED
    return DONE


# -- the edge -------------------------------------------------------------------------------------


def _refuse(title: str, message: str, wants_json: bool, status: int, usage: str = "") -> int:
    sentence = " ".join(message.split())
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{usage}{sentence}\n")
        sys.stderr.flush()
    if wants_json:
        with contextlib.suppress(OSError, ValueError):
            document = {"error": _told(title, sentence)}
            sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
            return _flushed(status)
    return status


def _told(title: str, message: str) -> dict[str, str]:
    return {"title": title, "message": message}


def _flushed(status: int) -> int:
    return status if _printed("") else FAILED


def _printed(shown: str) -> bool:
    """Write to standard output at once; what cannot be written is said, a reader that left is
    not."""
    try:
        sys.stdout.write(shown)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
    except OSError as error:
        said = tr("The answer could not be written: {reason}.", reason=Reason(error))
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{said}\n")
        _forget_output()
        return False
    return True


def _forget_output() -> None:
    """Let nothing be written at exit to a pipe that nobody reads or a disk that is full."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _unexpected(error: Exception) -> str:
    """Keep the details of an error that nobody foresaw; returns what to tell."""
    import traceback
    from datetime import UTC, datetime

    reason = " ".join(str(error).split()) or type(error).__name__
    try:
        from salesdesk.models.places import data_folder

        log = data_folder() / "logs" / "errors.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.fromtimestamp(_clock() / 1e6, UTC).isoformat()}\n")
            file.writelines(traceback.format_exception(error))
    except OSError:
        return tr("This could not be finished: {reason}.", reason=reason)
    return tr("This could not be finished: {reason}. The details are in {log}.",
              reason=reason, log=log)  # fmt: skip


def _open_streams() -> None:
    """What a scheduler or a shell has closed (``>&-``) is nobody's to read: a command that did its
    work says so to nobody, and ends with 0."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _speak_utf8() -> None:
    """Standard output and error in UTF-8, whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        change = getattr(stream, "reconfigure", None)
        if change is not None:
            with contextlib.suppress(OSError, ValueError):
                change(encoding="utf-8", errors="replace")


# -- arguments ------------------------------------------------------------------------------------


def _language_of(words: Sequence[str]) -> str:
    """The language asked for (before arguments are read: their own messages need it)."""
    wanted = ""
    for place, word in enumerate(words):
        if word == "--lang" and place + 1 < len(words):
            wanted = words[place + 1]
        elif word.startswith("--lang="):
            wanted = word.partition("=")[2]
    if wanted in text.LANGUAGES:
        return wanted
    from salesdesk.services.machine_locale import language

    return language()


def _parser(words: Sequence[str]) -> tuple[Parser, Any]:
    """All commands by name, with the arguments of those that ``words`` may mean; the second answer
    holds the commands' own parsers in ``choices``."""
    from salesdesk.commands import usage_words
    from salesdesk.commands.values import moment_given

    usage_words.install()
    parser = Parser(
        prog="salesdesk",
        description=tr(
            "A desk for a sales team. Without a command the window opens on the last workspace."
        ),
        epilog=tr("salesdesk COMMAND --help explains a command."),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"SalesDesk {__version__}",
        help=tr("show the version and exit"),
    )
    parser.add_argument(
        "--workspace",
        metavar=tr("FILE"),
        help=tr("the workspace to work on (default: the one opened last)"),
    )
    parser.add_argument(
        "--now",
        type=moment_given,
        metavar=tr("MOMENT"),
        help=tr("take this for now: 2026-11-20T11:20, in the workspace's time without an offset"),
    )
    parser.add_argument("--lang", choices=text.LANGUAGES, help=tr("language of the messages"))
    parser.add_argument(
        "--json", action="store_true", help=tr("answer with one JSON document and nothing else")
    )
    group = parser.add_subparsers(dest="command", metavar=tr("COMMAND"), title=tr("commands"))
    for name, command in COMMANDS.items():
        _add_command(group, name, command, name in words)
    return parser, group


def _add_command(group: Any, name: str, command: Command, named: bool) -> None:
    shown = tr(command.help)
    sub = group.add_parser(name, help=shown, description=shown, allow_abbrev=False)
    add_json(sub)
    if named:
        getattr(import_module(command.module), f"{name}_arguments")(sub)


if __name__ == "__main__":
    sys.exit(main())
