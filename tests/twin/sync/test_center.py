"""The centre: one order, no gap, no fork, each mutation once, nothing shown to who may not see it."""

from __future__ import annotations

import itertools
import sqlite3
from dataclasses import replace

import pytest

from twin.sync import messages
from twin.sync.center import Center, OpenPolicy
from twin.sync.commit import ACCEPTED, CONFLICT, DENIED, ENTERS, LEAVES
from twin.sync.messages import Changes, Fill, Hello, Pull, Push, Pushed, SnapshotPart, Welcome
from twin.sync.mutation import GENESIS, Mutation, Op
from twin.sync.package.keys import OwnKey
from twin.sync.scope import EVERYTHING
from twin.sync.sqlite_log import SqliteLog


class Districts(OpenPolicy):
    """Rows lie in their field ``district``; nobody but 'boss' removes."""

    def place_of(self, kind, fields):
        return str(fields.get("district", ""))

    def permits(self, device, user, op, row):
        return "only the boss removes" if op.alive is False and user != "boss" else ""


class District:
    """The scope of one district, in which names are masked."""

    def __init__(self, *names, version=1):
        self.names, self.version = names, version

    def includes(self, kind, place):
        return place in self.names

    def masked(self, kind, place, fields):
        return {name: value for name, value in fields.items() if name != "phone"}


class Office:
    """A device as far as the centre knows it: it makes chained mutations and remembers nothing else."""

    def __init__(self, center, device):
        self.center, self.device, self.made, self.cursor, self.chain = center, device, [], 0, GENESIS

    @property
    def epoch(self):
        return self.center.store.head().epoch

    def make(self, *ops, user="u", **more):
        previous = self.made[-1].hash if self.made else GENESIS
        self.made.append(Mutation(self.device, len(self.made) + 1, previous, ops, user, 0, self.epoch, 1, **more))
        return self.made[-1]

    def push(self, first=1, last=None, **more):
        values = {"epoch": self.epoch, "seen": self.cursor, "chain": self.chain, **more}
        return self.center.push(Push(self.device, schema_version=1, mutations=tuple(self.made[first - 1 : last]), **values))

    def pull(self, scope=EVERYTHING, **more):
        values = {"epoch": self.epoch, "cursor": self.cursor, "chain": self.chain, "scope_version": scope.version, **more}
        found = self.center.pull(Pull(self.device, schema_version=1, **values), scope)
        if isinstance(found, Changes):
            self.cursor, self.chain = found.to, found.to_chain
        return found


@pytest.fixture
def center():
    names = (f"epoch {number}" for number in itertools.count(1))
    made = Center(SqliteLog(), lambda: next(names), lambda: 1_000_000, Districts())
    made.found()
    yield made
    made.store.close()


@pytest.fixture
def a(center):
    return Office(center, "a")


@pytest.fixture
def b(center):
    return Office(center, "b")


def add(name, **fields):
    return Op("bin", name, fields, alive=True)


def verdicts(changes):
    return [
        (commit.seq, commit.device, entry.verdict, dict(entry.fields)) for commit in changes.commits for entry in commit.entries
    ]


def test_commits_are_numbered_from_one_without_a_gap(a, b):
    a.make(add("1", n=1))
    a.make(Op("bin", "1", {"n": 2}))
    b.make(add("2", n=3))
    assert a.push() == Pushed("a", "epoch 1", 2, 2)
    assert b.push() == Pushed("b", "epoch 1", 1, 3)
    found = b.pull()
    assert verdicts(found) == [(1, "a", ACCEPTED, {"n": 1}), (2, "a", ACCEPTED, {"n": 2})]
    assert [(commit.seq, commit.device, commit.as_asked) for commit in found.commits][2:] == [(3, "b", True)]  # b has it
    assert (found.to, found.last, found.last_hash) == (3, 1, b.made[0].hash)


def test_what_is_sent_again_is_taken_once(a):
    a.make(add("1", n=1))
    a.push()
    a.make(Op("bin", "1", {"n": 2}))
    assert a.push() == Pushed("a", "epoch 1", 2, 2)
    assert a.push() == Pushed("a", "epoch 1", 2, 2)
    assert len(a.pull().commits) == 2


def test_a_gap_is_refused_and_says_what_is_needed(a):
    a.make(add("1", n=1))
    a.make(Op("bin", "1", {"n": 2}))
    refusal = a.push(first=2)
    assert (refusal.code, refusal.expected) == (messages.GAP, 1)
    assert a.pull().to == 0


@pytest.mark.parametrize("first", [1, 2])
def test_a_device_that_was_restored_is_told_so_by_old_and_by_new_numbers(a, first):
    a.make(add("1", n=1))
    a.make(Op("bin", "1", {"n": 2}))
    a.push()
    del a.made[1:]
    a.make(Op("bin", "1", {"n": "other"}))
    a.make(Op("bin", "1", {"n": "other still"}))
    assert a.push(first=first).code == messages.FORK
    assert a.push(first=3).code == messages.FORK
    assert a.pull().to == 2


def test_a_mutation_under_a_new_device_is_taken_only_when_the_first_was_not(a, center):
    for number in range(3):
        a.make(add(str(number), n=number))
    a.push(last=2)
    again = Office(center, "a2")
    for mutation in a.made:
        again.make(*mutation.ops, origin=mutation.hash)
    assert again.push(parent="a") == Pushed("a2", "epoch 1", 3, 5)
    assert a.push(first=3) == Pushed("a", "epoch 1", 3, 6)  # its number is taken, its work is there already
    found = [(commit.device, len(commit.entries), commit.as_asked) for commit in a.pull().commits]
    assert found == [
        ("a", 0, True),
        ("a", 0, True),
        ("a2", 1, False),
        ("a", 0, False),
    ]  # what has nothing new is not told to others


def test_who_has_not_seen_the_others_work_gets_a_conflict_that_everybody_is_told_of(a, b):
    a.make(add("1", n=1))
    a.push()
    for office in (a, b):
        office.pull()
        office.make(Op("bin", "1", {"n": office.device}, base=1))
    a.push()
    b.push()
    own, (told,) = (commit.entries for commit in a.pull().commits)
    assert (own, told.verdict, told.fields, told.theirs) == ((), CONFLICT, {"n": "b"}, {"n": "a"})


def test_own_work_is_told_again_where_its_author_may_not_see_it_as_it_was_made(a):
    a.make(add("1", district="north", phone="123"))
    a.make(add("2", district="south"))
    a.make(add("3", district="north"))
    a.push()
    masked, left, plain = a.pull(District("north")).commits
    assert [(entry.verdict, entry.fields) for entry in masked.entries] == [(ACCEPTED, {"district": "north"})]
    assert (masked.as_asked, left.as_asked, left.entries, plain.as_asked, plain.entries) == (False, False, (), True, ())


def test_what_a_user_may_not_do_is_kept_with_the_rule(a, b):
    a.make(add("1", n=1))
    a.make(Op("bin", "1", alive=False))
    a.push()
    refused = a.pull().commits[1].entries[0]
    assert (refused.verdict, refused.alive, refused.note) == (DENIED, False, "only the boss removes")
    a.make(Op("bin", "1", alive=False), user="boss")
    a.push()
    assert [entry.verdict for commit in b.pull().commits for entry in commit.entries] == [ACCEPTED, ACCEPTED]


def test_who_may_not_write_something_decides_no_conflict_about_it(a, b, center):
    a.make(add("1", n=1))
    a.make(Op("bin", "1", alive=False))  # not allowed: it waits for somebody who may
    a.push()
    name = a.pull().commits[1].entries[0].conflict

    def is_open():
        return [entry.conflict for commit in center.store.open_conflicts(2**40) for entry in commit.entries] == [name]

    b.make(resolves=(name, "never heard of"))
    assert isinstance(b.push(), Pushed)
    assert is_open()
    b.make(user="boss", resolves=(name,))
    b.push()
    assert not is_open()


def test_who_did_what_was_refused_may_put_it_away(a, center):
    a.make(add("1", n=1))
    a.make(Op("bin", "1", alive=False))
    a.push()
    a.make(resolves=(a.pull().commits[1].entries[0].conflict,))
    a.push()
    assert center.store.open_conflicts(2**40) == []


def test_a_conflict_after_a_restore_has_a_name_of_its_own(a, b):
    """The restored centre gives the numbers of commits again, to other work."""
    names = set()
    for office, other in ((a, b), (b, a)):
        log = SqliteLog()
        fresh = Center(log, lambda: "epoch", lambda: 1_000_000, Districts())
        fresh.found()
        for one in (office, other):
            one.center, one.made, one.cursor, one.chain = fresh, [], 0, GENESIS
        office.make(add("1", n=1))
        office.push()
        for one in (office, other):
            one.pull()
            one.make(Op("bin", "1", {"n": one.device}, base=1))
            one.push()
        (entry,) = (entry for commit in log.open_conflicts(9) for entry in commit.entries)
        names.add((entry.conflict, log.open_conflicts(9)[0].seq))
        log.close()
    assert len({name for name, _ in names}) == 2
    assert {seq for _, seq in names} == {3}


def test_a_forged_signature_is_refused_and_nothing_is_taken(a, center):
    center.verify = lambda device, data, signature: signature == device.encode() + data
    one = a.make(add("1", n=1))
    a.made[0] = one.signed(lambda data: b"a" + data)
    two = a.make(add("2", n=1))
    a.made[1] = two.signed(lambda data: b"b" + data)
    assert a.push().code == messages.NOT_ALLOWED
    assert a.pull().to == 0
    assert a.push(last=1) == Pushed("a", "epoch 1", 1, 1)


def test_a_device_that_is_not_enrolled_is_refused(a, center):
    center.admits = lambda device, parent: parent == "a"
    a.make(add("1", n=1))
    assert a.push().code == messages.NOT_ALLOWED
    assert isinstance(a.push(parent="a"), Pushed)


def test_pages_are_cut_between_mutations(a, b):
    for number in range(4):
        a.make(add(f"{number}", n=1), add(f"{number}b", n=1))
    a.push()
    sizes = []
    while commits := b.pull(limit=3).commits:
        sizes.append(len(commits))
    assert sizes == [1, 1, 1, 1]


def test_a_row_that_leaves_a_scope_is_taken_away_and_one_that_enters_comes_whole(a, b):
    a.make(add("1", district="east", n=1, phone="139"), add("2", district="west", n=2, phone="138"))
    a.push()
    east = District("east")
    assert verdicts(b.pull(east)) == [(1, "a", ACCEPTED, {"district": "east", "n": 1})]
    a.make(Op("bin", "1", {"district": "west"}), Op("bin", "2", {"district": "east"}))
    a.make(Op("bin", "1", {"n": 5}))
    a.push()
    found = b.pull(east)
    assert verdicts(found)[0] == (2, "a", LEAVES, {})
    assert verdicts(found)[-1] == (2, "a", ENTERS, {"district": "east", "n": 2})
    assert b"138" not in messages.encode(found)
    assert b.cursor == 3


def test_who_made_an_op_is_told_what_came_of_it_wherever_the_row_is(a, b):
    a.make(add("1", district="west", n=1))
    a.push()
    b.make(Op("bin", "1", {"n": 2}))
    b.push()
    entry = b.pull(District("east")).commits[-1].entries[0]
    assert (entry.verdict, entry.fields, entry.theirs) == (CONFLICT, {"n": 2}, {})


def test_a_scope_that_has_changed_is_told(a):
    assert a.pull(District("east", version=2), scope_version=1).code == messages.SCOPE


def test_a_cursor_of_another_log_is_refused(a, b):
    a.make(add("1", n=1))
    a.push()
    assert b.pull(cursor=1, chain="ab" * 32).code == messages.EPOCH
    assert b.pull(cursor=2, chain="ab" * 32).code == messages.EPOCH
    assert b.pull(epoch="another").code == messages.EPOCH


def test_a_centre_that_was_restored_without_being_told_finds_out(a, b, center):
    for number in range(3):
        a.make(add(str(number), n=number))
    a.push()
    b.make(add("9", n=0))
    refusal = b.push(seen=5, chain="ab" * 32)
    assert (refusal.code, refusal.epoch) == (messages.EPOCH, "epoch 2")
    assert center.store.common("epoch 1") == 0


def test_a_centre_that_came_back_from_before_an_epoch_begins_another(a, center):
    a.make(add("1", n=1))
    assert isinstance(a.push(), Pushed)
    refusal = a.push(epoch="epoch 7", seen=0, chain="")
    assert (refusal.code, refusal.epoch) == (messages.EPOCH, "epoch 2")
    assert a.push(epoch="epoch 1", seen=0, chain="").epoch == "epoch 2"  # one that it knows, but is over


@pytest.fixture
def keyed(center):
    """Return the centre with a key of its own."""
    key = OwnKey.new("Centre")
    center.sign, center.signed = key.sign, lambda data, signature: key.card.verifies(signature, data)
    return center


@pytest.mark.parametrize("proof", ["", "00" * 64, "no hexadecimal digits"])
@pytest.mark.parametrize(("epoch", "seen"), [("made up", 0), ("made up", 3), ("epoch 1", 7), ("epoch 1", 1)])
def test_nobody_makes_the_centre_begin_an_epoch_by_a_lie(a, keyed, proof, epoch, seen):
    a.make(add("1", n=1))
    a.push()
    head = keyed.store.head()
    refusal = a.push(epoch=epoch, seen=seen, chain="ab" * 32, proof=proof)
    assert (refusal.code, refusal.epoch, keyed.store.head()) == (messages.FOREIGN, "", head)
    assert "nor ever signed" in refusal.what


def test_a_true_signature_of_another_head_is_no_evidence(a, keyed):
    a.make(add("1", n=1))
    a.push()
    proof = a.pull().proof
    for lie in ({"seen": 2}, {"epoch": "made up"}, {"chain": "ab" * 32}):
        assert a.push(**{"seen": 1, "proof": proof, **lie}).code == messages.FOREIGN
    assert keyed.store.head().epoch == "epoch 1"


def test_a_head_that_the_centre_signed_and_lost_begins_an_epoch(a, b, keyed):
    a.make(add("1", n=1))
    a.push()
    backup = keyed.store.db.serialize()
    a.make(add("2", n=2))
    a.push()
    seen = a.pull()
    keyed.store.db.close()
    keyed.store.db = sqlite3.connect(":memory:", isolation_level=None)
    keyed.store.db.deserialize(backup)
    refusal = a.push(seen=seen.to, chain=seen.to_chain, proof=seen.proof)
    assert (refusal.code, refusal.epoch, keyed.store.head().epoch) == (messages.EPOCH, "epoch 2", "epoch 2")
    keyed.store.db.close()
    keyed.store.db = sqlite3.connect(":memory:", isolation_level=None)
    keyed.store.db.deserialize(backup)  # once more: now the epoch itself is lost, of which nothing but its beginning was seen
    assert a.push(epoch="epoch 2", seen=0, chain="", proof=refusal.proof).epoch == "epoch 3"


def test_after_a_restore_versions_that_were_lost_count_as_not_seen(a, b, center):
    a.make(add("1", n=1))
    a.push()
    stale = Mutation("b", 1, GENESIS, (Op("bin", "1", {"n": "b"}, base=7),), "u", 0, "epoch 1", 1)
    assert center.restored() == "epoch 2"
    a.made = [a.made[0]]
    a.make(Op("bin", "1", {"n": "a"}, base=1))
    assert a.push() == Pushed("a", "epoch 2", 2, 2)
    b.made = [stale]
    assert isinstance(b.push(), Pushed)
    assert a.pull(cursor=0, chain="").commits[-1].entries[0].verdict == CONFLICT


def test_a_newer_program_is_refused_and_an_older_one_is_understood(a, center):
    assert center.push(Push("a", "epoch 1", 2, 0, "", ())).code == messages.SCHEMA
    assert center.hello(Hello("a", "epoch 1", 0, 1, 2)).code == messages.SCHEMA
    center.schema_version = 2
    center.policy.upgraded = lambda op, version: replace(op, fields={"name": op.fields["n"]}) if version == 1 else op
    a.make(add("1", n=1))
    a.push()
    assert a.pull().commits[0].entries[0].fields == {"name": 1}


def test_a_fill_goes_over_every_living_row_once_in_the_order_of_keys(a, b, center):
    for number in range(7):
        a.make(add(str(number), n=number, district="east" if number % 2 else "west"))
    a.make(Op("bin", "3", alive=False), user="boss")
    a.push()
    found, fill = [], Fill("b", 1, limit=2)
    while True:
        part = center.fill(fill, District("east"))
        assert isinstance(part, SnapshotPart)
        found += [(row.id, row.version, row.fields["n"]) for row in part.rows]
        if part.is_last:
            break
        fill = replace(fill, begun=part.begun, kind=part.to_kind, id=part.to_id)
    assert found == [("1", 2, 1), ("5", 6, 5)]
    assert (part.begun, part.chain) == (8, center.store.head().chain)


@pytest.mark.parametrize("limit", [-1, 0, 2**63 - 1])
def test_who_asks_for_nothing_or_for_everything_gets_a_page(a, b, center, limit):
    for number in range(3):
        a.make(add(str(number), n=number))
    a.push()
    assert center.fill(Fill("b", 1, limit=limit)).rows
    assert b.pull(limit=limit).commits


def test_a_cursor_before_what_the_log_keeps_is_told_to_fill_anew(a, b, center):
    for number in range(5):
        a.make(add(str(number), n=number))
    a.push()
    center.store.compact(4)
    assert b.pull().code == messages.COMPACTED
    chain = center.store.chain(3)
    assert [commit.seq for commit in b.pull(cursor=3, chain=chain).commits] == [4, 5]
    assert a.push() == Pushed("a", "epoch 1", 5, 5)  # who sends everything again is still understood


def test_hello_says_how_far_the_centre_is(a, center):
    a.make(add("1", n=1))
    a.push()
    assert center.hello(Hello("a", "", 0, 1, 1)) == Welcome("epoch 1", 1, 1, 1, 1)
    assert a.push(epoch="", seen=0) == Pushed("a", "epoch 1", 1, 1)  # it need not have asked before
