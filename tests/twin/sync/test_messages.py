"""Messages: what is written is read back, byte by byte the same; what is not exactly a message is refused by name."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import SyncError
from twin.sync.commit import ACCEPTED, CONFLICT, Commit, Entry
from twin.sync.messages import (
    MESSAGES,
    Changes,
    Fill,
    Hello,
    PartRow,
    Pull,
    Push,
    Pushed,
    Refusal,
    SnapshotPart,
    Welcome,
    decode,
    encode,
)
from twin.sync.mutation import GENESIS, Mutation, Op

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUE = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
FIELDS = st.dictionaries(TEXT, VALUE | st.lists(VALUE, max_size=3), max_size=3)
OPS = st.builds(Op, TEXT, TEXT, FIELDS, st.sampled_from([None, True, False]), st.integers(0, 2**40), FIELDS)


def chained(ops_of_each, device="d", first=1, previous=GENESIS):
    found = []
    for number, ops in enumerate(ops_of_each, first):
        mutation = Mutation(device, number, previous, tuple(ops), "u", 5, "e1", 1, f"edit {number}")
        found.append(mutation.signed(lambda data: data[:3]))
        previous = found[-1].hash
    return tuple(found)


@given(st.lists(st.lists(OPS, max_size=3), max_size=4))
def test_a_push_comes_back_with_the_same_hashes_and_bytes(ops_of_each):
    push = Push("d", "e1", 1, 7, "ab" * 32, chained(ops_of_each))
    content = encode(push)
    again = decode(content)
    assert isinstance(again, Push)
    assert again == push
    assert [item.hash for item in again.mutations] == [item.hash for item in push.mutations]
    assert encode(again) == content


MESSAGE_EXAMPLES = [
    Hello("d", "e1", 3, 1, 1, "p"),
    Welcome("e1", 9, 4, 1, 1, 2),
    Push("d", "e1", 1, 0, "", chained([[Op("bin", "b1", {"name": "垃圾桶"}, alive=True)], [Op("bin", "b1", alive=False, base=3)]])),
    Pushed("d", "e1", 2, 9),
    Pull("d", "e1", 3, "ab" * 32, 1, 1),
    Changes(
        "d", "e1", 3, "ab" * 32, 5, "cd" * 32, 9, 2, "ef" * 32, 1, 1,
        (
            Commit(4, "o", 1, "u", 5, (Entry(ACCEPTED, "bin", "b1", {"name": "x"}),), "t", ("3/0",)),
            Commit(5, "d", 2, "u", 5, (Entry(CONFLICT, "bin", "b1", alive=False, theirs={"name": "x"}, reason="changed"),)),
        ),
        2,
    ),
    Fill("d", 1, "e1", 4, "bin", "b1", 9, "ab" * 32, 100),
    SnapshotPart("d", "e1", 4, "", 9, "ab" * 32, 1, 1, (PartRow("bin", "b1", 4, {"name": None}),), "", "", "bin", "b1"),
    Refusal("gap", "Mutation 4 is needed.", "Send it.", "", 4),
]  # fmt: skip


def test_every_message_has_an_example():
    assert {type(message) for message in MESSAGE_EXAMPLES} == set(MESSAGES)


@pytest.mark.parametrize("message", MESSAGE_EXAMPLES, ids=lambda message: message.NAME)
def test_a_message_comes_back(message):
    assert decode(encode(message)) == message


@pytest.mark.parametrize("message", MESSAGE_EXAMPLES, ids=lambda message: message.NAME)
def test_a_message_that_is_cut_off_anywhere_is_refused(message):
    content = encode(message)
    for end in range(len(content)):
        with pytest.raises(SyncError):
            decode(content[:end])


@pytest.mark.parametrize("message", MESSAGE_EXAMPLES, ids=lambda message: message.NAME)
def test_a_line_more_or_less_is_refused(message):
    lines = encode(message).splitlines(keepends=True)
    for place in range(len(lines)):
        with pytest.raises(SyncError):
            decode(b"".join(lines[:place] + lines[place + 1 :]))
        with pytest.raises(SyncError):
            decode(b"".join([*lines[: place + 1], *lines[place:]]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cursor": "3"}, "its 'cursor' is no whole number"),
        ({"cursor": -1}, "no whole number"),
        ({"cursor": True}, "no whole number"),
        ({"cursor": 1 << 63}, "no whole number"),
        ({"device": None}, "its 'device' is NoneType, not str"),
        ({"colour": "red"}, "a field 'colour' that this program does not know"),
        ({"message": "hullo"}, "no message that this program knows"),
    ],
)
def test_a_head_that_is_not_as_it_should_be_is_refused_by_name(change, said):
    head, end = encode(MESSAGE_EXAMPLES[0]).splitlines()
    with pytest.raises(SyncError, match=said):
        decode(json.dumps({**json.loads(head), **change}).encode() + b"\n" + end + b"\n")


def test_what_a_head_lacks_is_named():
    head, end = encode(MESSAGE_EXAMPLES[0]).splitlines()
    data = json.loads(head)
    del data["epoch"]
    with pytest.raises(SyncError, match="it lacks 'epoch'"):
        decode(json.dumps(data).encode() + b"\n" + end + b"\n")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_lacks_are_refused(number):
    content = encode(MESSAGE_EXAMPLES[2]).replace(b'"base":3', f'"base":{number}'.encode())
    with pytest.raises(SyncError, match="no JSON"):
        decode(content)


def test_a_mutation_that_was_changed_on_the_way_has_another_hash_and_breaks_the_chain():
    push = MESSAGE_EXAMPLES[2]
    forged = decode(encode(push).replace("垃圾桶".encode(), "垃圾箱".encode()))
    assert forged.mutations[0].hash != push.mutations[0].hash
    assert forged.mutations[1].hash != push.mutations[1].hash
    verify = lambda device, data, signature: device == "d" and signature == data[:3]  # noqa: E731
    assert [item.is_signed(verify) for item in push.mutations] == [True, True]
    assert [item.is_signed(verify) for item in forged.mutations] == [False, False]
