"""All tables, imported together: what migrations compare the database with."""

from sqlmodel import SQLModel

from salesdesk.models import change, clients, deals, people, pipelines, sums, tasks

MODULES = (change, clients, deals, people, pipelines, sums, tasks)
metadata = SQLModel.metadata
