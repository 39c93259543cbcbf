"""What the terminal says: which steps hold, and where to go from there."""

from collections.abc import Iterable

from flaskr.exercise.examination import CheckOutcome


def report(outcomes: Iterable[CheckOutcome], then: str = "") -> bool:
    """Print each outcome as it comes; return whether all hold, after saying what comes `then`."""
    holding = []
    for outcome in outcomes:
        holding.append(not outcome.reason)
        print(f"  {outcome}", flush=True)
    if all(holding):
        print(f"All {len(holding)} hold. {then}".rstrip(), flush=True)
    else:
        print(f"{sum(holding)} of {len(holding)} hold.", flush=True)
    return all(holding)
