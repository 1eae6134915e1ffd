"""What a report says, before it has a form: the same for the terminal, the HTML page and the PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from twin.model.comparison import Comparison, Difference
from twin.model.entity import attributes
from twin.model.results import Indicator, Measure, Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from ui import running
from ui.language import number, tr, tr_choice, tr_sentence
from ui.quantity import MISSING, display_for, interval, relative
from ui.report.freshness import freshness
from ui.report.maps import CityMap
from ui.session import Session
from ui.wording import edit_text, own_name, value_text

MOST_CHANGED = 10
OSM_CREDIT = "© OpenStreetMap contributors"  # its licence asks for these words


@dataclass(frozen=True)
class Row:
    """One indicator of a comparison in words; ``effect`` is 'better', 'worse' or '' (neither, or nothing found)."""

    label: str
    unit: str
    before: str
    after: str
    difference: str
    relative: str
    interval: str
    verdict: str
    effect: str
    records: str
    definition: str


@dataclass(frozen=True)
class Table:
    """A table in words; columns in ``right`` are numbers."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """One simulation's part of a report."""

    title: str
    comparison: Comparison
    rows: tuple[Row, ...]
    most_changed: Table | None
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    definitions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Report:
    """Everything a report says. ``synthetic`` and ``credit``, who made the map, must be visible on every page."""

    title: str
    city: str
    made_at: datetime
    synthetic: bool
    edits: tuple[tuple[str, tuple[str, ...]], ...]
    summary: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    facts: tuple[tuple[str, str], ...]
    credit: str


def report_of(session: Session, comparisons: Sequence[Comparison], made_at: datetime) -> Report:
    """Gather what a report of these comparisons says, in the language in use."""
    pairs = list(dict.fromkeys((item.before.scenario, item.after.scenario) for item in comparisons))
    snapshot = session.snapshot
    chapters = tuple(_chapter(item, snapshot, is_one_of_many=len(pairs) > 1) for item in comparisons)
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return Report(
        title=_pair_text(*pairs[0]) if len(pairs) == 1 else tr("What-ifs of {city}", city=snapshot.name),
        city=snapshot.name,
        made_at=made_at,
        synthetic=snapshot.synthetic,
        edits=tuple(_edits(session.find_scenario(name), snapshot) for name in names),
        summary=tuple(sentence for chapter in chapters for sentence in _summary(chapter)),
        chapters=chapters,
        facts=tuple(freshness(snapshot)),
        credit=credit_of(snapshot),
    )


def _pair_text(before: str, after: str) -> str:
    return tr("{after} compared with {before}", after=scenario_label(after), before=scenario_label(before))


def credit_of(snapshot: Snapshot) -> str:
    """Return who made the map, which must be said on every page that shows it; empty where nobody asks for it."""
    return OSM_CREDIT if "osm" in snapshot.sources else ""


def scenario_label(name: str) -> str:
    """Return a scenario's name; the baseline's is translated."""
    return tr("Baseline") if name == "baseline" else name


def simulation_label(name: str) -> str:
    """Return a simulation's label in the language in use."""
    return tr(running.find_simulation(name).label)


def nothing_text(city_map: CityMap) -> str:
    """Return the sentence that stands where a map would have nothing to show."""
    return tr("No difference found anywhere on the map of {things}.", things=place_label(city_map.kind))


def map_title(city_map: CityMap) -> str:
    """Return what a map shows: the measure and of what."""
    return f"{city_map.title} · {place_label(city_map.kind)}"


def place_label(kind: str) -> str:
    """Return what the shapes of a map are: roads, bins or cells."""
    return {"link": tr("Roads"), "bin": tr("Bins"), "cell": tr("Hexagons")}.get(kind, kind)


def difference_rows(comparison: Comparison) -> tuple[Row, ...]:
    """Return the indicators of a comparison in words."""
    records = {item.name: item.rows for item in comparison.after.indicators}
    return tuple(_row(item, records.get(item.name, 0)) for item in comparison.differences)


def indicator_table(result: Result) -> Table:
    """Return the indicators of one result in words."""
    rows = []
    for item in result.indicators:
        display = display_for(item.value, item.unit)
        rows.append((tr_sentence(item.label), display.bare(item.value), display.unit_text, _bounds(item)))
    return Table("", (tr("Indicator"), tr("Value"), tr("Unit"), tr("95 % interval")), tuple(rows), right=(1,))


def _bounds(item: Indicator) -> str:
    if item.low is None or item.high is None or not np.isfinite([item.low, item.high]).all():
        return MISSING
    display = display_for(item.value, item.unit)
    return tr("{low} to {high}", low=display.bare(item.low), high=display.bare(item.high))


def _row(item: Difference, records: int) -> Row:
    display = display_for([item.before, item.after], item.unit)
    fine = display.finer(item.difference or item.before, item.low, item.high) if item.difference else display
    return Row(
        label=tr_sentence(item.label),
        unit=display.unit_text,
        before=display.bare(item.before),
        after=display.bare(item.after),
        difference=fine.signed(item.difference),
        relative=relative(item.relative, item.unit),
        interval=interval(item.low, item.high, fine),
        verdict=_verdict(item),
        effect=_effect(item),
        records=number(records) if records else MISSING,
        definition=tr_sentence(item.definition),
    )


def _effect(item: Difference) -> str:
    if not item.is_found or item.worse == "neither":
        return ""
    return "worse" if (item.difference > 0) == (item.worse == "higher") else "better"


def _verdict(item: Difference) -> str:
    if not item.is_found:
        return tr("no difference found")
    return {"worse": tr("worse"), "better": tr("better"), "": tr("different")}[_effect(item)]


def _edits(scenario: Scenario, snapshot: Snapshot) -> tuple[str, tuple[str, ...]]:
    words = tuple(edit_text(edit, snapshot) for edit in scenario.edits)
    return scenario_label(scenario.name), words or (tr("No edits: the city as it is."),)


def _summary(chapter: Chapter) -> list[str]:
    """Return one sentence for a simulation: what changed most and how much, or that nothing was found."""
    found = [
        (abs(item.relative or 0.0), row)
        for item, row in zip(chapter.comparison.differences, chapter.rows, strict=True)
        if row.effect
    ]
    if not found:
        return [tr("{simulation}: no difference found.", simulation=chapter.title)]
    found.sort(key=lambda pair: -pair[0])
    parts = [f"{row.label} {row.relative} ({row.verdict})" for _, row in found[:3]]
    return [tr("{what}: {details}", what=chapter.title, details=" · ".join(parts))]


def _chapter(comparison: Comparison, snapshot: Snapshot, *, is_one_of_many: bool) -> Chapter:
    """Return the part of a report that is about one comparison; one of several pairs is named in its title."""
    measures = {item.name: item for result in (comparison.before,) for table in result.tables.values() for item in table.measures}
    definitions = [(tr_sentence(item.label), tr_sentence(item.definition)) for item in comparison.differences if item.definition]
    definitions += [(tr(item.label), tr_sentence(item.definition)) for item in measures.values() if item.definition]
    title = simulation_label(comparison.simulation)
    if is_one_of_many:
        title = tr("{what}: {details}", what=title, details=_pair_text(comparison.before.scenario, comparison.after.scenario))
    return Chapter(
        title=title,
        comparison=comparison,
        rows=difference_rows(comparison),
        most_changed=_most_changed(comparison, snapshot),
        notes=tuple(tr_sentence(note) for note in comparison.notes),
        facts=tuple(_facts(comparison)),
        definitions=tuple(dict.fromkeys(definitions)),
    )


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    """Return how the two results were made: seed, parameters, and how well they are solved."""
    before, after = comparison.before, comparison.after
    facts = [(tr("Version of the city"), number(before.base_version)), (tr("Seed"), str(before.seed))]
    for name in dict.fromkeys([*before.diagnostics, *after.diagnostics]):
        values = [_diagnostic(result.diagnostics, name) for result in (before, after)]
        facts.append(
            (tr(DIAGNOSTIC_LABELS[name]) if name in DIAGNOSTIC_LABELS else tr_choice(name), " / ".join(dict.fromkeys(values)))
        )
    facts.append((tr("Digest of the inputs"), f"{before.input_hash[:12]} / {after.input_hash[:12]}"))
    declared = attributes(running.find_simulation(comparison.simulation).params_type)
    facts += [
        (tr(declared[name].label), value_text(declared[name], value)) for name, value in before.params.items() if name in declared
    ]
    return facts


def diagnostic_label(name: str) -> str:
    """Return what a number about a solution is called."""
    return tr(DIAGNOSTIC_LABELS[name]) if name in DIAGNOSTIC_LABELS else tr_choice(name)


DIAGNOSTIC_LABELS: Mapping[str, str] = {
    "relative_gap": "Relative gap of the equilibrium",
    "beckmann_objective": "Beckmann objective",
    "total_travel_time": "Travel time of all trips, as the solution sums it",
    "iterations": "Iterations",
    "seconds": "Time to solve (s)",
    "load_seconds": "Time to arrange the data (s)",
    "gap_asked": "Relative gap asked for",
    "cost": "Cost of the routes",
    "start_cost": "Cost of the first plan",
    "routes": "Routes",
    "feasible": "Every rule is kept",
    "gap": "Gap to the best known cost",
    "best": "Best known cost",
    "zones": "Zones",
    "graph_nodes": "Nodes of the graph",
    "graph_links": "Links of the graph",
    "residents": "Residents",
    "trips_within_zones": "Trips within zones",
    "beta_per_s": "Deterrence of travel time (1/s)",
    "replications": "Replications",
    "places": "Stops",
    "waste_balance_l": "Waste balance error (L)",
}


def _diagnostic(values: Mapping[str, float], name: str) -> str:
    value = values.get(name)
    if value is None:
        return MISSING
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else number(value, 0 if abs(value) >= 1000 or value == int(value) else 3)


def _most_changed(comparison: Comparison, snapshot: Snapshot) -> Table | None:
    """Return the roads or bins whose first measure changes most, by name."""
    for kind in ("link", "bin"):
        table = comparison.tables.get(kind)
        if table is not None and table.measures:
            measure = comparison.before.tables[kind].measures[0]
            return _largest(table.columns, table.ids, kind, measure, snapshot)
    return None


def _largest(columns: Mapping[str, Any], ids: Any, kind: str, measure: Measure, snapshot: Snapshot) -> Table | None:
    size = np.abs(np.nan_to_num(columns[f"{measure.name}_difference"]))
    rows: list[tuple[str, ...]] = []
    seen: set[str] = set()
    order = np.argsort(-size, kind="stable")
    order = order[size[order] > 0]
    display = display_for(
        [float(columns[f"{measure.name}_{when}"][row]) for row in order[:MOST_CHANGED] for when in ("before", "after")],
        measure.unit,
    )
    for row in order.tolist():
        name = own_name(snapshot, kind, ids[row])
        if not name or name in seen:
            continue
        seen.add(name)
        before, after, difference = (float(columns[f"{measure.name}_{part}"][row]) for part in ("before", "after", "difference"))
        rows.append((name, display.bare(before), display.bare(after), display.signed(difference)))
        if len(rows) == MOST_CHANGED:
            break
    if not rows:
        return None
    title = tr("Where {measure} changes most", measure=tr(measure.label))
    unit = f" ({display.unit_text})" if display.unit else ""
    return Table(
        title, (tr("Name"), tr("Before") + unit, tr("After") + unit, tr("Difference") + unit), tuple(rows), right=(1, 2, 3)
    )


def indicator_headings() -> tuple[str, ...]:
    """Return the headings of a chapter's table of indicators, in the language in use."""
    return (
        tr("Indicator"),
        tr("Before"),
        tr("After"),
        tr("Difference"),
        "%",
        tr("95 % interval"),
        tr("Finding"),
        tr("Records"),
    )
