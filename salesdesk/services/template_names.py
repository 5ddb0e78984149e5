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
    "sales": TemplateWords(
        N_("B2B sale"), N_("From the request over meeting and contract to the payment")
    ),
    "turnkey": TemplateWords(
        N_("Turnkey services"),
        N_("Sales, logistics, engineering, service and payments, linked"),
    ),
    "rental": TemplateWords(
        N_("Rental"), N_("Equipment handed out and taken back, with its deposit and its dates")
    ),
    "cold-calls": TemplateWords(
        N_("Cold calls"), N_("From a list of numbers to a meeting, then the sale itself")
    ),
    "repeat": TemplateWords(
        N_("Repeat sales"), N_("Clients who bought before: a call in time, and the next order")
    ),
    "service": TemplateWords(
        N_("Service"), N_("Requests of clients: a visit, the work, the act, the payment")
    ),
    "empty": TemplateWords(N_("Empty"), N_("Your own stages from the first on")),
}
