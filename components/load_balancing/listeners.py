"""Listeners of the load balancer."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import lb

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""Security policy with TLS 1.3 and 1.2; the default of the AWS console.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


def serving_listener(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    certificate_arn: pulumi.Input[str] | None,
    default_action: lb.ListenerDefaultActionArgs,
    opts: pulumi.ResourceOptions,
) -> lb.Listener:
    """Creates the listener that forwards requests: HTTPS with a certificate, HTTP without.

    The default action applies to requests that match no rule.
    """
    if certificate_arn is None:
        return _on_port_80(name, load_balancer_arn, default_action, opts)
    return lb.Listener(
        f"{name}-https",
        lb.ListenerArgs(
            load_balancer_arn=load_balancer_arn,
            port=443,
            protocol="HTTPS",
            certificate_arn=certificate_arn,
            ssl_policy=_TLS_POLICY,
            default_actions=[default_action],
        ),
        opts=opts,
    )


def redirect_to_https(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    after: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the listener that redirects HTTP to HTTPS, after all parts that serve HTTPS."""
    own = pulumi.ResourceOptions(depends_on=after)
    _on_port_80(name, load_balancer_arn, _redirect_all(), pulumi.ResourceOptions.merge(opts, own))


def forward_all(target_group_arn: pulumi.Input[str]) -> lb.ListenerDefaultActionArgs:
    """Returns the default action that sends requests to an app."""
    return lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target_group_arn)


def answer_all(status: int, text: str) -> lb.ListenerDefaultActionArgs:
    """Returns the default action that answers requests with a status."""
    return lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", message_body=text, status_code=str(status)
        ),
    )


def _redirect_all() -> lb.ListenerDefaultActionArgs:
    return lb.ListenerDefaultActionArgs(
        type="redirect",
        redirect=lb.ListenerDefaultActionRedirectArgs(
            protocol="HTTPS", port="443", status_code="HTTP_301"
        ),
    )


def _on_port_80(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    default_action: lb.ListenerDefaultActionArgs,
    opts: pulumi.ResourceOptions,
) -> lb.Listener:
    """Creates the listener on port 80, which has the same name with and without HTTPS.

    With another name, Pulumi would create the new listener before it deletes the old one. AWS
    refuses a second listener on the port (DuplicateListener).
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
    """
    return lb.Listener(
        f"{name}-http",
        lb.ListenerArgs(
            load_balancer_arn=load_balancer_arn,
            port=80,
            protocol="HTTP",
            default_actions=[default_action],
        ),
        opts=opts,
    )
