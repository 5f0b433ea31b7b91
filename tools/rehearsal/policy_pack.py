"""Scenario `policy`: the policy pack in the real engine finds what `make preview` finds."""

import json
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from tools.recording import Recording
from tools.recording.record import ROOT
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.run import Run, ScenarioError
from tools.rules.stack import failing, stack_findings

_PACK = ROOT / "tools" / "policy"
_RULE, _NAT = "HA801", "aws:ec2/natGateway:NatGateway"
"""Rule that finds a NAT gateway on which several zones depend."""
_LAUNCHER = f"""#!/bin/sh
exec "{sys.executable}" -u -m pulumi.policy "$1" "$2"
"""
"""Program that starts policy packs in Python. The distribution of the Pulumi CLI contains it.

https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/python/dist/pulumi-analyzer-policy-python
"""

Violations = list[tuple[str, str]]
"""ID of the rule and enforcement level, sorted."""


def policy_pack(run: Run, recording: Recording) -> None:
    """Analyzes the plan of a new stack, one with a gap, and the state of the deployed stack."""
    launcher = run.engine.folder / "bin" / "pulumi-analyzer-policy-python"
    launcher.write_text(_LAUNCHER, encoding="utf-8")
    launcher.chmod(0o755)
    expected = _expected(recording)
    run.step("policy", "preview of an empty stack", lambda: _preview(run, expected))
    before = run.engine.config
    name = "preview of one NAT gateway for all zones"
    if recording.of_type(_NAT) and len(recording.settings.network.zones_in) > 1:
        run.engine.edit(_share_gateway)
        run.step("policy", name, lambda: _refuse(run))
        run.engine.edit(lambda config: config.update(before))
    else:
        run.skip("policy", name, "does not apply to this stack file")
    run.step("policy", "up", lambda: f"{run.engine.up()['create']} resources created")
    run.step("policy", "analysis of the state", lambda: _analyze_state(run, expected))


def _expected(recording: Recording) -> Violations:
    findings = stack_findings(recording, date.today())
    mandatory = failing(findings, recording.settings.audit)
    return sorted(
        (each.rule, "mandatory" if each in mandatory else "advisory") for each in findings
    )


def _share_gateway(config: Config) -> None:
    """Writes one NAT gateway for all zones, and accepts no finding."""
    config.pop("ha-eks:audit", None)
    config["ha-eks:network"]["nat"] = "single"


def _preview(run: Run, expected: Violations) -> str:
    events, succeeds = run.engine.preview_policies(_PACK)
    found = sorted((each.policy_name, each.enforcement_level) for each in events)
    _compare(found, expected)
    if succeeds != ("mandatory" not in {level for _, level in found}):
        raise ScenarioError(f"the preview {'succeeds' if succeeds else 'fails'} with {found}")
    return _text(found)


def _refuse(run: Run) -> str:
    """Checks that the preview fails with a violation at the NAT gateway."""
    events, succeeds = run.engine.preview_policies(_PACK)
    places = [
        str(each.resource_urn)
        for each in events
        if (each.policy_name, each.enforcement_level) == (_RULE, "mandatory")
    ]
    if succeeds or [place.split("::")[2].rpartition("$")[2] for place in places] != [_NAT]:
        raise ScenarioError(f"expected a mandatory violation of {_RULE}, found {places}")
    return f"the preview fails: {_RULE} at {places[0].rpartition('::')[2]}"


def _analyze_state(run: Run, expected: Violations) -> str:
    output = run.engine.run("policy", "analyze", "--policy-pack", str(_PACK), "--json")
    found = sorted(_violations_in(map(json.loads, output.splitlines())))
    _compare(found, expected)
    return _text(found)


def _violations_in(events: Iterable[Any]) -> Iterable[tuple[str, str]]:  # Any: JSON
    for each in events:
        if "policyEvent" in each:
            yield each["policyEvent"]["policyName"], each["policyEvent"]["enforcementLevel"]


def _compare(found: Violations, expected: Violations) -> None:
    if found != expected:
        raise ScenarioError(f"found {_text(found)}; make preview finds {_text(expected)}")


def _text(found: Violations) -> str:
    rules = ", ".join(f"{rule} {level}" for rule, level in found)
    return f"the findings of make preview: {rules}" if rules else "no finding, as in make preview"
