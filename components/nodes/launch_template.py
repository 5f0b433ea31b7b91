"""The launch template of a pool: what a change of rolls in place."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2

from components.nodes.user_data import user_data
from settings.pool.pools import Pool

_ROOT_DEVICE = {"AL2023": "/dev/xvda", "BOTTLEROCKET": "/dev/xvdb"}
"""Device that holds images and containers; Bottlerocket keeps its system on another."""


def launch_template(
    name: str, pool: Pool, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> ec2.LaunchTemplate:
    """Disk, metadata, kubelet and tags of a pool's nodes; the AMI stays on the group, where EKS
    chooses it. There is no key to log in with: people come by Session Manager."""
    single = None if pool.mixed else pool.instance_types[0]
    device = _ROOT_DEVICE[pool.ami_type.split("_")[0]]
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
            # One hop: pods cannot take the node's credentials.
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
