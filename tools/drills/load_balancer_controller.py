"""The real AWS Load Balancer Controller, with the webhook of the chart, and moto as AWS."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from tools.control_plane.manifest import Manifest, raise_refusal
from tools.control_plane.processes import Process, free_ports, start, wait_until_healthy
from tools.drills.aws.local_aws import LocalAws, local_aws
from tools.drills.aws.target_groups import BINDING, TargetGroups, health_checks
from tools.drills.drill import Drill
from tools.drills.pod_webhook import pod_webhook
from tools.drills.recorded_chart import recorded_chart

_TIMEOUT = 60.0
"""Seconds within which the program must remove the finalizer of a binding."""

_SERVICES = ("EC2", "Elastic Load Balancing v2", "ACM", "STS", "Resource Groups Tagging API")
"""Service IDs of the APIs that the program calls."""


@dataclass(frozen=True)
class RunningController:
    """The program and the target groups in which it registers pods."""

    process: Process
    groups: TargetGroups
    targets: Mapping[str, str]
    """ARN of the target group of each app; of the public one if the app has two."""
    webhook: Manifest
    """The webhook that adds readiness gates to new pods of exposed apps."""


@contextmanager
def load_balancer_controller(drill: Drill, program: Path) -> Generator[RunningController]:
    """Runs the AWS Load Balancer Controller while the block runs, with the recorded bindings.

    Raises ProcessError if the program does not start.
    """
    chart = recorded_chart(drill.recording, AWS_LOAD_BALANCER_CONTROLLER.name)
    log = drill.folder / f"{AWS_LOAD_BALANCER_CONTROLLER.name}.log"
    certificates = drill.folder / "certificates"
    webhook_port, probe_port = free_ports(2)
    with local_aws(drill.settings.aws.region) as aws, ExitStack() as stack:
        groups = TargetGroups(drill.recording, aws)
        stack.enter_context(health_checks(groups.checks))
        process = start(
            stack, log, program,
            *controller_options(chart.values, aws, groups.vpc_id),
            "--kubeconfig", drill.folder / "kubeconfig.json",
            "--webhook-bind-port", webhook_port,
            "--webhook-cert-dir", certificates,
            "--webhook-cert-file", "apiserver.crt", "--webhook-key-file", "apiserver.key",
            "--health-probe-bind-addr", f"127.0.0.1:{probe_port}", "--metrics-bind-addr", "0",
            variables=aws.variables,
        )  # fmt: skip
        wait_until_healthy(process, f"http://127.0.0.1:{probe_port}/readyz", log)
        webhook = pod_webhook(
            drill.recording,
            f"https://127.0.0.1:{webhook_port}",
            (certificates / "apiserver.crt").read_bytes(),
        )
        stack.enter_context(_bound(drill, groups.arns))
        yield RunningController(process, groups, _public(drill, groups.arns), webhook)


@contextmanager
def readiness_gates_added(drill: Drill, webhook: Manifest) -> Generator[None]:
    """Adds readiness gates to new pods of exposed apps while the block runs."""
    raise_refusal(webhook, drill.server.apply(webhook))
    yield
    drill.server.delete_now(webhook)


def controller_options(values: Mapping[str, Any], aws: LocalAws, vpc_id: str) -> Iterator[str]:
    """Yields the options of the program, which calls only moto. `values` are those of the chart.

    https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/docs/deploy/configurations.md
    """
    endpoints = ",".join(f"{service}={aws.url}" for service in _SERVICES)
    yield f"--cluster-name={values['clusterName']}"
    yield f"--aws-region={aws.region}"
    yield f"--aws-vpc-id={vpc_id}"
    yield f"--aws-api-endpoints={endpoints}"
    yield "--feature-gates=ALBGatewayAPI=false,NLBGatewayAPI=false"
    for service in ("shield", "waf", "wafv2", "leader-election", "backend-security-group"):
        yield f"--enable-{service}=false"


@contextmanager
def _bound(drill: Drill, arns: Mapping[str, str]) -> Generator[None]:
    """Replaces the recorded bindings by those to the target groups of moto while the block runs.

    The end waits until the program has removed its finalizers.
    """
    recorded = {urn: _manifest(drill, urn) for urn in arns}
    for urn, arn in arns.items():
        _replace(drill, {**recorded[urn], "spec": {**recorded[urn]["spec"], "targetGroupARN": arn}})
    yield
    for each in recorded.values():
        _replace(drill, each)


def _replace(drill: Drill, binding: Manifest) -> None:
    """Replaces a binding, whose target group Kubernetes does not change."""
    drill.server.delete_now(binding)
    drill.wait("binding deleted", lambda: drill.server.get(binding) is None, _TIMEOUT)
    raise_refusal(binding, drill.server.apply(binding))


def _manifest(drill: Drill, urn: str) -> Manifest:
    return drill.recording.get(urn).inputs


def _public(drill: Drill, arns: Mapping[str, str]) -> Mapping[str, str]:
    """Returns the target group of each app: bindings of the public load balancer come last."""
    bindings = {each.urn: each.inputs["metadata"] for each in drill.recording.of_type(BINDING)}
    ordered = sorted(arns, key=lambda urn: bindings[urn]["name"] == bindings[urn]["namespace"])
    return {str(bindings[urn]["namespace"]): arns[urn] for urn in ordered}
