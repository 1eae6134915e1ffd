"""Handshake: how a computer and the centre prove to each other who they are, before anything is said over a wire.

Each signs what the other made up, the address that was called, and for whom it is. So whoever serves another address
cannot pass a proof on: it is for that address, and for the key that was shown there.
"""

from __future__ import annotations

from twin.sync.mutation import canonical


def centre_bytes(nonce: str, address: str, challenge: str) -> bytes:
    """Return what the centre signs for a computer that made up ``nonce`` and called ``address``."""
    return b"citytwin centre\x00" + canonical([nonce, address, challenge])


def computer_bytes(centre: str, address: str, challenge: str) -> bytes:
    """Return what a computer signs for the centre whose card has the id ``centre``, which it called at ``address``."""
    return b"citytwin session\x00" + canonical([centre, address, challenge])
