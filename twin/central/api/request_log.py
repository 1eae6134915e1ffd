"""What the service writes down of each request: a line of JSON without names, addresses, contents or query strings."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.central.api.problem import problem

Log = Callable[[dict[str, Any]], None]
"""Writes one line down."""


class RequestLog:
    """Wraps the application: times each request, logs it, and answers what nobody foresaw with problem details."""

    def __init__(self, app: ASGIApp, log: Log, clock: Callable[[], float]) -> None:
        self._app, self._log, self._clock = app, log, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        line: dict[str, Any] = {"event": "request", "method": scope["method"], "status": 0, "sent_bytes": 0}
        scope["citytwin.log"] = line  # the handler adds whose request it is, by the beginning of its key
        began = self._clock()

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                line["status"] = message["status"]
            else:
                line["sent_bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counting)
        except Exception as error:  # noqa: BLE001  the last resort: a bug is written down, and told without its insides
            frames = traceback.extract_tb(error.__traceback__)
            where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
            line |= {"event": "bug", "error": type(error).__name__, "where": where}
            if not line["status"]:
                answer = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error", "The centre made a mistake.")
                await answer(scope, receive, counting)
        finally:
            route = scope.get("route")
            line |= {"path": getattr(route, "path", "?"), "duration_ms": round((self._clock() - began) * 1000, 1)}
            self._log(line)
