"""Listeners of the load balancer."""

import pulumi
from pulumi_aws import lb

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""Security policy with TLS 1.3 and 1.2; the default of the AWS console.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


def listeners(
    name: str,
    load_balancer_arn: pulumi.Input[str],
    certificate_arn: pulumi.Input[str] | None,
    default_action: lb.ListenerDefaultActionArgs,
    opts: pulumi.ResourceOptions,
) -> lb.Listener:
    """Creates the listeners; returns the one that forwards requests.

    The default action applies to requests that match no rule. With a certificate, HTTP redirects to
    HTTPS.
    """
    https = certificate_arn is not None
    listener = lb.Listener(
        f"{name}-https" if https else f"{name}-http",
        lb.ListenerArgs(
            load_balancer_arn=load_balancer_arn,
            port=443 if https else 80,
            protocol="HTTPS" if https else "HTTP",
            certificate_arn=certificate_arn,
            ssl_policy=_TLS_POLICY if https else None,
            default_actions=[default_action],
        ),
        opts=opts if https else _on_port_80(opts, f"{name}-redirect"),
    )
    if https:
        _redirect(name, load_balancer_arn, _on_port_80(opts, f"{name}-http", listener))
    return listener


def _on_port_80(
    opts: pulumi.ResourceOptions, former: str, after: lb.Listener | None = None
) -> pulumi.ResourceOptions:
    """Returns the options of the listener on port 80, which has another name without HTTPS.

    A load balancer accepts one listener for each port. Without the alias, Pulumi would create the
    new one before it deletes the old one, which AWS refuses (DuplicateListener).
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
    """
    own = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=former)], depends_on=after)
    return pulumi.ResourceOptions.merge(opts, own)


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
