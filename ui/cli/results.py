"""Results and comparisons on the terminal: readable tables, and one JSON object with the unit beside each value."""

from __future__ import annotations

from typing import Any

from twin.model.comparison import Comparison
from twin.model.results import Result
from ui.cli.table import table
from ui.language import tr, tr_sentence
from ui.report.contents import difference_rows, indicator_table, scenario_label, simulation_label


def print_result(result: Result) -> None:
    """Print the indicators of a run, what must be said beside them, and how well it is solved."""
    print(f"{simulation_label(result.simulation)} · {scenario_label(result.scenario)}")
    what = indicator_table(result)
    print(table(what.headings, what.rows, right=what.right))
    _print_notes(result.notes)


def print_comparison(comparison: Comparison) -> None:
    """Print before, after and difference of every indicator and whether a difference was found."""
    before, after = scenario_label(comparison.before.scenario), scenario_label(comparison.after.scenario)
    print(f"{simulation_label(comparison.simulation)} · {before} → {after}")
    headings = (
        tr("Indicator"), tr("Unit"), tr("Before"), tr("After"), tr("Difference"), "%", tr("95 % interval"), tr("Finding"),
    )  # fmt: skip
    rows = [
        (row.label, row.unit, row.before, row.after, row.difference, row.relative.rstrip("%"), row.interval, row.verdict)
        for row in difference_rows(comparison)
    ]
    print(table(headings, rows, right=(2, 3, 4, 5)))
    _print_notes(comparison.notes)


def _print_notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        print(f"* {tr_sentence(note)}")


def result_json(result: Result) -> dict[str, Any]:
    """Return a result as one object: its indicators by name, with the unit in a key of its own."""
    return {
        "simulation": result.simulation,
        "scenario": result.scenario,
        "base_version": result.base_version,
        "seed": result.seed,
        "params": dict(result.params),
        "input_hash": result.input_hash,
        "indicators": {
            item.name: {
                "value": item.value,
                "unit": item.unit,
                "low": item.low,
                "high": item.high,
                "noise": item.noise,
                "rows": item.rows,
                "definition": item.definition,
            }
            for item in result.indicators
        },
        "diagnostics": dict(result.diagnostics),
        "tables": {
            kind: {
                "rows": len(item.ids),
                "measures": [m.name for m in item.measures],
                "definitions": {m.name: m.definition or m.label for m in item.measures},
            }
            for kind, item in result.tables.items()
        },
        "notes": list(result.notes),
    }


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as one object: its differences by name of the indicator."""
    return {
        "simulation": comparison.simulation,
        "before": comparison.before.scenario,
        "after": comparison.after.scenario,
        "base_version": comparison.before.base_version,
        "seed": comparison.before.seed,
        "params": dict(comparison.before.params),
        "input_hash_before": comparison.before.input_hash,
        "input_hash_after": comparison.after.input_hash,
        "differences": {
            item.name: {
                "before": item.before,
                "after": item.after,
                "difference": item.difference,
                "relative": item.relative,
                "low": item.low,
                "high": item.high,
                "noise": item.noise,
                "unit": item.unit,
                "found": item.is_found,
            }
            for item in comparison.differences
        },
        "diagnostics_before": dict(comparison.before.diagnostics),
        "diagnostics_after": dict(comparison.after.diagnostics),
        "notes": list(comparison.notes),
    }
