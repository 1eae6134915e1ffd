"""A cursor over what eight writers commit at once: the counter row shows every commit, a sequence does not."""

from __future__ import annotations

import threading
import time
from random import Random

import psycopg

from twin.sync.mutation import Op

WRITERS, EACH = 8, 30


def in_parallel(work, watch):
    """Run ``work(number)`` in eight threads and ``watch`` until they are done, and once more."""
    failed = []

    def guarded(number):
        try:
            work(number)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        watch()
        time.sleep(0.005)
    for thread in threads:
        thread.join()
    watch()
    assert not failed, failed


def test_no_cursor_misses_a_commit_of_eight_writers_at_once(database, office):
    def work(number):
        device, random = office(f"device {number}"), Random(number)
        for step in range(EACH):
            device.make(*(Op("bin", f"{number}-{step}-{i}", {"x": i}, alive=True) for i in range(random.randint(1, 5))))
            if random.random() < 0.7:
                assert device.push(first=max(1, len(device.made) - 8)).last == len(device.made)
        device.push()

    reader, got = office("reader"), []

    def watch():
        while True:
            changes = reader.pull(limit=100)
            got.extend((commit.device, commit.number) for commit in changes.commits)
            if changes.to == changes.head:
                return

    in_parallel(work, watch)
    wanted = {(f"device {number}", step + 1) for number in range(WRITERS) for step in range(EACH)}
    assert len(got) == len(set(got)) == WRITERS * EACH
    assert set(got) == wanted


def test_a_cursor_on_a_sequence_misses_rows(postgres_url):
    """The trap that the counter row avoids: were this ever green with no row missed, the test above would prove nothing."""
    with psycopg.connect(postgres_url, autocommit=True) as reader:
        reader.execute("CREATE TABLE naive (seq bigserial PRIMARY KEY, writer int, number int)")
        cursor, got = 0, set()

        def work(number):
            random = Random(number)
            with psycopg.connect(postgres_url) as db:
                for step in range(EACH):
                    with db.transaction():
                        for i in range(3):
                            db.execute("INSERT INTO naive (writer, number) VALUES (%s, %s)", (number, 3 * step + i))
                        time.sleep(random.uniform(0, 0.004))

        def watch():
            nonlocal cursor
            found = reader.execute("SELECT seq, writer, number FROM naive WHERE seq > %s ORDER BY seq", (cursor,)).fetchall()
            got.update((writer, number) for _, writer, number in found)
            cursor = found[-1][0] if found else cursor

        in_parallel(work, watch)
        assert reader.execute("SELECT count(*) FROM naive").fetchone() == (WRITERS * EACH * 3,)
    assert len(got) < WRITERS * EACH * 3
