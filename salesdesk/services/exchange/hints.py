"""What headings of deals and event logs are called, in English and Russian, and whose they are.

Data for guessing a mapping; ``hintwords`` says how it is read.
"""

from salesdesk.services.exchange.fields import Kind
from salesdesk.services.exchange.hints_lists import (
    COMPANIES,
    CONTACTS,
    CONTRACTORS,
    PEOPLE,
    TASKS,
)
from salesdesk.services.exchange.hintwords import (
    CLOSED,
    COMPANY,
    CONTACT,
    CONTACT_DETAILS,
    CREATED,
    EXPECTED,
    EXTERNAL,
    INDUSTRY,
    OWNER,
    PERSON_NEVER,
    SOURCE,
    STAGE_NEVER,
    Hint,
    hint,
)

DEALS: dict[str, Hint] = {
    "external_id": hint(
        f"{EXTERNAL}|id"
        "|deal id|opportunity id|lead id|record id|id сделки|ид сделки|ид"
        "|deal number|opportunity number|номер сделки|номер|number|deal no|guid|uuid|код|код сделки"
        "|xml id|key",
        "opportunit id|deal id|сделк id|сделк номер|lead id",
        "owner contact compan account user stage pipeline контакт компани ответствен parent родит",
        "id",
    ),
    "title": hint(
        "title|deal name|deal title|opportunity name|название сделки|наименование сделки"
        "|имя сделки|lead name|lead title|название|наименование|сделка|deal|name|subject|topic|тема"
        "|opportunity|предмет сделки|dealname",
        "deal nam|deal titl|opportunit nam|назван сделк|назван|наименован",
        f"contact compan account owner stage pipeline контакт компани {CONTACT_DETAILS}",
        "name",
        1.2,
    ),
    "owner": hint(
        OWNER,
        "ответственн|owner|менеджер|sales rep|sales agent|assigned|salesperson",
        PERSON_NEVER,
        "name",
        0.8,
    ),
    "company": hint(
        COMPANY,
        "company nam|компани|account nam|client|клиент|контрагент|organi|customer",
        f"{CONTACT_DETAILS} id инн owner ответственн type тип город manager контакт contact city"
        " industry size region segment source",
        "name",
        0.5,
    ),
    "contact": hint(
        CONTACT,
        "контакт им|contact nam|контактн лиц|contact person",
        f"{CONTACT_DETAILS} компани compan owner ответственн date дата должност type фамили отчеств"
        " last first",
        "name",
        0.5,
    ),
    "stage": hint(
        "stage|deal stage|opportunity stage|stage name|pipeline stage|этап сделки|этап"
        "|стадия сделки|стадия|lead stage|sales stage|current stage|этап воронки|стадия воронки"
        "|status|deal status|статус сделки|статус|lead status|state|stage id|status id|dealstage"
        "|opportunity status|этап продаж|состояние"
        "|opportunity result|result|outcome|результат|исход",
        "stage|этап|стади|status|статус|result|outcome|результат",
        STAGE_NEVER,
        "few",
        2.0,
    ),
    "pipeline": hint(
        "pipeline|воронка|воронка продаж|название воронки|pipeline name|deal pipeline|направление"
        "|направление сделки|funnel|category id|sales pipeline|pipeline id",
        "pipeline|воронк",
        "stage этап стади status статус date дата",
        "few",
        1.2,
    ),
    "created_at": hint(
        CREATED,
        "дат созда|creat dat|creat time|созда|engage|opened|start dat|дат начал|дат откр|creat"
        "|acqui",
        "by кем modif updat измен редакт clos закры expected предполаг task задач contact контакт"
        " stage этап стади last",
        "date",
    ),
    "stage_entered_at": hint(
        "stage entered at|moved time|moved at|stage changed|stage change time|stage change date"
        "|last stage change date|last stage change|date entered current stage|entered stage"
        "|дата перехода на этап|дата изменения этапа|дата изменения стадии|дата смены этапа"
        "|дата смены стадии|last stage change time|in stage since|stage since|stage date"
        "|на этапе с|дата перемещения|дата последней смены этапа|когда изменена стадия",
        "stage enter|stage chang|stage dat|смен этап|смен стади|измен стади|измен этап"
        "|дат этап|дат стади",
        "days дней by кем history",
        "date",
    ),
    "closed_at": hint(
        CLOSED,
        "clos dat|дат закрыт|дат заверш|won dat|won time|finish dat|closed",
        "expected forecast предполаг ожида план plan estimat reason причин by кем is lost",
        "date",
        1.2,
    ),
    "expected_close": hint(
        EXPECTED,
        "expected clos|estimat clos|forecast clos|предполаг дат|ожида дат закр|план дат закр",
        "",
        "date",
        1.5,
    ),
    "amount": hint(
        "amount|deal amount|opportunity amount|deal value|value|budget|бюджет|бюджет руб"
        "|бюджет сделки|сумма сделки|сумма|сумма руб|close value|contract value|opportunity|sale"
        "|lead budget|total amount|price|deal size|стоимость сделки|стоимость|цена|sum|total"
        "|выручка|revenue|estimated revenue|сумма контракта|сумма договора|expected revenue|sales"
        "|amount in company currency|acv|tcv|arr",
        "amount|budget|бюджет|сумм|value|стоимост|revenue|deal siz",
        "cost себестоим оплач paid скидк discount валют доставк налог tax weighted probab"
        " contract_id date дата",
        "number",
        1.8,
    ),
    "cost": hint(
        "cost|own cost|себестоимость|cost price|costs|затраты|закупка|закупочная цена|deal cost",
        "себестоим|cost",
        "date дата center",
        "number",
    ),
    "currency": hint(
        "currency|валюта|currency id|currency code|deal currency|currency of value|код валюты"
        "|opportunity currency|валюта сделки",
        "currency|валют",
        "amount exchange курс rate",
        "currency",
    ),
    "source": hint(SOURCE, "источник|lead sourc", "доп detail descript информ drill"),
    "industry": hint(INDUSTRY, "отрасл|industr"),
    "probability": hint(
        "probability|вероятность|deal probability|win probability|вероятность успеха"
        "|probability percent|вероятность сделки|win rate",
        "probabilit|вероятност",
        "weighted",
        "number",
        1.5,
    ),
    "parent": hint(
        "parent deal|parent|родительская сделка|parent deal id|parent id|parent opportunity",
        "parent deal|родительск сделк",
        "account compan",
    ),
    "lost_reason": hint(
        "lost reason|loss reason|closed lost reason|причина отказа|reason lost|deal lost reason"
        "|причина проигрыша|причина закрытия|reason for loss|loss reason name|причина провала"
        "|lost reason name|причина",
        "lost reason|loss reason|причин отказ|причин провал|причин проигр",
        weight=1.5,
    ),
    "tags": hint("tags|теги|тэги|метки|теги сделки|deal tags|tag|labels|label|тег", "", ""),
}

MOVES: dict[str, Hint] = {
    "deal": hint(
        "case concept name|case id|caseid|case|deal id|deal|opportunity id|lead id|id сделки|сделка"
        "|номер сделки|case number|case no|incident|incident id|incident number|ticket id|ticket"
        "|ticket number|trace id|trace|application id|application|process instance|instance id"
        "|instance|sr number|order id|object id|owner id|record id|номер заявки|заявка|обращение"
        "|номер обращения|claim id|deal name|case key|issue key|entity id|id|номер|название",
        "case id|case|deal id|deal|сделк|ticket|incident|opportunit|заявк",
        "type owner date дата time variant stage этап stat amount",
        "repeated",
        2.0,
    ),
    "stage": hint(
        "concept name|activity|activity id|activity name|event name|event|to stage|new stage"
        "|new value|stage to|stage|stage name|stage id|deal stage|в этап|на этап|новый этап|этап"
        "|этап сделки"
        "|новая стадия|стадия|стадия сделки|to status|new status|status|новый статус|статус"
        "|действие|операция|operation|step|action|task|task name|event type|state|to|activity code"
        "|event concept name|value after|значение после",
        "activit|to stage|new stage|stage|этап|стади|event nam",
        "from из old previous предыд пред date дата time врем resource before",
        "few",
        2.0,
    ),
    "at": hint(
        "time timestamp|timestamp|complete timestamp|completed timestamp|end timestamp"
        "|timestamp complete|complete time|completion time|end time|changed at|moved at|entered at"
        "|event time|event timestamp|event date|change date|changed on|datetime|date time|at|time"
        "|date|moment|дата перехода|дата изменения|дата и время|дата события|время события"
        "|created time|created at|create date|дата|время|когда|start timestamp|start time"
        "|moved time|date entered|entered date|дата смены|дата смены этапа",
        "complete timestamp|timestamp|complete tim|complete|chang dat|дат|time|врем|date|moment",
        "case reg due planned план duration длительн spent",
        "date",
        2.0,
    ),
    "by": hint(
        "by|moved by|changed by|user|user name|username|org resource|resource|actor|performer|кто"
        "|кто изменил|кем изменено|кем изменена|кто перевел|пользователь|исполнитель|сотрудник"
        "|author|автор|modified by|employee|operator|created by|кем|agent|event user",
        "moved by|changed by|кто|кем|resource",
        "group role date дата country id",
        "name",
        0.8,
    ),
    "from": hint(
        "from stage|from|old stage|previous stage|stage from|из этапа|с этапа|предыдущий этап"
        "|прежний этап|из стадии|предыдущая стадия|from status|old status|old value|value before"
        "|значение до|старый этап|старая стадия",
        "from stage|old stage|previous stage|предыд этап|предыд стади",
        "date дата time",
        "few",
        2.0,
    ),
    "owner": hint(
        "owner|deal owner|responsible|responsible person|ответственный|ответственный за сделку"
        "|responsible user|case owner|менеджер|owner name",
        "ответственн|owner",
        "id date дата country",
        "name",
        0.8,
    ),
    "pipeline": DEALS["pipeline"],
}

HINTS: dict[Kind, dict[str, Hint]] = {
    "deals": DEALS,
    "moves": MOVES,
    "tasks": TASKS,
    "people": PEOPLE,
    "companies": COMPANIES,
    "contacts": CONTACTS,
    "contractors": CONTRACTORS,
}

#: Words in front of a heading that say what the row is: ``Deal - Title``, ``Сделка: Название``.
SUBJECTS: dict[Kind, tuple[str, ...]] = {
    "deals": ("deal", "lead", "opportunity", "сделка", "сделки"),
    "moves": ("event", "case", "событие"),
    "tasks": ("task", "activity", "задача", "задачи"),
    "people": ("employee", "user", "сотрудник"),
    "companies": ("company", "account", "organization", "компания"),
    "contacts": ("contact", "person", "контакт"),
    "contractors": ("contractor", "supplier", "подрядчик"),
}

#: Columns of the parts of a person's name, by the field they make up.
NAME_PARTS: dict[str, tuple[str, ...]] = {
    "first": ("имя", "first name", "firstname", "name"),
    "middle": ("отчество", "middle name"),
    "last": ("фамилия", "last name", "lastname", "second name", "surname"),
}
NAME_PREFIXES: dict[str, tuple[str, ...]] = {
    "owner": ("ответственный", "owner", "responsible"),
    "contact": ("контакт", "contact"),
    "name": ("", "контакт", "contact", "employee", "сотрудник"),
}

#: Headings that look like a field's but are yes-or-no columns of Bitrix24.
IGNORED = frozenset(("сделка закрыта", "новая сделка", "повторная сделка", "is closed", "is won"))

PRODUCTS = ("product", "product name", "товар", "товары", "продукт", "услуга", "service", "item")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


AMOCRM = _words(
    "этап сделки|воронка|бюджет|теги|теги сделки|полное имя контакта|основной контакт"
    "|дата редактирования|кем редактирована|кем создана сделка|дата создания сделки"
    "|ближайшая задача|компания контакта|ответственный за контакт|примечание 2"
    "|lead stage|responsible user|lead tags|main contact|next task"
)
BITRIX24 = _words(
    "стадия сделки|направление|предполагаемая дата закрытия|сделка закрыта|группа стадий"
    "|дополнительно об источнике|повторная сделка|новая сделка|создана crm формой|дела|кем изменена"
    "|повторное обращение|контакт имя|контакт фамилия|компания название компании|наблюдатели"
    "|stage id|assigned by id|assigned by|date create|category id|begindate|closedate|currency id"
    "|opportunity|company id|contact id|stage semantic id|responsible person|deal stage group"
    "|stage group|responsible person|created by crm form|additional information about source"
    "|source information|repeat deal|return customer"
    "|date modify|moved time"
)
