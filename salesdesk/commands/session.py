"""One run of the command line: its workspace, its person, its now, and what it says meanwhile."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from salesdesk.commands.values import Given, moment_in
from salesdesk.errors import NotBuilt, NotFound, Refused, SalesDeskError
from salesdesk.moments import Zone, moment_of
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Store

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True)
class Session:
    """The global options. ``clock`` answers the present moment when ``--now`` does not."""

    workspace: str | None
    given_now: Given | None
    clock: Callable[[], int]
    json: bool = False
    language: str | None = None

    # -- where --------------------------------------------------------------------------------

    def chosen_path(self) -> Path | None:
        """The workspace of ``--workspace``, else the one opened last, else none."""
        from salesdesk.services import machine

        if self.workspace is None:
            return machine.last_workspace()
        if _URL.match(self.workspace):
            return _path_of_url(self.workspace)
        if not self.workspace:
            raise NotFound(N_("The name of the workspace is empty."))
        return Path(self.workspace).absolute()

    def path(self) -> Path:
        """The workspace to work on; raises NotFound when none was named nor opened before."""
        path = self.chosen_path()
        if path is None:
            raise NotFound(
                N_("No workspace was opened here yet: name one with --workspace, or make one with "
                   "salesdesk init.")
            )  # fmt: skip
        return path

    # -- when ---------------------------------------------------------------------------------

    def now(self, zone: Zone | None = None) -> int:
        """The moment taken for now; without a zone a local time cannot be told and the clock
        answers."""
        if self.given_now is None:
            return self.clock()
        if zone is not None:
            return moment_in(self.given_now, zone)
        if getattr(self.given_now, "tzinfo", None) is not None:
            return moment_of(self.given_now)  # type: ignore[arg-type]
        return self.clock()

    # -- what ---------------------------------------------------------------------------------

    @contextmanager
    def store(self) -> Iterator["Store"]:
        """The open workspace, upgraded if it was older; what a crash left half-done is rolled back
        first. Closed at the end."""
        from salesdesk.services import workspaces

        path = self.path()
        opened = workspaces.open_workspace(path, self.now())
        with opened.store as store:
            self._recover(store, path)
            self._remember(path)
            yield store

    def _recover(self, store: "Store", path: Path) -> None:
        with store.read() as r:
            if r.row("SELECT 1 FROM command WHERE state = 'running' LIMIT 1") is None:
                return
        from salesdesk.models import lock
        from salesdesk.services import history

        held = lock.running(path)
        if held is not None:  # else another program is at it
            with held:
                history.recover(store, now=self.now(store.zone))
            self.note(tr("The last session was cut off. What was half-done has been put in order."))

    def _remember(self, path: Path) -> None:
        """A workspace that was named is the one opened last from now on."""
        from salesdesk.services import machine, workspaces

        if self.workspace is not None and machine.last_workspace() != path.resolve():
            with suppress(OSError):
                machine.remember_opened(path, workspaces.backup_folder(path))

    # -- who ----------------------------------------------------------------------------------

    def person(self, store: "Store", by: str | None = None) -> int | None:
        """Who acts: ``--by``, else the person chosen on this machine, else nobody in particular.

        Raises NotFound for somebody who is not here, Refused for someone who has left.
        """
        from salesdesk.services import machine, people

        with store.read() as r:
            today = store.zone.day_of(self.now(store.zone))
            if by is None:
                chosen = machine.known(store.path).person
                present = {one.id for one in people.people(r, on_day=today)}
                return chosen if chosen in present else None
            person = people.find_person(r, by)
        if person.last_day is not None and person.last_day < today:
            raise Refused(N_("{name} does not work here any more."), name=person.name)
        return person.id

    # -- meanwhile ----------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Say something on standard error: progress, or what may surprise."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text + "\n")
            sys.stderr.flush()


def _path_of_url(url: str) -> Path:
    scheme = url.partition(":")[0].lower()
    if scheme == "file":
        from urllib.request import url2pathname

        with suppress(ValueError):  # a bracket that begins no address of a host
            return Path(url2pathname(urlsplit(url).path)).absolute()
    if scheme.startswith("postgres"):
        raise NotBuilt(N_("A workspace on a team hub cannot be opened by this version yet."))
    raise SalesDeskError(
        N_("This workspace cannot be opened"),
        N_("{scheme}:// is no address of a workspace."),
        scheme=scheme,
    )
