"""A resource monitor that replaces Pulumi's engine and records each registration of a program.

Unlike the mock monitor of the SDK, this monitor records dependencies, providers, options and
transforms, and assigns the same URNs as the engine. The monitor collects problems instead of
raising errors, so that the recorder can report all problems at once.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime.proto import resource_pb2

from tools.recording import eks_cluster
from tools.recording.made_up_outputs import MadeUpOutputs
from tools.recording.recording import Resource, in_extension
from tools.recording.transforms import Callbacks, transformed
from tools.recording.wire import (
    options_of,
    provider_urn,
    python_values,
    secret_paths,
    struct_of,
    unknown_paths,
    without_unknown,
)

_STACK = "pulumi:pulumi:Stack"
_PROVIDERS = "pulumi:providers:"


class Monitor:
    """Records registrations, and answers registrations and invokes with made-up outputs."""

    def __init__(
        self, project: str, stack: str, made_up_outputs: MadeUpOutputs, disabled: frozenset[str]
    ) -> None:
        self.callbacks = Callbacks()
        self.resources: dict[str, Resource] = {}
        self.outputs: Mapping[str, object] = {}
        self.problems: list[str] = []
        self._prefix = f"urn:pulumi:{stack}::{project}::"
        self._made_up_outputs = made_up_outputs
        self._disabled = disabled
        self._states: dict[str, dict[str, Any]] = {}
        self._transforms: dict[str, list[pulumi.ResourceTransform]] = {}

    # Methods of the ResourceMonitor service, which the SDK calls.

    def GetDeploymentInfo(self, request: object) -> resource_pb2.DeploymentInfo:  # noqa: N802 wire name
        """Returns the features that make the SDK send all fields that a recording contains."""
        return resource_pb2.DeploymentInfo(
            supportedFeatures=[
                resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
                resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
                resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
                resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
                resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
            ]
        )

    def Invoke(self, request: Any) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802 wire name; Any: protobuf without stubs
        """Returns the made-up result of an invoke."""
        self._check_provider(request.tok, request.tok, request.provider)
        call = pulumi.runtime.MockCallArgs(
            request.tok, python_values(request.args), request.provider
        )
        result, failures = self._made_up_outputs.call(call)
        if failures:
            self.problems.append(
                f"{request.tok}: no made-up output for this invoke; "
                "add one in tools/recording/made_up_outputs"
            )
        return resource_pb2.ResourceInvokeResponse(
            **{"return": struct_of(result)},  # pyright: ignore[reportArgumentType]  # a Python keyword
        )

    def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802 wire name; Any: as above
        """Records a resource and returns its made-up outputs."""
        urn = self._urn(request.type, request.name, request.parent)
        self._transforms[urn] = [
            self.callbacks.transforms[callback.token] for callback in request.transforms
        ]
        inputs = python_values(request.object)
        if request.remote:
            return self._remote(urn, request, inputs)
        id_, state = self._register(
            Resource(
                urn=urn,
                type=request.type,
                name=request.name,
                custom=request.custom,
                remote=False,
                inputs=inputs,
                parent=request.parent or None,
                provider=provider_urn(request.provider),
                dependencies=tuple(sorted(request.dependencies)),
                options=options_of(request),
                transforms=(),
                sources={
                    name: tuple(sorted(each.urns))
                    for name, each in sorted(request.propertyDependencies.items())
                    if each.urns
                },
                secrets=tuple(sorted(secret_paths(request.object))),
            )
        )
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=id_ or "", object=struct_of(state if request.custom else {})
        )

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:  # noqa: N802 wire name; Any: as above
        """Records the stack outputs."""
        outputs = python_values(request.outputs)
        if any(map(in_extension, self.resources)):
            outputs = without_unknown(outputs)
        self._check_known(request.urn, "output", outputs)
        if f"::{_STACK}::" in request.urn:
            self.outputs = outputs
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: object) -> empty_pb2.Empty:  # noqa: N802 wire name
        """Returns immediately: the recorder has no work in progress."""
        return empty_pb2.Empty()

    def _urn(self, type_: str, name: str, parent: str) -> str:
        parent_type = parent.split("::")[2] if parent else _STACK
        qualified = type_ if parent_type == _STACK else f"{parent_type}${type_}"
        return f"{self._prefix}{qualified}::{name}"

    def _register(self, resource: Resource) -> tuple[str | None, dict[str, Any]]:
        resource = self._transformed(resource)
        if resource.urn in self.resources:
            self.problems.append(
                f"{resource.urn}: registered twice; rename one of the two resources"
            )
        if in_extension(resource.urn):
            resource = dataclasses.replace(resource, inputs=without_unknown(resource.inputs))
        self.resources[resource.urn] = resource
        self._check_known(resource.urn, "input", resource.inputs)
        if resource.custom and not resource.type.startswith(_PROVIDERS):
            self._check_provider(resource.urn, resource.type, resource.provider or "")
        id_, state = self._made_up_outputs.new_resource(
            pulumi.runtime.MockResourceArgs(
                resource.type, resource.name, dict(resource.inputs), custom=resource.custom
            )
        )
        self._states[resource.urn] = {**state, "id": id_}
        return id_, state

    def _remote(
        self, urn: str, request: Any, inputs: dict[str, Any]
    ) -> resource_pb2.RegisterResourceResponse:
        """Records a remote component and the children that its provider would register."""
        dependencies = tuple(sorted(request.dependencies))
        providers = {package: provider_urn(ref) for package, ref in request.providers.items()}
        self._register(
            Resource(
                urn=urn,
                type=request.type,
                name=request.name,
                custom=False,
                remote=True,
                inputs=inputs,
                parent=request.parent or None,
                provider=None,
                dependencies=dependencies,
                options=options_of(request),
                transforms=(),
            )
        )
        if in_extension(urn):
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if request.type != eks_cluster.TYPE:
            self.problems.append(
                f"{urn}: the recorder does not know the children of this remote component; "
                "describe them in tools/recording, as eks_cluster.py does"
            )
            return resource_pb2.RegisterResourceResponse(urn=urn)

        def register(
            child: eks_cluster.Child, dependencies: tuple[str, ...]
        ) -> tuple[str, dict[str, Any]]:
            child_urn = self._urn(child.type, child.name, urn)
            is_provider = child.type.startswith(_PROVIDERS)
            _, state = self._register(
                Resource(
                    urn=child_urn,
                    type=child.type,
                    name=child.name,
                    custom=True,
                    remote=False,
                    inputs=child.inputs,
                    parent=urn,
                    provider=None if is_provider else providers.get(child.type.split(":")[0]),
                    dependencies=dependencies,
                    options={"ignoreChanges": list(child.ignore_changes)}
                    if child.ignore_changes
                    else {},
                    transforms=(),
                )
            )
            return child_urn, state

        resolved = {**inputs, "serviceRole": self._states[inputs["serviceRole"]["urn"]]}
        cluster_urn, cluster = register(
            eks_cluster.control_plane(request.name, resolved), dependencies
        )
        credentials: Mapping[str, Any] = inputs.get("providerCredentialOpts") or {}
        kubeconfig = eks_cluster.kubeconfig(cluster, self._made_up_outputs.region, credentials)
        register(eks_cluster.kubernetes_provider(request.name, kubeconfig), (cluster_urn,))
        outputs = eks_cluster.outputs(cluster, kubeconfig)
        from_cluster = resource_pb2.RegisterResourceResponse.PropertyDependencies(
            urns=[cluster_urn]
        )
        return resource_pb2.RegisterResourceResponse(
            urn=urn,
            object=struct_of(outputs),
            propertyDependencies=dict.fromkeys(outputs, from_cluster),
        )

    def _transformed(self, resource: Resource) -> Resource:
        """Returns a resource after its transforms and the transforms of its ancestors."""
        ancestors: list[str] = []
        urn: str | None = resource.urn
        while urn:
            ancestors.append(urn)
            urn = self.resources[urn].parent if urn in self.resources else resource.parent
        return transformed(
            resource, [each for urn in ancestors for each in self._transforms.get(urn, ())]
        )

    def _check_known(self, urn: str, kind: str, values: Mapping[str, object]) -> None:
        for path in unknown_paths(dict(values)):
            self.problems.append(
                f"{urn}: {kind} {path} comes from an output that has no made-up value; "
                "add one in tools/recording/made_up_outputs"
            )

    def _check_provider(self, subject: str, token: str, provider: str) -> None:
        package = token.split(":")[0]
        if package in self._disabled and not provider:
            self.problems.append(
                f"{subject}: no explicit provider, and the default provider of {package} is "
                "disabled; set `parent` or `provider` in its options"
            )
