"""Listeners, and the rules that forward requests to the exposed apps."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import lb

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""Security policy with TLS 1.3 and 1.2; the default of the AWS console.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


_NOT_FOUND = lb.ListenerDefaultActionArgs(
    type="fixed-response",
    fixed_response=lb.ListenerDefaultActionFixedResponseArgs(
        content_type="text/plain", message_body="not found", status_code="404"
    ),
)
"""Response to requests that no workload receives."""


def listeners(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    certificate_arn: pulumi.Input[str] | None,
    paths: Mapping[str, str],
    target_group_arns: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> Mapping[str, pulumi.Resource]:
    """Creates the listeners; returns the listener or rule that forwards to each app, by app.

    `paths` and `target_group_arns` are by app. If no path is "/", requests that match no path
    receive status 404. With a certificate, HTTP redirects to HTTPS.
    """
    https = certificate_arn is not None
    if https:
        _redirect(name, load_balancer_arn, opts)
    root = next((app for app, path in paths.items() if path == "/"), None)
    listener = lb.Listener(
        f"{name}-https" if https else f"{name}-http",
        lb.ListenerArgs(
            load_balancer_arn=load_balancer_arn,
            port=443 if https else 80,
            protocol="HTTPS" if https else "HTTP",
            certificate_arn=certificate_arn,
            ssl_policy=_TLS_POLICY if https else None,
            default_actions=[_NOT_FOUND if root is None else _forward(target_group_arns[root])],
        ),
        opts=opts,
    )
    # Paths do not overlap, so the priorities, which AWS assigns, do not matter.
    # docs/decisions/0004-paths-of-exposed-apps-must-not-overlap.md
    rules = {
        app: _rule(f"{name}-{app}", listener.arn, path, target_group_arns[app], opts)
        for app, path in paths.items()
        if app != root
    }
    return rules if root is None else {root: listener, **rules}


def _forward(target_group_arn: pulumi.Input[str]) -> lb.ListenerDefaultActionArgs:
    return lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target_group_arn)


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
