"""Namespaces with a Pod Security Standard, and security contexts that meet the restricted one.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Collection, Mapping

import pulumi
from pulumi_kubernetes import core, meta

_PORT_START = "net.ipv4.ip_unprivileged_port_start"
_FIRST_UNPRIVILEGED_PORT = 1024


def restricted_namespace(
    logical_name: str, name: str, opts: pulumi.ResourceOptions, labels: Mapping[str, str] = {}
) -> core.v1.Namespace:
    """Creates a namespace that rejects every pod that does not meet the standard."""
    return core.v1.Namespace(
        logical_name,
        metadata=meta.v1.ObjectMetaArgs(
            name=name,
            labels={"pod-security.kubernetes.io/enforce": "restricted", **labels},
        ),
        opts=opts,
    )


def privileged_namespace(
    logical_name: str, name: str, opts: pulumi.ResourceOptions
) -> core.v1.Namespace:
    """Creates a namespace whose pods may mount directories of their node."""
    return core.v1.Namespace(
        logical_name,
        metadata=meta.v1.ObjectMetaArgs(
            name=name, labels={"pod-security.kubernetes.io/enforce": "privileged"}
        ),
        opts=opts,
    )


def pod_security_context(
    user: int, group: int, *, ports: Collection[int] = ()
) -> core.v1.PodSecurityContextArgs:
    """Returns the security context of a pod that runs as a user other than root.

    The group owns the pod's volumes. Kubernetes changes the ownership of a volume only if its root
    differs: for a large volume, this takes minutes at each start. If one of `ports` needs root by
    default, the pod lowers the first port that does not.
    https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls
    """
    lowest = min(ports, default=_FIRST_UNPRIVILEGED_PORT)
    sysctls = [core.v1.SysctlArgs(name=_PORT_START, value=str(lowest))]
    return core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=user,
        run_as_group=group,
        fs_group=group,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        sysctls=sysctls if lowest < _FIRST_UNPRIVILEGED_PORT else None,
    )


def container_security_context() -> core.v1.SecurityContextArgs:
    """Returns the security context of a container that can write to its volumes only."""
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
    )
