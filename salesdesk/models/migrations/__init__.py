"""Alembic: ``env.py`` runs revisions on a connection handed in, ``versions/`` holds them.

The first revision is frozen in ``first_*.py``, one file a subject, so that it never follows the
tables as they are today.
"""
