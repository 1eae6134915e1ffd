"""The centre as those meet it who were enrolled: what each may see and do is decided here, whatever carries the messages."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from random import Random

from twin.access.disclosure import logged_fields
from twin.access.predicate import Columns, policy
from twin.access.scope import Scope
from twin.central import areas, schema
from twin.central.audit_log import AuditLog
from twin.central.credentials import Credentials
from twin.central.database import Database
from twin.central.department_tokens import DepartmentTokens
from twin.central.file_store import FileStore
from twin.central.log_store import DatabaseLogStore
from twin.central.register import Enrolment, Register
from twin.central.service_keys import ServiceKeys, made, verifier
from twin.errors import StorageError, SyncError
from twin.identity import IdFactory
from twin.model.catalogue import KIND_OF
from twin.sync.center import Center, Policy
from twin.sync.commit import Entry
from twin.sync.messages import FORK, Changes, Fill, Hello, Message, PartRow, Pull, Push, Pushed, Refusal, SnapshotPart, Welcome
from twin.sync.mutation import Verify, unverified
from twin.sync.policy import RolePolicy, RoleScope, WholePolicy

SCHEMA_VERSION = 1


@dataclass
class Service:
    """The centre over its database. ``now`` is its clock, ``random`` makes the names of its epochs.

    ``keys`` are its secrets; those that are made here last as long as this object.
    """

    database: Database
    now: Callable[[], datetime]
    random: Random
    keys: ServiceKeys = field(default_factory=lambda: made(secrets.token_bytes))

    @cached_property
    def store(self) -> DatabaseLogStore:
        """The log."""
        return DatabaseLogStore(self.database)

    @cached_property
    def register(self) -> Register:
        """Accounts and computers."""
        return Register(self.database, self.now, self.audit)

    @cached_property
    def audit(self) -> AuditLog:
        """Who did what."""
        return AuditLog(self.database, self.now, self.keys.sign)

    @cached_property
    def tokens(self) -> DepartmentTokens:
        """What stands in place of people where a department joins records."""
        return DepartmentTokens(self.database, self.keys, self.audit)

    @cached_property
    def credentials(self) -> Credentials:
        """How people sign in."""
        return Credentials(self.database, self.register, self.audit, self.keys, self.now, self.keys.random)

    @cached_property
    def files(self) -> FileStore:
        """Photos, results, histories by their hash."""
        return FileStore(self.database)

    @cached_property
    def ids(self) -> IdFactory:
        """Makes keys."""
        return IdFactory(self._now_ms, self.random)

    def found(self) -> None:
        """Make the tables, or renew them; begin the first epoch of an empty centre."""
        schema.renew(self.database, policies())
        with self.store.writing():
            is_begun = self.store.is_begun
        if not is_begun:
            self.whole().found()

    def facts(self) -> dict[str, int | str]:
        """Return how far the centre is and how much it holds."""
        with self.store.reading():
            head = self.store.head()
            rows, conflicts = self.store.counts()
        return {"epoch": head.epoch, "commits": head.seq, "durable": head.durable, "rows": rows, "conflicts": conflicts}

    def restored(self) -> str:
        """Begin a new epoch after a backup was brought back, and return its name."""
        schema.renew(self.database, policies())
        return self.whole().restored()

    def require(self) -> None:
        """Raise ``StorageError`` unless there is a centre in the database."""
        schema.require(self.database)
        with self.store.reading():
            if not self.store.is_begun:
                raise StorageError(f"The database '{self.database.name}' has no centre yet.", "Make it: citytwin central init.")

    def whole(self) -> Center:
        """Return the centre without any limits: for its administrator, on its own machine."""
        return self._center(WholePolicy(), unverified, lambda device, parent: True)  # noqa: ARG005  by position

    def for_enrolled(self, enrolment: Enrolment) -> EnrolledCentre:
        """Return the centre as a computer meets it."""
        return EnrolledCentre(self, enrolment)

    def _center(self, rule: Policy, verify: Verify, admits: Callable[[str, str], bool]) -> Center:
        sign, signed = self.keys.sign, verifier(self.keys.public)
        return Center(self.store, self.ids, self._now_ms, rule, verify, SCHEMA_VERSION, admits, sign, signed)

    def _now_ms(self) -> int:
        return int(self.now().timestamp() * 1000)


@dataclass
class EnrolledCentre:
    """The centre as one enrolled computer meets it: with the role of its account, the key that it signs with, its own ids.

    The name that a person gives with an edit is kept; what they may do is what the account of the computer may.
    """

    service: Service
    enrolment: Enrolment

    def answer(self, message: Message) -> Message:
        """Return what the centre says to a message. Raises ``SyncError`` for one that asks nothing."""
        if isinstance(message, Hello):
            return self.hello(message)
        if isinstance(message, Push):
            return self.push(message)
        if isinstance(message, Pull):
            return self.pull(message)
        if isinstance(message, Fill):
            return self.fill(message)
        raise SyncError(f"The message '{message.NAME}' asks nothing of the centre.", "Update both programs.")

    def hello(self, hello: Hello) -> Welcome | Refusal:
        """Say how far the centre is."""
        return self._foreign(hello.device) or self._center.hello(hello, self._scope)

    def push(self, push: Push) -> Pushed | Refusal:
        """Take mutations."""
        return self._foreign(push.device) or self._center.push(push)

    def pull(self, pull: Pull) -> Changes | Refusal:
        """Return commits."""
        answer = self._foreign(pull.device) or self._center.pull(pull, self._scope)
        if isinstance(answer, Changes):
            self._note(entry for commit in answer.commits for entry in commit.entries)
        return answer

    def fill(self, fill: Fill) -> SnapshotPart | Refusal:
        """Return rows."""
        answer = self._foreign(fill.device) or self._center.fill(fill, self._scope)
        if isinstance(answer, SnapshotPart):
            self._note(answer.rows)
        return answer

    def _note(self, told: Iterable[Entry | PartRow]) -> None:
        """Write down of whom plain personal data leaves the centre, where the role asks for that."""
        scope = self._scope.scope
        looked = {
            (item.kind, item.id): None
            for item in told
            if logged_fields(scope, item.kind) & {n for n, v in item.fields.items() if v}
        }
        if looked:
            ids = [f"{kind}/{key}" for kind, key in looked]
            self.service.audit.write(self.enrolment.account, "look at personal data", self.enrolment.id, of=ids)

    @cached_property
    def _scope(self) -> RoleScope:
        account = self.service.register.account(self.enrolment.account)
        with self.service.database.reading() as db:
            token = self.service.tokens.of(db, account.departments)
            return RoleScope(areas.resolved(db, account.scope), account.version, token)

    @cached_property
    def _center(self) -> Center:
        scope = self._scope.scope

        def scope_of(device: str, user: str) -> Scope:  # noqa: ARG001  the account is that of the computer
            return scope

        return self.service._center(RolePolicy(scope_of), self._verify, self._admit)  # noqa: SLF001  one with the service

    def _verify(self, device: str, data: bytes, signature: bytes) -> bool:  # noqa: ARG002  the id is this computer's: see _foreign
        return self.enrolment.card.verifies(signature, data)

    def _admit(self, device: str, parent: str) -> bool:  # noqa: ARG002  whoever is enrolled may go on under a new id
        self.service.register.claim(self.service.store.connection, self.enrolment, device)
        return True

    def _foreign(self, device: str) -> Refusal | None:
        """Refuse a device id that another computer has: a copied folder, or a computer with a new key. It takes a new id."""
        with self.service.database.reading() as db:
            owner = self.service.register.owner(db, device)
        if owner in (None, self.enrolment.id):
            return None
        return Refusal(
            FORK,
            f"The device {device} belongs to another computer: the folder was copied, or has a new key.",
            "The device goes on under a new name; nothing is lost.",
            device=device,
        )


def policies() -> dict[str, str]:
    """Return the conditions of row-level security for PostgreSQL's typed tables, by kind."""
    return {kind: policy(Columns(kind, place="%s")) for kind in KIND_OF}
