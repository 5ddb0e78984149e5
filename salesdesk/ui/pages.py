"""Which pages there are, and what is wired between their panels (panels never import panels)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, PageSpec

if TYPE_CHECKING:
    from salesdesk.ui.deal.panel import DealPanel


def specs(context: Context | None = None) -> list[PageSpec]:
    """The pages of the rail, in order; each is made when it is first shown. With a context they
    count what waits there."""
    return [
        PageSpec("board", lambda: tr("Board"), "board", _board),
        PageSpec("tasks", lambda: tr("Tasks"), "tasks", _tasks, _due_count(context)),
        PageSpec("clients", lambda: tr("Clients"), "clients", _clients),
        PageSpec("contractors", lambda: tr("Contractors"), "contractors", _contractors),
        PageSpec("control", lambda: tr("Control desk"), "control", _control, needs="lead"),
        PageSpec("ranking", lambda: tr("Ranking"), "ranking", _ranking),
        PageSpec("reports", lambda: tr("Reports"), "reports", _reports),
        PageSpec("history", lambda: tr("History"), "history", _history),
        PageSpec("import", lambda: tr("Import"), "import", _import, needs="import"),
        PageSpec("settings", lambda: tr("Settings"), "settings", _settings),
        PageSpec(
            "months", lambda: tr("Months"), "calendar", _months, needs="lead", within="ranking"
        ),
        PageSpec("awards", lambda: tr("Awards"), "award", _awards, within="ranking"),
        PageSpec("sync", lambda: tr("Sync"), "sync", _sync, within="settings"),
    ]


def _board(context: Context) -> Page:
    """The board, with the panel of a deal beside it (made when the first deal is opened)."""
    from salesdesk.ui.board.panel import BoardPage

    page = BoardPage(context)
    panels: list[DealPanel] = []

    def panel() -> "DealPanel":
        if not panels:
            from salesdesk.ui.deal.panel import DealPanel

            panels.append(DealPanel(context))
            page.set_side_panel(panels[0])
            panels[0].closed.connect(page.deal_closed)
            panels[0].deal_opened.connect(page.show_deal)
        return panels[0]

    def follow(deal_id: int) -> None:
        if panels and panels[0].isVisible():
            panels[0].open_deal(deal_id, page.moment())

    def leave() -> None:
        if panels and panels[0].isVisible():
            panels[0].close_panel()

    def note(deal_id: int) -> None:
        from salesdesk.ui.palette import recent

        recent.note(context, "deal", deal_id)

    page.deal_opened.connect(lambda deal_id: panel().open_deal(deal_id, page.moment()))
    page.deal_opened.connect(note)
    page.deal_left.connect(leave)
    page.deal_chosen.connect(follow)
    page.task_wanted.connect(lambda deal_id: panel().add_task(deal_id))
    return page


def _due_count(context: Context | None) -> Callable[[Callable[[int], object]], object] | None:
    """How many of one's own tasks are overdue or due today; counted in the background."""
    if context is None:
        return None

    def count(show: Callable[[int], object]) -> None:
        from salesdesk.services import task_lists

        context.read(
            task_lists.due_count, context.person_id, now=context.now(), done=show, key="due-count"
        )

    return count


def _tasks(context: Context) -> Page:
    from salesdesk.ui.tasks.panel import TasksPage

    return TasksPage(context)


def _control(context: Context) -> Page:
    from salesdesk.ui.control.panel import ControlPage

    return ControlPage(context)


def _clients(context: Context) -> Page:
    from salesdesk.ui.clients.page import ClientsPage

    return ClientsPage(context)


def _contractors(context: Context) -> Page:
    from salesdesk.ui.contractors.page import ContractorsPage

    return ContractorsPage(context)


def _ranking(context: Context) -> Page:
    from salesdesk.ui.ranking.panel import RankingPage

    return RankingPage(context)


def _awards(context: Context) -> Page:
    from salesdesk.ui.awards.page import AwardsPage

    return AwardsPage(context)


def _months(context: Context) -> Page:
    from salesdesk.ui.months.page import MonthsPage

    return MonthsPage(context)


def _reports(context: Context) -> Page:
    from salesdesk.ui.reports.panel import ReportsPage

    return ReportsPage(context)


def _history(context: Context) -> Page:
    from salesdesk.ui.history.panel import HistoryPage

    return HistoryPage(context)


def _sync(context: Context) -> Page:
    from salesdesk.ui.sync.page import SyncPage

    return SyncPage(context)


def _settings(context: Context) -> Page:
    from salesdesk.ui.settings.panel import SettingsPage

    return SettingsPage(context)


def _import(context: Context) -> Page:
    from salesdesk.ui.imports.panel import ImportPage

    return ImportPage(context)
