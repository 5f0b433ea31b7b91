"""Target groups of the exposed apps, in moto, with health checks of their targets.

moto reports each registered target as healthy at once.
"""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup

from tools.drills.aws.local_aws import LocalAws
from tools.recording import Recording

BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"


@dataclass
class HealthChecks:
    """Health checks of all targets: a target is healthy after its first health checks."""

    initial_seconds: Mapping[str, float]
    """Seconds from the registration of a target to its health, by ARN of the target group."""
    failing_since: float | None = None
    """Monotonic time; targets that are registered later are unhealthy."""
    registered: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    """Monotonic time of the registration, by ARN of the target group and IP of the target."""

    def state(self, arn: str, target: str) -> tuple[str, str | None]:
        """Returns state and reason code of a registered target.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
        """
        since = self.registered[arn, target]
        if time.monotonic() < since + self.initial_seconds[arn]:
            return "initial", "Elb.InitialHealthChecking"
        if self.failing_since is not None and since > self.failing_since:
            return "unhealthy", "Target.FailedHealthChecks"
        return "healthy", None


class TargetGroups:
    """The target group of each recorded binding."""

    def __init__(self, recording: Recording, aws: LocalAws) -> None:
        """Creates the target groups in a VPC."""
        self._client = aws.client("elbv2")
        self.vpc_id: str = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.arns: dict[str, str] = {}
        """ARN of each target group, by the URN of its binding."""
        initial: dict[str, float] = {}
        for binding in recording.of_type(BINDING):
            [urn] = binding.sources["spec"]
            group = recording.get(urn)
            check = group.inputs["healthCheck"]
            answer = self._client.create_target_group(
                Name=f"drill-{len(self.arns)}",
                Protocol="HTTP",
                Port=group.inputs["port"],
                VpcId=self.vpc_id,
                TargetType="ip",
            )
            arn = answer["TargetGroups"][0]["TargetGroupArn"]
            self.arns[binding.urn] = arn
            initial[arn] = float(check["interval"]) * int(check["healthyThreshold"])
        self.checks = HealthChecks(initial)

    def healthy(self, arn: str) -> int:
        """Returns the number of healthy targets of a target group."""
        answer = self._client.describe_target_health(TargetGroupArn=arn)
        return sum(
            each["TargetHealth"]["State"] == "healthy"
            for each in answer["TargetHealthDescriptions"]
        )


@contextmanager
def health_checks(checks: HealthChecks) -> Generator[None]:
    """Makes the target groups of moto report the health of their targets while the block runs."""
    register, health_for = FakeTargetGroup.register, FakeTargetGroup.health_for

    def registers(group: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:  # Any: of moto
        for each in targets:
            if each["Id"] not in group.targets:
                checks.registered[group.arn, each["Id"]] = time.monotonic()
        register(group, targets)

    def health(group: FakeTargetGroup, target: dict[str, Any], ec2: Any) -> FakeHealthStatus:
        found = health_for(group, target, ec2)
        if found.status == "healthy":
            found.status, found.reason = checks.state(group.arn, target["Id"])
        return found

    with (
        patch.object(FakeTargetGroup, "register", registers),
        patch.object(FakeTargetGroup, "health_for", health),
    ):
        yield
