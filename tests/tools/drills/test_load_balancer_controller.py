"""The AWS Load Balancer Controller of a drill: its target groups, options and bindings."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from core.labels import APP_PODS
from tests.conftest import recording_of
from tests.tools.drills.fake_server import FakeServer, drill_on
from tools.control_plane.manifest import Manifest
from tools.drills import load_balancer_controller as module
from tools.drills.aws.local_aws import LocalAws, local_aws
from tools.drills.aws.target_groups import BINDING, HealthChecks, TargetGroups, health_checks
from tools.drills.pod_webhook import pod_webhook

PROD = recording_of("prod")
[WEB] = [each.urn for each in PROD.of_type(BINDING)]


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with local_aws("us-east-1") as found:
        yield found


def registered(groups: TargetGroups, aws: LocalAws, *ips: str) -> Any:
    client = aws.client("elbv2")
    client.register_targets(
        TargetGroupArn=groups.arns[WEB], Targets=[{"Id": ip, "Port": 9898} for ip in ips]
    )
    return client


def test_each_binding_has_a_target_group_with_its_recorded_health_checks(aws: LocalAws) -> None:
    groups = TargetGroups(PROD, aws)
    assert [*groups.arns] == [WEB]
    assert groups.checks.initial_seconds == {groups.arns[WEB]: 10.0}


def test_both_bindings_of_an_app_have_a_target_group(aws: LocalAws) -> None:
    wide = recording_of("wide")
    assert [*TargetGroups(wide, aws).arns] == [each.urn for each in wide.of_type(BINDING)]


def test_a_target_is_healthy_after_its_first_health_checks(aws: LocalAws) -> None:
    groups = TargetGroups(PROD, aws)
    arn = groups.arns[WEB]
    with health_checks(groups.checks):
        client = registered(groups, aws, "10.64.0.1", "10.64.0.2")
        [one, _] = client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        assert one["TargetHealth"]["State"] == "initial"
        assert groups.healthy(arn) == 0
        groups.checks.registered[arn, "10.64.0.1"] -= 11
        assert groups.healthy(arn) == 1
        registered(groups, aws, "10.64.0.1")
        assert groups.healthy(arn) == 1, "a target that is registered again stays healthy"
        client.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "10.64.0.1"}])
        assert groups.healthy(arn) == 0


def test_targets_are_unhealthy_if_they_are_registered_after_health_checks_fail() -> None:
    now = time.monotonic()
    checks = HealthChecks({"arn": 10.0}, failing_since=now - 50)
    checks.registered = {("arn", "old"): now - 60, ("arn", "new"): now - 40}
    assert checks.state("arn", "old") == ("healthy", None)
    assert checks.state("arn", "new") == ("unhealthy", "Target.FailedHealthChecks")
    checks.failing_since = None
    assert checks.state("arn", "new") == ("healthy", None)


def test_the_program_calls_only_the_local_aws() -> None:
    options = [
        *module.controller_options(
            {"clusterName": "prod"}, LocalAws("http://127.0.0.1:5000", "us-east-1"), "vpc-1"
        )
    ]
    assert options[:4] == [
        "--cluster-name=prod",
        "--aws-region=us-east-1",
        "--aws-vpc-id=vpc-1",
        "--aws-api-endpoints=EC2=http://127.0.0.1:5000,"
        "Elastic Load Balancing v2=http://127.0.0.1:5000,ACM=http://127.0.0.1:5000,"
        "STS=http://127.0.0.1:5000,Resource Groups Tagging API=http://127.0.0.1:5000",
    ]
    assert "--enable-leader-election=false" in options


class Server(FakeServer):
    """Keeps bindings by name, as an API server does."""

    def get(self, manifest: Manifest) -> Manifest | None:
        found = self.objects.get(manifest["kind"], [])
        return next((each for each in found if each["metadata"] == manifest["metadata"]), None)

    def delete_now(self, manifest: Manifest) -> None:
        found = self.get(manifest)
        if found:
            super().delete_now(found)


def test_bindings_refer_to_the_target_groups_of_moto_only_meanwhile() -> None:
    recorded, server = PROD.get(WEB).inputs, Server()
    drill = drill_on(server)
    server.create(recorded)
    with module._bound(drill, {WEB: "arn:moto"}):  # pyright: ignore[reportPrivateUsage]
        [binding] = server.objects["TargetGroupBinding"]
        assert binding["spec"] == {**recorded["spec"], "targetGroupARN": "arn:moto"}
    assert server.objects["TargetGroupBinding"] == [recorded]


def test_the_webhook_trusts_the_certificate_of_the_program() -> None:
    [webhook] = pod_webhook(PROD, "https://127.0.0.1:9443", b"cert")["webhooks"]
    assert webhook["clientConfig"] == {
        "url": "https://127.0.0.1:9443/mutate-v1-pod",
        "caBundle": "Y2VydA==",
    }
    assert webhook["failurePolicy"] == "Fail"
    assert webhook["objectSelector"]["matchLabels"] == APP_PODS
    [without] = pod_webhook(PROD, "https://127.0.0.1:1")["webhooks"]
    assert without["clientConfig"] == {"url": "https://127.0.0.1:1/mutate-v1-pod"}
