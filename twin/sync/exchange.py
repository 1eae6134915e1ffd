"""Exchange: an office and the centre say to each other all that is new, over any carrier that answers at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from twin.sync.courier import Centre
from twin.sync.device import Device, Outcome
from twin.sync.messages import Changes, Fill, Message, Pull, Refusal, SnapshotPart
from twin.task import Progress, Task

PUSHING, PULLING, FILLING = "Sending edits to the centre", "Taking over what is new", "Taking over the city"


@dataclass
class Exchanged:
    """What an exchange did: ``sent`` mutations were confirmed, ``entries`` of others and ``rows`` were taken over.

    ``refusals`` are what people must do something about; ``forks`` counts how often the device had to take a new id.
    """

    sent: int = 0
    entries: int = 0
    rows: int = 0
    forks: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to say."""
        return not self.refusals


def exchange_task(device: Device, centre: Centre) -> Task[Exchanged]:
    """Send what the centre has not confirmed and take what is new, until both have everything.

    Every step is whole by itself: cancelled or cut off, it goes on next time where it was. Editing goes on meanwhile.
    """
    done = Exchanged()
    while not done.refusals:
        before, state = device.status, device.state
        yield Progress(PUSHING, detail=str(before.pending) if before.pending else "")
        _heard(device, centre.push(device.push()), done)
        yield from _take(device, centre, done)
        after, now = device.status, device.state
        is_same = (now.device, now.epoch) == (state.device, state.epoch)
        done.sent += now.confirmed - state.confirmed if is_same else now.confirmed
        if not after.pending or (is_same and now.confirmed == state.confirmed):
            break
    return done


def _take(device: Device, centre: Centre, done: Exchanged) -> Task[None]:
    """Take commits, or rows where the device fills, up to where the centre is now."""
    idle: Counter[str] = Counter()
    while not done.refusals:
        asked = device.ask()
        answer = _asked(centre, asked)
        outcome = _heard(device, answer, done)
        if isinstance(answer, Changes):
            if outcome is Outcome.APPLIED:
                done.entries += sum(len(commit.entries) for commit in answer.commits if commit.device != answer.device)
            yield Progress(PULLING, answer.to, answer.head)
            if answer.to >= answer.head:
                return
        elif isinstance(answer, SnapshotPart):
            done.rows += len(answer.rows) if outcome is Outcome.APPLIED else 0
            yield Progress(FILLING, detail=str(done.rows))
        elif outcome in (Outcome.FORKED, Outcome.RESTORED):
            return  # it has something to send first
        # An answer that changes nothing twice in a row will not do so the third time: the next exchange begins anew.
        idle[outcome.value] = 0 if outcome in (Outcome.APPLIED, Outcome.FILLING) else idle[outcome.value] + 1
        if idle[outcome.value] > 1:
            return


def _asked(centre: Centre, asked: Pull | Fill) -> Message:
    return centre.fill(asked) if isinstance(asked, Fill) else centre.pull(asked)


def _heard(device: Device, answer: Message, done: Exchanged) -> Outcome:
    outcome = device.receive(answer)
    done.forks += outcome is Outcome.FORKED
    if outcome is Outcome.REFUSED and isinstance(answer, Refusal):
        done.refusals.append(answer)
    return outcome
