"""A web application firewall before the load balancer: one that is there, or the cell's own."""

from __future__ import annotations  # wafv2 takes half a second to load, where it is needed

from collections.abc import Collection, Sequence

import pulumi
from pulumi_aws import wafv2

from settings.load_balancing.load_balancing import Waf

_GROUPS: dict[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",),
}
"""AWS's own groups of rules, each with those that only count: apps may take bodies over 8 KB.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"""

_CHECKER = "Amazon-Route53-Health-Check-Service"
"""What Route 53's health checkers begin their name with.
https://repost.aws/knowledge-center/route-53-fix-unwanted-health-checks"""


def firewall(
    name: str,
    waf: Waf,
    health_paths: Collection[str],
    load_balancer_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Puts a web ACL before a load balancer, whose health Route 53 asks for at some paths."""
    arn = waf.web_acl or _own(name, waf.requests_per_five_minutes, health_paths, opts).arn
    wafv2.WebAclAssociation(
        name,
        wafv2.WebAclAssociationArgs(resource_arn=load_balancer_arn, web_acl_arn=arn),
        # The end of an association takes away whatever is before the load balancer by then:
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_DisassociateWebACL.html
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )


def _own(
    name: str, most: int | None, health_paths: Collection[str], opts: pulumi.ResourceOptions
) -> wafv2.WebAcl:
    """AWS's groups, which every request has to pass, and then the bound on one address's, in which
    health checks do not count."""
    rules = [
        _group(priority, group, counted)
        for priority, (group, counted) in enumerate(_GROUPS.items())
    ]
    if most:
        for path in sorted(set(health_paths)):
            rules.append(_health_check(len(rules), path))
        rules.append(_rate(len(rules), most))
    return wafv2.WebAcl(
        name,
        wafv2.WebAclArgs(
            scope="REGIONAL",
            default_action=wafv2.WebAclDefaultActionArgs(
                allow=wafv2.WebAclDefaultActionAllowArgs()
            ),
            rules=rules,
            visibility_config=wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
            ),
        ),
        opts=opts,
    )


def _group(priority: int, name: str, counted: Sequence[str]) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        override_action=wafv2.WebAclRuleOverrideActionArgs(
            none=wafv2.WebAclRuleOverrideActionNoneArgs()
        ),
        statement=wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[_counts(rule) for rule in counted],
            )
        ),
        visibility_config=_seen(name),
    )


def _counts(
    rule: str,
) -> wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs:
    """Lets through what a rule of a group would block, and counts it."""
    count = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs
    use = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs
    return wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
        name=rule, action_to_use=use(count=count())
    )


def _health_check(priority: int, path: str) -> wafv2.WebAclRuleArgs:
    """Lets Route 53 ask at a path, and ends there."""
    agent = wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs(
        single_header=wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchSingleHeaderArgs(
            name="user-agent"
        )
    )
    asked = wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs(
        uri_path=wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchUriPathArgs()
    )
    name = f"health-check-{priority}"
    return wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        action=wafv2.WebAclRuleActionArgs(allow=wafv2.WebAclRuleActionAllowArgs()),
        statement=wafv2.WebAclRuleStatementArgs(
            and_statement=wafv2.WebAclRuleStatementAndStatementArgs(
                statements=[
                    _matches(agent, "STARTS_WITH", _CHECKER),
                    _matches(asked, "EXACTLY", path),
                ]
            )
        ),
        visibility_config=_seen(name),
    )


def _matches(
    field: wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs, how: str, what: str
) -> wafv2.WebAclRuleStatementArgs:
    return wafv2.WebAclRuleStatementArgs(
        byte_match_statement=wafv2.WebAclRuleStatementByteMatchStatementArgs(
            field_to_match=field,
            positional_constraint=how,
            search_string=what,
            text_transformations=[
                wafv2.WebAclRuleStatementByteMatchStatementTextTransformationArgs(
                    priority=0, type="NONE"
                )
            ],
        )
    )


def _rate(priority: int, most: int) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name="rate",
        priority=priority,
        action=wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs()),
        statement=wafv2.WebAclRuleStatementArgs(
            rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP", evaluation_window_sec=300, limit=most
            )
        ),
        visibility_config=_seen("rate"),
    )


def _seen(name: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    return wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
