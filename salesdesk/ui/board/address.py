"""Where on the board one is, as texts by name: pipeline, filter, sort order, day, opened deal."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesdesk.ui.board.panel import BoardPage

_ELSEWHERE = ("pipeline", "date", "deal", "sort")


def told(page: "BoardPage") -> dict[str, str]:
    """The address of what is shown."""
    parts = {"pipeline": str(page.pipeline_id)} if page.pipeline_id else {}
    parts |= page.filters.texts()
    if page.filters.sort != "position":
        parts["sort"] = page.filters.sort
    if page.past.day is not None:
        parts["date"] = date.fromordinal(page.past.day).isoformat()
    return parts | ({"deal": str(page.deal_id)} if page.deal_id else {})


def go(page: "BoardPage", parts: Mapping[str, str]) -> None:
    """Show what an address tells; a pipeline or a deal that is not there is passed over."""
    choose(page, parts)
    known = [str(pipeline.id) for pipeline in page.pipelines]
    wanted, day = parts.get("pipeline", ""), _day_of(parts.get("date", ""))
    if day is None:
        page.past.leave()
    if wanted in known and int(wanted) != page.pipeline_id:
        page.open_pipeline(int(wanted))
    else:
        page.refilter(step=False)
    if day is not None and page.pipeline_id:
        page.past.enter(page.pipeline_id, day)
    deal = parts.get("deal", "")
    if deal.isdecimal() and len(deal) < 18 and int(deal) != page.deal_id:
        page.open_deal(int(deal))
    elif not deal and page.deal_id:
        page.deal_left.emit()


def choose(page: "BoardPage", parts: Mapping[str, str]) -> None:
    """Take the filter of an address; one that cannot be read is said, and not taken."""
    texts = {name: text for name, text in parts.items() if name not in _ELSEWHERE}
    if page.filters.needs_reading(texts):
        from salesdesk.errors import SalesDeskError
        from salesdesk.services import filters

        try:
            texts = filters.to_texts(filters.from_texts(texts))
        except SalesDeskError as error:
            page.context.fail(error)
            texts = {}
    page.filters.set_texts(texts, parts.get("sort", ""))


def _day_of(text: str) -> int | None:
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None
