"""The words of a digest: lines of spans, written plain or as the HTML of Telegram, cut to length.

A text is cut before it is escaped, so that no tag and no entity is ever cut. Lengths are counted
in UTF-16 units, as Telegram counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from salesdesk.services import amounts
from salesdesk.services.digest_days import DAYS, MONTH, Part
from salesdesk.services.ranking import Ranking, RankingRow
from salesdesk.text import N_, language, ntr, tr

#: What a message and the text of a picture may hold, after its entities were read.
MESSAGE, CAPTION = 4096, 1024
#: Tags in one message at most.
ENTITIES = 100
_NAMED = 5
_PLACES = 3
_BLANK = "\u00a0"
#: By which plan it is told who met it: the first of these that anybody has.
_PLANS: dict[str, str] = {
    "revenue": N_("Met the plan of revenue: {names}"),
    "gross_profit": N_("Met the plan of gross profit: {names}"),
    "points": N_("Met the plan of points: {names}"),
    "won": N_("Met the plan of deals won: {names}"),
}
_NOBODY: dict[str, str] = {
    "revenue": N_("Nobody has met the plan of revenue yet."),
    "gross_profit": N_("Nobody has met the plan of gross profit yet."),
    "points": N_("Nobody has met the plan of points yet."),
    "won": N_("Nobody has met the plan of deals won yet."),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    text: str
    bold: bool = False


#: A line of the text, without line breaks; the text is its lines.
Line = tuple[Span, ...]
Text = tuple[Line, ...]


def size(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 units."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def escaped(text: str) -> str:
    """The text as HTML of Telegram writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: Text) -> str:
    """The text without any marks."""
    return "\n".join("".join(span.text for span in line) for line in text)


def html(text: Text) -> str:
    """The text as HTML of Telegram."""
    return "\n".join("".join(map(_marked, line)) for line in text)


def _marked(span: Span) -> str:
    said = escaped(span.text)
    return f"<b>{said}</b>" if span.bold and said.strip() else said


def pieces(text: Text, first: int = MESSAGE, rest: int = MESSAGE) -> list[Text]:
    """The text in pieces, the first and the others not longer than these, cut at line breaks; a
    line that is too long alone is cut at a blank, or anywhere. Nothing is lost: joined by what was
    cut away (a line break) they are the text. Blank pieces are left out."""
    found: list[Text] = []
    here: list[Line] = []
    room = first
    filled = tuple(tuple(span for span in line if span.text) for line in text)
    for line, joined in _fitting_lines(filled, min(first, rest)):
        tags = sum(span.bold for each in (*here, line) for span in each)
        if here and (not joined or _size([*here, line]) > room or tags > ENTITIES):
            found.append(tuple(here))
            here, room = [], rest
        here.append(line)
    found.append(tuple(here))
    return [piece for piece in found if plain(piece).strip()]


def _size(lines: Sequence[Line]) -> int:
    return sum(size(span.text) for line in lines for span in line) + len(lines) - 1


def _fitting_lines(text: Text, limit: int) -> Iterator[tuple[Line, bool]]:
    """Lines not longer than the limit; whether a line break stood before each (one that was cut
    begins a piece of its own)."""
    for line in text:
        joined = True
        while _size([line]) > limit or sum(span.bold for span in line) > ENTITIES:
            head, line = _cut(line, limit)
            yield head, joined
            joined = False
        yield line, joined


def _cut(line: Line, limit: int) -> tuple[Line, Line]:
    """A line in two, the first as long as allowed; cut behind a blank where there is one."""
    said = "".join(span.text for span in line)
    at = used = 0
    for sign in said:
        if used + size(sign) > limit:
            break
        used += size(sign)
        at += 1
    blank = said.rfind(" ", 0, at)
    if blank > 0:
        at = blank + 1
    return _parted(line, max(min(at, _within_tags(line)), 1))


def _within_tags(line: Line) -> int:
    """How much of a line has not more tags than a message may."""
    tags = length = 0
    for span in line:
        tags += span.bold
        if tags > ENTITIES:
            break
        length += len(span.text)
    return length


def _parted(line: Line, at: int) -> tuple[Line, Line]:
    head, tail, start = list[Span](), list[Span](), 0
    for span in line:
        here = min(max(at - start, 0), len(span.text))
        if span.text[:here]:
            head.append(Span(span.text[:here], span.bold))
        if span.text[here:]:
            tail.append(Span(span.text[here:], span.bold))
        start += len(span.text)
    return tuple(head), tuple(tail)


# --- what it says --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Win:
    """A deal that was won in the period."""

    title: str
    person: str | None
    amount: Decimal | None
    currency: str


def composed(
    part: Part,
    ranking: Ranking,
    wins: Sequence[Win],
    extra: Sequence[str] = (),
    workspace: str = "",
) -> Text:
    """The text of a digest: the days, the first three, who met the plan, what is overdue, the deals
    won, and paragraphs from elsewhere (an award)."""
    lines: list[Line] = [(Span(_heading(part, workspace), bold=True),), ()]
    lines += _leaders(ranking)
    for block in (_met(ranking), _overdue(ranking), _won(wins), [_said(each) for each in extra]):
        if block:
            lines += [(), *block]
    return tuple(tuple(_one_line(span) for span in line) for line in lines)


def _one_line(span: Span) -> Span:
    """Names may hold line breaks and control characters; a line of the text may not."""
    return Span("".join(" " if ord(sign) < 32 else sign for sign in span.text), span.bold)


def _said(text: str) -> Line:
    return (Span(text),)


def _heading(part: Part, workspace: str) -> str:
    days = part.shown().label()
    name = {DAYS: N_("Ranking of seven days"), MONTH: N_("Ranking of the month so far")}
    said = tr(name.get(part.kind, N_("Ranking of the month")))
    return " · ".join(each for each in (said, days, workspace) if each)


def _leaders(ranking: Ranking) -> list[Line]:
    best = [row for row in ranking.rows if row.points > 0 and row.rank <= _PLACES]
    if not best:
        return [_said(tr("Nobody has earned points yet."))]
    lines: list[Line] = [_said(tr("Most points:"))]
    for row in best[: _PLACES * 2]:
        points = figures(row.points)
        lines.append((Span(f"{row.rank}. "), Span(row.person, bold=True), Span(f" — {points}")))
    return lines


def _met(ranking: Ranking) -> list[Line]:
    for metric, words in _PLANS.items():
        planned = [row for row in ranking.rows if row.plans.get(metric)]
        if planned:
            met = [row for row in planned if row.levels.get(metric) == "full"]
            met.sort(key=lambda row: -_share(row, metric))
            names = [f"{row.person} ({_percent(_share(row, metric))})" for row in met]
            if not names:
                return [_said(tr(_NOBODY[metric]))]
            return [_said(tr(words, names=_some(names)))]
    return []


def _share(row: RankingRow, metric: str) -> Decimal:
    return Decimal(row.value(metric)) / row.plans[metric]


def _overdue(ranking: Ranking) -> list[Line]:
    lines: list[Line] = []
    for metric, words in (("tasks_overdue", _tasks), ("deals_without_tasks", _deals)):
        rows = [row for row in ranking.rows if int(row.value(metric))]
        rows.sort(key=lambda row: -int(row.value(metric)))
        if rows:
            total = sum(int(row.value(metric)) for row in rows)
            names = _some([f"{row.person} {row.value(metric)}" for row in rows])
            lines.append(_said(f"{words(total)}: {names}"))
    return lines or [_said(tr("Nothing is overdue, and every deal has a task."))]


def _tasks(n: int) -> str:
    return ntr("{n} task overdue", "{n} tasks overdue", n)


def _deals(n: int) -> str:
    return ntr("{n} deal without a task", "{n} deals without a task", n)


def _won(wins: Sequence[Win]) -> list[Line]:
    if not wins:
        return []
    n = len(wins)
    lines: list[Line] = [(Span(ntr("{n} deal won", "{n} deals won", n), bold=True),)]
    for win in wins[:_NAMED]:
        amount = "" if win.amount is None else _money(win.amount, win.currency)
        about = ", ".join(part for part in (amount, win.person or "") if part)
        lines.append(_said(f"• {win.title}" + (f" — {about}" if about else "")))
    if n > _NAMED:
        lines.append(_said(ntr("and {n} more", "and {n} more", n - _NAMED)))
    return lines


def _some(names: list[str]) -> str:
    """The first few; how many more there are."""
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown}, {ntr('and {n} more', 'and {n} more', more)}" if more > 0 else shown


# Figures look as they do in the window.


def figures(value: Decimal, pattern: str = ",f") -> str:
    """A number in the chosen language, without zeros that say nothing."""
    text = format(value, pattern)
    if "." in text and pattern == ",f":
        text = text.rstrip("0").rstrip(".")
    text = text.replace(",", _BLANK)
    return text.replace(".", ",") if language() == "ru" else text


def _percent(share: Decimal) -> str:
    return f"{figures(Decimal(int(share * 100)))}{_BLANK}%"


def _money(amount: Decimal, currency: str) -> str:
    pattern = ",.0f" if amount == amount.to_integral_value() else ",.2f"
    return f"{figures(amount, pattern)}{_BLANK}{amounts.sign(currency)}"
