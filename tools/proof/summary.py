"""Claims that apply to a stack, and the number of them that were shown."""

from collections.abc import Sequence

from settings import Settings
from settings.reading.wording import counted
from tools.proof.claim import Claim
from tools.proof.registry import CLAIMS

PAGE = "docs/proof.md"


def claims_of(settings: Settings) -> Sequence[Claim]:
    """Returns the claims that apply to a stack, in the order of the proof table."""
    return [claim for claim in CLAIMS if claim.applies(settings)]


def summary(claims: Sequence[Claim]) -> str:
    """Returns the number of claims and of those that were shown, as a line."""
    run = sum(claim.is_run for claim in claims)
    experiments = sum(bool(claim.experiments) for claim in claims)
    more = f", {experiments} with an experiment" if experiments else ""
    return f"proof: {counted(len(claims), 'claim')}, {run} drilled or rehearsed{more}: {PAGE}"
