"""Security group rules between clients, the load balancer and pods."""

from collections.abc import Iterable, Sequence

import pulumi
from pulumi_aws import ec2, vpc


def security_group(
    name: str, vpc_id: pulumi.Input[str], ports: Iterable[int], opts: pulumi.ResourceOptions
) -> ec2.SecurityGroup:
    """Creates the security group of the load balancer, open to all addresses on its ports."""
    group = ec2.SecurityGroup(
        name,
        ec2.SecurityGroupArgs(description="Load balancer", vpc_id=vpc_id, tags={"Name": name}),
        opts=opts,
    )
    for port in ports:
        vpc.SecurityGroupIngressRule(
            f"{name}-from-anywhere-{port}",
            vpc.SecurityGroupIngressRuleArgs(
                security_group_id=group.id,
                cidr_ipv4="0.0.0.0/0",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
            ),
            opts=opts,
        )
    return group


def pod_rules(
    name: str,
    group_id: pulumi.Input[str],
    pod_group_id: pulumi.Input[str],
    ports: Iterable[int],
    opts: pulumi.ResourceOptions,
) -> Sequence[pulumi.Resource]:
    """Creates the rules that allow requests from the load balancer to the ports of the apps.

    Each port has one rule, because AWS refuses duplicate rules.
    """
    rules: list[pulumi.Resource] = []
    for port in sorted(set(ports)):
        rules.append(
            vpc.SecurityGroupEgressRule(
                f"{name}-to-pods-{port}",
                vpc.SecurityGroupEgressRuleArgs(
                    security_group_id=group_id,
                    referenced_security_group_id=pod_group_id,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                ),
                opts=opts,
            )
        )
        rules.append(
            vpc.SecurityGroupIngressRule(
                f"{name}-into-pods-{port}",
                vpc.SecurityGroupIngressRuleArgs(
                    security_group_id=pod_group_id,
                    referenced_security_group_id=group_id,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                ),
                opts=opts,
            )
        )
    return rules
