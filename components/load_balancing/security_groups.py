"""Security group rules between clients, the load balancer and pods."""

import re
from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2, vpc

from settings import Problem, refusal
from settings.load_balancing.load_balancer import LoadBalancer
from settings.load_balancing.load_balancing import BalancerSettings

_ANYWHERE = {"anywhere": "0.0.0.0/0"}
"""All IPv4 addresses, by the end of the name of their rule."""

_ANYWHERE_IPV6 = {"anywhere-ipv6": "::/0"}
"""All IPv6 addresses, by the end of the name of their rule."""

_ROUTE53_CHECKERS = "com.amazonaws.{region}.route53-healthchecks"
"""Name of the prefix list with the networks of Route 53's health checkers.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/route-53-ip-addresses.html"""


def security_group(
    name: str,
    vpc_id: pulumi.Input[str],
    settings: BalancerSettings,
    ports: Iterable[int],
    opts: pulumi.ResourceOptions,
) -> tuple[ec2.SecurityGroup, Sequence[pulumi.Resource]]:
    """Creates the security group of the load balancer, open to the source ranges on its ports.

    Returns the group and its rules.
    """
    group = _group(name, vpc_id, opts)
    rules: list[pulumi.Resource] = []
    ranges = {re.sub("[:/]", "-", each): each for each in settings.source_ranges or ()}
    anywhere = _ANYWHERE | (_ANYWHERE_IPV6 if settings.dualstack else {})
    for source, cidr in (anywhere if settings.accepts_all else ranges).items():
        ipv6 = ":" in cidr
        for port in ports:
            rule = vpc.SecurityGroupIngressRule(
                f"{name}-from-{source}-{port}",
                vpc.SecurityGroupIngressRuleArgs(
                    security_group_id=group.id,
                    cidr_ipv4=None if ipv6 else cidr,
                    cidr_ipv6=cidr if ipv6 else None,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                ),
                opts=opts,
            )
            rules.append(rule)
    return group, rules


def prefix_list_groups(
    name: str,
    vpc_id: pulumi.Input[str],
    balancer: LoadBalancer,
    checkers_region: str | None,
    port: int,
    opts: pulumi.ResourceOptions,
) -> Sequence[ec2.SecurityGroup]:
    """Creates a security group for each prefix list, open to its networks on one port.

    Each network counts as a rule, also in a list that is not full: 55 for CloudFront and 25 for
    Route 53, of 60 in a security group. `checkers_region` is the region of the cell if Route 53
    checks the load balancer.
    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html#aws-managed-prefix-list-weights
    """
    settings = balancer.settings
    if settings.accepts_all:
        return []
    lists = {
        written: _prefix_list_id(f"{balancer.key}.sourcePrefixLists[{index}]", written, opts)
        for index, written in enumerate(settings.source_prefix_lists)
    }
    if checkers_region:
        checkers = _ROUTE53_CHECKERS.format(region=checkers_region)
        lists["route53"] = _prefix_list_id(balancer.key, checkers, opts)
    groups: list[ec2.SecurityGroup] = []
    for source, id_ in lists.items():
        group = _group(f"{name}-from-{source}", vpc_id, opts)
        vpc.SecurityGroupIngressRule(
            f"{name}-from-{source}-{port}",
            vpc.SecurityGroupIngressRuleArgs(
                security_group_id=group.id,
                prefix_list_id=id_,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
            ),
            opts=opts,
        )
        groups.append(group)
    return groups


def _group(name: str, vpc_id: pulumi.Input[str], opts: pulumi.ResourceOptions) -> ec2.SecurityGroup:
    return ec2.SecurityGroup(
        name,
        ec2.SecurityGroupArgs(description="Load balancer", vpc_id=vpc_id, tags={"Name": name}),
        opts=opts,
    )


def _prefix_list_id(key: str, written: str, opts: pulumi.ResourceOptions) -> str:
    """Returns the ID of a prefix list, which is given by ID or name.

    Raises SettingsError if AWS returns no list of the name.
    """
    if written.startswith("pl-"):
        return written
    try:
        found = aws.ec2.get_managed_prefix_list(
            name=written, opts=pulumi.InvokeOptions(parent=opts.parent)
        )
    except Exception as error:  # the SDK raises nothing narrower
        reason = (str(error).splitlines() or ["no reason given"])[0]
        message = f"AWS returns no prefix list {written}: {reason}; write the ID of a prefix list"
        raise refusal([Problem(key=key, message=message)]) from None
    return found.id


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
