"""Listeners, and the rules that send each exposed app its requests."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import lb

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2 only; the default of AWS's console.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


def routes(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    certificate: pulumi.Input[str] | None,
    paths: Mapping[str, str],
    target_group_arns: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> Mapping[str, pulumi.Resource]:
    """What sends each app its requests: the listener, or a rule of it.

    `paths` is each app's path, one of them "/", by the app's name; so is `target_group_arns`.
    With the ARN of a certificate the listener is HTTPS, and another leads there from HTTP.
    """
    secure = certificate is not None
    if secure:
        _redirect(name, load_balancer_arn, opts)
    [root] = [app for app, path in paths.items() if path == "/"]
    listener = lb.Listener(
        f"{name}-https" if secure else f"{name}-http",
        lb.ListenerArgs(
            load_balancer_arn=load_balancer_arn,
            port=443 if secure else 80,
            protocol="HTTPS" if secure else "HTTP",
            certificate_arn=certificate,
            ssl_policy=_TLS_POLICY if secure else None,
            default_actions=[
                lb.ListenerDefaultActionArgs(
                    type="forward", target_group_arn=target_group_arns[root]
                )
            ],
        ),
        opts=opts,
    )
    # No path lies within another, so their order, which AWS chooses, does not matter.
    rules = {
        app: _rule(f"{name}-{app}", listener.arn, path, target_group_arns[app], opts)
        for app, path in paths.items()
        if app != root
    }
    return {root: listener, **rules}


def _redirect(
    name: str, load_balancer_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    lb.Listener(
        f"{name}-redirect",
        lb.ListenerArgs(
            load_balancer_arn=load_balancer_arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
        ),
        opts=opts,
    )


def _rule(
    name: str,
    listener_arn: pulumi.Input[str],
    path: str,
    target_group_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> lb.ListenerRule:
    return lb.ListenerRule(
        name,
        lb.ListenerRuleArgs(
            listener_arn=listener_arn,
            conditions=[
                lb.ListenerRuleConditionArgs(
                    path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=[path, f"{path}/*"])
                )
            ],
            actions=[lb.ListenerRuleActionArgs(type="forward", target_group_arn=target_group_arn)],
        ),
        opts=opts,
    )
