"""Who may meet the centre: accounts with what they see, and the computers that were enrolled for them.

A computer is enrolled with its card (``twin.sync.package.keys``) and a code that an administrator hands out; the code
works once. Its device ids come and go (a restored backup makes a new one), its key stays, and what it signs counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from twin.access.permission import roles
from twin.access.scope import Area, Scope, Viewer, area_of
from twin.central.audit_log import AuditLog
from twin.central.database import Database
from twin.central.schema import ACCOUNT, DEVICE_OWNER, ENROLMENT, INVITATION
from twin.errors import AccessError
from twin.sync.package.keys import Card

CONSOLE = "console"
"""Who acts on the centre's own machine, where no account is asked for."""

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a code is made of: nothing that is mistaken for something else on the telephone."""


@dataclass(frozen=True)
class Account:
    """Somebody with a role. ``version`` counts how often what they may see was changed."""

    name: str
    role: str
    departments: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    is_active: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a role that there is not, and a name that no list can show."""
        known = [role.name for role in roles().values() if role.signs_in]
        if self.role not in known:
            raise AccessError(f"There is no role '{self.role}'.", f"Roles are: {', '.join(known)}.")
        if not 0 < len(self.name) <= 80 or not self.name.isprintable() or self.name != self.name.strip():
            raise AccessError("An account needs a name of 1 to 80 printable signs.", "Choose another name.")

    @property
    def scope(self) -> Scope:
        """What the account sees."""
        area = area_of(self.districts, self.cells) if self.districts or self.cells else Area()
        return Scope(Viewer(self.name, self.role, frozenset(self.departments), frozenset(self.grids), area=area))


@dataclass(frozen=True)
class Enrolment:
    """A computer that was enrolled: its card's id, name and key, and for whom."""

    id: str
    name: str
    signer: bytes
    recipient: str
    account: str
    is_revoked: bool = False

    @property
    def card(self) -> Card:
        """The computer's card."""
        return Card(self.name, self.signer, self.recipient)


class Register:
    """The accounts and computers in the centre's database. ``now`` is the centre's clock; ``audit`` hears of all that is done."""

    def __init__(self, database: Database, now: Callable[[], datetime], audit: AuditLog | None = None) -> None:
        self._database, self._now, self._audit = database, now, audit

    # ── accounts ──

    def accounts(self) -> list[Account]:
        """Return every account, by name."""
        with self._database.reading() as db:
            return [_account(row) for row in db.execute(select(ACCOUNT).order_by(ACCOUNT.c.name))]

    def account(self, name: str) -> Account:
        """Return an account. Raises ``AccessError`` for one that there is not."""
        with self._database.reading() as db:
            return self.account_in(db, name)

    @staticmethod
    def account_in(db: Connection, name: str) -> Account:
        """Return an account inside a transaction."""
        row = db.execute(select(ACCOUNT).where(ACCOUNT.c.name == name)).first()
        if row is None:
            raise AccessError(f"There is no account '{name}'.", "Make it: citytwin central user add NAME --role ROLE.")
        return _account(row)

    def add(self, account: Account) -> None:
        """Add an account. Raises ``AccessError`` when there is one of this name."""
        with self._database.writing() as db:
            if db.execute(select(ACCOUNT.c.name).where(ACCOUNT.c.name == account.name)).first():
                raise AccessError(f"There is an account '{account.name}' already.", "Choose another name, or change that one.")
            db.execute(insert(ACCOUNT).values(**_columns(account)))
            self._note(db, "add account", account.name, role=account.role)

    def change(self, name: str, **changes: Any) -> Account:
        """Change an account; its computers fill anew with what it sees now. Returns it."""
        with self._database.writing() as db:
            before = self.account_in(db, name)
            account = replace(before, **changes, version=before.version + 1)
            db.execute(update(ACCOUNT).where(ACCOUNT.c.name == name).values(**_columns(account)))
            self._note(db, "change account", name, to={key: getattr(account, key) for key in changes})
        return account

    # ── computers ──

    def invite(self, account: str, code: str, expires_at: datetime) -> None:
        """Let whoever knows the code enrol one computer for an account, once, until a moment."""
        with self._database.writing() as db:
            self.account_in(db, account)
            db.execute(insert(INVITATION).values(code=_hash(code), account=account, expires_at=expires_at.isoformat()))
            self._note(db, "invite computer", account)

    def enrol(self, card: Card, code: str) -> Enrolment:
        """Enrol a computer. Raises ``AccessError`` for a code that there is not, that was used, or is too old."""
        with self._database.writing() as db:
            now = self._now().isoformat()
            open_ = INVITATION.c.used_at.is_(None) & (INVITATION.c.expires_at > now)
            # One statement takes the code: of two computers that use it at once, one finds it used.
            taken = db.execute(update(INVITATION).where(INVITATION.c.code == _hash(code), open_).values(used_at=now))
            if not taken.rowcount:
                raise AccessError("The code is wrong, used or too old.", "Ask an administrator for a new one.")
            account = str(db.execute(select(INVITATION.c.account).where(INVITATION.c.code == _hash(code))).scalar_one())
            known = db.execute(select(ENROLMENT).where(ENROLMENT.c.id == card.id)).first()
            values = {"account": account, "revoked_at": None, "name": card.name}
            if known is None:
                key = {"id": card.id, "signer": card.signer.hex(), "recipient": card.recipient, "enrolled_at": now}
                db.execute(insert(ENROLMENT).values(**key, **values))
            elif known.revoked_at is not None:
                raise AccessError("This computer's key was revoked.", "Make a new one: citytwin package key new NAME --replace.")
            else:
                db.execute(update(ENROLMENT).where(ENROLMENT.c.id == card.id).values(**values))
            self._note(db, "enrol computer", card.id, by=account)
        return Enrolment(card.id, card.name, card.signer, card.recipient, account)

    def enrolments(self) -> list[Enrolment]:
        """Return every computer, by name."""
        with self._database.reading() as db:
            return [_enrolment(row) for row in db.execute(select(ENROLMENT).order_by(ENROLMENT.c.name, ENROLMENT.c.id))]

    def enrolment(self, key: str) -> Enrolment:
        """Return the computer with this key. Raises ``AccessError`` for one that is not enrolled, or not any more."""
        with self._database.reading() as db:
            row = db.execute(select(ENROLMENT).where(ENROLMENT.c.id == key)).first()
            if row is None:
                raise AccessError("This computer is not enrolled at the centre.", "Ask an administrator for a code.")
            if row.revoked_at is not None:
                raise AccessError("This computer was revoked at the centre.", "Ask an administrator; its edits stay on it.")
            if not self.account_in(db, row.account).is_active:
                raise AccessError("The account of this computer is locked.", "Ask an administrator; its edits stay on it.")
            return _enrolment(row)

    def revoke(self, key: str) -> None:
        """Take no more from a computer and tell it nothing more."""
        with self._database.writing() as db:
            at = self._now().isoformat()
            if not db.execute(update(ENROLMENT).where(ENROLMENT.c.id == key).values(revoked_at=at)).rowcount:
                raise AccessError(f"No computer has the key {key}.", "List them: citytwin central device list.")
            self._note(db, "revoke computer", key)

    @staticmethod
    def owner(db: Connection, device: str) -> str | None:
        """Return the key of the computer that has a device id, None when nobody has."""
        return db.execute(select(DEVICE_OWNER.c.enrolment).where(DEVICE_OWNER.c.device == device)).scalar()

    @classmethod
    def claim(cls, db: Connection, enrolment: Enrolment, device: str) -> None:
        """Write down whose a device id is that nobody has."""
        if cls.owner(db, device) is None:
            db.execute(insert(DEVICE_OWNER).values(device=device, enrolment=enrolment.id))

    def _note(self, db: Connection, what: str, about: str, *, by: str = CONSOLE, **facts: Any) -> None:
        if self._audit is not None:
            self._audit.write_in(db, by, what, about, **facts)


def _hash(code: str) -> str:
    """Return what is kept of a code: who reads the database learns none."""
    return hashlib.sha256("".join(code.split()).replace("-", "").lower().encode()).hexdigest()


def _columns(account: Account) -> dict[str, Any]:
    lists = {name: json.dumps(getattr(account, name), ensure_ascii=False) for name in _LISTS}
    plain = {"name": account.name, "role": account.role, "is_active": account.is_active, "version": account.version}
    return {**plain, **lists}


def _account(row: Any) -> Account:
    lists = {name: tuple(json.loads(getattr(row, name))) for name in _LISTS}
    return Account(row.name, row.role, **lists, is_active=row.is_active, version=row.version)


def _enrolment(row: Any) -> Enrolment:
    return Enrolment(row.id, row.name, bytes.fromhex(row.signer), row.recipient, row.account, row.revoked_at is not None)


_LISTS = ("departments", "grids", "districts", "cells")
