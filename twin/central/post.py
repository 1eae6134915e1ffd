"""The centre's post: packages of enrolled offices are taken and answered, and new offices get all that they begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from twin.central.register import CONSOLE, Enrolment
from twin.central.service import SCHEMA_VERSION, Service
from twin.store import Store
from twin.sync import courier
from twin.sync.beginning import file_parts
from twin.sync.courier import VALID_FOR, Address, Arrival
from twin.sync.messages import Fill, Message, SnapshotPart
from twin.sync.package.keys import Card, KeyRing, OwnKey
from twin.sync.package.manifest import Contents
from twin.sync.package.reading import Package, open_package
from twin.sync.package.writing import Source, Written, write_package
from twin.task import Progress, Task

CODE_GOOD_FOR = timedelta(minutes=5)


class EnrolledCards(KeyRing):
    """The centre's own keys; trusted is whoever is enrolled and not revoked."""

    def __init__(self, folder: Path, service: Service) -> None:
        super().__init__(folder)
        self._service = service

    def known(self, key: str) -> Card | None:
        """Return the card of an enrolled computer. Raises ``AccessError`` for one that is not, or not any more."""
        own = next((item.card for item in self.own_keys() if item.card.id == key), None)
        return own or self._service.register.enrolment(key).card


@dataclass(frozen=True)
class Begun:
    """What a new office begins with: its key, to be locked with a passphrase, its enrolment, and the city as a package."""

    key: OwnKey
    enrolment: Enrolment
    city: Written


@dataclass(frozen=True)
class Post:
    """The post of one centre; ``ring`` has its own key, ``city`` is the name of the city."""

    service: Service
    ring: KeyRing
    city: str

    def answer_task(self, path: Path, reply: Path, valid_for: timedelta = VALID_FOR) -> Task[Arrival]:
        """Take a package of an enrolled office and write the answer. Raises ``PackageError`` or ``AccessError`` before anything."""
        package = self.opened(path)
        enrolment = self.service.register.enrolment(package.sender.id)
        address = self._address(package.sender, valid_for)
        centre = self.service.for_enrolled(enrolment)
        self.service.audit.write(enrolment.account, "answer package", package.header.id, computer=enrolment.id)
        return (yield from courier.answer_task(package, centre, reply, address, self._anchor()))

    def opened(self, path: Path) -> Package:
        """Return a package whose sender is enrolled here."""
        return open_package(path, EnrolledCards(self.ring.folder, self.service), self.service.now())

    def begin_task(
        self, name: str, account: str, path: Path, new_code: Callable[[], str], store: Store | None = None
    ) -> Task[Begun]:
        """Make a key for a new office, enrol it for an account, and write what that account may see of the city.

        ``store`` is a workspace of the city whose histories and terrain go with it.
        """
        yield Progress("Enrolling the new office")
        key, now, code = OwnKey.new(name), self.service.now(), new_code()
        own = self.ring.own
        self.service.register.account(account)
        self.service.register.invite(account, code, now + CODE_GOOD_FOR)
        enrolment = self.service.register.enrol(key.card, code)
        self.service.audit.write(CONSOLE, "begin office", enrolment.id, account=account)
        device = self.service.ids()
        spoken = courier.rows_after(self.service.for_enrolled(enrolment), Fill(device, SCHEMA_VERSION))
        first = next(spoken)
        contents = Contents(
            city_id="",
            city_name=self.city,
            target=device,
            epoch=getattr(first, "epoch", ""),
            upto=first.seq if isinstance(first, SnapshotPart) else 0,
            schema_version=SCHEMA_VERSION,
            scope={"account": account, **({} if store is None else {"origin": _origin(store)}), **self._anchor()},
        )
        files = () if store is None else file_parts(store)
        letter = self._address(key.card, VALID_FOR).letter("city")
        written = yield from write_package(path, letter, contents, _sources(first, spoken, files), own)
        return Begun(key, enrolment, written)

    def _anchor(self) -> dict[str, Any]:
        """Return the signed end of the audit log: offices carry it, so that nobody cuts the log short unnoticed."""
        head = self.service.audit.head()
        return {} if head is None else {"audit": asdict(head)}

    def _address(self, to: Card, valid_for: timedelta) -> Address:
        return Address(id=self.service.ids(), own=self.ring.own, recipients=(to,), now=self._now, valid_for=valid_for)

    @property
    def _now(self) -> datetime:
        return self.service.now()


def _origin(store: Store) -> list[float]:
    projection = store.projection
    return [projection.lon, projection.lat]


def _sources(first: Message, spoken: Iterator[Message], files: Iterable[Source]) -> Iterator[Source]:
    yield courier.part(1, first)
    for number, message in enumerate(spoken, 2):
        yield courier.part(number, message)
    yield from files
