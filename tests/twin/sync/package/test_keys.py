"""Keys of an office: made once, kept from others, handed over as cards that nobody can change."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.offices import NOW, packed
from twin.errors import KeyringError
from twin.sync.package.keys import KeyRing, OwnKey, card_from_text, new_passphrase
from twin.sync.package.reading import open_package
from twin.task import finish


def test_a_card_goes_over_as_text_and_verifies_what_its_office_signed(rings):
    own = rings["north"].own
    card = card_from_text(own.card_text())
    assert (card, card.fingerprint.replace(" ", "")) == (own.card, card.id)
    assert card.verifies(own.sign(b"edits"), b"edits")
    assert not card.verifies(own.sign(b"edits"), b"edit")
    Ed25519PublicKey.from_public_bytes(card.signer).verify(own.sign(b"x"), b"x")


def test_a_card_that_was_changed_on_its_way_is_refused(rings):
    data = json.loads(rings["north"].own.card_text())
    other = json.loads(rings["stranger"].own.card_text())
    for change in ({"name": "centre"}, {"recipient": other["recipient"]}, {"signature": other["signature"]}):
        with pytest.raises(KeyringError, match="was changed"):
            card_from_text(json.dumps(data | change))
    for text in (
        "",
        "[]",
        "{}",
        json.dumps(data | {"signer": "AAAA"}),
        json.dumps(data | {"recipient": "age1x"}),
        json.dumps(data | {"more": 1}),
    ):
        with pytest.raises(KeyringError, match="no card"):
            card_from_text(text)


def test_the_ring_is_readable_by_its_owner_alone(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    ring.make("north")
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "keys" / "own.json").stat().st_mode) == 0o600
    assert ring.own.opening.startswith("AGE-SECRET-KEY-")
    assert ring.own.opening not in ring.own.card_text()
    assert ring.own.signing not in ring.own.card_text()


def test_a_key_is_not_lost_by_making_another(tmp_path, rings):
    ring = KeyRing(tmp_path / "keys")
    first = ring.make("north")
    with pytest.raises(KeyringError, match="has the key of 'north' already"):
        ring.make("again")
    packed(tmp_path / "old.ctpkg", rings["centre"], [ring])
    second = ring.make("again", replace=True)
    assert (ring.own, ring.own_keys()) == (second, (second, first))
    ring.trust(rings["centre"].own.card)
    assert finish(open_package(tmp_path / "old.ctpkg", ring, NOW + timedelta(days=1)).verify_task())


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81])
def test_a_name_that_no_list_can_show_is_refused(name):
    with pytest.raises(KeyringError, match="1 to 80 printable"):
        OwnKey.new(name)


def test_offices_are_found_by_name_or_fingerprint(tmp_path, rings):
    ring = KeyRing(tmp_path / "keys")
    with pytest.raises(KeyringError, match="no key for packages yet"):
        _ = ring.own
    with pytest.raises(KeyringError, match="No office 'north' is trusted"):
        ring.find("north")
    cards = [rings["north"].own.card, rings["centre"].own.card]
    for card in cards:
        ring.trust(card)
    assert [ring.find("north"), ring.find(cards[1].fingerprint[:9])] == cards
    twin = OwnKey.new("north").card
    ring.trust(twin)
    with pytest.raises(KeyringError, match="2 trusted offices 'north'"):
        ring.find("north")
    assert ring.find(twin.id) == twin
    ring.distrust(twin)
    assert ring.find("north") == cards[0]


def test_a_ring_that_cannot_be_read_or_written_says_so(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    ring.make("north")
    (tmp_path / "keys" / "own.json").write_text("{", encoding="utf-8")
    with pytest.raises(KeyringError, match=r"'own\.json' cannot be read"):
        ring.own_keys()
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyringError, match="could not be written"):
        KeyRing(tmp_path / "file" / "keys").make("north")


def test_what_age_itself_encrypts_for_a_card_its_key_opens(rings):
    own = rings["north"].own
    sealed = pyrage.encrypt(b"words", [pyrage.x25519.Recipient.from_str(own.card.recipient)])
    assert pyrage.decrypt(sealed, [own.identity]) == b"words"


def test_an_invitation_opens_with_its_passphrase_alone(tmp_path):
    made, words = OwnKey.new("North"), new_passphrase()
    content = made.invitation(words)
    assert made.opening.encode() not in content
    assert OwnKey.invited(content, words) == made
    for bad, said in (
        (content, words[:-1] + "!"),
        (content[:-1], words),
        (b"", words),
        (pyrage.passphrase.encrypt(b"{}", words), words),
    ):
        with pytest.raises(KeyringError, match="cannot be opened"):
            OwnKey.invited(bad, said)
    ring = KeyRing(tmp_path / "keys")
    ring.adopt(made)
    ring.adopt(made)  # the same stick again
    assert ring.own_keys() == (made,)
    with pytest.raises(KeyringError, match="already"):
        ring.adopt(OwnKey.new("South"))


def test_passphrases_are_long_and_never_the_same():
    made = {new_passphrase() for _ in range(100)}
    assert len(made) == 100
    assert {len(words) for words in made} == {29}
