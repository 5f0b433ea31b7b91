"""AWS secrets of a workload as files, by the Secrets Store CSI driver.

The name of the SecretProviderClass contains a checksum of its spec. Other secrets therefore create
a new class and change the pod template, so that the change rolls out. A pod reads the secrets when
it is created, with the IAM role of the workload.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-pod-identity-integration.html
docs/decisions/0059-nodes-mount-aws-secrets-as-files.md
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes import core, meta
from pulumi_kubernetes.apiextensions import CustomResource

from core.facts.versions.add_ons import SECRETS_DRIVER
from core.iam import Document, allow, policy
from settings.workload.aws_secrets import directory_of, region_of, service_of
from settings.workload.workload import Workload

_VOLUME = "aws-secrets"
_TYPES = {"secretsmanager": "secretsmanager", "ssm": "ssmparameter"}
"""Object type of the provider, by service."""


def secrets_policy(app: Workload) -> Document | None:
    """Returns the IAM policy that allows the pods to read their secrets; None: no secrets.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
    https://docs.aws.amazon.com/systems-manager/latest/userguide/integrating_csi_driver.html
    """
    arns = sorted(app.aws_secrets.values())
    secrets = [arn for arn in arns if service_of(arn) == "secretsmanager"]
    parameters = [arn for arn in arns if service_of(arn) == "ssm"]
    services = [f"{each}.{region_of(arns[0])}.amazonaws.com" for each in _services(arns)]
    statements = [
        allow(["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], secrets)
        if secrets
        else None,
        allow(["ssm:GetParameters"], parameters) if parameters else None,
        allow(
            ["kms:Decrypt"],
            sorted(app.aws_secret_keys),
            {"StringEquals": {"kms:ViaService": services}},
        )
        if app.aws_secret_keys
        else None,
    ]
    found = [each for each in statements if each]
    return policy(*found) if found else None


def _services(arns: Sequence[str]) -> list[str]:
    return sorted({service_of(arn) for arn in arns})


def _spec(app: Workload) -> dict[str, object]:
    """Returns the spec of the SecretProviderClass."""
    objects = [
        {
            "objectName": arn,
            "objectType": _TYPES[service_of(arn)],
            "objectAlias": path.removeprefix(f"{directory_of(path)}/"),
        }
        for path, arn in sorted(app.aws_secrets.items())
    ]
    return {
        "provider": "aws",
        "parameters": {
            "region": region_of(objects[0]["objectName"]),
            "usePodIdentity": "true",
            # YAML, of which JSON is a part
            "objects": json.dumps(objects),
        },
    }


def _class_name(name: str, app: Workload) -> str:
    text = json.dumps(_spec(app), sort_keys=True)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def secrets_class(
    name: str,
    app: Workload,
    namespace: pulumi.Input[str],
    drivers: Mapping[str, pulumi.Resource],
    parent: pulumi.Resource,
) -> list[pulumi.Resource]:
    """Creates the SecretProviderClass of the workload `name`, if the workload has AWS secrets."""
    if not app.aws_secrets:
        return []
    full_name = _class_name(name, app)
    created = CustomResource(
        # Another logical name too, as for the ConfigMap of files.
        full_name,
        api_version="secrets-store.csi.x-k8s.io/v1",
        kind="SecretProviderClass",
        metadata=meta.v1.ObjectMetaArgs(name=full_name, namespace=namespace),
        spec=_spec(app),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[drivers[SECRETS_DRIVER]]),
    )
    return [created]


def volumes(name: str, app: Workload) -> Sequence[core.v1.VolumeArgs]:
    """Returns the volume with the secrets of the workload `name`. It is in memory."""
    if not app.aws_secrets:
        return []
    source = core.v1.CSIVolumeSourceArgs(
        driver="secrets-store.csi.k8s.io",
        read_only=True,
        volume_attributes={"secretProviderClass": _class_name(name, app)},
    )
    return [core.v1.VolumeArgs(name=_VOLUME, csi=source)]


def mounts(app: Workload) -> Sequence[core.v1.VolumeMountArgs]:
    """Returns the mount of the directory with all secrets."""
    directories = {directory_of(path) for path in app.aws_secrets}
    return [
        core.v1.VolumeMountArgs(name=_VOLUME, mount_path=each, read_only=True)
        for each in directories
    ]
