"""Who may write: brief work and edits never refuse each other, two edits do."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from twin.errors import StorageError
from twin.store.claim import Claim


@pytest.fixture
def beside():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def hold(claim: Claim, title: str, *, is_brief: bool, **how: float) -> str:
    with claim.held(title, is_brief=is_brief, **how):
        return title


@pytest.mark.parametrize(("holder_is_brief", "comer_is_brief"), [(True, False), (False, True), (True, True)])
def test_brief_work_is_waited_for_and_waits(beside, holder_is_brief, comer_is_brief):
    claim = Claim()
    begun = threading.Event()

    def come() -> str:
        begun.set()
        return hold(claim, "comer", is_brief=comer_is_brief)

    with claim.held("holder", is_brief=holder_is_brief):
        coming = beside.submit(come)
        assert begun.wait(10)
        with pytest.raises(TimeoutError):
            coming.result(timeout=0.05)
    assert coming.result(timeout=10) == "comer"


def test_an_edit_in_the_way_of_an_edit_is_named_at_once(beside):
    claim = Claim()
    with (
        claim.held("Import roads", is_brief=False),
        pytest.raises(StorageError, match="'Move a bin' has to wait: 'Import roads'"),
    ):
        beside.submit(hold, claim, "Move a bin", is_brief=False).result(timeout=10)


def test_patience_ends(beside):
    claim = Claim()
    with claim.held("Import roads", is_brief=False), pytest.raises(StorageError, match="Import roads"):
        beside.submit(hold, claim, "What the centre says", is_brief=True, longest_s=0.02).result(timeout=10)


def test_nobody_waits_for_himself():
    claim = Claim()
    with claim.held("Import roads", is_brief=False), pytest.raises(StorageError, match="Import roads"):
        hold(claim, "What the centre says", is_brief=True)
    assert hold(claim, "after it", is_brief=False) == "after it"


def test_it_is_free_after_a_failure_and_is_its_threads_alone(beside):
    claim = Claim()

    def fail() -> None:
        with claim.held("Import roads", is_brief=False):
            assert claim.is_mine
            assert not beside.submit(lambda: claim.is_mine).result(timeout=10)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not claim.is_mine
    assert hold(claim, "after it", is_brief=False) == "after it"
