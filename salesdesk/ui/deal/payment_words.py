"""What the panel says of payments, in the chosen language."""

from dataclasses import dataclass
from decimal import Decimal

from salesdesk.services.chainmoney import ChainMoney, Flow
from salesdesk.services.deallinks import Gate
from salesdesk.services.payments import Paid, PaymentLine, PaymentSums
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import formats


def state(line: PaymentLine) -> str:
    """The state of a payment in a word."""
    if line.state == "paid":
        return trp("payment", "Paid")
    return trp("payment", "Late") if line.state == "late" else trp("payment", "Planned")


def amount(line: PaymentLine) -> str:
    """``372 000 ₽``, with a minus when it goes out."""
    shown = formats.money(line.amount, line.currency)
    return f"−{formats.NO_BREAK}{shown}" if line.direction == "out" else shown


def when(line: PaymentLine, today: int) -> str:
    """``late since 20 Nov``, ``12 Dec``, ``paid 10 Nov``."""
    if line.actual_day is not None:
        return tr("paid {day}", day=formats.day_near(line.actual_day, today))
    if line.planned_day is None:
        return tr("no date")
    day = formats.day_near(line.planned_day, today)
    return tr("late since {day}", day=day) if line.state == "late" else day


def about(line: PaymentLine) -> str:
    """Whom it goes out to, and the note."""
    note = (line.note or "").replace("\n", " ")
    return " · ".join(filter(None, (line.contractor, note)))


def spoken(line: PaymentLine, today: int) -> str:
    """All of it, for a screen reader and the tool tip."""
    way = tr("to a contractor") if line.direction == "out" else tr("from the client")
    return ", ".join(filter(None, (amount(line), way, when(line, today), about(line))))


def total(sums: PaymentSums) -> str:
    """``Paid 372 000 of 1 240 000 ₽ · 30%``."""
    if sums.left is None:
        return tr("Paid {amount}", amount=formats.money(sums.paid, sums.currency))
    paid = _figures(sums.paid)
    of = formats.money(sums.paid + sums.left - sums.over, sums.currency)
    said = tr("Paid {paid} of {amount}", paid=paid, amount=of)
    return said if sums.percent is None else f"{said} · {tr('{n}%', n=sums.percent)}"


def rest(sums: PaymentSums, out: bool = True) -> str:
    """``Left 868 000 ₽ · planned 868 000 ₽ · to contractors 90 000 ₽`` (``out``), as far as there
    is anything."""

    def money(value: Decimal) -> str:
        return formats.money(value, sums.currency)

    parts = []
    if sums.left:
        parts.append(tr("Left {amount}", amount=money(sums.left)))
    if sums.over:
        parts.append(tr("{amount} more than agreed", amount=money(sums.over)))
    if sums.planned:
        parts.append(tr("planned {amount}", amount=money(sums.planned)))
    if out and (sums.paid_out or sums.planned_out):
        parts.append(tr("to contractors {amount}", amount=money(sums.paid_out + sums.planned_out)))
    if sums.unrated:
        names = ", ".join(sums.unrated)
        parts.append(tr("without {currencies}: no rate", currencies=names))
    return " · ".join(parts)


def late(sums: PaymentSums) -> str:
    """``1 payment late · 100 000 ₽``, or nothing."""
    if not sums.late_count:
        return ""
    said = ntr("{n} payment late", "{n} payments late", sums.late_count)
    return f"{said} · {formats.money(sums.late, sums.currency)}" if sums.late else said


def share(sums: PaymentSums) -> str:
    """``Paid 30%`` for the head of the panel; nothing while nothing was paid."""
    if not sums.paid:
        return ""
    if sums.percent is None:
        return total(sums)
    return tr("Paid {percent}", percent=tr("{n}%", n=sums.percent))


def late_count(sums: PaymentSums) -> str:
    """``1 payment late`` for the head of the panel, or nothing."""
    n = sums.late_count
    return ntr("{n} payment late", "{n} payments late", n) if n else ""


def paid(done: Paid, line: PaymentLine) -> str:
    """What paying did, for the toast."""
    if done.rest:
        rest_of = formats.money(done.rest, line.currency)
        return tr("Part paid, {rest} still to come", rest=rest_of)
    if done.over:
        over = formats.money(done.over, line.currency)
        return tr("Paid, {over} more than planned", over=over)
    return tr("Marked as paid")


# -- the deal and its children --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FlowLine:
    """``To contractors``, ``40 000 of 90 000 ₽``, ``late: 50 000 ₽ since 20 Nov``; those with a
    ``flow`` have a bar, the others stand below one."""

    name: str
    sums: str
    late: str
    flow: Flow | None = None

    def spoken(self) -> str:
        """All of it in one sentence."""
        return ", ".join(filter(None, (f"{self.name}: {self.sums}", self.late)))


def flows(chain: ChainMoney, today: int) -> list[FlowLine]:
    """What comes in and goes out, and to whom, of a deal and its children."""
    found = []
    if chain.takes_in:
        found.append(
            _flow(tr("In, with linked deals"), chain.incoming, chain.currency, today, barred=True)
        )
    if chain.outgoing:
        found.append(
            _flow(tr("To contractors"), chain.outgoing, chain.currency, today, barred=True)
        )
        named = [one for one in chain.contractors if one.name is not None]
        found += [_flow(one.name or "", one.flow, chain.currency, today) for one in named]
    if found and chain.unrated:
        names = ", ".join(chain.unrated)
        found.append(FlowLine(tr("without {currencies}: no rate", currencies=names), "", ""))
    return found


def _flow(name: str, flow: Flow, currency: str, today: int, *, barred: bool = False) -> FlowLine:
    late = ""
    if flow.late and flow.late_since is not None:
        late = tr(
            "late: {amount} since {day}",
            amount=formats.money(flow.late, currency), day=formats.day_near(flow.late_since, today),
        )  # fmt: skip
    return FlowLine(name, _sums(flow, currency, today), late, flow if barred else None)


def _sums(flow: Flow, currency: str, today: int) -> str:
    """``paid 40 000 of 90 000 ₽``, ``due 90 000 ₽ on 12 Dec``, ``paid 90 000 ₽``."""
    whole = formats.money(flow.whole, currency)
    if not flow.due:
        return tr("paid {amount}", amount=whole)
    if flow.paid:
        return tr("{paid} of {amount}", paid=_figures(flow.paid), amount=whole)
    if flow.next_day is not None and not flow.late:
        return tr("{amount} by {day}", amount=whole, day=formats.day_near(flow.next_day, today))
    return tr("{amount} due", amount=whole)


def _figures(amount: Decimal) -> str:
    return formats.decimal(amount, 0 if amount == amount.to_integral_value() else 2)


def gate(ahead: Gate) -> str:
    """``“Advance paid” opens when 30% of 1 200 000 ₽ is paid: 12% so far``."""
    return tr(
        "“{stage}” opens when {share} of {amount} is paid: {paid} so far",
        stage=ahead.stage, share=tr("{n}%", n=ahead.percent),
        amount=formats.money(ahead.amount, ahead.currency), paid=tr("{n}%", n=ahead.paid),
    )  # fmt: skip
