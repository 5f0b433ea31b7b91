"""VPC endpoints: how private subnets reach AWS services without a NAT gateway."""

from collections.abc import Iterable, Mapping, Sequence

import pulumi
from pulumi_aws import ec2, vpc

from components.network.vpc_parts import Site


def gateway_endpoint(site: Site, region: str, tables: Iterable[ec2.RouteTable]) -> ec2.VpcEndpoint:
    """S3 by the routes of private subnets, at no price; ECR keeps its images there."""
    full_name = f"{site.name}-s3"
    return ec2.VpcEndpoint(
        full_name,
        ec2.VpcEndpointArgs(
            vpc_id=site.vpc_id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags={"Name": full_name},
        ),
        opts=site.child(),
    )


def interface_endpoints(
    site: Site,
    region: str,
    services: Sequence[str],
    subnets: Mapping[str, ec2.Subnet],
    networks: Mapping[str, str],
) -> Sequence[pulumi.Resource]:
    """An endpoint of each service in every zone, found by the service's own name.

    HTTPS from the VPC's own `networks`, by what they are for, and from nowhere else.
    """
    if not services:
        return []
    group = ec2.SecurityGroup(
        f"{site.name}-endpoints",
        ec2.SecurityGroupArgs(
            description="AWS services",
            vpc_id=site.vpc_id,
            tags={"Name": f"{site.name}-endpoints"},
        ),
        opts=site.child(),
    )
    rules = [
        vpc.SecurityGroupIngressRule(
            f"{site.name}-endpoints-from-{role}",
            vpc.SecurityGroupIngressRuleArgs(
                security_group_id=group.id,
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
            ),
            opts=site.child(),
        )
        for role, cidr in networks.items()
    ]
    return [
        ec2.VpcEndpoint(
            f"{site.name}-endpoint-{service.replace('.', '-')}",
            ec2.VpcEndpointArgs(
                vpc_id=site.vpc_id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[subnet.id for subnet in subnets.values()],
                security_group_ids=[group.id],
                tags={"Name": f"{site.name}-endpoint-{service}"},
            ),
            # From its first moment on, the service's name leads to it, and to nothing else.
            opts=site.child(*rules),
        )
        for service in services
    ]
