"""The templates of new workspaces by their keys, and what each is for. Light: the welcome page and
the command line show them before anything is made."""

from dataclasses import dataclass

from salesdesk.text import N_


@dataclass(frozen=True, slots=True)
class TemplateWords:
    """What a template is called, and a line about it."""

    title: str
    about: str


#: ``empty`` has no file in ``resources/templates``.
TEMPLATES: dict[str, TemplateWords] = {
    "sales": TemplateWords(N_("B2B sale"), N_("Request, meeting, contract, payment")),
    "turnkey": TemplateWords(
        N_("Turnkey services"), N_("Sale, logistics, projects, service, payments")
    ),
    "rental": TemplateWords(N_("Rental"), N_("Bookings, and the yard behind them")),
    "cold-calls": TemplateWords(N_("Cold calls"), N_("From a list of numbers to a meeting")),
    "repeat": TemplateWords(N_("Repeat sales"), N_("Clients who bought before, called in time")),
    "service": TemplateWords(N_("Service"), N_("Repairs: visit, parts, act, payment")),
    "empty": TemplateWords(N_("Empty"), N_("Your own stages from the first on")),
}
