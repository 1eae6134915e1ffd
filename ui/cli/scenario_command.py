"""``citytwin scenario``: make, edit, list, show and delete what-if scenarios.

The edits and their options are made from ``EDITS``: a new edit needs no line here.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from twin.errors import ScenarioError
from twin.model.catalogue import KIND_OF
from twin.model.codec import edit_to_json
from twin.model.edits import EDITS, AddBins, Edit, bins_beside
from twin.model.entity import attributes
from twin.model.results import Result
from twin.model.scenario import BASELINE, Scenario
from twin.model.snapshot import Snapshot
from ui.choosing import ids_named
from ui.cli import scenario_review
from ui.cli.fields import add_options, built, place_xy, values_of
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser, add_many
from ui.cli.table import table
from ui.language import number, tr, tr_choice
from ui.review import comments_on
from ui.session import Session, editable
from ui.sited import sited_bins
from ui.street_names import COMPASS, nearest, towards
from ui.wording import edit_text

ACTIONS = ("new", "edit", "remove", "list", "show", "delete", *scenario_review.HELP)
PLACE_OPTION = frozenset({"target_ids", "x_m", "y_m", "path_m", "at_m"})


def arranged(words: list[str]) -> list[str]:
    """Accept the action before the workspace too."""
    return [words[1], words[0], *words[2:]] if len(words) > 1 and words[0] in ACTIONS else words


def add_arguments(parser: Parser) -> None:
    """Add the actions."""
    parser.workspace_argument()
    actions = add_many(parser, "ACTION")
    _add_new(actions)
    _add_edit(actions)
    remove = actions.add_parser(
        "remove", help=tr("Take one edit out of a scenario."), prog="citytwin scenario WORKSPACE.twin remove"
    )
    remove.arguments.add_argument("name", metavar="NAME", help=tr("Name of the scenario."))
    remove.arguments.add_argument("number", metavar="NUMBER", type=int, help=tr("Number of the edit, as 'show' lists it."))
    listing = actions.add_parser("list", help=tr("List the scenarios."), prog="citytwin scenario WORKSPACE.twin list")
    listing.json_option()
    show = actions.add_parser("show", help=tr("Show the edits of a scenario."), prog="citytwin scenario WORKSPACE.twin show")
    show.arguments.add_argument("name", metavar="NAME", help=tr("Name of the scenario."))
    show.json_option()
    delete = actions.add_parser("delete", help=tr("Delete a scenario."), prog="citytwin scenario WORKSPACE.twin delete")
    delete.arguments.add_argument("name", metavar="NAME", help=tr("Name of the scenario."))
    scenario_review.add_actions(actions)


def run(arguments: argparse.Namespace) -> int:
    """Do the action."""
    writable = arguments.action not in ("list", "show")
    with Session.open(Path(arguments.workspace), writable=writable) as session:
        _RUN[arguments.action](session, arguments)
    return 0


def _add_new(actions: Any) -> None:
    new = actions.add_parser("new", help=tr("Make a scenario."), prog="citytwin scenario WORKSPACE.twin new")
    new.arguments.add_argument("name", metavar="NAME", help=tr("Name of the scenario."))
    new.options.add_argument("--copy-of", metavar="NAME", default="", help=tr("Begin with the edits of this scenario."))
    new.options.add_argument("--description", metavar="TEXT", default="", help=tr("What the scenario is for."))


def _add_edit(actions: Any) -> None:
    edit = actions.add_parser("edit", help=tr("Append an edit to a scenario."), prog="citytwin scenario WORKSPACE.twin edit")
    edit.arguments.add_argument("name", metavar="NAME", help=tr("Name of the scenario."))
    kinds = edit.add_subparsers(dest="edit", required=True, metavar="EDIT", parser_class=Parser, title=tr("Edits"))
    for edit_type in EDITS:
        one = kinds.add_parser(
            edit_type.name, help=tr(edit_type.label), prog=f"citytwin scenario WORKSPACE.twin edit NAME {edit_type.name}"
        )
        if edit_type.target_kind:
            plural = target_option(edit_type).removeprefix("--")
            text = tr("Which ones: names or keys, or all.")
            one.options.add_argument(f"--{plural}", dest="targets", nargs="+", metavar="NAME", required=True, help=text)
        if edit_type.target_kind == "link":
            _add_pieces(one)
        add_options(one, edit_type, leave_out=PLACE_OPTION)
        if "x_m" in attributes(edit_type):
            one.options.add_argument(
                "--at", nargs=2, type=float, metavar=("LON", "LAT"), help=tr("Its place, or the middle of its area, in degrees.")
            )
        if edit_type is AddBins:
            _add_bin_places(one)
        if "path_m" in attributes(edit_type):
            text = tr("Points of the line in degrees, from one end to the other.")
            one.options.add_argument("--along", nargs="+", type=float, metavar="LON LAT", required=True, help=text)


def _add_bin_places(one: Parser) -> None:
    """Add the three ways to say where new bins are to stand."""
    ways = one.options.add_mutually_exclusive_group(required=True)
    text = tr("Places of the new bins, in degrees.")
    ways.add_argument("--at", dest="places", nargs="+", type=float, metavar="LON LAT", help=text)
    text = tr("One like it beside each of these bins: names or keys, or all.")
    ways.add_argument("--beside", nargs="+", metavar="NAME", help=text)
    text = tr("Where 'simulate bin_siting' would put them for this scenario, else for the city as it is.")
    ways.add_argument("--from-siting", action="store_true", help=text)


def _add_pieces(one: Parser) -> None:
    """Add what chooses among the pieces of the roads that are named."""
    one.options.add_argument("--towards", choices=COMPASS, help=tr("Only the pieces that run towards there."))
    one.options.add_argument(
        "--at",
        dest="nearest",
        nargs=2,
        type=float,
        metavar=("LON", "LAT"),
        help=tr("Only the piece nearest to this place, in degrees: both directions, unless --towards says which."),
    )


def target_option(edit_type: type[Edit]) -> str:
    """Return the option that names an edit's objects: --roads, --bins, --depots."""
    return "--" + KIND_OF[edit_type.target_kind].label_plural.lower().replace(" ", "-")


def _new(session: Session, arguments: argparse.Namespace) -> None:
    made = session.new_scenario(arguments.name, copy_of=arguments.copy_of, description=arguments.description)
    print(tr("Scenario '{name}' was made.", name=made.name))


def _edit(session: Session, arguments: argparse.Namespace) -> None:
    editable(session.find_scenario(arguments.name))
    session.choose_scenario(arguments.name)
    edit_type = next(item for item in EDITS if item.name == arguments.edit)
    values = _edit_values(session, edit_type, arguments)
    edits = _new_bins(session, arguments, values) if edit_type is AddBins else [built(edit_type, values)]
    session.edit(*edits)
    for edit in edits:
        print(tr("Scenario '{name}': {edit}", name=arguments.name, edit=edit_text(edit, session.edited_snapshot)))


def _new_bins(session: Session, arguments: argparse.Namespace, values: dict[str, Any]) -> list[AddBins]:
    """Return the edits that add bins; kind and capacity that are given go before those of the bins beside, or of the siting."""
    if arguments.places is not None:
        return [built(AddBins, {**values, "at_m": _to_xy(session, arguments.places)})]
    if arguments.beside is not None:
        bins = session.edited_snapshot["bin"]
        found = bins_beside(bins, ids_named(session.edited_snapshot, "bin", arguments.beside))
    else:
        found = [sited_bins(_siting(session))]
    return [
        built(AddBins, {"at_m": edit.at_m, "waste_kind": edit.waste_kind, "capacity_l": edit.capacity_l, **values})
        for edit in found
    ]


def _siting(session: Session) -> Result:
    """Return the newest siting for the current scenario, else for the city as it is."""
    name = session.scenario.name
    result = session.result("bin_siting")
    if result is None:
        session.choose_scenario(BASELINE)
        result = session.result("bin_siting")
        session.choose_scenario(name)
    if result is None:
        raise ScenarioError("No places for bins were looked for yet.", "Run 'citytwin simulate bin_siting WORKSPACE.twin' first.")
    return result


def _edit_values(session: Session, edit_type: type[Edit], arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the values of an edit: objects by their names in the city as edited so far, places in its metres."""
    values = values_of(arguments, edit_type)
    city = session.edited_snapshot
    if edit_type.target_kind:
        values["target_ids"] = _targets(city, edit_type, arguments)
    for name, facts in attributes(edit_type).items():
        if facts.names:
            values[name] = ids_named(city, facts.names, values.get(name, ()))
    if getattr(arguments, "at", None) is not None:
        ((values["x_m"], values["y_m"]),) = _to_xy(session, arguments.at)
    if getattr(arguments, "along", None) is not None:
        values["path_m"] = _to_xy(session, arguments.along)
    return values


def _targets(city: Snapshot, edit_type: type[Edit], arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the keys of the objects that are named, of roads only the pieces that are meant."""
    keys = ids_named(city, edit_type.target_kind, arguments.targets)
    if edit_type.target_kind != "link":
        return keys
    if arguments.nearest is not None:
        keys = nearest(city["link"], keys, place_xy(city, arguments.nearest))
    return towards(city["link"], keys, arguments.towards) if arguments.towards else keys


def _to_xy(session: Session, lon_lat: list[float]) -> tuple[tuple[float, float], ...]:
    """Return points in the city's metres from longitudes and latitudes in turn."""
    import numpy as np

    if len(lon_lat) % 2:
        raise ScenarioError("A longitude has no latitude.", "Give both of each point, longitude first.")
    return tuple((x, y) for x, y in session.snapshot.projection.to_xy(np.array(lon_lat).reshape(-1, 2)).tolist())


def _remove(session: Session, arguments: argparse.Namespace) -> None:
    session.choose_scenario(arguments.name)
    session.remove_edit(arguments.number - 1)
    _print_scenario(session, session.scenario)


def _list(session: Session, arguments: argparse.Namespace) -> None:
    scenarios = session.scenarios()
    if arguments.json:
        print_json({"scenarios": [{"name": item.name, "edits": len(item.edits), "status": item.status} for item in scenarios]})
        return
    rows = [(item.name, number(len(item.edits)), tr_choice(item.status), item.description) for item in scenarios]
    print(table((tr("Scenario"), tr("Edits"), tr("Status"), tr("Description")), rows, right=(1,)))


def _show(session: Session, arguments: argparse.Namespace) -> None:
    scenario = session.find_scenario(arguments.name)
    if arguments.json:
        edits = [edit_to_json(edit) for edit in scenario.edits]
        comments = [{"author": item.author, "at": item.written_at, "text": item.text} for item in comments_on(session, scenario)]
        facts = {"name": scenario.name, "status": scenario.status, "author": scenario.author, "description": scenario.description}
        print_json({**facts, "edits": edits, "comments": comments})
        return
    _print_scenario(session, scenario)
    print(*scenario_review.comment_lines(session, scenario.name), sep="\n")


def _print_scenario(session: Session, scenario: Scenario) -> None:
    print(scenario.name)
    if scenario.description:
        print(scenario.description)
    for place, edit in enumerate(scenario.edits, start=1):
        print(f"{place:>3}  {edit_text(edit, session.snapshot)}")
    if not scenario.edits:
        print(tr("No edits: the city as it is."))


def _delete(session: Session, arguments: argparse.Namespace) -> None:
    session.delete_scenario(arguments.name)
    print(tr("Scenario '{name}' was deleted.", name=arguments.name))


_RUN = {"new": _new, "edit": _edit, "remove": _remove, "list": _list, "show": _show, "delete": _delete}
_RUN |= dict.fromkeys(scenario_review.HELP, scenario_review.run_action)
