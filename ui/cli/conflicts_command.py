"""``citytwin conflicts``: what two people changed at once, and what the centre refused: list, show, decide, note."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from twin.errors import SyncError
from twin.sync.commit import DENIED
from twin.sync.conflicts import Conflict
from twin.sync.office import MINE, THEIRS, by_field, read_disputes, read_office
from ui import disputes, office
from ui.cli import conflicts_facts
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser, add_many
from ui.cli.table import table
from ui.language import mark, number, tr
from ui.session import Session

ACTIONS = ("list", "show", "decide", "note")
SIDES = {"edit": MINE, "centre": THEIRS}
_LISTED = mark("List them first: citytwin conflicts WORKSPACE.twin list.")
Numbered = dict[int, Conflict]

_HELP = {
    "list": mark("List the conflicts and the refused edits that are open."),
    "show": mark("Show one field by field: before, at the centre, edited."),
    "decide": mark("Decide conflicts for the edit or for what stands at the centre."),
    "note": mark("Take note of refused edits, so that they are listed no more."),
}


def arranged(words: list[str]) -> list[str]:
    """Accept the action before the workspace too."""
    return [words[1], words[0], *words[2:]] if len(words) > 1 and words[0] in ACTIONS else words


def add_arguments(parser: Parser) -> None:
    """Add the actions."""
    parser.workspace_argument()
    actions = add_many(parser, "ACTION")
    for name, text in _HELP.items():
        action = actions.add_parser(name, help=tr(text), prog=f"citytwin conflicts WORKSPACE.twin {name}")
        if name == "show":
            action.arguments.add_argument("numbers", metavar="N", nargs=1, type=int, help=tr("Number, as 'list' says it."))
        elif name != "list":
            _add_choice(action)
        if name == "decide":
            _add_side(action)
        action.json_option()


def _add_choice(action: Parser) -> None:
    action.arguments.add_argument("numbers", metavar="N", nargs="*", type=int, help=tr("Numbers, as 'list' says them."))
    action.options.add_argument("--all", action="store_true", help=tr("All that are open."))
    action.options.add_argument("--author", metavar="NAME", default="", help=tr("Your account, as the centre knows it."))


def _add_side(action: Parser) -> None:
    action.options.add_argument(
        "--for", dest="side", choices=tuple(SIDES), required=True, help=tr("Take the edit, or keep what stands at the centre.")
    )
    action.options.add_argument(
        "--field",
        dest="fields",
        nargs="+",
        metavar="FIELD",
        default=[],
        help=tr("Only these fields, by their names as 'show' says them; the other fields get the other side."),
    )


def run(arguments: argparse.Namespace) -> int:
    """Do the action; reading it works beside a program that writes."""
    writable = arguments.action in ("decide", "note")
    with Session.open(Path(arguments.workspace), writable=writable, author=getattr(arguments, "author", "")) as session:
        _RUN[arguments.action](session, arguments, read_disputes(session.store))
    return 0


def _list(session: Session, arguments: argparse.Namespace, known: Numbered) -> None:
    waiting = {place: item for place, item in known.items() if not item.resolved_by}
    if arguments.json:
        print_json(conflicts_facts.listing(waiting, session.snapshot))
        return
    print(disputes.state(read_office(session.store)))
    _table(session, tr("Conflicts"), {place: item for place, item in waiting.items() if item.verdict != DENIED})
    _table(session, tr("Refused edits"), {place: item for place, item in waiting.items() if item.verdict == DENIED})


def _table(session: Session, heading: str, items: Numbered) -> None:
    if not items:
        return
    rows = [(str(place), *disputes.about(item, session.snapshot), *_whose(item)) for place, item in items.items()]
    print(f"\n{heading}")
    print(table((tr("No."), tr("What"), tr("Fields"), tr("Author"), tr("Time"), tr("Why")), rows, right=(0,)))


def _whose(item: Conflict) -> tuple[str, str, str]:
    return item.user or "–", disputes.made_at_text(item), disputes.why(item)


def _show(session: Session, arguments: argparse.Namespace, known: Numbered) -> None:
    (place,) = arguments.numbers
    item = _found(known, place)
    if arguments.json:
        print_json(conflicts_facts.facts(place, item, session.snapshot))
        return
    print(tr("No. {number}: {what}", number=place, what=disputes.title(item, session.snapshot)))
    print(disputes.edited_by(item))
    if item.resolved_by:
        print(tr("Decided by {who}.", who=item.resolved_by))
    rows = [
        (line.field, line.name or "–", line.before, line.centre, line.edited) for line in disputes.lines(item, session.snapshot)
    ]
    field, *sides = (tr(text) for text in disputes.COLUMNS)
    print(table((field, "--field", *sides), rows))


def _decide(session: Session, arguments: argparse.Namespace, known: Numbered) -> None:
    chosen = _chosen(arguments, known, is_refused=False)
    titles = {place: disputes.title(item, session.snapshot) for place, item in chosen.items()}
    for side, items in _sides(list(chosen.values()), SIDES[arguments.side], arguments.fields).items():
        if items:
            office.settle(session, items, side)
    if arguments.json:
        print_json(
            {"decided": list(chosen), "for": arguments.side, "fields": arguments.fields, **conflicts_facts.left(session.store)}
        )
        return
    said = tr("Decided for the edit:") if arguments.side == "edit" else tr("Decided for what stands at the centre:")
    _tell(session, said, titles)


def _sides(chosen: Sequence[Conflict], side: str, fields: Sequence[str]) -> dict[str, list[Conflict]]:
    """Return the conflicts by the side that they are decided for; of some fields alone the others get the other side."""
    if not fields:
        return {side: list(chosen)}
    sides: dict[str, list[Conflict]] = {MINE: [], THEIRS: []}
    for item in chosen:
        named = by_field(item, fields)
        taken = named if side == MINE else by_field(item, item.mine.keys() - set(fields))
        sides[MINE if taken.mine else THEIRS].append(taken)
    return sides


def _note(session: Session, arguments: argparse.Namespace, known: Numbered) -> None:
    chosen = _chosen(arguments, known, is_refused=True)
    titles = {place: disputes.title(item, session.snapshot) for place, item in chosen.items()}
    office.settle(session, list(chosen.values()), THEIRS)
    if arguments.json:
        print_json({"noted": list(chosen), **conflicts_facts.left(session.store)})
        return
    _tell(session, tr("Noted:"), titles)


def _tell(session: Session, said: str, titles: dict[int, str]) -> None:
    print(said)
    for place, title in titles.items():
        print(f"  {number(place)}  {title}")
    print(disputes.state(read_office(session.store)))


def _chosen(arguments: argparse.Namespace, known: Numbered, *, is_refused: bool) -> Numbered:
    """Return the open ones that were named. Raises ``SyncError`` when one of them is not to be had, before any is decided."""
    if arguments.all and arguments.numbers:
        raise SyncError("Both numbers and --all were given.", "Give one of them.")
    waiting = {place for place, item in known.items() if not item.resolved_by and (item.verdict == DENIED) == is_refused}
    if arguments.all and not waiting:
        raise SyncError(
            mark("No refused edit is open.") if is_refused else mark("No conflict is open."), "There is nothing to do."
        )
    if not arguments.all and not arguments.numbers:
        raise SyncError("No number was given.", _LISTED)
    chosen = {place: _found(known, place) for place in (sorted(waiting) if arguments.all else arguments.numbers)}
    for place, item in chosen.items():
        _require_open(place, item, is_refused=is_refused)
    return chosen


def _found(known: Numbered, place: int) -> Conflict:
    if place not in known:
        raise SyncError(f"There is no conflict or refused edit with number {place}.", _LISTED)
    return known[place]


def _require_open(place: int, item: Conflict, *, is_refused: bool) -> None:
    if item.resolved_by:
        raise SyncError(f"No. {place} was decided already, by {item.resolved_by}.", _LISTED)
    if item.verdict == DENIED and not is_refused:
        raise SyncError(f"No. {place} was refused by the centre and is no conflict.", "Take note of it with 'note'.")
    if item.verdict != DENIED and is_refused:
        raise SyncError(f"No. {place} is a conflict and was not refused.", "Decide it with 'decide'.")


_RUN = {"list": _list, "show": _show, "decide": _decide, "note": _note}
