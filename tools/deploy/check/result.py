"""Results of checks, and the data that checks read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.deploy.aws_cli import Ask
from tools.deploy.kubernetes_objects import condition
from tools.recording import Recording
from tools.recording.recording import Resource

Object = Mapping[str, Any]  # Any: JSON of any shape


@dataclass(frozen=True, kw_only=True)
class Result:
    """A line of the table."""

    subject: str
    """Subject of the check."""
    outcome: Literal["ok", "NOT OK", "skipped"]
    """Outcome. A check that cannot run is not ok; `skipped`: the stack has nothing to check."""
    figures: str
    """Result in words."""
    remedy: str = ""
    """Remedy; empty unless the outcome is `NOT OK`."""


def ok(subject: str, figures: str) -> Result:
    """Returns the result of a check that passed."""
    return Result(subject=subject, outcome="ok", figures=figures)


def not_ok(subject: str, figures: str, remedy: str) -> Result:
    """Returns the result of a check that failed."""
    return Result(subject=subject, outcome="NOT OK", figures=figures, remedy=remedy)


def skipped(subject: str, reason: str) -> Result:
    """Returns the result of a check that does not apply to the stack."""
    return Result(subject=subject, outcome="skipped", figures=reason)


@dataclass(frozen=True, kw_only=True)
class Readings:
    """Functions that read the cell. Each raises AwsError or ProgramError."""

    aws: Ask
    """Runs the AWS CLI with the credentials of the cell's provider."""
    objects: Callable[[str], Sequence[Object]]
    """Returns the Kubernetes objects of a kind, in all namespaces."""
    state: Callable[[], Sequence[Object]]
    """Returns the resources in the state of the stack, in the format of the engine."""
    changes: Callable[[], Sequence[Object]]
    """Returns the steps of a preview that compares the stack file with AWS and Kubernetes."""
    addresses: Callable[[str], frozenset[str]]
    """Returns the IP addresses of a DNS name; an empty set if the name does not exist."""
    status: Callable[[str, str, str | None], int]
    """Returns the HTTP status of a request to a DNS name: name, path, and the domain for HTTPS.
    Raises OSError without an answer."""


Check = Callable[[Recording, Readings], Iterator[Result]]
"""Compares the recording of a stack with the cell."""


def ids_in_state(state: Sequence[Object], type_: str) -> Mapping[str, str]:
    """Returns the IDs of the resources of a type by URN, without those that are being deleted."""
    return {
        str(each["urn"]): str(each["id"])
        for each in state
        if each["type"] == type_ and not each.get("delete")
    }


def inputs_of(resource: Resource) -> Object:
    """Returns the inputs of a recorded resource."""
    return resource.inputs


def is_true(described: Object, type_: str) -> bool:
    """True if the condition of a Kubernetes object is present and true."""
    found = condition(described, type_)
    return found is not None and found["status"] == "True"


def name_of(described: Object) -> str:
    """Returns namespace and name of a Kubernetes object, or the name of one without a namespace."""
    metadata = described["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else metadata["name"]


def spread(by_zone: Mapping[str, int], zones: Sequence[str]) -> str:
    """Returns the number in each zone, such as us-east-1a=2, us-east-1b=2."""
    return ", ".join(f"{zone}={by_zone.get(zone, 0)}" for zone in zones)


def count(number: int, noun: str) -> str:
    """Returns a number with its noun, such as `1 pod` or `2 pods`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
