"""Resources of a Pulumi program, as rules read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tools.manifests.documents import Document
from tools.recording import Recording, Resource
from tools.rules.model import Object, object_of
from tools.rules.objects import Objects

_SUBNET = "aws:ec2/subnet:Subnet"


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Resources of a program: those of a recording, or of any other program."""

    all: Sequence[Resource]
    zones: int | None
    """Number of zones with nodes; None if it is unknown."""

    def of_type(self, *types: str) -> list[Resource]:
        """Returns the resources of the types."""
        return [each for each in self.all if each.type in types]

    @property
    def objects(self) -> Objects:
        """The Kubernetes objects."""
        found = [object_in(each) for each in self.all]
        return Objects([each for each in found if each], zones=self.zones)


def recorded_resources(recording: Recording) -> Resources:
    """Returns the resources of a recording."""
    return Resources(all=recording.resources, zones=len(recording.settings.network.zones_in))


def foreign_resources(resources: Sequence[Resource]) -> Resources:
    """Returns the resources of a program without a stack file of ha-eks.

    Its zones are those of its subnets. A single zone is no choice of a stack file: it counts as
    unknown.
    """
    found = {
        each.inputs["availabilityZone"]
        for each in resources
        if each.type == _SUBNET and "availabilityZone" in each.inputs
    }
    return Resources(all=resources, zones=len(found) if len(found) > 1 else None)


def subject_of(resource: Resource) -> str:
    """Returns the resource of a finding: kind, namespace and name of a Kubernetes object, such as
    Deployment/shop/web, or type and logical name of another resource, such as Vpc/network."""
    found = object_in(resource)
    return found.subject if found else f"{resource.type.rpartition(':')[2]}/{resource.name}"


def object_in(resource: Resource) -> Object | None:
    """Returns the Kubernetes object that a resource creates; None for other resources."""
    if not resource.type.startswith("kubernetes:") or "apiVersion" not in resource.inputs:
        return None
    return object_of(Document(file=resource.name, line=1, values=_lasting(resource)))


def _lasting(resource: Resource) -> Mapping[str, object]:
    """Returns the inputs as a manifest has them, without the replicas that the program sends only
    when it creates a Deployment."""
    metadata = cast("Mapping[str, object]", resource.inputs.get("metadata", {}))
    values = {**resource.inputs, "metadata": {"name": resource.name, **metadata}}
    if "spec.replicas" in cast("list[str]", resource.options.get("ignoreChanges", [])):
        spec = cast("Mapping[str, object]", resource.inputs.get("spec", {}))
        values["spec"] = {key: value for key, value in spec.items() if key != "replicas"}
    return values
