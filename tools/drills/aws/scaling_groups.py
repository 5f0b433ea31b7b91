"""Auto Scaling groups of the node groups of a cell, in moto, and the nodes of their instances."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from core import labels
from tools.control_plane.manifest import Manifest, raise_refusal
from tools.drills.at_rest import remove_node
from tools.drills.aws.local_aws import LocalAws
from tools.drills.drill import Drill
from tools.drills.node_model import BOOT_SECONDS, JOIN_SECONDS
from tools.drills.objects import prepared_nodes
from tools.recording import Resource

_STARTING = {
    "key": "startup-taint.cluster-autoscaler.kubernetes.io/drill",
    "value": "true",
    "effect": "NoSchedule",
}
"""Taint of a new node until the pods of all DaemonSets are assigned to it. The Cluster Autoscaler
expects that the node will accept pods soon.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/FAQ.md#startup-taints
"""

_ROLE = "arn:aws:iam::123456789012:role/drill"
"""Role of cluster and nodes, which moto does not use."""


@dataclass
class _Instance:
    """An instance that belongs to a group."""

    group: str
    zone: str
    launched: float
    node: Manifest | None = None
    """Its node, if it has joined the cell."""


class ScalingGroups:
    """Makes the nodes of a cell follow the Auto Scaling groups."""

    def __init__(self, drill: Drill, aws: LocalAws, cluster: str) -> None:
        """Creates the groups, whose instances are the existing nodes."""
        self._drill, self._aws, self._cluster = drill, aws, cluster
        self._autoscaling, self._ec2, self._eks = map(aws.client, ("autoscaling", "ec2", "eks"))
        self._pools: dict[str, str] = {}
        self._instances: dict[str, _Instance] = {}
        self.subnets = self._create_subnets()
        """Subnets by zone."""
        image = self._ec2.register_image(
            Name="drill", Architecture="x86_64", RootDeviceName="/dev/xvda"
        )
        self._eks.create_cluster(
            name=cluster, roleArn=_ROLE, resourcesVpcConfig={"subnetIds": [*self.subnets.values()]}
        )
        for group, pool, zones in drill.templates.groups():
            name = self._create_group(group, pool, zones, image["ImageId"])
            self._adopt(name, pool, zones)

    def scan(self) -> None:
        """Lets new instances join as nodes, and removes the nodes of terminated instances.

        Terminates the instances of deleted nodes. Groups with fewer instances than desired try
        again to launch instances.
        """
        now = time.monotonic()
        existing = {each["metadata"]["name"] for each in self._drill.server.list("v1", "Node")}
        present: set[str] = set()
        for group in self._describe():
            for each in group["Instances"]:
                present.add(each["InstanceId"])
                self._instances.setdefault(
                    each["InstanceId"],
                    _Instance(group["AutoScalingGroupName"], each["AvailabilityZone"], now),
                )
            self._launch_again(group)
        for instance_id, instance in [*self._instances.items()]:
            if instance_id not in present:
                del self._instances[instance_id]
                if instance.node:
                    remove_node(self._drill, instance.node)
            elif instance.node and instance.node["metadata"]["name"] not in existing:
                del self._instances[instance_id]
                self._autoscaling.terminate_instance_in_auto_scaling_group(
                    InstanceId=instance_id, ShouldDecrementDesiredCapacity=True
                )
            elif not instance.node and instance.launched <= now - (BOOT_SECONDS - JOIN_SECONDS):
                instance.node = self._node_of(instance_id, instance)
                raise_refusal(instance.node, self._drill.server.create(instance.node))
        self._open_started_nodes()

    def _create_subnets(self) -> Mapping[str, str]:
        vpc = self._ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        answers = {
            zone: self._ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone
            )
            for number, zone in enumerate(self._drill.settings.network.zones_in)
        }
        return {zone: answer["Subnet"]["SubnetId"] for zone, answer in answers.items()}

    def _create_group(self, group: Resource, pool: str, zones: Sequence[str], image: str) -> str:
        """Creates a node group in EKS, and its Auto Scaling group without instances.

        Returns the name of the Auto Scaling group.
        https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
        """
        inputs = group.inputs
        self._eks.create_nodegroup(
            clusterName=self._cluster,
            nodegroupName=group.name,
            nodeRole=_ROLE,
            subnets=[self.subnets[zone] for zone in zones],
            capacityType=inputs["capacityType"],
            labels=inputs["labels"],
            taints=inputs["taints"],
            tags=inputs["tags"],
        )
        instance_type = self._drill.settings.pools[pool].instance_types[0]
        template = self._ec2.create_launch_template(
            LaunchTemplateName=group.name,
            LaunchTemplateData={"InstanceType": instance_type, "ImageId": image},
        )
        added = [
            each.inputs
            for each in self._drill.recording.of_type("aws:autoscaling/tag:Tag")
            if group.urn in each.dependencies
        ]
        name: str = added[0]["autoscalingGroupName"]
        tags = {
            "eks:cluster-name": self._cluster,
            "eks:nodegroup-name": group.name,
            "k8s.io/cluster-autoscaler/enabled": "true",
            f"k8s.io/cluster-autoscaler/{self._cluster}": "owned",
            f"kubernetes.io/cluster/{self._cluster}": "owned",
            **{each["tag"]["key"]: each["tag"]["value"] for each in added},
        }
        self._autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=inputs["scalingConfig"]["minSize"],
            MaxSize=inputs["scalingConfig"]["maxSize"],
            DesiredCapacity=0,
            VPCZoneIdentifier=",".join(self.subnets[zone] for zone in zones),
            LaunchTemplate={
                "LaunchTemplateId": template["LaunchTemplate"]["LaunchTemplateId"],
                "Version": "$Latest",
            },
            Tags=[
                {"Key": key, "Value": value, "PropagateAtLaunch": True}
                for key, value in tags.items()
            ],
        )
        self._pools[name] = pool
        return name

    def _adopt(self, name: str, pool: str, zones: Sequence[str]) -> None:
        """Launches an instance for each existing node, with the id in the provider ID of the node.

        Kubernetes refuses changes of a provider ID, and moto makes up the ids of instances.
        """
        group = autoscaling_backends[DEFAULT_ACCOUNT_ID][self._aws.region].autoscaling_groups[name]
        subnets, count = group.vpc_zone_identifier, 0
        for node in self._drill.server.list("v1", "Node"):
            each = node["metadata"]["labels"]
            if each[labels.POOL] != pool or each[labels.ZONE] not in zones:
                continue
            count += 1
            zone: str = each[labels.ZONE]
            group.vpc_zone_identifier = self.subnets[zone]
            group.set_desired_capacity(count)  # launches in the first subnet
            state = group.instance_states[-1]
            state.instance.id = state.instance_id = node["spec"]["providerID"].rpartition("/")[2]
            self._instances[state.instance_id] = _Instance(name, zone, time.monotonic(), node)
        group.vpc_zone_identifier = subnets

    def _node_of(self, instance_id: str, instance: _Instance) -> Manifest:
        """Returns the node of an instance, which accepts only pods of DaemonSets yet."""
        node = self._drill.templates.new(self._pools[instance.group], instance.zone)
        spec = {
            **node["spec"],
            "providerID": f"aws:///{instance.zone}/{instance_id}",
            "taints": [*node["spec"]["taints"], _STARTING],
        }
        return {**node, "spec": spec}

    def _open_started_nodes(self) -> None:
        """Removes the taint of new nodes that are ready and have their pods of DaemonSets."""
        server = self._drill.server
        starting = [
            node
            for node in server.list("v1", "Node")
            if _STARTING in node["spec"].get("taints", [])
        ]
        prepared = prepared_nodes(server) if starting else ()
        for node in starting:
            if node["metadata"]["name"] in prepared:
                others = [each for each in node["spec"]["taints"] if each != _STARTING]
                server.patch(node, {"spec": {"taints": others}})

    def _launch_again(self, group: Mapping[str, Any]) -> None:
        """Launches the instances that a group lacks, if a zone of the group has stock."""
        with_stock = {*group["AvailabilityZones"]} - self._drill.templates.out_of_stock
        if len(group["Instances"]) < group["DesiredCapacity"] and with_stock:
            self._autoscaling.set_desired_capacity(
                AutoScalingGroupName=group["AutoScalingGroupName"],
                DesiredCapacity=group["DesiredCapacity"],
            )

    def _describe(self) -> Iterator[Mapping[str, Any]]:
        paginator = self._autoscaling.get_paginator("describe_auto_scaling_groups")
        for page in paginator.paginate():
            yield from page["AutoScalingGroups"]
