"""On-demand capacity reservations of a pool."""

import pulumi
from pulumi_aws import ec2

from settings.pool.pools import Pool


def capacity_reservation(
    name: str, pool: Pool, zone: str, tag: str, opts: pulumi.ResourceOptions
) -> ec2.CapacityReservation:
    """Creates a reservation that instances of the pool's type use in this zone by default.

    `tag` is the value of the tag Name.
    """
    return ec2.CapacityReservation(
        name,
        ec2.CapacityReservationArgs(
            availability_zone=zone,
            instance_type=pool.instance_types[0],
            instance_platform="Linux/UNIX",
            instance_count=pool.per_zone.reserved,
            instance_match_criteria="open",
            tenancy="default",
            end_date_type="unlimited",
            tags={"Name": tag},
        ),
        opts=opts,
    )
