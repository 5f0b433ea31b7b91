"""Describes a resource of the fake cloud, and an operation on one."""

import copy
from dataclasses import dataclass, field
from typing import cast

from tools.rehearsal.fake_cloud.references import Values, references_in


@dataclass
class CloudResource:
    """A resource that exists in the fake cloud."""

    id: str
    type: str
    urn: str
    inputs: Values
    outputs: Values
    references: set[str]
    """IDs, ARNs and names of other resources in the inputs."""
    created: int = 0
    """Minute of the creation."""
    identifiers: set[str] = field(init=False)
    """ID, ARN and name by which other resources refer to this one."""

    def __post_init__(self) -> None:
        """Reads the identifiers from the outputs."""
        self.identifiers = self._identifiers()

    def change(self, inputs: Values, outputs: Values) -> None:
        """Sets new inputs and outputs, and reads references and identifiers from them."""
        self.inputs, self.outputs = inputs, outputs
        self.references = references_in(inputs)
        self.identifiers = self._identifiers()

    @property
    def name(self) -> str:
        """Logical name."""
        return logical_name(self.urn)

    @property
    def label(self) -> str:
        """Type without its package and logical name, such as "Eip network-nat-us-east-1a"."""
        return label_of(self.type, self.urn)

    @property
    def shared(self) -> bool:
        """True if other cells write the resource too: a destroy of the stack retains it."""
        return bool(self.inputs.get("allowOverwrite"))

    def _identifiers(self) -> set[str]:
        """Returns ID, ARN and name by which other resources refer to this one.

        Empty for Kubernetes objects and X-Ray resources, to which no resource refers by these.
        Without the identifier of its parent if the resource has that too, as a bucket policy has
        the ID of its bucket.
        """
        if self.type.startswith(("kubernetes:", "aws:xray/")):
            return set()
        vpc: Values = self.outputs.get("vpcConfig") or {}
        values = (
            self.id,
            self.outputs.get("arn"),
            self.outputs.get("dashboardArn"),
            self.outputs.get("name"),
            vpc.get("clusterSecurityGroupId"),
        )
        return {each for each in values if isinstance(each, str)} - self.references


class ResourceTable(dict[tuple[str, str], CloudResource]):
    """Resources by type and ID, with an index of the types.

    Change it by item assignment, `del` and `clear` only: other methods of a dict skip the index.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_type: dict[str, dict[str, CloudResource]] = {}

    def __setitem__(self, key: tuple[str, str], resource: CloudResource) -> None:
        """Adds a resource."""
        super().__setitem__(key, resource)
        self._by_type.setdefault(key[0], {})[key[1]] = resource

    def __delitem__(self, key: tuple[str, str]) -> None:
        """Removes a resource."""
        super().__delitem__(key)
        del self._by_type[key[0]][key[1]]

    def clear(self) -> None:
        """Removes all resources."""
        super().clear()
        self._by_type.clear()

    def copy(self) -> "ResourceTable":
        """Returns a table with a copy of each resource."""
        table = ResourceTable()
        for key, resource in self.items():
            table[key] = copy.copy(resource)
        return table

    def of_type(self, *types: str) -> list[CloudResource]:
        """Returns the resources of some types."""
        return [each for type_ in types for each in self._by_type.get(type_, {}).values()]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A create, update or delete that ended: done or refused."""

    verb: str
    type: str
    urn: str
    started: float
    """Monotonic time in seconds."""
    ended: float
    """Monotonic time in seconds."""
    error: str | None
    """Error code; None if the operation was done."""

    @property
    def name(self) -> str:
        """Logical name of the resource."""
        return logical_name(self.urn)

    def __str__(self) -> str:
        """Returns the operation in the form of the patterns of an Edit."""
        return f"{self.verb} {label_of(self.type, self.urn)}"


def logical_name(urn: str) -> str:
    """Returns the logical name in a URN."""
    return urn.rpartition("::")[2]


def label_of(type_: str, urn: str) -> str:
    """Returns the type without its package, and the logical name."""
    return f"{type_.rpartition(':')[2]} {logical_name(urn)}"


def outputs_after_update(outputs: Values, old: Values, new: Values) -> Values:
    """Returns the outputs after the inputs change from `old` to `new`.

    Outputs that AWS decided stay; outputs of removed inputs are removed.
    """
    result: Values = {}
    for key in {**outputs, **new}:
        output, before, after = outputs.get(key), old.get(key), new.get(key)
        if isinstance(output, dict) and isinstance(after, dict | None):
            nested = outputs_after_update(
                cast("Values", output), before or {}, cast("Values", after or {})
            )
            if nested or key in new:
                result[key] = nested
        elif key in new:
            result[key] = after
        elif key not in old:
            result[key] = output
    return result
