"""What headings of lists of tasks, people, clients and contractors are called (see ``hints``)."""

from salesdesk.services.exchange.hintwords import (
    COMPANY,
    CONTACT_DETAILS,
    CREATED,
    EMAIL,
    EXTERNAL,
    INDUSTRY,
    NOTES,
    PHONE,
    SOURCE,
    TAX,
    Hint,
    hint,
)

TASKS: dict[str, Hint] = {
    "external_id": hint(
        f"{EXTERNAL}|id|task id|id задачи|номер задачи|record id|номер", "task id", "", "id"
    ),
    "title": hint(
        "task|task name|task title|task subject|задача|название задачи|текст задачи|subject|title"
        "|название|name|тема|что сделать|activity subject",
        "task nam|task titl|назван задач",
        "owner type id date дата status статус",
        "name",
        1.5,
    ),
    "deal": hint(
        "deal|deal id|deal name|сделка|id сделки|opportunity|opportunity id|related to|lead id"
        "|название сделки|associated deal|deal title|crm",
        "deal|сделк|opportunit",
        "owner stage date дата status статус",
    ),
    "assignee": hint(
        "assignee|assigned to|assigned to user|исполнитель|ответственный|responsible|task owner"
        "|responsible person|owner|assigned|ответственный исполнитель|ответственный за задачу",
        "assign|исполнител|ответственн",
        "date дата by",
        "name",
        2.0,
    ),
    "created_at": hint(CREATED, "дат созда|creat|созда", "by кем updat измен modif", "date"),
    "due": hint(
        "due|due date|deadline|due at|крайний срок|срок|срок выполнения|срок исполнения|дедлайн"
        "|плановая дата|дата выполнения до|due time|выполнить до|complete till|дата и время задачи",
        "due|deadline|крайн срок|срок|дедлайн",
        "",
        "date",
        3.0,
    ),
    "closed_at": hint(
        "completed at|closed at|completed date|date completed|completion date|done at|дата закрытия"
        "|дата завершения|дата выполнения|closed date|completed|завершена|выполнена|закрыта",
        "complet|дат заверш|дат выполн|дат закрыт",
        "by кем percent",
        "date",
    ),
    "state": hint(
        "state|status|task status|статус|состояние|статус задачи|done|completed|is done",
        "status|статус",
        "date дата",
        "few",
        0.5,
    ),
}

PEOPLE: dict[str, Hint] = {
    "name": hint(
        "name|full name|sales agent|employee|employee name|фио|сотрудник|имя сотрудника|agent name"
        "|agent|sales rep|rep|person|salesperson|sales person|имя|менеджер|user name|user|owner"
        "|seller",
        "employee nam|agent nam|сотрудник",
        f"id date дата {CONTACT_DETAILS}",
        "name",
        1.5,
    ),
    "team": hint(
        "team|department|отдел|группа|team name|подразделение|regional office|office|unit|region"
        "|регион|филиал|division|sales team",
        "team|отдел|departm|подразделен|office",
        "lead",
        "few",
        2.0,
    ),
    "role": hint("role|роль|job role|должность|position|job title", "role", "", "few", 1.5),
    "supervisor": hint(
        "supervisor|manager|руководитель|reports to|team lead|boss|начальник|роп|lead|head"
        "|line manager|sales manager|manager name",
        "supervis|руководит|manager",
        "id email",
        "name",
        2.0,
    ),
    "email": hint(EMAIL, "email", "", "any", 0.8),
}

_ORGANISATION: dict[str, Hint] = {
    "source": hint(SOURCE, "источник", "доп detail"),
    "tax_number": hint(TAX, "инн|vat|tax num", "", "any", 2.0),
    "phone": hint(PHONE, "телефон|phone", "owner ответственн факс fax", "any", 1.2),
    "email": hint(EMAIL, "email|почт", "owner ответственн", "any", 1.0),
    "notes": hint(NOTES, "комментар|примечан", "", "any", 0.3),
}
COMPANIES: dict[str, Hint] = {
    "external_id": hint(f"{EXTERNAL}|id|company id|account id|record id|id компании", "", "", "id"),
    "name": hint(
        "company name|company|account name|account|название компании|компания|organization"
        "|organization name|client|клиент|контрагент|название|наименование|customer|name|заказчик",
        "compan nam|назван компан|account nam",
        f"id date дата owner {CONTACT_DETAILS}",
        "name",
        1.5,
    ),
    "industry": hint(INDUSTRY, "отрасл|industr|sector", "", "any", 2.2),
    **_ORGANISATION,
}
CONTACTS: dict[str, Hint] = {
    "external_id": hint(f"{EXTERNAL}|id|contact id|record id|id контакта", "", "", "id"),
    "name": hint(
        "contact name|full name|contact|фио|полное имя|полное имя контакта|имя контакта|контакт"
        "|person name|person|name|имя|наименование|контактное лицо",
        "contact nam|полн имя|фио",
        f"id date дата company компани owner {CONTACT_DETAILS}",
        "name",
        1.5,
    ),
    "company": hint(COMPANY, "compan|компани|organi", "id owner phone", "name", 1.2),
    **_ORGANISATION,
}
CONTRACTORS: dict[str, Hint] = {
    "external_id": hint(
        f"{EXTERNAL}|id|contractor id|supplier id|record id|id подрядчика", "", "", "id"
    ),
    "name": hint(
        "contractor|contractor name|подрядчик|название подрядчика|supplier|supplier name|vendor"
        "|vendor name|поставщик|company name|company|название|name|наименование",
        "contractor nam|подрядчик|supplier|поставщик|vendor",
        f"id date дата {CONTACT_DETAILS}",
        "name",
        1.0,
    ),
    "services": hint(
        "services|service|услуги|услуга|вид работ|виды работ", "услуг", "", "any", 2.5
    ),
    "rating": hint("rating|рейтинг|оценка|quality", "рейтинг|rating", "", "number", 2.5),
    **{name: _ORGANISATION[name] for name in ("tax_number", "phone", "email", "notes")},
}
