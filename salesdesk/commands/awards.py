"""Awards of a quarter: ``awards list|propose|confirm|withdraw|certificate``."""

import argparse
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, add_json, tables
from salesdesk.commands.session import Session
from salesdesk.commands.take import output_path
from salesdesk.commands.values import FIRST_YEAR, LAST_YEAR, file_given, iso, money
from salesdesk.errors import NotFound
from salesdesk.moments import plain
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Reader, Store
    from salesdesk.services.awards import Proposal, Quarter


def quarter_given(text: str) -> int:
    """``2026-Q3`` as its first month."""
    if re.fullmatch(r"[0-9]{4}-[Qq][1-4]", text) and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        return int(text[:4]) * 12 + (int(text[-1]) - 1) * 3
    raise argparse.ArgumentTypeError(tr("“{value}” is no quarter such as 2026-Q3.", value=text))


def quarter_text(first_month: int) -> str:
    """A first month as ``2026-Q3``."""
    return f"{first_month // 12}-Q{first_month % 12 // 3 + 1}"


def awards_arguments(parser: argparse.ArgumentParser) -> None:
    """``awards [list]``; ``propose|confirm|withdraw|certificate QUARTER``."""
    group = parser.add_subparsers(dest="action", metavar=tr("ACTION"))
    subs = {
        "list": tr("past winners, and the quarters that wait"),
        "propose": tr("the first places of a quarter"),
        "confirm": tr("give the awards of a quarter"),
        "withdraw": tr("take the awards of a quarter back"),
        "certificate": tr("write the certificates as a PDF"),
    }
    for name, told in subs.items():
        sub = group.add_parser(name, help=told, allow_abbrev=False)
        if name != "list":
            sub.add_argument("quarter", type=quarter_given, metavar=tr("QUARTER"), help="2026-Q3")
        if name in ("confirm", "withdraw"):
            sub.add_argument("--by", metavar=tr("PERSON"), help=tr("who does it"))
        if name == "confirm":
            sub.add_argument(
                "--place", action="append", default=[], metavar=tr("N=PERSON"),
                help=tr("another one than the ranking's, as often as wanted"),
            )  # fmt: skip
            sub.add_argument("--reason", default="", metavar=tr("TEXT"), help=tr("why"))
        if name == "certificate":
            sub.add_argument("--person", metavar=tr("NAME"), help=tr("only this winner's"))
            sub.add_argument(
                "--output", required=True, type=file_given, metavar="X.pdf", help=tr("the file")
            )
        add_json(sub)


def run_awards(session: Session, options: argparse.Namespace) -> Answer:
    """One of the actions."""
    from salesdesk.services import awards

    with session.store() as store:
        now = session.now(store.zone)
        if options.action in ("confirm", "withdraw"):
            return _write(session, store, options, now)
        with store.read() as r:
            if options.action in (None, "list"):
                return _list(r, now)
            if options.action == "propose":
                return _propose(awards.proposal(r, options.quarter, now=now))
            return _certificate(r, options)


def _write(session: Session, store: "Store", options: argparse.Namespace, now: int) -> Answer:
    from salesdesk.services import awards

    person = session.person(store, options.by)
    name = awards.quarter_name(options.quarter)
    document: dict[str, Any] = {"quarter": quarter_text(options.quarter)}
    given: dict[str, Any] = {"person": person, "now": now, "origin": "cli"}
    if options.action == "withdraw":
        document["command_id"] = awards.withdraw(store, options.quarter, **given)
        return Answer(document, tr("The awards of {quarter} are taken back.", quarter=name))
    with store.read() as r:
        places = [_place(r, text) for text in options.place] or None
    found = awards.confirm(store, options.quarter, places, reason=options.reason, **given)
    with store.read() as r:
        quarter = awards.of_quarter(r, options.quarter)
        assert quarter is not None
        document |= {"command_id": found.command_id, **_quarter_json(quarter, r.zone)}
    return Answer(document, tr("The awards of {quarter} are confirmed.", quarter=name))


def _place(r: "Reader", text: str) -> tuple[int, int]:
    from salesdesk.services import people

    place, equals, name = text.partition("=")
    if not equals or place not in ("1", "2", "3"):
        raise NotFound(N_("“{text}” is no place such as 1=Anna Orlova."), text=text)
    return int(place), people.find_person(r, name).id


def _list(r: "Reader", now: int) -> Answer:
    from salesdesk.services import awards

    quarters = awards.hall(r)
    waiting = awards.open_quarters(r, now=now)
    document = {
        "awards": [_quarter_json(one, r.zone) for one in quarters],
        "waiting": [quarter_text(month) for month in waiting],
    }

    def told() -> str:
        from salesdesk.ui import formats
        from salesdesk.ui.awards import words

        heads = [tr("Quarter"), tr("Place"), tr("Person"), tr("Points"), tr("Confirmed"), tr("Why")]
        rows = [
            [awards.quarter_name(quarter.first_month), str(one.place), one.person,
             formats.decimal(one.points), words.given_on(quarter, r.zone), one.reason or ""]
            for quarter in quarters for one in quarter.winners
        ]  # fmt: skip
        lines = (
            [tables.table(heads, rows, (1, 3))] if rows else [tr("Nobody has been awarded yet.")]
        )
        if waiting:
            names = ", ".join(map(awards.quarter_name, waiting))
            lines.append(tr("To be confirmed: {quarters}", quarters=names))
        return "\n\n".join(lines)

    return Answer(document, told)


def _quarter_json(quarter: "Quarter", zone: Any) -> dict[str, Any]:
    return {
        "quarter": quarter_text(quarter.first_month),
        "confirmed_at": iso(quarter.at, zone),
        "confirmed_by": quarter.by,
        "places": [
            {"place": one.place, "person": one.person, "points": plain(one.points),
             "reason": one.reason}
            for one in quarter.winners
        ],
    }  # fmt: skip


def _propose(found: "Proposal") -> Answer:
    from salesdesk.services.awards import quarter_name

    document = {
        "quarter": quarter_text(found.first_month),
        "closed": found.closed,
        "places": [
            {"place": one.place, "person": one.person, "points": plain(one.points),
             "won": one.won, "revenue": money(one.revenue), "here": one.here}
            for one in found.winners
        ],
    }  # fmt: skip

    def told() -> str:
        from salesdesk.ui import formats

        if not found.winners:
            return tr("Nobody earned points in {quarter}, so there is nobody to award.",
                      quarter=quarter_name(found.first_month))  # fmt: skip
        heads = [tr("Place"), tr("Person"), tr("Points"), tr("Won"), tr("Revenue")]
        rows = [
            [str(one.place), one.person, formats.decimal(one.points), str(one.won),
             tables.money(Decimal(one.revenue), found.currency)]
            for one in found.winners
        ]  # fmt: skip
        title = quarter_name(found.first_month)
        return f"{title}\n\n{tables.table(heads, rows, (0, 2, 3, 4))}"

    return Answer(document, told)


def _certificate(r: "Reader", options: argparse.Namespace) -> Answer:
    from salesdesk.services import awards, people
    from salesdesk.ui.awards import certificate

    path = output_path(options.output, (".pdf",))
    quarter = awards.of_quarter(r, options.quarter)
    if quarter is None:
        raise NotFound(N_("There are no awards of {quarter}."),
                       quarter=awards.quarter_name(options.quarter))  # fmt: skip
    winners = quarter.winners
    if options.person is not None:
        who = people.find_person(r, options.person)
        winners = tuple(one for one in winners if one.person_id == who.id)
        if not winners:
            raise NotFound(N_("{name} has no award of {quarter}."), name=who.name,
                           quarter=awards.quarter_name(options.quarter))  # fmt: skip
    pages = certificate.save(quarter, winners, path, r.zone)
    document = {"quarter": quarter_text(options.quarter), "output": str(path), "pages": pages}
    return Answer(document, tr("Saved as {file}", file=path.name))
