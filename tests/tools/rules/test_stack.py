"""Findings on recordings: the shipped stacks and examples have none above their threshold."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tools.recording import Recording
from tools.recording.record import ROOT
from tools.rules.resources import recorded_resources
from tools.rules.rule import Finding
from tools.rules.stack import failing, stack_findings

TODAY = date(2026, 11, 29)
EXAMPLES = sorted((ROOT / "examples").glob("Pulumi.*.yaml"))


def _failing(recording: Recording) -> list[Finding]:
    return failing(stack_findings(recording, TODAY), recording.settings.audit)


@pytest.mark.parametrize("stack", ["dev", "prod", "prod-standby"])
def test_a_shipped_stack_has_no_finding_that_fails_its_preview(stack: str) -> None:
    assert _failing(recorded(stack)) == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_has_no_finding_that_fails_its_preview(file: Path) -> None:
    assert _failing(recorded(file.name.split(".")[1], file.parent)) == []


def _changed(**keys: Any) -> Recording:
    config = config_of("dev")
    config.pop("ha-eks:audit")
    config.update({f"ha-eks:{key}": value for key, value in keys.items()})
    return recorded_config("dev", config)


def test_a_single_nat_gateway_is_found() -> None:
    assert [f"{each.severity} {each}" for each in _failing(_changed())] == [
        "warning HA801 NatGateway/network-nat-us-east-1a: availabilityMode: nodes and pods of all "
        "2 zones reach AWS and the internet through the zone of this gateway; if this zone fails, "
        "the other zones cannot start nodes or pull images; write network.nat: perZone or regional"
    ]


@pytest.mark.parametrize("change", [{"nat": "regional"}, {"nat": "perZone"}])
def test_an_egress_that_survives_a_zone_is_not_flagged(change: dict[str, Any]) -> None:
    network = {**config_of("dev")["ha-eks:network"], **change}
    assert _failing(_changed(network=network)) == []


def test_a_waiver_of_another_resource_does_not_cover_a_finding() -> None:
    waiver = {"rule": "HA801", "resource": "Deployment/*", "reason": "a test"}
    found = _failing(_changed(audit={"waivers": [waiver]}))
    assert [each.rule for each in found] == ["HA801", "HA001"]


def test_a_moving_tag_of_a_stack_file_is_found() -> None:
    apps = config_of("dev")["ha-eks:apps"]
    apps["cache"]["image"] = "redis:stable"
    found = [str(each) for each in _failing(_changed(apps=apps)) if each.rule == "HA102"]
    assert found == [
        "HA102 Deployment/cache/cache: spec.template.spec.containers[cache].image: "
        "redis:stable has the moving tag stable, so that pods on new nodes can run another release "
        "than the others; write the tag of a release, or a digest"
    ]


def test_cautions_of_the_stack_file_have_the_id_of_their_rule() -> None:
    found = {each.rule: each.resource for each in stack_findings(recorded("prod"), TODAY)}
    assert found == {
        "HA905": "ha-eks:pools.general.instanceTypes[0]",
        "HA912": "ha-eks:network.controlPlaneZones",
    }


def test_replicas_that_are_sent_only_at_creation_are_no_field_of_the_object() -> None:
    deployments = recorded_resources(recorded("prod")).objects.of_kind("Deployment")
    sent = {each.name for each in deployments if "replicas" in each.spec}
    assert not sent & {"web", "cache"}
