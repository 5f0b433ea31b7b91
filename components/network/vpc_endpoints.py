"""VPC endpoints, by which private subnets reach AWS services without a NAT gateway."""

from collections.abc import Iterable, Mapping, Sequence

import pulumi
from pulumi_aws import ec2, vpc

from components.network.vpc import VpcBuilder


def s3_gateway_endpoint(
    builder: VpcBuilder, region: str, tables: Iterable[ec2.RouteTable]
) -> ec2.VpcEndpoint:
    """Creates the gateway endpoint of S3, where ECR stores image layers. The endpoint is free."""
    full_name = f"{builder.name}-s3"
    return ec2.VpcEndpoint(
        full_name,
        ec2.VpcEndpointArgs(
            vpc_id=builder.vpc_id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags={"Name": full_name},
        ),
        opts=builder.child(),
    )


def interface_endpoints(
    builder: VpcBuilder,
    region: str,
    services: Sequence[str],
    subnets: Mapping[str, ec2.Subnet],
    cidrs: Mapping[str, str],
) -> Sequence[pulumi.Resource]:
    """Creates an endpoint per service in each zone, with private DNS for the service's name.

    The endpoints accept HTTPS from the CIDRs of the VPC only. `cidrs` are by their purpose.
    """
    if not services:
        return []
    group = ec2.SecurityGroup(
        f"{builder.name}-endpoints",
        ec2.SecurityGroupArgs(
            description="AWS services",
            vpc_id=builder.vpc_id,
            tags={"Name": f"{builder.name}-endpoints"},
        ),
        opts=builder.child(),
    )
    rules = [
        vpc.SecurityGroupIngressRule(
            f"{builder.name}-endpoints-from-{purpose}",
            vpc.SecurityGroupIngressRuleArgs(
                security_group_id=group.id,
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
            ),
            opts=builder.child(),
        )
        for purpose, cidr in cidrs.items()
    ]
    return [
        ec2.VpcEndpoint(
            f"{builder.name}-endpoint-{service.replace('.', '-')}",
            ec2.VpcEndpointArgs(
                vpc_id=builder.vpc_id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[subnet.id for subnet in subnets.values()],
                security_group_ids=[group.id],
                tags={"Name": f"{builder.name}-endpoint-{service}"},
            ),
            # With private DNS, requests to the service use the endpoint as soon as it exists.
            opts=builder.child(*rules),
        )
        for service in services
    ]
