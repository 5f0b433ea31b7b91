"""The launch template of a pool. A changed template rolls out to running nodes."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2

from components.nodes.user_data import user_data
from settings.pool.pools import Pool

_ROOT_DEVICE = {"AL2023": "/dev/xvda", "BOTTLEROCKET": "/dev/xvdb"}
"""Device of images and containers. The system of Bottlerocket is on another device."""


def launch_template(
    name: str, pool: Pool, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> ec2.LaunchTemplate:
    """Creates a launch template with disk, instance metadata, kubelet settings and tags.

    EKS chooses the AMI by the AMI type of the node group. There is no SSH key: operators log in by
    Session Manager.
    """
    single = None if pool.mixed else pool.instance_types[0]
    device = _ROOT_DEVICE[pool.ami.split("_")[0]]
    return ec2.LaunchTemplate(
        name,
        ec2.LaunchTemplateArgs(
            instance_type=single,
            update_default_version=True,
            user_data=user_data(pool.kubelet),
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=device,
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=pool.disk_gib,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            # With a hop limit of 1, pods cannot get the credentials of the node.
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            capacity_reservation_specification=(
                ec2.LaunchTemplateCapacityReservationSpecificationArgs(
                    capacity_reservation_preference="open"
                )
                if pool.per_zone.reserved
                else None
            ),
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                for kind in ("instance", "volume", "network-interface")
            ],
        ),
        opts=opts,
    )
