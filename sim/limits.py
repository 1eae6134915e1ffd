"""What every simulation's parameters refuse at birth, and classes of cases as people type them."""

from __future__ import annotations

from typing import Any

from twin.codes import case_classes
from twin.errors import ScenarioError
from twin.model.entity import attributes


def require_limits(params: Any) -> None:
    """Raise ``ScenarioError`` for the first value outside the limits or choices that its field declares; None is not given."""
    for name, facts in attributes(type(params)).items():
        value, low, high = getattr(params, name), facts.low, facts.high
        if facts.choices and value not in facts.choices:
            raise ScenarioError(
                f"'{facts.label}' is {value!r}; expected one of {', '.join(facts.choices)}.", "Change it in the run's settings."
            )
        if low is not None and high is not None and value is not None and not low <= value <= high:
            raise ScenarioError(
                f"'{facts.label}' is {value:g}; expected {low:g} to {high:g}.", "Change it in the run's settings."
            )


def case_codes(text: str) -> tuple[str, ...]:
    """Return codes of GB/T 30428.2 that stand between commas, each once. Raises ``ScenarioError`` naming those there are not."""
    codes = tuple(dict.fromkeys(code.strip().upper() for code in text.split(",") if code.strip()))
    unknown = [code for code in codes if code not in case_classes()]
    if unknown:
        raise ScenarioError(
            f"There is no class of cases {', '.join(unknown)}.", "Codes of GB/T 30428.2 look like E0112, C0102; empty means all."
        )
    return codes
