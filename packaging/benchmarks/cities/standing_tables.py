"""The standings of a contest as tables: all of it as text, and the short one of the README."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.cleanup.front import Paired, Standing, at_equal_overflow, paired, tuned, verdict

HEADS = ("overflow h", "events", "cost", "km", "crew h", "trucks", "visits", "needless", "missed", "left", "t")
NAMES = ("overflow_h", "overflow_events", "cost", "distance_km", "crew_h", "trucks", "visits", "needless_visits", "missed_visits",
         "uncollected_stops", "collected_t")  # fmt: skip
ROUNDS = "fixed rounds, re-optimised, every {} d"
ALWAYS = "threshold 70%"
"""Told in every table, tuned or not: the rule that most vendors sell."""


def text(standings: Sequence[Standing], tuning: Sequence[Standing], reference_days: int) -> Iterator[str]:
    """Yield every contender's sums, its pairs with the reference, and each family at equal overflow."""
    reference = named(standings, ROUNDS.format(reference_days))
    chosen = tuned_settings(tuning, reference_days)
    yield f"Per day, mean over {len(reference.means)} seeds; * setting tuned on {len(tuning[0].means)} other seeds"
    yield f"{'':46s}" + "".join(f"{head:>11s}" for head in HEADS)
    for item in standings:
        mark = "*" if item.contender.name in chosen else " "
        yield f"{mark}{item.contender.name:45s}" + "".join(f"{item.of(key).mean():11.1f}" for key in NAMES)
    yield f"\nDifferences to '{reference.contender.name}' with 95 % intervals of the pairs"
    for item in standings:
        cost, overflow = paired(item, reference, "cost"), paired(item, reference, "overflow_h")
        told = "the reference" if item is reference else verdict(cost, overflow)
        yield f"{item.contender.name:46s} cost {shown(cost)}  overflow {shown(overflow)}  {told}"
    yield f"\nCost at the overflow of '{reference.contender.name}', read off each family's front"
    for family, members in families(standings).items():
        yield f"{family:46s} {equal(members, reference)}"
    yield f"\n'{ALWAYS}' against rounds of every frequency"
    yield from against_rounds(standings)


def markdown(standings: Sequence[Standing], tuning: Sequence[Standing], reference_days: int) -> Iterator[str]:
    """Yield the rows of the short table: each family at its tuned setting."""
    reference = named(standings, ROUNDS.format(reference_days))
    chosen = {*tuned_settings(tuning, reference_days), ALWAYS, reference.contender.name}
    yield "| Policy | Overflow, h/d | Cost, CNY/d | Cost against the reference | Overflow against it | Cost at its overflow |"
    yield "|---|---:|---:|---:|---:|---|"
    of = families(standings)
    for item in standings:
        if item.contender.name not in chosen:
            continue
        cost, overflow = paired(item, reference, "cost"), paired(item, reference, "overflow_h")
        differences = ("reference", "reference") if item is reference else (share(cost), share(overflow))
        row = (
            item.contender.name,
            f"{item.of('overflow_h').mean():,.0f}",
            f"{item.of('cost').mean():,.0f}",
            *differences,
            equal(of[item.contender.family], reference),
        )
        yield f"| {' | '.join(row)} |"
    yield ""
    yield from against_rounds(standings)


def against_rounds(standings: Sequence[Standing]) -> Iterator[str]:
    """Yield what the usual threshold does against daily and rarer rounds: never a cost without its overflow."""
    usual = named(standings, ALWAYS)
    for days in (1, 2, 3, 4):
        rounds = named(standings, ROUNDS.format(days))
        told = verdict(paired(usual, rounds, "cost"), paired(usual, rounds, "overflow_h"))
        yield f"- {ALWAYS} against rounds every {days} d: {told}"


def tuned_settings(tuning: Sequence[Standing], reference_days: int) -> set[str]:
    """Return the name of each family's tuned contender."""
    before = named(tuning, ROUNDS.format(reference_days))
    return {tuned(members, before).name for members in families(tuning).values()}


def families(standings: Sequence[Standing]) -> dict[str, list[Standing]]:
    """Return the contenders of each family."""
    names = dict.fromkeys(item.contender.family for item in standings)
    return {name: [item for item in standings if item.contender.family == name] for name in names}


def named(standings: Sequence[Standing], name: str) -> Standing:
    """Return one contender's standing."""
    return next(item for item in standings if item.contender.name == name)


def equal(members: Sequence[Standing], reference: Standing) -> str:
    """Say what a family costs at the overflow of the reference."""
    if any(item is reference for item in members):
        return "the reference's own family"
    found = at_equal_overflow(members, reference)
    if found is None:
        least = min(float(item.of("overflow_h").mean()) for item in members)
        side = "less" if least < float(reference.of("overflow_h").mean()) else "more"
        return f"not reached: all its settings overflow {side}"
    return f"{found.share:+.1%} {interval(found)}" if found.is_found else f"no difference found {interval(found)}"


def share(value: Paired) -> str:
    """Return a difference as a share of the reference, with its interval."""
    return f"{value.share:+.1%} {interval(value)}"


def interval(value: Paired) -> str:
    """Return the interval of a difference as shares of the reference."""
    base = value.mean / value.share if value.share else 1.0
    return f"[{value.low / base:+.1%}, {value.high / base:+.1%}]"


def shown(value: Paired) -> str:
    """Return a difference with its interval."""
    return f"{value.mean:+10.1f} [{value.low:+10.1f}, {value.high:+10.1f}]"
