"""Reads and writes the baseline: `python -m tests.contract.baseline` records the current tree.

A baseline file has one line per resource: the URN without stack and project, a digest of each
input, and the URNs of the resources that it requires. Digests omit made-up
ids, which are derived from logical names.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "baseline"
STACKS = ("dev", "prod", "prod-standby")
_MADE_UP = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # uuid
    r"|[A-Za-z0-9/.-]+-[0-9a-f]{7}\b"  # auto-named resource
    r"|\b[0-9a-f]{17}\b|\b[0-9a-f]{32}\b"
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One resource of a baseline."""

    urn: str
    """Qualified type and logical name, such as `ha-eks:index:App$kubernetes:…:Service::web`."""
    inputs: Mapping[str, str]
    """Digest of each input, by its name in the Pulumi protocol."""
    after: Sequence[str]
    """URNs of dependencies, parent and provider."""


def entries(resources: Iterable[Any]) -> list[Entry]:  # Any: recorded or read from JSON
    """Returns the entries of recorded resources, sorted by URN."""
    return sorted(
        (
            Entry(
                urn=_without_stack(each["urn"]),
                inputs={key: _digest(value) for key, value in sorted(each["inputs"].items())},
                after=sorted(_without_stack(urn) for urn in _required_urns(each)),
            )
            for each in resources
            if each["type"] != "pulumi:pulumi:Stack"
        ),
        key=lambda entry: entry.urn,
    )


def read(stack: str) -> list[Entry]:
    """Returns the baseline of a shipped stack."""
    lines = (FOLDER / f"{stack}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Entry(**json.loads(line)) for line in lines]


def write(stack: str, baseline: Iterable[Entry]) -> None:
    """Writes the baseline of a stack, one line per resource."""
    FOLDER.mkdir(exist_ok=True)
    lines = [json.dumps(vars(entry), ensure_ascii=False) for entry in baseline]
    (FOLDER / f"{stack}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _without_stack(urn: str) -> str:
    """Returns a URN without stack, project and the type of the stack resource."""
    return urn.split("::", 2)[2].removeprefix("pulumi:pulumi:Stack$")


def _required_urns(resource: Any) -> Iterable[str]:
    references = (resource["parent"], resource["provider"])
    found = {*resource["dependencies"], *(urn for urn in references if urn)}
    return (urn for urn in found if "::pulumi:pulumi:Stack::" not in urn)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(_MADE_UP.sub("#", text).encode()).hexdigest()[:12]


if __name__ == "__main__":
    import dataclasses

    from tools.recording import record

    for name in STACKS:
        write(name, entries(map(dataclasses.asdict, record(name).resources)))
