"""The Construct call of the pulumi-eks provider for a Cluster component."""

from importlib.metadata import version
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from tools.recording import eks_cluster
from tools.recording.wire import python_values, struct_of
from tools.rehearsal.fake_cloud.cloud import FakeCloud

_KUBERNETES = version("pulumi-kubernetes")


def construct(
    cloud: FakeCloud, request: Any
) -> provider_pb2.ConstructResponse:  # Any: protobuf without stubs
    """Registers the component and its children with the engine."""
    inputs = python_values(request.inputs)
    # Passed to the control plane explicitly: a transform drops dependencies that come with values.
    dependencies = {urn for each in request.inputDependencies.values() for urn in each.urns}
    dependencies |= set(request.dependencies)
    with grpc.insecure_channel(request.monitorEndpoint) as channel:
        monitor: Any = resource_pb2_grpc.ResourceMonitorStub(channel)
        component = monitor.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=request.type,
                name=request.name,
                parent=request.parent,
                dependencies=request.dependencies,
                providers=request.providers,
                acceptSecrets=True,
                acceptResources=True,
            )
        )

        def register(part: eks_cluster.Child, provider: str, dependencies: set[str]) -> Any:
            return monitor.RegisterResource(
                resource_pb2.RegisterResourceRequest(
                    type=part.type,
                    name=part.name,
                    parent=component.urn,
                    custom=True,
                    object=struct_of(part.inputs),
                    provider=provider,
                    version=_KUBERNETES if part.type.endswith(":kubernetes") else "",
                    dependencies=sorted(dependencies),
                    ignoreChanges=part.ignore_changes,
                    acceptSecrets=True,
                    acceptResources=True,
                )
            )

        role = {"arn": cloud.output(inputs["serviceRole"]["urn"], "arn")}
        control_plane = eks_cluster.control_plane(request.name, {**inputs, "serviceRole": role})
        cluster = register(control_plane, request.providers["aws"], dependencies)
        state, kubeconfig = python_values(cluster.object), UNKNOWN
        if state.get("endpoint", UNKNOWN) == UNKNOWN:  # in a preview
            state = {"vpcConfig": {"clusterSecurityGroupId": UNKNOWN}}
        else:
            credentials: dict[str, Any] = inputs.get("providerCredentialOpts") or {}
            kubeconfig = eks_cluster.kubeconfig(state, cloud.made_up_outputs.region, credentials)
        register(eks_cluster.kubernetes_provider(request.name, kubeconfig), "", {cluster.urn})
        outputs = eks_cluster.outputs(state, kubeconfig)
        monitor.RegisterResourceOutputs(
            resource_pb2.RegisterResourceOutputsRequest(
                urn=component.urn, outputs=struct_of(outputs)
            )
        )
    from_cluster = provider_pb2.ConstructResponse.PropertyDependencies(urns=[cluster.urn])
    return provider_pb2.ConstructResponse(
        urn=component.urn,
        state=struct_of(outputs),
        stateDependencies=dict.fromkeys(outputs, from_cluster),
    )
