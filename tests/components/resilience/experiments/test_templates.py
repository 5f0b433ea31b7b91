"""The templates of the example with every experiment: shape, targets and stop conditions."""

import re
from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from moto import mock_aws

from core.experiments.alarm_keys import key_pattern
from core.experiments.catalog import EXPERIMENTS
from core.experiments.experiment import TAG
from core.experiments.stop_conditions import stop_alarms
from core.facts.fis_actions import ACTIONS
from tests.components.resilience.experiments.requests import EXAMPLES, TEMPLATE, request_of
from tests.core.experiments.documented_parameters import PARAMETERS
from tests.shared_recordings import recorded
from tools.recording import Recording

CELL, ZONE = "experiments", "us-east-1b"
ALARMS = "arn:aws:cloudwatch:us-east-1:123456789012:alarm"
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


def cell() -> Recording:
    return recorded(CELL, EXAMPLES)


def templates() -> Mapping[str, Mapping[str, Any]]:
    """Returns the request of each template, by the name of the experiment."""
    requests = [request_of(each.inputs) for each in cell().of_type(TEMPLATE)]
    return {each["tags"][TAG]: each for each in requests}


def alarm_keys(recording: Recording) -> set[str]:
    """Returns the keys of the alarms of a cell."""
    names = [
        *(str(each.inputs["name"]) for each in recording.of_type(METRIC_ALARM)),
        *(str(each.inputs["alarmName"]) for each in recording.of_type(COMPOSITE_ALARM)),
    ]
    return {name.removeprefix(f"{recording.stack}/") for name in names}


def test_every_experiment_of_the_catalog_has_a_template() -> None:
    assert {*templates()} == {*EXPERIMENTS}


def test_botocore_accepts_every_template() -> None:
    operation = get_session().get_service_model("fis").operation_model("CreateExperimentTemplate")
    assert operation.input_shape
    for name, request in templates().items():
        report = ParamValidator().validate(request, operation.input_shape)
        assert not report.has_errors(), f"{name}: {report.generate_report()}"
        assert len(request["description"]) <= 512


def test_moto_creates_every_template() -> None:
    with mock_aws():
        made = get_session().create_client(
            "fis", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        client = cast("Any", made)  # Any: the operations of a client exist at run time only
        for request in templates().values():
            client.create_experiment_template(**request)
        listed = client.list_experiment_templates()["experimentTemplates"]
    assert {each["tags"][TAG] for each in listed} == {*EXPERIMENTS}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_metric_alarms_of_the_cell_stop_an_experiment(name: str) -> None:
    known = {f"{ALARMS}:{each.inputs['name']}" for each in cell().of_type(METRIC_ALARM)}
    stops = templates()[name]["stopConditions"]
    assert 1 <= len(stops) <= 5
    assert {each["source"] for each in stops} == {"aws:cloudwatch:alarm"}
    assert {each["value"] for each in stops} <= known
    expected = {*EXPERIMENTS[name].expected}
    keys = [each["value"].partition(f":alarm:{CELL}/")[2] for each in stops]
    by_design = [key for key in keys for each in expected if matches(each, key)]
    assert not by_design, "the fault itself would stop the experiment"


def matches(pattern: str, key: str) -> bool:
    return bool(re.fullmatch(pattern.replace("*", "[^/]+"), key))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_alarms_that_an_experiment_names_exist(name: str) -> None:
    experiment, keys = EXPERIMENTS[name], alarm_keys(cell())
    for pattern in (*experiment.holds, *experiment.expected):
        assert any(matches(pattern, key) for key in keys), pattern


def test_alarms_of_the_whole_cell_stop_an_experiment_first() -> None:
    keys = [
        *(f"app/{name}/errors" for name in "abc"),
        "app/a/not-ready",
        "app/a/hosts/us-east-1a",
        "balancer/errors-internal",
        "balancer/errors",
        "apps-below-need",
    ]
    assert [*stop_alarms(keys)] == [
        "apps-below-need",
        "balancer/errors-internal",
        "balancer/errors",
        "app/a/errors",
        "app/b/errors",
    ]


def test_alarms_of_both_load_balancers_and_not_those_of_zones_judge_and_stop_an_experiment() -> (
    None
):
    keys = alarm_keys(recorded("internal", EXAMPLES))
    found = {
        held: {key for key in keys if key_pattern(held).fullmatch(key)}
        for held in ("balancer/errors", "app/*/hosts")
    }
    assert found == {
        "balancer/errors": {"balancer/errors", "balancer/errors-internal"},
        "app/*/hosts": {
            "app/booking/hosts", "app/booking/hosts-internal", "app/payroll/hosts-internal",
        },
    }  # fmt: skip
    assert found["balancer/errors"] <= {*stop_alarms(sorted(keys))}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_targets_have_the_type_of_their_action(name: str) -> None:
    request = templates()[name]
    for action in request["actions"].values():
        fact, (required, optional) = ACTIONS[action["actionId"]], PARAMETERS[action["actionId"]]
        assert required <= {*action["parameters"]} <= required | optional
        assert [*action["targets"]] == ([fact.target] if fact.target else [])
        for target in action["targets"].values():
            assert request["targets"][target]["resourceType"] == fact.resource_type


def test_instances_and_groups_are_those_of_the_cell_in_the_zone() -> None:
    seen = 0
    for request in templates().values():
        for target in request["targets"].values():
            filters = {each["path"]: each["values"] for each in target.get("filters", [])}
            if target["resourceType"].startswith("aws:ec2:") and "subnet" not in str(target):
                assert target["resourceTags"] == {"ha-eks:cell": CELL}
                zones = filters.get("Placement.AvailabilityZone", filters.get("AvailabilityZones"))
                assert zones == [ZONE]
                seen += 1
    assert seen == 6


def test_a_lost_zone_loses_all_of_its_subnets_and_no_other() -> None:
    of_zone = {
        each.urn
        for each in cell().of_type("aws:ec2/subnet:Subnet")
        if each.inputs["availabilityZone"] == ZONE
    }
    [template] = [each for each in cell().of_type(TEMPLATE) if each.name.endswith("lose-a-zone")]
    targets = {*template.sources["targets"]}
    assert {urn for urn in targets if "ec2/subnet:Subnet" in urn} == of_zone
    cut = templates()["lose-a-zone"]["targets"]["cut-subnets"]["resourceArns"]
    assert len({*cut}) == len(cut) == len(of_zone) == 3
    assert {urn for urn in targets if "loadBalancer:LoadBalancer" in urn}
    shifted = templates()["lose-a-zone"]["targets"]["shift-zone"]["resourceArns"]
    assert f"arn:aws:eks:us-east-1:123456789012:cluster/{CELL}" in shifted
    assert len(shifted) == 2, "the load balancer and the cluster"


def test_nothing_is_created_without_experiments() -> None:
    prod = recorded("prod")
    assert [each.name for each in prod.resources if each.name.startswith("experiments")] == []
