"""All claims, in the groups of the proof table."""

from collections.abc import Mapping, Sequence

from tools.proof.claim import Claim
from tools.proof.claims import cells, changes, dependencies, nodes, requests, zones

GROUPS: Mapping[str, Sequence[Claim]] = {
    "A zone fails": zones.CLAIMS,
    "No single point of failure": dependencies.CLAIMS,
    "Nodes, capacity and load": nodes.CLAIMS,
    "Requests and releases": requests.CLAIMS,
    "Changes of a cell": changes.CLAIMS,
    "Several cells": cells.CLAIMS,
}
"""Claims by group."""

CLAIMS: Sequence[Claim] = [claim for group in GROUPS.values() for claim in group]
"""All claims."""
