"""Tokens in place of people: a department that joins records without knowing of whom has a key, and each its own.

Equal telephones have equal tokens within a department; without its key, which is kept sealed, nobody can make one to try.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from twin.access.mask import Tokeniser, tokeniser
from twin.central.audit_log import AuditLog
from twin.central.database import Database
from twin.central.register import CONSOLE
from twin.central.schema import ACCOUNT, DEPARTMENT_KEY
from twin.central.service_keys import ServiceKeys

KEY_BYTES = 32


@dataclass(frozen=True)
class DepartmentTokens:
    """The departments that get tokens, with their keys, in the centre's database."""

    database: Database
    keys: ServiceKeys
    audit: AuditLog

    def begin(self, department: str, *, by: str = CONSOLE) -> None:
        """Let a department have tokens from now on; one that had others before gets new ones, which fit none of those."""
        sealed = self.keys.sealed(self.keys.random(KEY_BYTES), _purpose(department))
        with self.database.writing() as db:
            db.execute(delete(DEPARTMENT_KEY).where(DEPARTMENT_KEY.c.department == department))
            db.execute(insert(DEPARTMENT_KEY).values(department=department, key=sealed))
            _let_fill_anew(db, department)
            self.audit.write_in(db, by, "begin tokens", department)

    def end(self, department: str, *, by: str = CONSOLE) -> None:
        """Give a department no more tokens."""
        with self.database.writing() as db:
            db.execute(delete(DEPARTMENT_KEY).where(DEPARTMENT_KEY.c.department == department))
            _let_fill_anew(db, department)
            self.audit.write_in(db, by, "end tokens", department)

    def departments(self) -> list[str]:
        """Return the departments that get tokens, by name."""
        with self.database.reading() as db:
            return list(db.execute(select(DEPARTMENT_KEY.c.department).order_by(DEPARTMENT_KEY.c.department)).scalars())

    def of(self, db: Connection, departments: Collection[str]) -> Tokeniser | None:
        """Return what makes tokens for an account of these departments; None where it gets none, or is of several."""
        rows = db.execute(select(DEPARTMENT_KEY).where(DEPARTMENT_KEY.c.department.in_(sorted(departments)))).all()
        if len(rows) != 1:
            return None
        return tokeniser(self.keys.opened(rows[0].key, _purpose(rows[0].department)))


def _let_fill_anew(db: Connection, department: str) -> None:
    """Count what the accounts of a department see as changed, so that their computers fetch it again."""
    for row in db.execute(select(ACCOUNT.c.name, ACCOUNT.c.departments)).all():
        if department in json.loads(row.departments):
            db.execute(update(ACCOUNT).where(ACCOUNT.c.name == row.name).values(version=ACCOUNT.c.version + 1))


def _purpose(department: str) -> str:
    return f"tokens of {department}"
