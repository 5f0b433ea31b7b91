"""AWS WAF web ACL of the load balancer: an existing one, or a new one."""

from __future__ import (
    annotations,  # avoids loading wafv2, which takes 0.5 seconds, if no ACL is used
)

from collections.abc import Collection, Sequence

import pulumi
from pulumi_aws import wafv2

from settings.load_balancing.load_balancing import Waf

_GROUPS: dict[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",),
}
"""AWS managed rule groups, each with the rules that only count: an app may accept bodies over 8 KB.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"""

_CHECKER = "Amazon-Route53-Health-Check-Service"
"""Prefix of the user agent of Route 53 health checkers.
https://repost.aws/knowledge-center/route-53-fix-unwanted-health-checks"""


def protect(
    name: str,
    waf: Waf,
    health_paths: Collection[str],
    load_balancer_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Associates a web ACL with the load balancer; Route 53 requests the health paths."""
    arn = waf.web_acl or _new_web_acl(name, waf.requests_per_five_minutes, health_paths, opts).arn
    wafv2.WebAclAssociation(
        name,
        wafv2.WebAclAssociationArgs(resource_arn=load_balancer_arn, web_acl_arn=arn),
        # Deleting an association removes any web ACL of the load balancer, the new one too:
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_DisassociateWebACL.html
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )


def _new_web_acl(
    name: str,
    requests_per_five_minutes: int | None,
    health_paths: Collection[str],
    opts: pulumi.ResourceOptions,
) -> wafv2.WebAcl:
    """Creates a web ACL with the managed rule groups and a rate limit per client address.

    The rate limit does not count health checks.
    """
    rules = [
        _managed_group(priority, group, counted)
        for priority, (group, counted) in enumerate(_GROUPS.items())
    ]
    if requests_per_five_minutes:
        for path in sorted(set(health_paths)):
            rules.append(_health_check(len(rules), path))
        rules.append(_rate_limit(len(rules), requests_per_five_minutes))
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


def _managed_group(priority: int, name: str, counted: Sequence[str]) -> wafv2.WebAclRuleArgs:
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
                rule_action_overrides=[_count_only(rule) for rule in counted],
            )
        ),
        visibility_config=_visibility(name),
    )


def _count_only(
    rule: str,
) -> wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs:
    """Returns an override: the rule counts requests instead of blocking them."""
    count = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs
    use = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs
    return wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
        name=rule, action_to_use=use(count=count())
    )


def _health_check(priority: int, path: str) -> wafv2.WebAclRuleArgs:
    """Allows health checks of a path, without evaluating the rules after this one."""
    agent = wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs(
        single_header=wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchSingleHeaderArgs(
            name="user-agent"
        )
    )
    uri_path = wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs(
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
                    _matches(uri_path, "EXACTLY", path),
                ]
            )
        ),
        visibility_config=_visibility(name),
    )


def _matches(
    field: wafv2.WebAclRuleStatementByteMatchStatementFieldToMatchArgs, constraint: str, value: str
) -> wafv2.WebAclRuleStatementArgs:
    return wafv2.WebAclRuleStatementArgs(
        byte_match_statement=wafv2.WebAclRuleStatementByteMatchStatementArgs(
            field_to_match=field,
            positional_constraint=constraint,
            search_string=value,
            text_transformations=[
                wafv2.WebAclRuleStatementByteMatchStatementTextTransformationArgs(
                    priority=0, type="NONE"
                )
            ],
        )
    )


def _rate_limit(priority: int, limit: int) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name="rate",
        priority=priority,
        action=wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs()),
        statement=wafv2.WebAclRuleStatementArgs(
            rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP", evaluation_window_sec=300, limit=limit
            )
        ),
        visibility_config=_visibility("rate"),
    )


def _visibility(name: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    return wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
