"""A program with the AWS protocol of the Cluster Autoscaler, for tests and trials without it.

The program adds a node for each pod that fits on no node, in the smallest group. It reads the same
options, configuration, groups and activities as the Cluster Autoscaler, and lowers the size of a
group whose launch has failed.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/auto_scaling_groups.go
"""

import configparser
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import requests
from botocore.session import get_session

SCAN_SECONDS = 1.0
WAIT_SECONDS = 15.0
"""Seconds for a requested node to join, and for the scheduler to place the pod there."""


def options() -> dict[str, str]:
    found: dict[str, str] = {}
    arguments = iter(sys.argv[1:])
    for each in arguments:
        name, equal, value = each.partition("=")
        found[name.removeprefix("--")] = value if equal else next(arguments)
    return found


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health-check" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Cloud:
    """AWS at the endpoints of the configuration."""

    def __init__(self, config: Path) -> None:
        parser = configparser.ConfigParser()
        parser.read_string(config.read_text().replace('ServiceOverride "', 'ServiceOverride "x'))
        self.endpoints = {
            section["Service"]: section["URL"]
            for section in parser.values()
            if "Service" in section
        }
        self.autoscaling = self.client("autoscaling")
        self.eks = self.client("eks")
        self.failed: set[str] = set()

    def client(self, service: str) -> Any:
        session: Any = get_session()
        return session.create_client(
            service,
            region_name=os.environ["AWS_REGION"],
            endpoint_url=self.endpoints[service],
        )

    def groups(self, discovery: str) -> list[Any]:
        keys = discovery.removeprefix("asg:tag=").split(",")
        filters = [{"Name": "tag-key", "Values": [key]} for key in keys]
        answer = self.autoscaling.describe_auto_scaling_groups(Filters=filters)
        return answer["AutoScalingGroups"]

    def labels(self, group: Any) -> dict[str, str]:
        tags = {each["Key"]: each["Value"] for each in group["Tags"]}
        answer = self.eks.describe_nodegroup(
            clusterName=tags["eks:cluster-name"], nodegroupName=tags["eks:nodegroup-name"]
        )
        return answer["nodegroup"]["labels"]

    def resize(self, group: Any, size: int) -> None:
        name = group["AutoScalingGroupName"]
        self.autoscaling.set_desired_capacity(
            AutoScalingGroupName=name, DesiredCapacity=size, HonorCooldown=False
        )

    def give_up(self, group: Any) -> bool:
        """True if the last launch of a group failed; the group then gets no further nodes."""
        name = group["AutoScalingGroupName"]
        missing = group["DesiredCapacity"] > len(group["Instances"])
        activities = self.autoscaling.describe_scaling_activities(AutoScalingGroupName=name)
        if missing and any(each["StatusCode"] == "Failed" for each in activities["Activities"]):
            self.failed.add(name)
            self.resize(group, len(group["Instances"]))
        return name in self.failed


def pending_pods(kubeconfig: Path) -> list[Any]:
    config = json.loads(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(
            f"{cluster['server']}/api/v1/pods",
            params={"fieldSelector": "spec.nodeName="},
            headers={"Authorization": f"Bearer {user['token']}"},
            verify=cluster["certificate-authority"],
            timeout=60,
        )
    return [
        pod
        for pod in answer.json()["items"]
        if "nominatedNodeName" not in pod["status"]
        and not pod["metadata"]["namespace"].startswith("baseline-")
        and any(
            each.get("reason") == "Unschedulable" for each in pod["status"].get("conditions", [])
        )
    ]


def main() -> None:
    given = options()
    host, _, port = given["address"].partition(":")
    cloud = Cloud(Path(given["cloud-config"]))
    server = HTTPServer((host, int(port)), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    upcoming: dict[str, tuple[float, str]] = {}
    while True:
        groups = [
            each
            for each in cloud.groups(given["node-group-auto-discovery"])
            if not cloud.give_up(each)
        ]
        for pod in pending_pods(Path(given["kubeconfig"])):
            uid, selector = pod["metadata"]["uid"], pod["spec"].get("nodeSelector", {})
            since, group = upcoming.get(uid, (-WAIT_SECONDS, ""))
            if group not in cloud.failed and time.monotonic() < since + WAIT_SECONDS:
                continue
            fitting = [
                each
                for each in groups
                if each["DesiredCapacity"] < each["MaxSize"]
                and selector.items() <= cloud.labels(each).items()
            ]
            if fitting:
                smallest = min(fitting, key=lambda each: each["DesiredCapacity"])
                smallest["DesiredCapacity"] += 1
                cloud.resize(smallest, smallest["DesiredCapacity"])
                upcoming[uid] = time.monotonic(), smallest["AutoScalingGroupName"]
        time.sleep(SCAN_SECONDS)


if __name__ == "__main__":
    main()
