"""Child resources that the pulumi-eks provider registers for an `eks:index:Cluster`.

Follows pulumi-eks 4 (nodejs/eks/cluster/cluster.ts, createCore) for the options that this project
uses: an existing service role, no default security groups, no default node group, no add-ons.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TYPE = "eks:index:Cluster"


@dataclass(frozen=True, kw_only=True)
class Child:
    """A resource that the provider registers as a child of the component."""

    type: str
    name: str
    inputs: dict[str, Any]  # Any: the values of resource properties are JSON of any shape
    ignore_changes: tuple[str, ...] = ()


def control_plane(name: str, inputs: Mapping[str, Any]) -> Child:
    """Returns the `aws:eks/cluster:Cluster`, before any transform is applied."""
    key = inputs.get("encryptionConfigKeyArn")
    values: dict[str, Any] = {
        "name": inputs.get("name"),
        "roleArn": inputs["serviceRole"]["arn"],
        "bootstrapSelfManagedAddons": inputs.get("bootstrapSelfManagedAddons", True),
        "vpcConfig": _present(
            {
                "subnetIds": inputs.get("subnetIds"),
                "endpointPrivateAccess": inputs.get("endpointPrivateAccess"),
                "endpointPublicAccess": inputs.get("endpointPublicAccess"),
                "publicAccessCidrs": inputs.get("publicAccessCidrs"),
            }
        ),
        "version": inputs.get("version"),
        "enabledClusterLogTypes": inputs.get("enabledClusterLogTypes"),
        "tags": {"Name": f"{name}-eksCluster", **(inputs.get("tags") or {})},
        "encryptionConfig": key and {"provider": {"keyArn": key}, "resources": ["secrets"]},
        "accessConfig": {
            "authenticationMode": inputs["authenticationMode"],
            "bootstrapClusterCreatorAdminPermissions": True,
        },
        "upgradePolicy": inputs.get("upgradePolicy"),
        "deletionProtection": inputs.get("deletionProtection"),
    }
    return Child(
        type="aws:eks/cluster:Cluster",
        name=f"{name}-eksCluster",
        inputs=_present(values),
        ignore_changes=(
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "bootstrapSelfManagedAddons",
        ),
    )


def kubernetes_provider(name: str, kubeconfig: str) -> Child:
    """Returns the Kubernetes provider that pulumi-eks always registers for internal use."""
    return Child(
        type="pulumi:providers:kubernetes",
        name=f"{name}-eks-k8s",
        inputs={"kubeconfig": kubeconfig},
    )


def kubeconfig(cluster: Mapping[str, Any], region: str, credentials: Mapping[str, Any]) -> str:
    """Returns the kubeconfig as JSON. The `aws` CLI provides the token, with `roleArn` of
    `credentials` if set."""
    arguments = ["--region", region, "eks", "get-token", "--cluster-name", cluster["name"]]
    arguments += ["--output", "json"]
    if credentials.get("roleArn"):
        arguments += ["--role", credentials["roleArn"]]
    exec_ = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": arguments,
    }
    server = {
        "server": cluster["endpoint"],
        "certificate-authority-data": cluster["certificateAuthority"]["data"],
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "kubernetes", "cluster": server}],
            "contexts": [{"name": "aws", "context": {"cluster": "kubernetes", "user": "aws"}}],
            "current-context": "aws",
            "users": [{"name": "aws", "user": {"exec": exec_}}],
        }
    )


def outputs(cluster: Mapping[str, Any], kubeconfig_json: str) -> dict[str, Any]:
    """Returns the scalar outputs of the component. The program must not use any other output."""
    security_group = cluster["vpcConfig"]["clusterSecurityGroupId"]
    return {
        "kubeconfigJson": kubeconfig_json,
        "clusterSecurityGroupId": security_group,
        "nodeSecurityGroupId": security_group,
    }


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
