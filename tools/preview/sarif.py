"""Findings as SARIF, the format of code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from settings import Settings
from settings.reading.lines import Place, StackLines
from settings.stack import NAMESPACE
from tools.rules.catalog import entries
from tools.rules.rule import Finding, Severity

Json = Mapping[str, Any]  # Any: JSON

_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "caution": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Iterable[tuple[Finding, Place]]) -> str:
    """Returns findings with their places as a SARIF log, with the rules that found something."""
    found = list(findings)
    ids = {finding.rule for finding, _ in found}
    rules = [
        {
            "id": each.id,
            "shortDescription": {"text": each.claim},
            "defaultConfiguration": {"level": _LEVELS[each.severity]},
        }
        for each in entries()
        if each.id in ids
    ]
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "ha-eks", "rules": rules}},
                "results": [_result(finding, place) for finding, place in found],
            }
        ],
    }
    return json.dumps(log, indent=2)


def stack_places(
    findings: Iterable[Finding], settings: Settings, file: Path
) -> Iterator[tuple[Finding, Place]]:
    """Yields findings on a stack with their places in the stack file or its shared file.

    A finding on a key is at its line, a finding on an object of a workload at the workload, and any
    other finding at the first line of the stack file.
    """
    lines, first = StackLines(file), Place(file=file.name, line=1)
    for each in findings:
        yield each, lines.place_of(_key_of(each, settings)) or first


def _key_of(finding: Finding, settings: Settings) -> str:
    """Returns the config key of a finding; empty if no key of the stack file belongs to it."""
    if finding.resource.startswith(f"{NAMESPACE}:"):
        return finding.resource
    names = {name for kind in settings.names_by_kind.values() for name in kind}
    parts = finding.resource.split("/")
    return settings.key_of(parts[1]) if len(parts) == 3 and parts[1] in names else ""


def _result(finding: Finding, place: Place) -> Json:
    name = ": ".join(filter(None, (finding.resource, finding.field)))
    return {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.resource}: {finding.text}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(os.fsencode(place.file))},
                    "region": {"startLine": place.line},
                },
                "logicalLocations": [{"fullyQualifiedName": name}],
            }
        ],
    }
