"""The Kubernetes provider of the cell."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes


def kubernetes_provider(
    cell: str,
    kubeconfig: pulumi.Input[str],
    depends_on: Sequence[pulumi.Resource],
    *,
    name: str = "kubernetes",
    accepts_existing: bool = False,
) -> kubernetes.Provider:
    """Creates a provider of Kubernetes objects of the cell.

    With `accepts_existing`, the provider creates an object that exists by an update: for the Jobs
    of migrations, which remain in the cluster. For other objects, a renamed resource would delete
    its own object.
    https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/await/await.go

    A new access policy has no effect for some seconds. A provider that is refused while it reads
    the API's schema regards the cluster as unreachable for the rest of the run. `depends_on` of a
    new cell therefore contains the access policies of the administrators and, because their
    creation takes minutes, the node groups.

    https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html
    """
    return kubernetes.Provider(
        name,
        kubernetes.ProviderArgs(
            kubeconfig=kubeconfig,
            # Without an identifier, a changed kubeconfig replaces every Kubernetes object.
            cluster_identifier=cell,
            enable_server_side_apply=True,
            upsert_existing_objects=True if accepts_existing else None,
        ),
        opts=pulumi.ResourceOptions(depends_on=depends_on),
    )
