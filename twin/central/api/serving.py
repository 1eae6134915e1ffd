"""The service as a process: it listens until it is asked to stop, then finishes what it has begun."""

from __future__ import annotations

import gc
import json
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import uvicorn

from twin.central.api.app import create_app
from twin.central.api.session import Sessions
from twin.central.oidc import Provider, relying_party
from twin.central.service import Service
from twin.sync.package.keys import OwnKey

STOP_S = 30


@dataclass(frozen=True)
class Address:
    """Where the service listens, and with which certificate; behind a proxy it has none of its own.

    ``names`` are the addresses under which offices call it (https://HOST); without any, it cannot tell one that another serves.
    """

    host: str = "127.0.0.1"
    port: int = 8642
    certificate: str | None = None
    private_key: str | None = None
    names: tuple[str, ...] = ()


class JsonLog:
    """Writes lines of JSON with the time of each."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __call__(self, line: dict[str, Any]) -> None:
        """Write one down."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._stream.write(json.dumps({"at": at, **line}, ensure_ascii=False) + "\n")
        self._stream.flush()


class _Server(uvicorn.Server):
    """A server that says when it listens, and on which port: the system chooses one for port 0."""

    on_start: Callable[[str, int], None]

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop in order when asked to; uvicorn's own way would let the process die of the signal afterwards."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self.on_start(host, port)


def serve(service: Service, address: Address, log: JsonLog, own: OwnKey, provider: Provider | None = None) -> bool:
    """Listen as the centre with the key ``own`` until the process is asked to stop (SIGTERM, SIGINT); requests that were begun are answered. Return whether it could."""
    sessions = Sessions(secrets.token_bytes(32), time.monotonic, secrets.token_bytes)
    party = None if provider is None else relying_party(provider, time.time, secrets.token_bytes)
    server = _Server(
        uvicorn.Config(
            create_app(service, sessions, log, time.monotonic, party, centre=own, addresses=address.names),
            host=address.host,
            port=address.port,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.private_key,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # addresses of people are asked for nowhere
            ws="none",
            lifespan="off",
            limit_concurrency=1_000,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=STOP_S,
            h11_max_incomplete_event_size=64 << 10,
        )
    )
    # A push makes very many small objects, none of them in cycles: looking for cycles at every 700 would take a third of it.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    fingerprint = own.card.fingerprint
    server.on_start = lambda host, port: log({"event": "listening", "host": host, "port": port, "fingerprint": fingerprint})
    try:
        server.run()
    except SystemExit:  # how uvicorn says that the port is taken
        return False
    finally:
        if party is not None:
            party.http.close()
        service.database.close()
    log({"event": "stopped"})
    return server.started
