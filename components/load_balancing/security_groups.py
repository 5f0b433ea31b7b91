"""Who reaches the load balancer, and what it reaches."""

from collections.abc import Iterable, Sequence

import pulumi
from pulumi_aws import ec2, vpc


def security_group(
    name: str, vpc_id: pulumi.Input[str], listens_on: Iterable[int], opts: pulumi.ResourceOptions
) -> ec2.SecurityGroup:
    """The load balancer's group, open to everyone on its listeners' ports."""
    group = ec2.SecurityGroup(
        name,
        ec2.SecurityGroupArgs(description="Load balancer", vpc_id=vpc_id, tags={"Name": name}),
        opts=opts,
    )
    for port in listens_on:
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


def rules_to_pods(
    name: str,
    group_id: pulumi.Input[str],
    pods_id: pulumi.Input[str],
    ports: Iterable[int],
    opts: pulumi.ResourceOptions,
) -> Sequence[pulumi.Resource]:
    """The rules by which a load balancer's group reaches pods, on the apps' ports only.

    Each port once, however many apps have it: AWS refuses a rule that is there already.
    """
    rules: list[pulumi.Resource] = []
    for port in sorted(set(ports)):
        rules.append(
            vpc.SecurityGroupEgressRule(
                f"{name}-to-pods-{port}",
                vpc.SecurityGroupEgressRuleArgs(
                    security_group_id=group_id,
                    referenced_security_group_id=pods_id,
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
                    security_group_id=pods_id,
                    referenced_security_group_id=group_id,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                ),
                opts=opts,
            )
        )
    return rules
