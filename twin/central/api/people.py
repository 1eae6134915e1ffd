"""Paths for people: signing in with a password and a one-time code, or at an OpenID provider, and what they may ask then."""

# No annotations from the future here: FastAPI reads them.
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import anyio
from fastapi import Depends, FastAPI, Header, Query
from pydantic import BaseModel, Field

from twin.central import inquiry
from twin.central.api.problem import NotAuthenticatedError
from twin.central.api.session import PERSON_S, Sessions
from twin.central.oidc import Begun, RelyingParty
from twin.central.register import Account
from twin.central.service import Service
from twin.errors import AccessError

AT_ONCE = 2
"""Passwords that are checked at once: each takes 128 MiB."""
PENDING, PENDING_S = 1_000, 600


class SignIn(BaseModel):
    """Who somebody says they are: ``code`` is that of the second factor, where the account has one."""

    account: str = Field(max_length=80)
    password: str = Field(max_length=256)
    code: str = Field("", max_length=20)


class PersonToken(BaseModel):
    """What to send as ``Authorization: Bearer``."""

    token: str
    expires_in_s: int
    account: str
    role: str


class Listening(BaseModel):
    """Where the program of whoever signs in listens on their own computer (RFC 8252, section 7.3)."""

    port: int = Field(ge=1, le=65535)


class Beginning(BaseModel):
    """Where the browser goes, and what to come back with."""

    address: str
    ticket: str


class Return(BaseModel):
    """With what the browser came back to the program that began."""

    ticket: str = Field(max_length=100)
    code: str = Field(max_length=2000)
    state: str = Field(max_length=200)


class Me(BaseModel):
    """Who is signed in, and what they are limited to."""

    account: str
    role: str
    departments: list[str]
    districts: list[str]


class Wanted(BaseModel):
    """Personal data of one thing, and what it is needed for: both are written down."""

    kind: str = Field(max_length=40)
    id: str = Field(max_length=100)
    reason: str = Field(max_length=1000)


@dataclass
class People:
    """Who signs in at one service; what was begun at a provider is kept here until it ends or is too old."""

    service: Service
    sessions: Sessions
    clock: Callable[[], float]
    party: RelyingParty | None = None
    _pending: OrderedDict[str, tuple[Begun, float]] = field(default_factory=OrderedDict)

    def signed_in(self, account: Account) -> PersonToken:
        """Return a token for an account."""
        return PersonToken(
            token=self.sessions.person_token(account.name), expires_in_s=PERSON_S, account=account.name, role=account.role
        )

    def person(self, authorization: Annotated[str, Header()] = "") -> Account:
        """Return who asks."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticatedError("The request carries no token.", "Sign in first: /v1/sign-in.")
        try:
            account = self.service.register.account(self.sessions.account_of(token))
        except (AccessError, ValueError) as error:
            raise NotAuthenticatedError("The sign-in is not valid any more.", "Sign in again.") from error
        if not account.is_active:
            raise AccessError("The account is locked.", "Ask an administrator.")
        return account

    def begin(self, wish: Listening) -> Beginning:
        """Begin a sign-in at the provider.

        The browser comes back to the computer on which it runs: who sends somebody else there gains nothing.
        """
        begun = self._provider.begin(f"http://127.0.0.1:{wish.port}/back")
        ticket = self.service.keys.random(24).hex()
        while len(self._pending) >= PENDING:
            self._pending.popitem(last=False)
        self._pending[ticket] = (begun, self.clock() + PENDING_S)
        return Beginning(address=begun.address, ticket=ticket)

    def finish(self, wish: Return) -> PersonToken:
        """Return a token to who came back from the provider; once."""
        begun, until = self._pending.pop(wish.ticket, (None, 0.0))
        if begun is None or until < self.clock():
            raise AccessError("There is no such sign-in, or it is too old.", "Begin again.")
        identity = self._provider.finish(begun, wish.code, wish.state)
        return self.signed_in(self.service.credentials.vouched_for(identity.issuer, identity.subject))

    @property
    def _provider(self) -> RelyingParty:
        if self.party is None:
            raise AccessError("This centre has no OpenID provider.", "Sign in with a password: /v1/sign-in.")
        return self.party


def add_people(app: FastAPI, people: People) -> None:
    """Add the paths for people."""
    limiter: list[anyio.CapacityLimiter] = []  # made inside the running loop

    @app.post("/v1/sign-in", operation_id="sign_in")
    async def sign_in(wish: SignIn) -> PersonToken:
        """Sign in with a password and, where the account has a second factor, a one-time code."""
        if not limiter:
            limiter.append(anyio.CapacityLimiter(AT_ONCE))
        credentials = people.service.credentials
        account = await anyio.to_thread.run_sync(
            lambda: credentials.signed_in(wish.account, wish.password, wish.code), limiter=limiter[0]
        )
        return people.signed_in(account)

    app.post("/v1/sign-in/openid", operation_id="openid_begin")(people.begin)
    app.post("/v1/sign-in/openid/token", operation_id="openid_finish")(people.finish)
    person = Annotated[Account, Depends(people.person)]

    @app.get("/v1/me", operation_id="me")
    def me(account: person) -> Me:
        """Say who is signed in."""
        return Me(
            account=account.name, role=account.role, departments=list(account.departments), districts=list(account.districts)
        )

    @app.post("/v1/personal-data", operation_id="personal_data")
    def personal_data(wish: Wanted, account: person) -> Mapping[str, Any]:
        """Return what a thing says of people, plainly, to who may see it; written down with the reason."""
        return inquiry.personal_data(people.service, account, wish.kind, wish.id, wish.reason)

    @app.get("/v1/audit", operation_id="audit")
    def audit(account: person, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Mapping[str, Any]]:
        """Return the newest entries of the audit log to who may read it."""
        return inquiry.audit_entries(people.service, account, limit)
