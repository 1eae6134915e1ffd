"""What somebody who has signed in may ask of the centre: personal data on request, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.access.disclosure import unmasked
from twin.access.permission import matrix
from twin.central import areas
from twin.central.register import Account
from twin.central.service import Service
from twin.errors import AccessError
from twin.sync.policy import place_facts

REASON = 10
"""Fewest signs of a reason: 'x' is none."""


def personal_data(service: Service, account: Account, kind: str, key: str, reason: str) -> Mapping[str, Any]:
    """Return what a thing says of people, plainly. It is written down with the reason before it is told.

    Raises ``AccessError`` for who may not see it, and does not say whether there is such a thing.
    """
    if len(reason.strip()) < REASON:
        raise AccessError(f"A reason has at least {REASON} signs.", "Say what you need it for.")
    with service.store.reading():
        row = service.store.rows([(kind, key)]).get((kind, key))
    with service.database.reading() as db:
        scope = areas.resolved(db, account.scope)
    found = None
    if row is not None and row.alive:
        found = unmasked(scope, kind, place_facts(row.place)[0], row.fields)
    what = "refuse personal data" if found is None else "look at personal data"
    service.audit.write(account.name, what, f"{kind}/{key}", reason=reason.strip())
    if found is None:
        raise AccessError("There is no such thing, or this account may not see its personal data.", "Ask who may.")
    return found


def audit_entries(service: Service, account: Account, limit: int) -> list[Mapping[str, Any]]:
    """Return the newest entries of the audit log. Raises ``AccessError`` for who may not read it."""
    if not matrix().permission(account.role, "audit_log").read:
        raise AccessError("The role of this account does not read the audit log.", "Ask who may.")
    service.audit.write(account.name, "read audit log")
    return [entry.told for entry in service.audit.newest(limit)]
