"""Whatever happens to a package on its way, it is refused by name; what was not touched is believed."""

from __future__ import annotations

import json
import tracemalloc
from datetime import timedelta
from random import Random

import pytest
import zstandard

from tests.offices import CONTENTS, NOW, PARTS, header_text, packed, resigned
from twin.errors import PackageError
from twin.sync.package import manifest, sealing
from twin.sync.package.header import FORMAT
from twin.sync.package.reading import look, open_package
from twin.sync.package.writing import Source
from twin.task import finish


def received(path, ring, now=NOW, **limits):
    return finish(open_package(path, ring, now).verify_task(**limits))


def refusal(path, ring, now=NOW, **limits):
    """Return the word for why a package is refused; fails where it is taken."""
    error = None
    try:
        received(path, ring, now, **limits)
    except PackageError as caught:  # pytest.raises takes as long as the refusal itself, and there are thousands
        error = caught
    assert error is not None, "the package was taken"
    assert (bool(error.message), bool(error.advice)) == (True, True)
    return error.refusal


def test_what_was_not_touched_is_believed(package, rings):
    opened = open_package(package, rings["centre"], NOW)
    found = finish(opened.verify_task())
    assert (opened.sender.name, found.contents) == ("north", CONTENTS)
    assert {part.name: b"".join(opened.pieces(part)) for part in found.parts} == {
        source.name: b"".join(source.pieces) for source in PARTS
    }


def test_a_package_torn_at_any_byte_is_refused(package, rings):
    content = package.read_bytes()
    words = set()
    for length in range(len(content)):
        package.write_bytes(content[:length])
        words.add(refusal(package, rings["centre"]))
    assert words == {"not_a_package", "torn"}  # the former when not one byte is left
    package.write_bytes(content[:1])
    assert refusal(package, rings["centre"]) == "torn"


def test_a_large_package_torn_at_4k_offsets_is_refused(tmp_path, rings):
    path = tmp_path / "large.ctpkg"
    packed(path, rings["north"], [rings["centre"]], [Source("a", "blob", [Random(1).randbytes(3 << 20)])])
    content = path.read_bytes()
    assert len(content) > 3 << 20
    for length in range(4096, len(content), 4096):
        with path.open("r+b") as file:
            file.truncate(len(content) - length)
        assert refusal(path, rings["centre"]) == "torn"


def test_every_flipped_bit_of_the_header_is_refused(package, rings):
    content = package.read_bytes()
    start = look(package)[0].start
    words = set()
    for bit in range(8 * start):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        package.write_bytes(changed)
        words.add(refusal(package, rings["centre"]))
    assert words <= {"not_a_package", "torn", "damaged", "forged", "unknown_sender", "newer"}


def test_a_flipped_bit_of_any_byte_behind_it_is_refused(package, rings):
    content, chance = package.read_bytes(), Random(7)
    for place in range(look(package)[0].start, len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        package.write_bytes(changed)
        assert refusal(package, rings["centre"]) == "damaged"


def test_bytes_behind_the_end_are_refused(package, rings):
    package.write_bytes(package.read_bytes() + b"x")
    assert refusal(package, rings["centre"]) == "damaged"


def test_frames_of_another_package_are_refused(tmp_path, package, rings):
    packed(tmp_path / "other.ctpkg", rings["north"], [rings["centre"]], key="p-2")
    ours, theirs = (package.read_bytes(), (tmp_path / "other.ctpkg").read_bytes())
    start = look(package)[0].start
    frames = theirs[start:].ljust(len(ours) - start, b"x")[: len(ours) - start]  # age makes lengths a little uneven
    package.write_bytes(ours[:start] + frames)
    assert refusal(package, rings["centre"]) == "damaged"
    package.write_bytes(ours[:start] + theirs[start:])
    assert refusal(package, rings["centre"]) in {"damaged", "torn"}


def test_parts_swapped_between_packages_are_refused_even_by_who_may_sign(tmp_path, package, rings):
    # Somebody with the sender's header key, but with a part of another package put where one of this one was.
    other = packed(
        tmp_path / "other.ctpkg", rings["north"], [rings["centre"]], [Source("a", "messages", [b'{"no": 9}\n' * 2]), PARTS[1]]
    )
    ours, theirs = bytearray(package.read_bytes()), (tmp_path / "other.ctpkg").read_bytes()
    start, place = look(package)[0].start, other.manifest.parts[0]
    mine = open_package(package, rings["centre"], NOW).manifest().parts[0]
    there = look(tmp_path / "other.ctpkg")[0].start
    frames = theirs[there + place.at : there + place.at + place.stored]
    ours[start + mine.at : start + mine.at + mine.stored] = frames
    header = json.loads(header_text(bytes(ours)))
    header |= {"sha256": sealing.hashlib.sha256(ours[start:]).hexdigest(), "size": len(ours) - start}
    header["manifest_at"] += len(frames) - mine.stored
    package.write_bytes(resigned(bytes(ours), json.dumps(header).encode(), rings["north"]))
    assert refusal(package, rings["centre"]) == "damaged"


def test_a_manifest_under_another_header_is_refused(tmp_path, package, rings):
    content = package.read_bytes()
    header = json.loads(header_text(content))
    for change in ({"id": "p-9"}, {"purpose": "city"}, {"expires_at": (NOW + timedelta(days=900)).isoformat()}):
        package.write_bytes(resigned(content, json.dumps(header | change).encode(), rings["north"]))
        assert refusal(package, rings["centre"]) == "forged"


def test_an_office_that_is_not_trusted_is_refused(tmp_path, rings):
    packed(tmp_path / "s.ctpkg", rings["stranger"], [rings["centre"]])
    assert refusal(tmp_path / "s.ctpkg", rings["centre"]) == "unknown_sender"


def test_a_stranger_cannot_sign_for_a_trusted_office(package, rings):
    content = package.read_bytes()
    package.write_bytes(resigned(content, header_text(content), rings["stranger"]))
    assert refusal(package, rings["centre"]) == "forged"


def test_a_trusted_office_cannot_pass_on_what_another_one_packed_as_its_own(tmp_path, rings):
    # The centre opens what the office sent and signs the same frames for itself: the manifest names its maker.
    packed(tmp_path / "n.ctpkg", rings["north"], [rings["north"]])
    content = (tmp_path / "n.ctpkg").read_bytes()
    header = json.loads(header_text(content)) | {"sender": rings["centre"].own.card.id}
    (tmp_path / "n.ctpkg").write_bytes(resigned(content, json.dumps(header).encode(), rings["centre"]))
    assert refusal(tmp_path / "n.ctpkg", rings["north"]) == "forged"


def test_a_package_for_another_office_is_refused_and_cannot_be_opened(package, rings):
    rings["stranger"].trust(rings["north"].own.card)
    assert refusal(package, rings["stranger"]) == "wrong_recipient"
    mine = open_package(package, rings["centre"], NOW)
    peeping = type(mine)(mine.path, mine.header, mine.start, mine.sender, rings["stranger"].own_keys())
    with pytest.raises(PackageError, match="damaged"):
        peeping.manifest()
    rings["stranger"].distrust(rings["north"].own.card)


def test_an_expired_package_is_refused_with_both_times(package, rings):
    assert received(package, rings["centre"], NOW + timedelta(days=29))
    with pytest.raises(
        PackageError, match=r"until 2026-04-01 12:00 UTC; this computer's clock says 2026-04-01 12:00 UTC"
    ) as caught:
        received(package, rings["centre"], NOW + timedelta(days=30))
    assert caught.value.refusal == "expired"


def test_a_newer_format_is_refused(package, rings):
    content = package.read_bytes()
    header = json.loads(header_text(content)) | {"format": FORMAT + 1}
    package.write_bytes(resigned(content, json.dumps(header).encode(), rings["north"]))
    assert refusal(package, rings["centre"]) == "newer"


def test_a_picture_is_no_package(tmp_path, rings):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert refusal(tmp_path / "a.png", rings["centre"]) == "not_a_package"


def zeros(count):
    return (bytes(1 << 20) for _ in range(count))


def test_what_unpacks_to_thousands_of_times_its_size_is_refused_before_it_is_unpacked(tmp_path, rings, monkeypatch):
    packed(tmp_path / "bomb.ctpkg", rings["north"], [rings["centre"]], [Source("bomb", "blob", zeros(256))])
    assert (tmp_path / "bomb.ctpkg").stat().st_size < 100_000
    unpacked = []
    real = sealing.Opener.pieces

    def counted(self, at, stored, limit):
        for piece in real(self, at, stored, limit):
            unpacked.append(len(piece))
            yield piece

    monkeypatch.setattr(sealing.Opener, "pieces", counted)
    assert refusal(tmp_path / "bomb.ctpkg", rings["centre"]) == "too_large"
    assert sum(unpacked) < 10_000  # the manifest


def test_more_than_is_allowed_is_refused(package, rings):
    assert refusal(package, rings["centre"], largest=1000) == "too_large"


def test_a_message_of_gigabytes_is_refused_in_little_memory(tmp_path, rings):
    # Noise between the zeros keeps it below the ratio at which anything is a bomb; a file of that size would be taken.
    noise = Random(1)
    path = tmp_path / "bomb.ctpkg"
    packed(
        path,
        rings["north"],
        [rings["centre"]],
        [Source("m", "messages", (noise.randbytes(1 << 11) + piece for piece in zeros(257)))],
    )
    tracemalloc.start()
    assert refusal(path, rings["centre"]) == "too_large"
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()
    packed(
        path, rings["north"], [rings["centre"]], [Source("m", "blob", (noise.randbytes(1 << 11) + piece for piece in zeros(257)))]
    )
    assert received(path, rings["centre"]).size > 257 << 20


def test_a_manifest_that_lies_about_sizes_is_not_followed(tmp_path, rings, monkeypatch):
    # A part says that it has 100 bytes and has a gigabyte of zeros: one piece beyond the 100 is unpacked, no more.
    honest = manifest.Manifest.text

    def lying(self):
        parts = tuple(manifest.Part(part.name, part.kind, 100, part.sha256, part.at, part.stored) for part in self.parts)
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return honest(manifest.Manifest(**values | {"parts": parts}))

    monkeypatch.setattr(manifest.Manifest, "text", lying)
    packed(tmp_path / "liar.ctpkg", rings["north"], [rings["centre"]], [Source("bomb", "blob", zeros(64))])
    assert refusal(tmp_path / "liar.ctpkg", rings["centre"]) == "too_large"


def test_a_manifest_that_is_a_bomb_is_refused(tmp_path, rings, monkeypatch):
    monkeypatch.setattr(manifest.Manifest, "text", lambda self: b" " * (64 << 20))
    packed(tmp_path / "bomb.ctpkg", rings["north"], [rings["centre"]])
    assert refusal(tmp_path / "bomb.ctpkg", rings["centre"]) == "too_large"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../store.db"},
        {"name": "/etc/passwd"},
        {"name": "a/../../b"},
        {"name": "C:\\x"},
        {"name": ""},
        {"kind": "program"},
        {"size": -1},
        {"at": 1.5},
        {"about": []},
    ],
)
def test_a_part_that_leads_out_of_its_place_is_refused(tmp_path, rings, monkeypatch, change):
    honest = manifest.Manifest.text

    def changed(self):
        data = json.loads(honest(self))
        data["parts"][0] |= change
        return json.dumps(data).encode()

    monkeypatch.setattr(manifest.Manifest, "text", changed)
    packed(tmp_path / "x.ctpkg", rings["north"], [rings["centre"]])
    assert refusal(tmp_path / "x.ctpkg", rings["centre"]) == "damaged"


def test_a_part_that_is_no_zstd_is_refused(tmp_path, rings, monkeypatch):
    class Plain:
        def compress(self, piece):
            return piece

        def flush(self):
            return b""

    real = zstandard.ZstdCompressor
    made = []

    class Compressor:
        def __init__(self, level):
            made.append(real(level=level))

        def compressobj(self):
            return Plain() if len(made) == 1 else made[-1].compressobj()

    monkeypatch.setattr(sealing.zstandard, "ZstdCompressor", Compressor)
    packed(tmp_path / "x.ctpkg", rings["north"], [rings["centre"]])
    monkeypatch.undo()
    assert refusal(tmp_path / "x.ctpkg", rings["centre"]) == "damaged"
