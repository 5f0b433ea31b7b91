"""Namespaces and pods under Kubernetes' restricted pod security standard.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import core, meta


def namespace(
    logical_name: str, name: str, opts: pulumi.ResourceOptions, labels: Mapping[str, str] = {}
) -> core.v1.Namespace:
    """A namespace that takes no pod outside of the standard."""
    return core.v1.Namespace(
        logical_name,
        metadata=meta.v1.ObjectMetaArgs(
            name=name,
            labels={"pod-security.kubernetes.io/enforce": "restricted", **labels},
        ),
        opts=opts,
    )


def pod_security(user: int, group: int) -> core.v1.PodSecurityContextArgs:
    """The security context of a pod that runs as a user other than root, and whose group has its
    volumes: a large one is not gone through at every start."""
    return core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=user,
        run_as_group=group,
        fs_group=group,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security() -> core.v1.SecurityContextArgs:
    """The security context of a container that writes to its volumes only."""
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
    )
