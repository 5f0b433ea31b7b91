import json
from typing import Any

import pulumi
import pytest

from components.add_ons import AddOnChoices
from components.observability import Observability, ObservabilityArgs
from core.versions import ADD_ONS
from settings.add_ons import AddOnOverride
from settings.observability import Observability as ObservabilitySettings
from tests.components.deploy import Deployed, deploy, with_aws

ADD_ON = "aws:eks/addon:Addon"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def observability(
    version: str = "1.36", overrides: dict[str, AddOnOverride] | None = None, **given: Any
) -> Deployed:
    def build() -> None:
        args = ObservabilityArgs(
            observability=ObservabilitySettings.model_validate(given),
            cell="prod",
            log_key_arn="key",
            cluster_name=pulumi.Output.from_input("prod"),
            choices=AddOnChoices(kubernetes_version=version, overrides=overrides or {}),
        )
        Observability("observability", args, with_aws())

    return deploy(build)


def test_the_log_groups_are_those_that_the_agents_write_to() -> None:
    names = sorted(each.inputs["name"] for each in observability().of_type(LOGS))
    assert names == [
        "/aws/containerinsights/prod/application",
        "/aws/containerinsights/prod/dataplane",
        "/aws/containerinsights/prod/host",
        "/aws/containerinsights/prod/performance",
    ]


@pytest.mark.parametrize(("given", "days"), [({}, 30), ({"logRetentionDays": 7}, 7)])
def test_logs_are_kept_as_long_as_asked(given: dict[str, int], days: int) -> None:
    kept = [each.inputs["retentionInDays"] for each in observability(**given).of_type(LOGS)]
    assert kept == [days] * 4, "some are kept, and paid for, for ever"


def test_the_add_on_is_in_the_cluster_at_the_version_of_its_minor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADD_ONS, "1.35", {"amazon-cloudwatch-observability": "v1.35-pin"})
    add_on = observability("1.35").one(ADD_ON).inputs
    assert add_on["addonName"] == "amazon-cloudwatch-observability"
    assert add_on["clusterName"] == "prod"
    assert add_on["addonVersion"] == "v1.35-pin"


def test_the_agent_has_a_role_that_may_write_to_cloudwatch() -> None:
    cell = observability()
    role = cell.one(ROLE)
    (identity,) = cell.one(ADD_ON).inputs["podIdentityAssociations"]
    assert identity["serviceAccount"] == "cloudwatch-agent", "nothing arrives in CloudWatch"
    assert identity["roleArn"].endswith(f":role/{cell.id_of(role)}")
    attachment = cell.one(ATTACHMENT).inputs
    assert attachment["role"] == cell.id_of(role)
    assert attachment["policyArn"] == "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"


def test_the_add_on_leaves_the_apps_pods_as_they_are() -> None:
    configuration = json.loads(observability().one(ADD_ON).inputs["configurationValues"])
    assert configuration == {
        "manager": {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}}
    }, "a tracing agent is put into every workload, and restarts it"


def test_the_stack_file_has_the_last_word_on_the_add_on() -> None:
    own = AddOnOverride.model_validate({"version": "v6.6.0-eksbuild.1"})
    add_on = observability(overrides={"amazon-cloudwatch-observability": own}).one(ADD_ON).inputs
    assert add_on["addonVersion"] == "v6.6.0-eksbuild.1"
