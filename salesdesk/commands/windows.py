"""Commands that draw: the window, the demo, a picture of a page. Qt comes by ``salesdesk.app``."""

import argparse
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from salesdesk import text
from salesdesk.commands import Answer
from salesdesk.commands.finding import find_deal, find_record
from salesdesk.commands.session import Session
from salesdesk.commands.values import file_given, month_given, size_given
from salesdesk.errors import NotFound, Refused
from salesdesk.models.store import Reader
from salesdesk.page_keys import PAGES, SETTINGS
from salesdesk.services import report_catalog
from salesdesk.text import N_, tr


def open_window(session: Session) -> int:
    """The window on the workspace named or opened last, else the welcome page; its exit status.

    Raises NotFound where there is neither a workspace nor a screen.
    """
    path = session.chosen_path()
    from salesdesk import app
    from salesdesk.ui import startup

    if path is None and not startup.has_screen():
        session.path()  # says so
    named = session.workspace is not None
    if path is None or not (named or path.is_file()):
        now = None if session.given_now is None else session.now()
    else:
        now = _standing_now(session, path)
    return app.run(path, now=now, language=session.language, named=named)


def _standing_now(session: Session, path: Path) -> int | None:
    """The moment of ``--now`` in the workspace's time; nothing when the clock runs."""
    if session.given_now is None:
        return None
    with session.store() as store:
        return session.now(store.zone)


def demo_arguments(parser: argparse.ArgumentParser) -> None:
    """``demo``."""


def run_demo(session: Session, options: argparse.Namespace) -> Answer:
    """The window on a sample workspace of its own, which is gone when the window is closed."""
    from salesdesk import app
    from salesdesk.moments import Zone
    from salesdesk.services import machine, machine_locale, story
    from salesdesk.ui import startup

    application = startup.application()  # refused where there is no screen, before any work
    zone = machine_locale.zone()
    now = session.now(Zone(zone))
    before = machine.load()
    with tempfile.TemporaryDirectory(prefix="salesdesk-demo-") as folder:
        path = Path(folder) / tr("Sample.salesdesk")
        session.note(tr("Making a sample workspace ..."))
        story.make_sample(path, now=now, language=text.language(), zone=zone).close()
        standing = None if session.given_now is None else now
        status = app.run(path, now=standing, language=session.language)
    with suppress(OSError):  # the workspace opened last is still one's own
        machine.save(replace(machine.load(), last=before.last))
    del application
    if status:
        raise Refused(N_("The window ended with status {status}."), status=status)
    return Answer({"demo": "closed"})


def screenshot_arguments(parser: argparse.ArgumentParser) -> None:
    """``screenshot PAGE --output X.png [--size 1440x900] [--theme light|dark] [--open WHAT]``."""
    parser.add_argument("page", choices=PAGES, metavar=tr("PAGE"), help=", ".join(PAGES))
    parser.add_argument(
        "--output",
        required=True,
        type=file_given,
        metavar="X.png",
        help=tr("the file for the picture"),
    )
    parser.add_argument(
        "--size", type=size_given, default=(1440, 900), metavar="1440x900",
        help=tr("width and height of the window"),
    )  # fmt: skip
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help=tr("colours"))
    parser.add_argument(
        "--open", metavar=tr("WHAT"),
        help=tr("what is opened there: a deal, client or contractor, a section of the settings, "
                "or wall on the ranking"),
    )  # fmt: skip


def run_screenshot(session: Session, options: argparse.Namespace) -> Answer:
    """A picture of a page, drawn by the window itself."""
    path = session.path()
    with session.store() as store:  # refused in one sentence before anything is drawn
        now = session.now(store.zone)
        item = None
        if options.open is not None:
            with store.read() as r:
                item = opened(r, options.page, options.open)
    from salesdesk import app

    output = Path(options.output).absolute()
    app.screenshot(
        path, options.page, output,
        size=options.size, theme=options.theme, language=text.language(), now=now,
        item=item,
    )  # fmt: skip
    width, height = options.size
    return Answer(
        {"page": options.page, "output": str(output), "width": width, "height": height},
        tr("{page}: {file}", page=options.page, file=output),
    )


def opened(r: Reader, page: str, words: str) -> int | str:
    """What a page is to open: the id of a record, a section of the settings, the ranking's wall;
    raises NotFound."""
    if page == "board":
        return find_deal(r, words).id
    if page in ("clients", "contractors"):
        return find_record(r, page[:-1], words)
    if page == "settings" and words in SETTINGS:
        return words
    if page == "months":
        with suppress(argparse.ArgumentTypeError):
            return month_given(words)
    if page == "reports" and report_catalog.is_there(words):
        return words
    if page == "ranking" and words == "wall":
        return words
    raise NotFound(N_("The page “{page}” has nothing called “{name}”."), page=page, name=words)
