"""The doorway: before the centre knows who asks, it listens to few at once, briefly, and to little of each.

Whoever has a valid token is let through: what they may send is limited by their route.
"""

from __future__ import annotations

import time
from http import HTTPStatus

import anyio
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.central.api.problem import problem
from twin.central.api.session import Sessions

MOST_BYTES = 64 << 10
"""Of the body of a request without a token: a card, a proof and a password are far smaller."""

MOST_AT_ONCE = 64
"""Requests without a token; together they hold 4 MiB at most."""

WITHIN_S = 10.0
"""In which the body of one must arrive: who sends a byte now and then keeps nobody else out for long."""


class Doorway:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app, self._sessions, self._inside = app, sessions, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or self._sessions.is_known(Headers(scope=scope).get("authorization", "")):
            await self._app(scope, receive, send)
            return
        if self._inside >= MOST_AT_ONCE:
            title = HTTPStatus.SERVICE_UNAVAILABLE.phrase
            answer = problem(503, title, "Too many computers sign in at this moment.", "Try again in some seconds.")
            await answer(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, _bounded(receive), send)
        finally:
            self._inside -= 1


def _bounded(receive: Receive) -> Receive:
    """Return what gives the application no more of a body than a stranger may send, and not for longer."""
    left, until = MOST_BYTES, time.monotonic() + WITHIN_S

    async def received() -> Message:
        nonlocal left
        try:
            with anyio.fail_after(max(until - time.monotonic(), 0.0)):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, "The message took too long to arrive.") from error
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, f"The message is larger than {MOST_BYTES:,} bytes, and carries no valid token.")
        return message

    return received
