"""The way of one transport order through the turnkey template, as docs/transport-order.md tells it:
a seller, a logistician, an engineer and a bookkeeper, each at the window of the program."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from salesdesk.moments import moment_of
from salesdesk.services import (
    dealfields,
    deals,
    dealview,
    link_rules,
    lists,
    payments,
    people,
    pipelines,
    quotes,
    ranking,
    ratings,
)
from salesdesk.services.periods import Period
from salesdesk.services.tasks import complete
from salesdesk.ui.quoting.forms import QuoteForm
from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import CTRL, KEY, NOON, SHIFT, Desk
from tests.services.configured import hire, stage, workspace

TITLE = "Crane to Ufa"
TEAM = "Logistics and service"
SALE, LOGISTICS, ENGINEERING, SERVICE, PAYMENTS = (
    "Turnkey services", "Logistics", "Engineering", "Service", "Payments",
)  # fmt: skip
BEFORE: dict[str, Any] = {"person": None, "now": moment_of(NOON) - 3_600_000_000}


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A firm of four with one sale, whose proposal is sent."""
    from dataclasses import replace

    store = workspace(tmp_path_factory.mktemp("transport"), "turnkey", name="firm.salesdesk")
    with store.read() as r:
        team = people.find_team(r, TEAM).id
        route, weight = (lists.find(r, "fields", name).id for name in ("Route", "Weight, t"))
        links = link_rules.link_rules(r)
        payments_begin = pipelines.find_stage(r, PAYMENTS, "Invoice to send").id
    maria = hire(store, "Maria Kim")
    hire(store, "Sergey Frolov", team_id=team, in_ranking=False)
    hire(store, "Elena Martynova", team_id=team, in_ranking=False)
    olga = hire(store, "Olga Zaytseva", in_ranking=False)
    [collects] = [link for link in links if link.target_stage_id == payments_begin]
    mine = replace(collects, assignee_rule="person", assignee_id=olga)
    link_rules.change_link_rule(store, mine, **BEFORE)
    new = deals.NewDeal(
        TITLE, stage(store, "Meeting held"), maria, amount=Decimal(1_240_000),
        expected_day=store.zone.day_of(moment_of(NOON)) + 30,
    )  # fmt: skip
    [deal] = deals.create(store, new, **BEFORE).deal_ids
    for key, value in ((route, "Perm – Ufa"), (weight, Decimal("31.5"))):
        dealfields.set_own_field(store, deal, key, value, **BEFORE)
    with store.read() as r:
        sent = r.value("SELECT id FROM task WHERE title = 'Send proposal'")
    complete(store, [sent], **BEFORE)
    store.close()
    return store.path


@pytest.fixture
def path(pattern: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(pattern, tmp_path / "firm.salesdesk"))


class Firm:
    """The window, and who sits at it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with desk.store.read() as r:
            self.staff = {one.name.split()[0]: one for one in people.people(r)}
            self.boards = {one.name: one.id for one in pipelines.pipelines(r)}
            self.sale = int(r.value("SELECT id FROM deal WHERE title = ?", (TITLE,)))

    def sits(self, name: str, pipeline: str) -> None:
        """Someone takes the chair and looks at a board."""
        one = self.staff[name]
        self.desk.context.set_person(one.id, one.name, one.role)
        self.desk.window.open_page("board")
        self.desk.board.open_pipeline(self.boards[pipeline])
        self.desk.settle()

    def child(self, pipeline: str) -> int:
        return int(
            self.value(
                "SELECT d.id FROM deal d WHERE d.parent_id = ? AND d.pipeline_id = ? "
                "AND d.deleted_at IS NULL", self.sale, self.boards[pipeline],
            )
        )  # fmt: skip

    def value(self, sql: str, *given: object) -> Any:
        with self.desk.store.read() as r:
            return r.value(sql, given)

    def stands(self, deal: int) -> str:
        return str(
            self.value("SELECT s.name FROM deal d JOIN stage s ON s.id = d.stage_id "
                       "WHERE d.id = ?", deal)
        )  # fmt: skip

    def price(self) -> str | None:
        """What the transport costs, as the sale's own field says."""
        found: str | None = self.value(
            "SELECT v.value FROM field_value v JOIN custom_field f ON f.id = v.field_id "
            "WHERE f.name = 'Transport price' AND v.subject_id = ? AND v.deleted_at IS NULL",
            self.sale,
        )
        return found

    def profit(self) -> Decimal:
        """Maria's gross profit of this year."""
        desk = self.desk
        year = date.fromordinal(self.day()).year
        span = Period(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
        with desk.store.read() as r:
            rows = ranking.ranking(r, span, now=desk.clock()).rows
        return next(row for row in rows if row.person_id == self.staff["Maria"].id).gross_profit

    def owner(self, deal: int) -> str:
        return str(
            self.value("SELECT p.name FROM deal d JOIN person p ON p.id = d.owner_id "
                       "WHERE d.id = ?", deal)
        )  # fmt: skip

    def due(self, title: str) -> int | None:
        """When the latest open task of this title is due; None while it waits."""
        found: int | None = self.value(
            "SELECT due_at FROM task WHERE title = ? AND state = 'open' ORDER BY id DESC", title
        )
        return found

    def forward(self, deal: int) -> str:
        """The next stage, by key; what the toast says."""
        self.desk.window.activateWindow()  # the offscreen platform does not after a popup
        self.desk.board.focus_board()
        self.desk.board.view.select([deal])
        self.desk.key(KEY.Key_Right, held=CTRL)
        self.desk.settle()
        return self.desk.toast()

    def write(self, verb: Any, *given: Any, **named: Any) -> None:
        self.desk.context.write(verb, *given, **named)
        self.desk.settle()

    def day(self) -> int:
        return self.desk.context.today()


@pytest.fixture
def firm(opened: OpenDesk) -> Firm:
    return Firm(opened())


def test_one_order_from_the_estimate_to_the_last_payment(firm: Firm) -> None:
    the_seller_asks_for_an_estimate(firm)
    logistics_estimates(firm)
    the_contract_is_signed(firm)
    nothing_is_produced_unpaid(firm)
    the_advance_comes(firm)
    the_engineers_finish(firm)
    the_goods_travel(firm)
    the_order_is_won_and_paid(firm)
    the_win_is_undone(firm)


def the_seller_asks_for_an_estimate(firm: Firm) -> None:
    desk = firm.desk
    firm.sits("Maria", SALE)
    lane = desk.lane("Estimate")
    desk.drag(desk.card(TITLE), lambda: lane.mapToGlobal(lane.rect().center()))
    desk.settle()
    assert firm.stands(firm.sale) == "Estimate"
    assert desk.toast() == "Moved to Estimate · 2 tasks created · 1 linked deal created"
    child = firm.child(LOGISTICS)
    assert firm.stands(child) == "New estimate"
    assert firm.owner(child) == "Sergey Frolov"
    carried = firm.value(
        "SELECT group_concat(v.value, '; ') FROM field_value v WHERE v.subject_id = ?", child
    )
    assert carried == "Perm – Ufa; 31.5"
    assert firm.due("Tell the client the price") is None, "it waits for logistics"
    desk.board.open_deal(firm.sale)
    desk.settle()
    row = desk.panel.findChild(QWidget, f"deal-linked-{child}")
    assert row is not None
    assert "Responsible: Sergey Frolov" in row.accessibleName()


def logistics_estimates(firm: Firm) -> None:
    desk = firm.desk
    child = firm.child(LOGISTICS)
    firm.sits("Sergey", LOGISTICS)
    desk.board.open_deal(child)
    desk.settle()
    give_price(firm, "Magistral", "330000")
    give_price(firm, "Uralexpress", "310000")
    section = desk.panel.quotes
    desk.until(lambda: section.given.list.count() == 2)
    with desk.store.read() as r:
        cheap = r.value("SELECT id FROM contractor_quote WHERE price = 3100000000")
    firm.write(quotes.accept, cheap, planned_day=firm.day() + 20)
    assert firm.forward(child).startswith("Moved to In work · 1 task created · 1 task closed")
    said = firm.forward(child)
    assert said == "Moved to Estimate ready · 2 tasks created · 1 task closed · 1 linked deal moved"
    estimate_is_ready(firm)
    desk.key(KEY.Key_Z, held=CTRL)
    desk.settle()
    assert (firm.stands(child), firm.stands(firm.sale)) == ("In work", "Estimate")
    assert firm.price() is None
    assert firm.due("Tell the client the price") is None, "it waits again"
    desk.key(KEY.Key_Z, held=CTRL | SHIFT)
    desk.settle()
    estimate_is_ready(firm)


def give_price(firm: Firm, contractor: str, price: str) -> None:
    """Type a contractor's price into the panel of the deal."""
    desk = firm.desk
    section = desk.panel.quotes
    desk.until(section.isVisible)
    section.given.wanted.emit()
    desk.until(lambda: any(one.isVisible() for one in section.findChildren(QuoteForm)))
    [form] = [one for one in section.findChildren(QuoteForm) if one.isVisible()]
    form.contractor.setText(contractor)
    form.service.setText("Road transport")
    form.price.setFocus()
    QTest.keyClicks(form.price, price)
    QTest.keyClick(form.price, KEY.Key_Return)
    desk.settle()
    desk.until(lambda: bool(firm.value("SELECT 1 FROM contractor WHERE name = ?", contractor)), 3)
    desk.settle()


def estimate_is_ready(firm: Firm) -> None:
    assert firm.stands(firm.sale) == "Estimate ready"
    assert firm.desk.amount(TITLE) == 1_240_000
    assert firm.price() == "310000"
    assert firm.value("SELECT cost FROM deal WHERE id = ?", firm.sale) is None, "it counts once"
    assert firm.due("Tell the client the price") is not None, "the waiting task woke"


def the_contract_is_signed(firm: Firm) -> None:
    firm.sits("Maria", SALE)
    said = firm.forward(firm.sale)
    assert (
        said
        == "Moved to Contract signed · 4 tasks created · 1 task closed · 2 linked deals created"
    )
    assert firm.owner(firm.child(ENGINEERING)) == "Elena Martynova", "she has the least to do"
    assert firm.owner(firm.child(PAYMENTS)) == "Olga Zaytseva"
    later = firm.day() + 45
    firm.write(deals.change, firm.sale, {"expected_day": later})
    for pipeline in (LOGISTICS, ENGINEERING, PAYMENTS):
        kept = firm.value("SELECT expected_day FROM deal WHERE id = ?", firm.child(pipeline))
        assert kept == later, f"{pipeline} is kept in step"


def nothing_is_produced_unpaid(firm: Firm) -> None:
    desk = firm.desk
    firm.write(deals.move, [firm.sale], stage(desk.store, "In production"))
    assert firm.stands(firm.sale) == "Contract signed"
    title, message = desk.error()
    assert "In production opens when 30" in message, (title, message)


def the_advance_comes(firm: Firm) -> None:
    desk, child = firm.desk, firm.child(PAYMENTS)
    firm.sits("Olga", PAYMENTS)
    for part, days in ((496_000, 7), (744_000, 60)):
        new = payments.NewPayment(Decimal(part), planned_day=firm.day() + days)
        firm.write(payments.add, child, new)
    assert firm.forward(child).startswith("Moved to Invoice sent")
    desk.board.open_deal(child)
    desk.settle()
    desk.panel.payments.pay_next()
    desk.settle()
    assert (
        firm.value("SELECT sum(amount) FROM payment WHERE actual_day IS NOT NULL") == 4_960_000_000
    )
    said = firm.forward(child)
    assert (
        said == "Moved to Advance received · 4 tasks created · 3 tasks closed · 1 linked deal moved"
    )
    assert firm.stands(firm.sale) == "Advance paid"
    points = firm.value("SELECT count(*) FROM stage_move WHERE deal_id = ? AND mover_as = 'rule' "
                        "AND owner_id = ?", firm.sale, firm.staff["Maria"].id)  # fmt: skip
    assert points == 2, "what rules move belongs to the seller"


def the_engineers_finish(firm: Firm) -> None:
    child = firm.child(ENGINEERING)
    firm.sits("Elena", ENGINEERING)
    assert firm.due("Start production") is None
    firm.forward(child)
    firm.forward(child)
    assert firm.stands(child) == "Project approved"
    assert firm.due("Start production") is not None
    firm.sits("Maria", SALE)
    assert firm.forward(firm.sale).startswith("Moved to In production"), "40 % are paid"


def the_goods_travel(firm: Firm) -> None:
    child = firm.child(LOGISTICS)
    firm.sits("Sergey", LOGISTICS)
    assert firm.forward(child).startswith("Moved to On the way")
    assert firm.due("Tell the client that it has arrived") is None
    firm.write(deals.move, [child], stage(firm.desk.store, "Delivered"))
    assert firm.due("Tell the client that it has arrived") is not None
    quote = firm.value("SELECT id FROM contractor_quote WHERE accepted = 1")
    firm.write(quotes.finish, quote, firm.day())
    firm.write(quotes.plan_payment, quote, planned_day=firm.day() + 10)
    firm.write(ratings.rate, quote, {"price": 4, "quality": 5, "deadlines": 5}, "On time")
    with firm.desk.store.read() as r:
        seen = dealview.deal_view(r, firm.sale, now=firm.desk.clock())
    assert seen.chain is not None
    chain = seen.chain
    assert [(one.name, one.flow.due) for one in chain.contractors] == [
        ("Uralexpress", Decimal(310_000))
    ]


def the_order_is_won_and_paid(firm: Firm) -> None:
    firm.sits("Maria", SALE)
    firm.write(deals.move, [firm.sale], stage(firm.desk.store, "Won"))
    assert firm.stands(firm.child(SERVICE)) == "New job"
    assert firm.profit() == 1_240_000 - 310_000, "the price of the transport counts once"
    assert firm.stands(firm.child(ENGINEERING)) == "Project approved", "the win closes no child"
    child = firm.child(PAYMENTS)
    firm.sits("Olga", PAYMENTS)
    rest = firm.value("SELECT id FROM payment WHERE deal_id = ? AND actual_day IS NULL", child)
    firm.write(payments.pay, rest)
    firm.write(deals.move, [child], stage(firm.desk.store, "Paid in full"))
    with firm.desk.store.read() as r:
        sums = payments.sums_of(r, firm.sale, Decimal(1_240_000), "RUB")
    assert sums.percent == 100
    assert firm.due("Send the closing documents") is not None


def the_win_is_undone(firm: Firm) -> None:
    """Undone from where the seller sits; what others did since stays."""
    firm.sits("Maria", SALE)
    firm.desk.board.focus_board()
    firm.desk.key(KEY.Key_Z, held=CTRL)
    firm.desk.settle()
    assert firm.stands(firm.sale) == "In production"
    gone = firm.value("SELECT count(*) FROM deal WHERE parent_id = ? AND pipeline_id = ? "
                      "AND deleted_at IS NULL", firm.sale, firm.boards[SERVICE])  # fmt: skip
    assert gone == 0
    assert firm.stands(firm.child(PAYMENTS)) == "Paid in full"
