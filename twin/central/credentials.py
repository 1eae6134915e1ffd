"""How people prove who they are: a password and a one-time code, or an identity that somebody else vouches for.

Five wrong tries lock an account for a quarter of an hour; whoever must have a second factor by their role has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, delete, insert, select, update

from twin.access import one_time_code
from twin.access.password import COST, Cost, hashed, is_dated, is_right, require_good
from twin.access.permission import roles
from twin.central.audit_log import AuditLog
from twin.central.database import Database
from twin.central.register import Account, Register
from twin.central.schema import CREDENTIAL, OUTSIDE_IDENTITY
from twin.central.service_keys import ServiceKeys
from twin.errors import AccessError

TRIES, LOCKED = 5, timedelta(minutes=15)


@cache
def _nobodys(cost: Cost) -> str:
    """Return the hash that a password for no account is compared with."""
    return hashed("", bytes(16), cost)


@dataclass(frozen=True)
class Credentials:
    """Passwords, one-time codes and outside identities in the centre's database."""

    database: Database
    register: Register
    audit: AuditLog
    keys: ServiceKeys
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    cost: Cost = COST

    def set_password(self, account: str, password: str, *, by: str) -> None:
        """Give an account a password; wrong tries are forgotten, the second factor stays."""
        require_good(password, account)
        kept = hashed(password, self.random(16), self.cost)
        values = {"password": kept, "failures": 0, "locked_until": None}
        with self.database.writing() as db:
            self.register.account_in(db, account)
            known = db.execute(update(CREDENTIAL).where(CREDENTIAL.c.account == account).values(values))
            if not known.rowcount:
                db.execute(insert(CREDENTIAL).values(account=account, last_step=-1, **values))
            self.audit.write_in(db, by, "set password", account)

    def new_secret(self, account: str, *, by: str) -> bytes:
        """Give an account a new secret for one-time codes and return it, once: it is kept sealed."""
        secret = self.random(one_time_code.SECRET_BYTES)
        sealed = self.keys.sealed(secret, f"one-time code of {account}")
        with self.database.writing() as db:
            known = db.execute(update(CREDENTIAL).where(CREDENTIAL.c.account == account).values(secret=sealed, last_step=-1))
            if not known.rowcount:
                raise AccessError(f"The account '{account}' has no password yet.", "Set one first.")
            self.audit.write_in(db, by, "set second factor", account)
        return secret

    def connect(self, account: str, issuer: str, subject: str, *, by: str) -> None:
        """Let an identity of another service sign in as an account."""
        with self.database.writing() as db:
            self.register.account_in(db, account)
            same = (OUTSIDE_IDENTITY.c.issuer == issuer) & (OUTSIDE_IDENTITY.c.subject == subject)
            db.execute(delete(OUTSIDE_IDENTITY).where(same))
            db.execute(insert(OUTSIDE_IDENTITY).values(issuer=issuer, subject=subject, account=account))
            self.audit.write_in(db, by, "connect identity", account, issuer=issuer)

    def signed_in(self, account: str, password: str, code: str = "") -> Account:
        """Return the account that signs in. Raises ``AccessError``, which does not say what was wrong."""
        with self.database.reading() as db:
            row = db.execute(select(CREDENTIAL).where(CREDENTIAL.c.account == account)).first()
        # Who asks for an account that there is not waits as long as who gives a wrong password: for one scrypt.
        kept = row.password if row else _nobodys(self.cost)
        is_good = is_right(password, kept) and row is not None
        with self.database.writing() as db:
            found, reason = self._judged(db, account, code, is_good=is_good)
            self.audit.write_in(
                db, account if row else "", "sign in" if found else "refuse sign-in", account if row else "", why=reason
            )
        if found is None:
            raise AccessError(
                "The account, the password or the code is wrong.",
                "Try again; after five wrong tries the account is locked for 15 minutes.",
            )
        if row is not None and is_dated(kept, self.cost):
            self._make_anew(account, password, kept)
        return found

    def vouched_for(self, issuer: str, subject: str) -> Account:
        """Return the account of an identity that its own service has vouched for."""
        with self.database.writing() as db:
            same = (OUTSIDE_IDENTITY.c.issuer == issuer) & (OUTSIDE_IDENTITY.c.subject == subject)
            name = db.execute(select(OUTSIDE_IDENTITY.c.account).where(same)).scalar()
            found = None if name is None else self.register.account_in(db, name)
            is_let_in = found is not None and found.is_active
            self.audit.write_in(db, name or "", "sign in" if is_let_in else "refuse sign-in", name or "", issuer=issuer)
        if found is None or not is_let_in:
            raise AccessError("No account here belongs to this identity, or it is locked.", "Ask an administrator to connect it.")
        return found

    def _judged(self, db: Connection, name: str, code: str, *, is_good: bool) -> tuple[Account | None, str]:
        """Return the account when it may sign in now, and why not; wrong tries are counted under the row's lock."""
        row = db.execute(select(CREDENTIAL).where(CREDENTIAL.c.account == name).with_for_update()).first()
        if row is None:
            return None, "no such account"
        now = self.now()
        if row.locked_until is not None and now < datetime.fromisoformat(row.locked_until):
            return None, "locked"
        account = self.register.account_in(db, name)
        mine = update(CREDENTIAL).where(CREDENTIAL.c.account == name)
        step: int | None = row.last_step
        if row.secret is not None:
            secret = self.keys.opened(row.secret, f"one-time code of {name}")
            step = one_time_code.accepted(secret, code, now.timestamp(), row.last_step)
        elif roles()[account.role].second_factor:
            return None, "no second factor"
        if is_good and step is not None and account.is_active:
            db.execute(mine.values(failures=0, locked_until=None, last_step=step))
            return account, ""
        failures = row.failures + 1
        until = (now + LOCKED).isoformat() if failures >= TRIES else None
        db.execute(mine.values(failures=0 if until else failures, locked_until=until))
        return None, "wrong code" if is_good and step is None else "wrong password" if account.is_active else "inactive"

    def _make_anew(self, account: str, password: str, kept: str) -> None:
        """Keep the password under today's parameters, unless it was changed meanwhile."""
        with self.database.writing() as db:
            same = (CREDENTIAL.c.account == account) & (CREDENTIAL.c.password == kept)
            db.execute(update(CREDENTIAL).where(same).values(password=hashed(password, self.random(16), self.cost)))
