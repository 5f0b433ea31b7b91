"""Actions, targets and order of each experiment of the example."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from core.experiments.catalog import EXPERIMENTS
from tests.components.resilience.experiments.requests import EXAMPLES, TEMPLATE, request_of
from tests.shared_recordings import recorded, recorded_config
from tools.recording import Recording, Resource

CELL, ZONE = "experiments", "us-east-1b"

Json = Mapping[str, Any]  # Any: JSON of any shape


def template(name: str, cell: Recording | None = None) -> Resource:
    """Returns the template of an experiment."""
    templates = (cell or recorded(CELL, EXAMPLES)).of_type(TEMPLATE)
    [found] = [each for each in templates if each.name == f"{CELL}-{name}"]
    return found


def request(name: str) -> Json:
    return request_of(template(name).inputs)


def parameters(name: str, action: str) -> Json:
    return request(name)["actions"][action]["parameters"]


def test_running_nodes_of_the_zone_are_stopped() -> None:
    target = request("lose-a-zone")["targets"]["stop-nodes"]
    assert {each["path"]: each["values"] for each in target["filters"]} == {
        "Placement.AvailabilityZone": [ZONE],
        "State.Name": ["running"],
    }, "FIS cannot stop a node that is already gone"


def test_the_zone_is_shifted_away_after_the_notice() -> None:
    actions = request("lose-a-zone")["actions"]
    after = {name: each["startAfter"] for name, each in actions.items() if each["startAfter"]}
    assert after == {"shift-zone": ["notice"]}
    assert actions["shift-zone"]["parameters"]["availabilityZoneIdentifier"] == ZONE


def test_packets_are_lost_on_the_way_to_the_other_zones_and_slow_within_the_zone() -> None:
    lost = json.loads(parameters("lossy-zone", "lose")["documentParameters"])
    assert lost["Sources"] == "us-east-1a,us-east-1c"
    slow = json.loads(parameters("slow-zone", "slow")["documentParameters"])
    assert slow["Sources"] == ZONE


def test_the_other_region_is_that_of_the_stack_file() -> None:
    assert parameters("cut-cross-region", "cut-region")["region"] == "us-west-2"


def test_half_of_the_pods_of_the_app_are_deleted() -> None:
    target = request("delete-pods")["targets"]["delete-web"]
    assert target["selectionMode"] == "PERCENT(50)"
    assert target["parameters"] == {
        "clusterIdentifier": CELL,
        "namespace": "web",
        "selectorType": "labelSelector",
        "selectorValue": "app.kubernetes.io/name=web",
    }


def test_all_nodes_of_a_node_group_of_one_zone_are_terminated() -> None:
    assert parameters("terminate-nodes", "terminate")["instanceTerminationPercentage"] == "100"
    [arn] = request("terminate-nodes")["targets"]["terminate"]["resourceArns"]
    assert ":nodegroup/" in arn
    assert f"general-{ZONE}" in "".join(template("terminate-nodes").sources["targets"])


def test_of_a_node_group_of_all_zones_as_many_nodes_as_a_zone_has_are_terminated() -> None:
    file = EXAMPLES / f"Pulumi.{CELL}.yaml"
    config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    config["ha-eks:pools"]["general"]["layout"] = "spanning"
    config["ha-eks:resilience"]["experiments"] = {"enabled": ["terminate-nodes"], "zone": ZONE}
    cell = recorded_config(CELL, config)
    [action, _] = request_of(template("terminate-nodes", cell).inputs)["actions"].values()
    assert action["parameters"]["instanceTerminationPercentage"] == "34", "100 would be all zones"
    [policy] = [
        str(each.inputs["policy"])
        for each in cell.of_type("aws:iam/rolePolicy:RolePolicy")
        if each.name == f"{CELL}-terminate-nodes"
    ]
    assert "ec2:AvailabilityZone" not in policy, "the role could not terminate the other nodes"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_without_targets_fails_and_all_leave_a_log_and_a_report(name: str) -> None:
    sent = request(name)
    assert sent["experimentOptions"]["emptyTargetResolutionMode"] == "fail"
    group = sent["logConfiguration"]["cloudWatchLogsConfiguration"]["logGroupArn"]
    assert group.endswith(f":log-group:/aws/eks/{CELL}/experiments:*")
    report = sent["experimentReportConfiguration"]["outputs"]["s3Configuration"]
    assert report["prefix"] == name, "the role may write nothing else"
    cell = recorded(CELL, EXAMPLES)
    [policy] = [
        each
        for each in cell.of_type("aws:iam/rolePolicy:RolePolicy")
        if each.name == f"{CELL}-{name}"
    ]
    assert policy.urn in cell.before(template(name))
    assert f'{report["bucketName"]}/{name}/*"' in str(policy.inputs["policy"])
