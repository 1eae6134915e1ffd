"""Bodies as they come: no larger than stated, no slower than stated, decompressed without surprise."""

from __future__ import annotations

import anyio
import zstandard
from fastapi import Request

from twin.central.api.problem import TooLargeError
from twin.errors import SyncError

MOST_BYTES = 64 << 20
"""Of a body as it comes."""

MOST_PLAIN_BYTES = 256 << 20
"""Of a body decompressed."""

WITHIN_S = 120.0


async def received(request: Request, most: int = MOST_BYTES) -> bytes:
    """Return a body whole. Raises ``TooLargeError`` as soon as it is too large, ``SyncError`` when it takes too long."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    content = bytearray()
    try:
        with anyio.fail_after(WITHIN_S):
            async for chunk in request.stream():
                content += chunk
                if len(content) > most:
                    raise _too_large(most)
    except TimeoutError as error:
        raise SyncError("The message took too long to arrive.", "Send it again, in smaller parts on a slow line.") from error
    return bytes(content)


def plain(content: bytes, encoding: str) -> bytes:
    """Return a body without its compression. Raises ``SyncError`` for one that is damaged or compressed otherwise."""
    if encoding in ("", "identity"):
        return content
    if encoding != "zstd":
        raise SyncError(f"The message is compressed as '{encoding}'.", "Use zstd, or nothing.")
    return decompressed(content, MOST_PLAIN_BYTES)


def decompressed(content: bytes, most: int) -> bytes:
    """Return what was compressed, at most so many bytes: what claims to be small is not believed."""
    found = bytearray()
    try:
        for chunk in zstandard.ZstdDecompressor(max_window_size=1 << 27).read_to_iter(content):
            found += chunk
            if len(found) > most:
                raise _too_large(most)
    except zstandard.ZstdError as error:
        raise SyncError("The message is damaged: it cannot be decompressed.", "Send it again.") from error
    return bytes(found)


def compressed(content: bytes) -> bytes:
    """Return bytes compressed, with a checksum."""
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(content)


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"The message is larger than {most:,} bytes.", "Send smaller parts.")
