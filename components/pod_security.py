"""Namespaces and security contexts that meet the restricted Pod Security Standard.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import core, meta


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


def pod_security_context(user: int, group: int) -> core.v1.PodSecurityContextArgs:
    """Returns the security context of a pod that runs as a user other than root.

    The group owns the pod's volumes. Kubernetes changes the ownership of a volume only if its root
    differs: for a large volume, this takes minutes at each start.
    """
    return core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=user,
        run_as_group=group,
        fs_group=group,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security_context() -> core.v1.SecurityContextArgs:
    """Returns the security context of a container that can write to its volumes only."""
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
    )
