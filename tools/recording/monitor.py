"""The end of Pulumi's wire that a program talks to, without an engine behind it.

It sees what the SDK's own mock monitor drops: dependencies, providers, options, transforms, and
the URNs that the engine would give. It never raises; what is wrong is collected and reported once.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime.proto import callback_pb2, resource_pb2

from tools.recording import eks_cluster
from tools.recording.made_up_outputs import Answers
from tools.recording.recording import Resource
from tools.recording.wire import plain, struct_of, unknown_paths

_STACK = "pulumi:pulumi:Stack"
_PROVIDERS = "pulumi:providers:"


class Callbacks:
    """Stands where the SDK would serve transforms over a socket; keeps them as functions."""

    def __init__(self) -> None:
        self.transforms: dict[str, pulumi.ResourceTransform] = {}

    def register_transform(self, transform: pulumi.ResourceTransform) -> callback_pb2.Callback:
        """A token for a transform."""
        token = str(len(self.transforms))
        self.transforms[token] = transform
        return callback_pb2.Callback(token=token)


class Monitor:
    """Takes registrations and invokes, answers from the table, and keeps all it saw."""

    def __init__(
        self, project: str, stack: str, answers: Answers, disabled: frozenset[str]
    ) -> None:
        self.callbacks = Callbacks()
        self.resources: dict[str, Resource] = {}
        self.outputs: Mapping[str, object] = {}
        self.problems: list[str] = []
        self._prefix = f"urn:pulumi:{stack}::{project}::"
        self._answers = answers
        self._disabled = disabled
        self._states: dict[str, dict[str, Any]] = {}
        self._transforms: dict[str, list[pulumi.ResourceTransform]] = {}

    # The methods of the ResourceMonitor service, as the SDK calls them.

    def GetDeploymentInfo(self, request: object) -> resource_pb2.DeploymentInfo:  # noqa: N802 wire name
        """The features that make the SDK send what a plan holds."""
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
        """Answers a function call of a provider."""
        self._check_provider(request.tok, request.tok, request.provider)
        call = pulumi.runtime.MockCallArgs(request.tok, plain(request.args), request.provider)
        result, failures = self._answers.call(call)
        if failures:
            self.problems.append(
                f"{request.tok}: no made-up output for this invoke; "
                "add one in tools/recording/made_up_outputs"
            )
        return resource_pb2.ResourceInvokeResponse(
            **{"return": struct_of(result)},  # pyright: ignore[reportArgumentType]  # a keyword of Python
        )

    def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802 wire name; Any: as above
        """Records a resource and answers with its outputs."""
        urn = self._urn(request.type, request.name, request.parent)
        self._transforms[urn] = [
            self.callbacks.transforms[callback.token] for callback in request.transforms
        ]
        inputs = plain(request.object)
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
                provider=_provider_urn(request.provider),
                dependencies=tuple(sorted(request.dependencies)),
                options=_options(request),
                transforms=(),
            )
        )
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=id_ or "", object=struct_of(state if request.custom else {})
        )

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:  # noqa: N802 wire name; Any: as above
        """Keeps the stack's outputs."""
        outputs = plain(request.outputs)
        self._check_known(request.urn, "output", outputs)
        if f"::{_STACK}::" in request.urn:
            self.outputs = outputs
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: object) -> empty_pb2.Empty:  # noqa: N802 wire name
        """Nothing to wait for."""
        return empty_pb2.Empty()

    # What they share.

    def _urn(self, type_: str, name: str, parent: str) -> str:
        outer = parent.split("::")[2] if parent else _STACK
        qualified = type_ if outer == _STACK else f"{outer}${type_}"
        return f"{self._prefix}{qualified}::{name}"

    def _register(self, resource: Resource) -> tuple[str | None, dict[str, Any]]:
        resource = self._transformed(resource)
        if resource.urn in self.resources:
            self.problems.append(f"{resource.urn}: registered twice")
        self.resources[resource.urn] = resource
        self._check_known(resource.urn, "input", resource.inputs)
        if resource.custom and not resource.type.startswith(_PROVIDERS):
            self._check_provider(resource.urn, resource.type, resource.provider or "")
        id_, state = self._answers.new_resource(
            pulumi.runtime.MockResourceArgs(
                resource.type, resource.name, dict(resource.inputs), custom=resource.custom
            )
        )
        self._states[resource.urn] = {**state, "id": id_}
        return id_, state

    def _remote(
        self, urn: str, request: Any, inputs: dict[str, Any]
    ) -> resource_pb2.RegisterResourceResponse:
        """Registers a component of a provider, and the children that the provider would."""
        dependencies = tuple(sorted(request.dependencies))
        providers = {package: _provider_urn(ref) for package, ref in request.providers.items()}
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
                options=_options(request),
                transforms=(),
            )
        )
        if request.type != eks_cluster.TYPE:
            self.problems.append(f"{urn}: a remote component that plan/ cannot expand")
            return resource_pb2.RegisterResourceResponse(urn=urn)

        def child(part: eks_cluster.Child, after: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
            child_urn = self._urn(part.type, part.name, urn)
            is_provider = part.type.startswith(_PROVIDERS)
            _, state = self._register(
                Resource(
                    urn=child_urn,
                    type=part.type,
                    name=part.name,
                    custom=True,
                    remote=False,
                    inputs=part.inputs,
                    parent=urn,
                    provider=None if is_provider else providers.get(part.type.split(":")[0]),
                    dependencies=after,
                    options={"ignoreChanges": list(part.ignore_changes)}
                    if part.ignore_changes
                    else {},
                    transforms=(),
                )
            )
            return child_urn, state

        whole = {**inputs, "serviceRole": self._referenced(inputs.get("serviceRole"))}
        cluster_urn, cluster = child(eks_cluster.control_plane(request.name, whole), dependencies)
        credentials: Mapping[str, Any] = inputs.get("providerCredentialOpts") or {}
        kubeconfig = eks_cluster.kubeconfig(cluster, self._answers.region, credentials)
        child(eks_cluster.kubernetes_provider(request.name, kubeconfig), (cluster_urn,))
        outputs = eks_cluster.outputs(cluster, kubeconfig)
        from_cluster = resource_pb2.RegisterResourceResponse.PropertyDependencies(
            urns=[cluster_urn]
        )
        return resource_pb2.RegisterResourceResponse(
            urn=urn,
            object=struct_of(outputs),
            propertyDependencies=dict.fromkeys(outputs, from_cluster),
        )

    def _referenced(self, reference: Any) -> dict[str, Any]:
        """The state of a resource that was handed over as a whole."""
        return self._states[reference["urn"]]

    def _transformed(self, resource: Resource) -> Resource:
        """The resource after its own transforms and those of everything around it."""
        inputs: dict[str, Any] = dict(resource.inputs)
        applied: list[str] = []
        urn: str | None = resource.urn
        while urn:
            for transform in self._transforms.get(urn, ()):
                result = transform(
                    pulumi.ResourceTransformArgs(
                        resource.custom,
                        resource.type,
                        resource.name,
                        dict(inputs),
                        pulumi.ResourceOptions(),
                    )
                )
                if isinstance(result, pulumi.ResourceTransformResult):
                    inputs = dict(result.props)
                    applied.append(transform.__qualname__.split(".")[0])
            urn = self.resources[urn].parent if urn in self.resources else resource.parent
        if not applied:
            return resource
        return dataclasses.replace(
            resource, inputs=dict(sorted(inputs.items())), transforms=tuple(applied)
        )

    def _check_known(self, urn: str, kind: str, values: Mapping[str, object]) -> None:
        for path in unknown_paths(dict(values)):
            self.problems.append(
                f"{urn}: {kind} {path} comes from an output that has no made-up value; "
                "add one in tools/recording/made_up_outputs"
            )

    def _check_provider(self, place: str, token: str, provider: str) -> None:
        package = token.split(":")[0]
        if package in self._disabled and not provider:
            self.problems.append(
                f"{place}: no explicit provider, and the default one of {package} is disabled"
            )


def _provider_urn(reference: str) -> str | None:
    """The URN in a provider reference, which is URN::id."""
    return reference.rpartition("::")[0] or None


def _options(request: Any) -> dict[str, object]:
    """The resource options that are set."""
    options: dict[str, object] = {
        "ignoreChanges": list(request.ignoreChanges),
        "replaceOnChanges": list(request.replaceOnChanges),
        "protect": request.protect,
        "retainOnDelete": request.retainOnDelete,
        "deletedWith": request.deletedWith,
        "deleteBeforeReplace": request.deleteBeforeReplace,
        "aliases": [alias.urn or alias.spec.name for alias in request.aliases],
        "customTimeouts": {
            key: value
            for key in ("create", "update", "delete")
            if (value := getattr(request.customTimeouts, key))
        },
    }
    return {key: value for key, value in options.items() if value}
