"""The fake cloud: resources of AWS, EKS and Kubernetes in memory.

One implementation serves all resource types. `tools/recording/made_up_outputs` provides the outputs
that AWS would decide. References are read from the inputs. `tools/rehearsal/constraints` contains
what AWS and Kubernetes refuse beyond a missing reference.
"""

import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pulumi
from pulumi.runtime.rpc import UNKNOWN

from tools.recording.made_up_outputs import MadeUpOutputs
from tools.rehearsal.fake_cloud.cloud_resource import (
    CloudResource,
    Operation,
    ResourceTable,
    label_of,
    logical_name,
    outputs_after_update,
)
from tools.rehearsal.fake_cloud.references import Values, namespace_of, references_in

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
JOB = "kubernetes:batch/v1:Job"
BUCKET_EXPIRY = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"

_NAMING_INPUTS = {"name", "metadata", "addonName", "principalArn", "setIdentifier"}
"""Inputs that give a resource a fixed identity, which only one resource can have."""
_SLOW_TYPES = {NODE_GROUP, BUCKET_EXPIRY}
"""Types whose creation takes a minute or more."""


class RefusedError(Exception):
    """The fake cloud refuses an operation, with an error code of AWS or Kubernetes."""

    def __init__(self, code: str, why: str) -> None:
        self.code = code
        super().__init__(f"{code}: {why}")


Constraint = Callable[["FakeCloud", str, str, Values], None]
"""Raises RefusedError if AWS or Kubernetes refuses a verb on a type with some inputs."""
Fault = Callable[[int, str, str], str | None]
"""Returns the error code to inject into an operation, by its number from 1, its verb and its type;
None for no fault."""


@dataclass
class FakeCloud:
    """The resources of one region and one cluster, and a log of all operations."""

    made_up_outputs: MadeUpOutputs
    """Made-up outputs, and the subnets of an existing VPC."""
    external: frozenset[str]
    """All strings of the stack file: IDs and ARNs among them exist outside the stack."""
    constraints: tuple[Constraint, ...]
    resources: ResourceTable = field(default_factory=ResourceTable)
    operations: list[Operation] = field(default_factory=list[Operation])
    """All operations, in the order in which they ended."""
    minute: int = 0
    """Simulated time in minutes, which only creations of slow types take."""
    fault: Fault = lambda number, verb, type_: None
    after_operation: Callable[[int], None] = lambda number: None
    """Called after each operation with the number of operations that have ended."""
    pods_ready: Callable[[Values], bool] = lambda deployment: True
    """True if the pods of a Deployment are or become ready, by its inputs."""
    delays: Mapping[str, float] = field(default_factory=dict[str, float])
    """Seconds that an operation takes, by type, so that parallel operations overlap in the log."""

    def __post_init__(self) -> None:
        """Creates the lock and the counter of operations."""
        self._lock = threading.RLock()
        self._started = 0

    def copy(self) -> "FakeCloud":
        """Returns a cloud with the same resources. Operations on one do not change the other."""
        return replace(self, resources=self.resources.copy(), operations=[])

    def create(self, type_: str, urn: str, inputs: Values) -> CloudResource:
        """Creates a resource.

        Raises RefusedError if a reference does not exist or if the identity is already in use.
        """
        with self._operation("create", type_, urn, inputs):
            references = references_in(inputs)
            self._check_references(references)
            resource = self._new_resource(type_, urn, inputs, references)
            self.minute += type_ in _SLOW_TYPES
            self.resources[type_, resource.id] = resource
            return resource

    def update(
        self, type_: str, id_: str, urn: str, inputs: Values, in_state: Values | None = None
    ) -> CloudResource:
        """Changes a resource in place.

        The AWS provider sends only inputs that differ from those `in_state`: other inputs keep
        their current value, such as the size that the autoscaler has set. The Kubernetes provider
        applies the whole object.
        """
        resource = self.resources.get((type_, id_))
        if resource is not None and in_state is not None and type_.startswith("aws:"):
            inputs = {
                key: resource.inputs.get(key, value) if in_state.get(key) == value else value
                for key, value in inputs.items()
            }
        with self._operation("update", type_, urn, inputs):
            if resource is None:
                raise RefusedError("NotFound", f"{id_} does not exist")
            self._check_references(references_in(inputs))
            outputs = outputs_after_update(resource.outputs, resource.inputs, inputs)
            resource.change(inputs, {**self._decided_later(type_, urn, inputs, outputs), **outputs})
            if "latestVersion" in resource.outputs:  # of a launch template
                resource.outputs["latestVersion"] += 1
            return resource

    def delete(self, type_: str, id_: str, urn: str) -> None:
        """Deletes a resource; a resource that does not exist is no error.

        Raises RefusedError while another resource refers to it.
        """
        resource = self.resources.get((type_, id_))
        with self._operation("delete", type_, urn, resource and resource.inputs):
            if resource is None:
                return
            identifiers = resource.identifiers
            for other in self.resources.values():
                if other is not resource and not identifiers.isdisjoint(other.references):
                    raise RefusedError("DependencyViolation", f"{id_} is in use by {other.label}")
            del self.resources[type_, id_]
            if type_ == "kubernetes:core/v1:Namespace":
                for key, other in list(self.resources.items()):
                    if namespace_of(other.inputs) == id_:
                        del self.resources[key]

    def preview_update(
        self, type_: str, urn: str, outputs: Values, old: Values, new: Values
    ) -> Values:
        """Returns the outputs that a preview knows after inputs change from `old` to `new`."""
        result = outputs_after_update(outputs, old, new)
        return {**dict.fromkeys(self._decided_later(type_, urn, new, result), UNKNOWN), **result}

    def _decided_later(self, type_: str, urn: str, inputs: Values, outputs: Values) -> Values:
        """Returns the outputs that AWS adds in an update, such as the IPv6 block of a VPC."""
        if not type_.startswith("aws:"):
            return {}
        decided = self._new_outputs(type_, logical_name(urn), inputs)[1]
        return {key: value for key, value in decided.items() if key not in outputs}

    def preview_outputs(self, type_: str, urn: str, inputs: Values) -> Values:
        """Returns the outputs that a preview knows of a new resource.

        Outputs that equal an input are known; outputs that AWS decides are unknown.
        """
        outputs = self._new_outputs(type_, logical_name(urn), inputs)[1]
        return {
            key: value if inputs.get(key) == value else UNKNOWN for key, value in outputs.items()
        }

    def output(self, urn: str, key: str) -> object:
        """Returns an output of the resource with a URN; unknown if the resource does not exist."""
        found = [resource for resource in self.resources.values() if resource.urn == urn]
        return found[0].outputs[key] if found else UNKNOWN

    def of_type(self, *types: str) -> list[CloudResource]:
        """Returns the resources of some types."""
        return self.resources.of_type(*types)

    @contextmanager
    def _operation(self, verb: str, type_: str, urn: str, inputs: Values | None) -> Generator[None]:
        """Runs an operation after its fault and the constraints, and logs the operation.

        `inputs` is None for the deletion of a resource that does not exist: no constraint applies.
        """
        with self._lock:
            self._started += 1
            number = self._started
        started = time.monotonic()
        if type_ in self.delays:  # time.sleep(0) for each operation would dominate the run time
            time.sleep(self.delays[type_])
        with self._lock:
            code: str | None = None
            try:
                injected = self.fault(number, verb, type_)
                if injected:
                    raise RefusedError(
                        injected, f"fault injected into {verb} {label_of(type_, urn)}"
                    )
                if inputs is not None:
                    for constraint in self.constraints:
                        constraint(self, verb, type_, inputs)
                yield
            except Exception as error:
                code = error.code if isinstance(error, RefusedError) else repr(error)
                raise
            finally:
                self.operations.append(
                    Operation(
                        verb=verb, type=type_, urn=urn, started=started, ended=time.monotonic(),
                        error=code,
                    )
                )  # fmt: skip
                self.after_operation(len(self.operations))

    def _new_outputs(self, type_: str, name: str, inputs: Values) -> tuple[str, Values]:
        """Returns ID and outputs of a new resource."""
        id_, outputs = self.made_up_outputs.new_resource(
            pulumi.runtime.MockResourceArgs(type_, name, dict(inputs), custom=True)
        )
        return str(id_), outputs

    def _new_resource(
        self, type_: str, urn: str, inputs: Values, references: set[str]
    ) -> CloudResource:
        """Returns a new resource with an unused ID.

        With `allowOverwrite`, and for a Job, the resource takes the ID of the existing one: the
        provider of migrations accepts existing objects.
        """
        name, attempt = logical_name(urn), 0
        id_, outputs = self._new_outputs(type_, name, inputs)
        takes_over = inputs.get("allowOverwrite") or type_ == JOB
        while (type_, id_) in self.resources and not takes_over:
            attempt, used = attempt + 1, id_
            id_, outputs = self._new_outputs(type_, f"{name}-{attempt}", inputs)
            if _NAMING_INPUTS & set(inputs) or id_ == used:
                label = self.resources[type_, used].label
                raise RefusedError("AlreadyExists", f"{used} is already in use by {label}")
        return CloudResource(id_, type_, urn, inputs, outputs, references, created=self.minute)

    def _check_references(self, references: set[str]) -> None:
        """Raises RefusedError unless all references exist."""
        missing = references - self.external
        for resource in self.resources.values():
            if not missing:
                return
            missing -= resource.identifiers
        if missing:
            raise RefusedError("NotFound", f"{min(missing)} does not exist")
