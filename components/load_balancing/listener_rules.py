"""Listener rules: requests for a host and path go to an app, or to another host."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import lb

from core.listener_rules import LOAD_BALANCER, Match, priorities


def listener_rules(
    name: str,
    listener_arn: pulumi.Input[str],
    actions: Mapping[Match, lb.ListenerRuleActionArgs],
    load_balancer_dns_name: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> Mapping[Match, lb.ListenerRule]:
    """Creates a rule for each match.

    A rule is named by its priority, which AWS accepts once per listener. If a new match takes the
    priority of another match, the rule changes its conditions, after the rule with the next
    priority exists: no request is without a rule.
    docs/decisions/0060-listener-rules-have-priorities-by-specificity.md
    """
    rules: dict[Match, lb.ListenerRule] = {}
    by_priority: dict[int, lb.ListenerRule] = {}
    for match, priority in reversed(priorities(actions).items()):
        following = by_priority.get(priority + 1)
        by_priority[priority] = rules[match] = lb.ListenerRule(
            f"{name}-rule-{priority}",
            lb.ListenerRuleArgs(
                listener_arn=listener_arn,
                priority=priority,
                conditions=[
                    *_host(match, load_balancer_dns_name),
                    *_path(match),
                    *_source(match),
                ],
                actions=[actions[match]],
            ),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=following)),
        )
    return rules


def forward(target_group_arn: pulumi.Input[str]) -> lb.ListenerRuleActionArgs:
    """Returns the action that sends requests to an app."""
    return lb.ListenerRuleActionArgs(type="forward", target_group_arn=target_group_arn)


def forbidden() -> lb.ListenerRuleActionArgs:
    """Returns the action that answers requests with status 403."""
    return lb.ListenerRuleActionArgs(
        type="fixed-response",
        fixed_response=lb.ListenerRuleActionFixedResponseArgs(
            content_type="text/plain", message_body="forbidden", status_code="403"
        ),
    )


def redirect(host: str) -> lb.ListenerRuleActionArgs:
    """Returns the action that redirects requests to the same URL of another host."""
    return lb.ListenerRuleActionArgs(
        type="redirect",
        redirect=lb.ListenerRuleActionRedirectArgs(host=host, status_code="HTTP_301"),
    )


def _host(
    match: Match, load_balancer_dns_name: pulumi.Input[str]
) -> list[lb.ListenerRuleConditionArgs]:
    if match.every_host:
        return []
    host = load_balancer_dns_name if match.host == LOAD_BALANCER else match.host
    return [
        lb.ListenerRuleConditionArgs(
            host_header=lb.ListenerRuleConditionHostHeaderArgs(values=[host])
        )
    ]


def _path(match: Match) -> list[lb.ListenerRuleConditionArgs]:
    if match.path == "/" and not match.exact:
        return []
    values = [match.path] if match.exact else [match.path, f"{match.path}/*"]
    return [
        lb.ListenerRuleConditionArgs(
            path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=values)
        )
    ]


def _source(match: Match) -> list[lb.ListenerRuleConditionArgs]:
    if not match.source:
        return []
    return [
        lb.ListenerRuleConditionArgs(
            source_ip=lb.ListenerRuleConditionSourceIpArgs(values=[match.source])
        )
    ]
