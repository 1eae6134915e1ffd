"""What goes in comes out: any parts, any number of recipients, in little memory, and readable without this program."""

from __future__ import annotations

import itertools
import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

import pyrage
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.offices import NOW, PARTS, packed
from twin.errors import BugError, StorageError
from twin.sync.package.reading import open_package, require_space
from twin.sync.package.sealing import FRAME_BYTES
from twin.sync.package.writing import Letter, Source, write_package
from twin.task import finish

pieces = st.lists(st.binary(max_size=2000), max_size=5)


@settings(max_examples=30)
@given(st.lists(pieces, max_size=6))
def test_parts_come_out_as_they_went_in(rings, contents):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.ctpkg"
        written = packed(
            path, rings["north"], [rings["centre"]], [Source(f"p/{n}", "blob", item) for n, item in enumerate(contents)]
        )
        opened = open_package(path, rings["centre"], NOW)
        manifest = finish(opened.verify_task())
        assert manifest == written.manifest
        assert [b"".join(opened.pieces(part)) for part in manifest.parts] == [b"".join(item) for item in contents]


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES + 17])
def test_parts_of_the_size_of_frames(tmp_path, rings, size):
    content = Random(size).randbytes(size)
    packed(
        tmp_path / "x.ctpkg", rings["north"], [rings["centre"]], [Source("a", "blob", [content]), Source("b", "blob", [content])]
    )
    opened = open_package(tmp_path / "x.ctpkg", rings["centre"], NOW)
    manifest = finish(opened.verify_task())
    assert [b"".join(opened.pieces(part)) for part in reversed(manifest.parts)] == [content, content]


def test_every_recipient_opens_it(tmp_path, rings):
    packed(tmp_path / "x.ctpkg", rings["centre"], [rings["north"], rings["centre"]])
    for ring in (rings["north"], rings["centre"]):
        assert len(finish(open_package(tmp_path / "x.ctpkg", ring, NOW).verify_task()).parts) == 2


def test_a_part_is_read_by_age_and_zstd_alone(tmp_path, rings):
    written = packed(tmp_path / "x.ctpkg", rings["north"], [rings["centre"]])
    content, part = (tmp_path / "x.ctpkg").read_bytes(), written.manifest.parts[1]
    at = len(content) - written.header.size + part.at
    length = int.from_bytes(content[at : at + 4], "big")
    assert length + 4 == part.stored
    plain = pyrage.decrypt(content[at + 4 : at + 4 + length], [rings["centre"].own.identity])
    assert zstandard.ZstdDecompressor().decompressobj().decompress(plain) == b"".join(PARTS[1].pieces)


def test_nothing_of_the_content_can_be_seen_from_outside(tmp_path, rings):
    packed(tmp_path / "x.ctpkg", rings["north"], [rings["centre"]], [Source("secret-name", "blob", [b"13812345678"])])
    content = (tmp_path / "x.ctpkg").read_bytes()
    for word in (b"13812345678", b"secret-name", b"Northtown", b"d-1"):
        assert word not in content


def test_pieces_are_asked_for_one_by_one(tmp_path, rings):
    asked = itertools.count()

    def large():
        for _ in range(64):
            next(asked)
            yield bytes(FRAME_BYTES)

    letter = Letter(
        id="p", purpose="city", recipients=[rings["centre"].own.card], created_at=NOW, expires_at=NOW + timedelta(days=1)
    )
    from tests.offices import CONTENTS

    task = write_package(
        tmp_path / "x.ctpkg", letter, CONTENTS, [Source("a", "blob", large())], rings["north"].own, 64 * FRAME_BYTES
    )
    shares = [next(task).fraction for _ in range(32)]
    assert shares == [(step + 1) / 64 for step in range(32)]
    assert next(asked) == 32
    task.close()


def test_a_copy_is_the_package(tmp_path, package, rings):
    opened = open_package(package, rings["centre"], NOW)
    copy = finish(opened.copied_task(tmp_path / "incoming.ctpkg"))
    package.unlink()
    assert len(finish(copy.verify_task()).parts) == len(PARTS)
    assert [item.name for item in tmp_path.iterdir()] == ["incoming.ctpkg"]


def test_a_disk_without_room_is_named_before_a_byte_is_copied(tmp_path):
    with pytest.raises(StorageError, match="There is no room for the package: 1073741824 MB are needed"):
        require_space(tmp_path, 1 << 50)


def test_a_part_may_not_be_named_out_of_its_folder(tmp_path, rings):
    with pytest.raises(BugError, match="no name for a part"):
        packed(tmp_path / "x.ctpkg", rings["north"], [rings["centre"]], [Source("../x", "blob", [])])
    with pytest.raises(BugError, match="needs a recipient"):
        packed(tmp_path / "x.ctpkg", rings["north"], [])
