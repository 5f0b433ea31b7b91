"""The real Cluster Autoscaler, with its AWS code, the options of the stack, and moto as AWS."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from core.facts.versions.charts import CLUSTER_AUTOSCALER
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import raise_refusal
from tools.control_plane.processes import free_ports, start, wait_until_healthy
from tools.drills.aws.local_aws import LocalAws, local_aws
from tools.drills.aws.scaling_groups import ScalingGroups
from tools.drills.aws.stock import limited_stock
from tools.drills.drill import Drill
from tools.drills.node_model import SCAN_SECONDS
from tools.drills.recorded_chart import RecordedChart, recorded_chart
from tools.drills.repeat import repeated


@contextmanager
def cluster_autoscaler(drill: Drill, program: Path) -> Generator[None]:
    """Runs the Cluster Autoscaler while the block runs, with the existing nodes in its groups.

    Raises ProcessError if the program does not start.
    """
    chart = recorded_chart(drill.recording, CLUSTER_AUTOSCALER.name)
    _create_namespace(drill.server, chart)
    log, config = drill.folder / "cluster-autoscaler.log", drill.folder / "cloud.conf"
    [port] = free_ports(1)
    with local_aws(chart.values["awsRegion"]) as aws, ExitStack() as processes:
        groups = ScalingGroups(drill, aws, chart.values["autoDiscovery"]["clusterName"])
        processes.enter_context(limited_stock(drill.templates.out_of_stock, groups.subnets))
        config.write_text(_cloud_config(aws), encoding="utf-8")
        process = start(
            processes, log, program, *chart_options(chart),
            "--cloud-config", config,
            "--kubeconfig", drill.folder / "kubeconfig.json",
            "--aws-use-static-instance-list=true",
            "--leader-elect=false",
            "--address", f"127.0.0.1:{port}",
            variables=aws.variables,
        )  # fmt: skip
        wait_until_healthy(process, f"http://127.0.0.1:{port}/health-check", log)
        with repeated(groups.scan, SCAN_SECONDS):
            yield


def chart_options(chart: RecordedChart) -> Iterator[str]:
    """Yields the options that the chart gives the Cluster Autoscaler for recorded values.

    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/templates/deployment.yaml
    """
    values = chart.values
    cluster = values["autoDiscovery"]["clusterName"]
    tags = f"k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/{cluster}"
    yield f"--cloud-provider={values['cloudProvider']}"
    yield f"--namespace={chart.namespace}"
    yield f"--node-group-auto-discovery=asg:tag={tags}"
    for key, value in sorted(values["extraArgs"].items()):
        option = f"--{key.partition('_')[0]}"
        yield option if value is None else f"{option}={_text(value)}"


def _text(value: Any) -> str:  # Any: JSON
    """Returns a value as a template of Helm prints it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _create_namespace(server: ApiServer, chart: RecordedChart) -> None:
    """Creates the namespace if it is missing, and the priorities of the chart's expander.

    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/templates/priority-expander-configmap.yaml
    """
    namespace = {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": chart.namespace}
    }  # fmt: skip
    if server.get(namespace) is None:
        raise_refusal(namespace, server.create(namespace))
    priorities = chart.values.get("expanderPriorities")
    if priorities:
        name = "cluster-autoscaler-priority-expander"
        by_number = {int(key): [*patterns] for key, patterns in priorities.items()}
        config_map = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": chart.namespace},
            "data": {"priorities": yaml.safe_dump(by_number)},
        }
        raise_refusal(config_map, server.apply(config_map))


def _cloud_config(aws: LocalAws) -> str:
    """Returns the configuration that replaces the endpoints of AWS.

    https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/config/config.go
    """
    return "[Global]\n" + "".join(
        f'[ServiceOverride "{number}"]\nService = {service}\nRegion = {aws.region}\n'
        f"URL = {aws.url}\nSigningRegion = {aws.region}\n"
        for number, service in enumerate(("autoscaling", "ec2", "eks"), 1)
    )
