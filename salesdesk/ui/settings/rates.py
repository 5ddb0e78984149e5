"""Currencies: the workspace's own, and the rates at which others are converted."""

from decimal import Decimal
from typing import Any

from salesdesk.services import settings
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.settings.cells import Entry, trash
from salesdesk.ui.settings.section import END, Row, Rows, Section, heads, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.kinds import DateKind, Kind, NumberKind
from salesdesk.ui.widgets.labels import Card, label

_CODE, _DAY, _RATE = 120, 160, 160
_MOST = Decimal(1_000_000)


class CodeKind(Kind):
    """A currency by its three letters."""

    def read(self, text: str) -> str | None:
        code = text.strip().upper()
        if not code:
            return None
        if len(code) != 3 or not code.isascii() or not code.isalpha():
            raise ValueError(tr("A currency is three letters, like {example}.", example="USD"))
        return code


class RatesCard(Card):
    """The rates, from a day on each; and a line to add one."""

    def __init__(self, section: Section) -> None:
        super().__init__("", 0)
        self.body.setContentsMargins(1, 1, 1, 1)
        self.body.setSpacing(0)
        self.section = section
        self.currency = Entry(CodeKind(), "settings-currency", tr("Currency of the workspace"), 72)
        self.currency.committed.connect(self._on_currency)
        self.wrong = label("", "problem")
        self.currency.problem.connect(self.wrong.setText)
        edge = (theme.M + 3, theme.S, theme.M, theme.XS)
        self.body.addWidget(inline(label(tr("Sums are shown in"), "muted"), self.currency,
                                   self.wrong, 1, margins=edge))  # fmt: skip
        self.head = heads([(tr("Currency"), _CODE), (tr("From"), _DAY), (tr("Rate"), _RATE),
                           ("", 0), ("", END)])  # fmt: skip
        self.body.addWidget(self.head)
        self.rows = Rows(lambda item: _RateRow(section, item[0].id))
        self.body.addWidget(self.rows)
        self._build_add()

    def _build_add(self) -> None:
        self.code = Entry(CodeKind(), "settings-rate-code", tr("Currency"), _CODE, "inline")
        self.code.setPlaceholderText("USD")
        self.day = Entry(DateKind(self.section.today), "settings-rate-day", tr("From this day on"),
                         _DAY, "inline")  # fmt: skip
        self.day.setPlaceholderText(tr("Since ever"))
        self.rate = Entry(NumberKind(0, _MOST, 6), "settings-rate-value", tr("Rate"), _RATE,
                          "inline")  # fmt: skip
        self.rate.setPlaceholderText(tr("Rate"))
        self.rate.returnPressed.connect(self._on_add)
        self.button = Button(tr("Add rate"), "settings-rate-add", "link", self._on_add)
        self.problem = label("", "problem", wrap=True)
        self.problem.setContentsMargins(theme.M + 3, 0, theme.M, theme.S)
        self.problem.hide()
        edge = (theme.S, theme.S, theme.S, theme.S)
        self.body.addWidget(inline(self.code, self.day, self.rate, self.button, 1, margins=edge))
        self.body.addWidget(self.problem)

    def question(self, r: Any) -> Any:
        """The workspace's currency and all rates."""
        return settings.get(r, settings.CURRENCY), tuple(settings.rates(r))

    def fill(self, found: Any) -> None:
        """Show them."""
        own, rates = found
        self.currency.set_value(own)
        self.head.setVisible(bool(rates))
        self.rows.set_items([(rate.id, (rate, own)) for rate in rates])

    def show_problem(self, text: str) -> None:
        """Say why a rate was not added."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _on_currency(self, code: str | None) -> None:
        if code is None:
            self.section.refresh(anyway=True)
            return
        self.section.do(settings.change, {settings.CURRENCY.name: code},
                        say=tr("Sums are shown in {currency}", currency=code),
                        cell=self.currency)  # fmt: skip

    def _on_add(self) -> None:
        good = [field.commit() for field in (self.code, self.day, self.rate)]
        code, rate = self.code.value(), self.rate.value()
        if not all(good) or code is None or not rate:
            self.show_problem(tr("Give a currency and its rate."))
            return
        self.show_problem("")
        self.section.do(
            settings.set_rate, code, rate, valid_from=self.day.value(),
            say=tr("Rate of {currency} set", currency=code), done=self._on_added,
        )  # fmt: skip

    def _on_added(self, _command: Any) -> None:
        for field in (self.code, self.day, self.rate):
            field.set_value(None)
        self.code.setFocus()


class _RateRow(Row):
    def __init__(self, section: Section, key: int) -> None:
        super().__init__(f"settings-rate-{key}")
        self.section, self.key = section, key
        self.code, self.day, self.unit = label(""), label("", "muted"), label("", "muted")
        for text, width in ((self.code, _CODE), (self.day, _DAY)):
            text.setFixedWidth(width)
            text.setIndent(theme.S - 1)
            self.add(text)
        self.rate = Entry(NumberKind(0, _MOST, 6, True), f"settings-rate-{key}-value", tr("Rate"),
                          _RATE)  # fmt: skip
        self.rate.committed.connect(self._on_rate)
        self.add(self.rate)
        self.add(self.unit, 1)
        self.add(trash(f"settings-rate-{key}-remove", tr("Remove the rate"), self._on_remove))

    def fill(self, item: Any) -> None:
        rate, own = item
        self.item: settings.Rate = rate
        self.code.setText(rate.currency)
        day = rate.valid_from
        self.day.setText(tr("since ever") if day is None else formats.day(day))
        self.rate.set_value(rate.rate)
        self.unit.setText(tr("{own} for 1 {currency}", own=own, currency=rate.currency))

    def _on_rate(self, rate: Decimal) -> None:
        said = tr("Rate of {currency} set", currency=self.item.currency)
        self.section.do(settings.set_rate, self.item.currency, rate,
                        valid_from=self.item.valid_from, say=said, cell=self.rate)  # fmt: skip

    def _on_remove(self) -> None:
        said = tr("Rate of {currency} removed", currency=self.item.currency)
        self.section.do(settings.remove_rate, self.key, say=said)
