"""Findings as SARIF."""

import json
import os
from pathlib import Path

import pytest

from settings.reading.lines import Place
from tests.shared_recordings import recorded
from tools.preview.sarif import sarif, stack_places
from tools.recording.record import ROOT
from tools.rules.rule import Finding, Severity


def finding(resource: str, rule: str = "HA101", severity: Severity = "error") -> Finding:
    return Finding(rule=rule, severity=severity, resource=resource, field="spec.x", text="is bad")


def test_a_result_has_rule_level_message_and_place() -> None:
    place = Place(file="my shop/web.yaml", line=7)
    log = json.loads(sarif([(finding("Deployment/shop/web"), place)]))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    [rule] = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["defaultConfiguration"]) == ("HA101", {"level": "error"})
    assert rule["shortDescription"]["text"].endswith(".")
    assert run["results"] == [
        {
            "ruleId": "HA101",
            "level": "error",
            "message": {"text": "Deployment/shop/web: is bad"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "my%20shop/web.yaml"},
                        "region": {"startLine": 7},
                    },
                    "logicalLocations": [{"fullyQualifiedName": "Deployment/shop/web: spec.x"}],
                }
            ],
        }
    ]


@pytest.mark.parametrize(
    ("severity", "level"), [("error", "error"), ("warning", "warning"), ("caution", "note")]
)
def test_a_severity_is_a_level_of_sarif(severity: Severity, level: str) -> None:
    log = json.loads(sarif([(finding("x", severity=severity), Place(file="a", line=1))]))
    assert log["runs"][0]["results"][0]["level"] == level


def test_a_file_name_that_is_not_utf_8_is_a_uri() -> None:
    place = Place(file=os.fsdecode(b"caf\xe9.yaml"), line=1)
    log = json.loads(sarif([(finding("x"), place)]))
    [location] = log["runs"][0]["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "caf%E9.yaml"}


def test_without_findings_the_log_has_an_empty_run() -> None:
    [run] = json.loads(sarif([]))["runs"]
    assert run["results"] == run["tool"]["driver"]["rules"] == []


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        ("ha-eks:network.controlPlaneZones", "controlPlaneZones:"),
        ("ha-eks:pools.general.instanceTypes[0]", "instanceTypes: [m7i.large]"),
        ("ha-eks:pools.general.diskSize", "general:"),
        ("Deployment/web/web", "web:"),
        ("HorizontalPodAutoscaler/cache/cache", "cache:"),
    ],
)
def test_a_finding_is_at_its_key_or_its_workload(resource: str, text: str) -> None:
    file = ROOT / "Pulumi.prod.yaml"
    [(_, place)] = stack_places([finding(resource)], recorded("prod").settings, file)
    assert place.file == ("Pulumi.prod.yaml" if resource.startswith("ha-eks:") else "apps.yaml")
    line = (ROOT / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]
    assert line.strip().startswith(text)


@pytest.mark.parametrize("resource", ["NatGateway/network-nat-a", "Namespace/headroom", "ha-eks:x"])
def test_a_finding_without_a_key_is_at_the_first_line(resource: str) -> None:
    file = Path(ROOT / "Pulumi.prod.yaml")
    [(_, place)] = stack_places([finding(resource)], recorded("prod").settings, file)
    assert place.line == 1
