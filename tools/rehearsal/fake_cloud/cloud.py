"""A stand-in for AWS, EKS and the cluster in it: what exists, what was done, what is to go wrong.

One class for every type of resource. The outputs that a cloud makes up come from
`tools/recording/made_up_outputs`, what a resource refers to is read from its inputs, and what the
cloud refuses beyond that is in `tools/rehearsal/constraints`.
"""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
from pulumi.runtime.rpc import UNKNOWN

from tools.recording.made_up_outputs import ACCOUNT, Answers

CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"

Values = dict[str, Any]  # Any: the values of resource properties are JSON of any shape

_IDS = {"vpc", "subnet", "sg", "rtb", "igw", "nat", "eipalloc", "lt", "vpce"}
_BY_NAME = ("bucket", "clusterName", "healthCheckId", "role", "targetKeyId")
"""Inputs that name another resource by something that does not look like an id or ARN."""
_GIVEN = {"name", "metadata", "addonName", "principalArn", "setIdentifier"}
"""Inputs by which a resource has an identity of its own, which may be taken once."""


class RefusedError(Exception):
    """What the cloud says when it does not do what it is asked."""

    def __init__(self, code: str, why: str) -> None:
        self.code = code
        super().__init__(f"{code}: {why}")


@dataclass
class CloudResource:
    """Something that exists."""

    id: str
    type: str
    urn: str
    inputs: Values
    outputs: Values
    refers: set[str] = field(default_factory=set[str])
    """Ids, ARNs and names of others in its inputs."""

    def __post_init__(self) -> None:
        """Finds what it refers to."""
        self.refers = references(self.inputs)

    @property
    def name(self) -> str:
        """Logical name."""
        return name_in(self.urn)

    @property
    def kept(self) -> bool:
        """Whether it is there to stay when a stack goes: what other cells write as well."""
        return bool(self.inputs.get("allowOverwrite"))

    @property
    def names(self) -> set[str]:
        """What others refer to it by; to an object in the cluster, nobody does by these, to what
        sorts traces, nobody at all, and to a setting of something that it has its id from,
        neither."""
        if self.type.startswith(("kubernetes:", "aws:xray/")):
            return set()
        vpc: Values = self.outputs.get("vpcConfig") or {}
        own = [self.id, self.outputs.get("arn"), vpc.get("clusterSecurityGroupId")]
        named = {each for each in (*own, self.outputs.get("name")) if isinstance(each, str)}
        return named - self.refers


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that was done, or refused."""

    verb: str
    type: str
    urn: str
    began: float
    ended: float
    refused: str | None

    @property
    def name(self) -> str:
        """Logical name of the resource."""
        return name_in(self.urn)


Constraint = Callable[["Cloud", str, str, Values], None]
"""Raises RefusedError if a verb may not be done to a type with some inputs."""
Fault = Callable[[int, str, str], str | None]
"""The error code with which an operation fails, by its number from 1, verb and type, or None."""


@dataclass
class Cloud:
    """What exists in one region, and the journal of every operation."""

    answers: Answers
    """What it makes up, and which subnets are there without us."""
    outside: frozenset[str]
    """Texts of the stack file: ids and ARNs among them exist without us."""
    constraints: tuple[Constraint, ...]
    resources: dict[tuple[str, str], CloudResource] = field(
        default_factory=dict[tuple[str, str], CloudResource]
    )
    journal: list[Operation] = field(default_factory=list[Operation])
    fault: Fault = lambda number, verb, type_: None
    after: Callable[[int], None] = lambda number: None
    """Called when an operation has ended, with how many have."""
    pace: Mapping[str, float] = field(default_factory=dict[str, float])
    """Seconds that an operation on a type takes, so that two at a time would show."""

    def __post_init__(self) -> None:
        """Prepares what the fields do not hold."""
        self._lock = threading.RLock()
        self._begun = 0

    def create(self, type_: str, urn: str, inputs: Values) -> CloudResource:
        """Makes a thing; refused if it refers to what is not there, or takes an identity twice."""
        with self._operation("create", type_, urn, inputs):
            self._check_references(inputs)
            thing = self._named(type_, urn, inputs)
            self.resources[type_, thing.id] = thing
            return thing

    def update(self, type_: str, id_: str, urn: str, inputs: Values) -> CloudResource:
        """Changes a thing in place."""
        with self._operation("update", type_, urn, inputs):
            thing = self.resources.get((type_, id_))
            if thing is None:
                raise RefusedError("NotFound", f"{id_} does not exist")
            self._check_references(inputs)
            thing.outputs = updated(thing.outputs, thing.inputs, inputs)
            thing.inputs, thing.refers = inputs, references(inputs)
            if "latestVersion" in thing.outputs:  # of a launch template
                thing.outputs["latestVersion"] += 1
            return thing

    def delete(self, type_: str, id_: str, urn: str) -> None:
        """Ends a thing; refused while another refers to it. What is gone already is no error."""
        thing = self.resources.get((type_, id_))
        with self._operation("delete", type_, urn, thing and thing.inputs):
            if thing is None:
                return
            names = thing.names
            for other in self.resources.values():
                if other is not thing and names & other.refers:
                    raise RefusedError("DependencyViolation", f"{id_} is in use by {other.urn}")
            del self.resources[type_, id_]
            if type_ == "kubernetes:core/v1:Namespace":
                for key, other in list(self.resources.items()):
                    if namespace_of(other.inputs) == id_:
                        del self.resources[key]

    def foreseen(self, type_: str, urn: str, inputs: Values) -> Values:
        """What a preview knows of a new thing: its inputs. What the cloud decides is unknown."""
        outputs = self._answer(type_, name_in(urn), inputs)[1]
        return {
            key: value if inputs.get(key) == value else UNKNOWN for key, value in outputs.items()
        }

    def output(self, urn: str, key: str) -> object:
        """An output of the thing with a URN; unknown while there is none."""
        found = [thing for thing in self.resources.values() if thing.urn == urn]
        return found[0].outputs[key] if found else UNKNOWN

    def of_type(self, *types: str) -> list[CloudResource]:
        """What exists of some types."""
        return [thing for thing in self.resources.values() if thing.type in types]

    @contextmanager
    def _operation(self, verb: str, type_: str, urn: str, inputs: Values | None) -> Generator[None]:
        """Keeps an operation in the journal; the laws hold for one on what is there."""
        with self._lock:
            self._begun += 1
            number = self._begun
        began = time.monotonic()
        if type_ in self.pace:  # not for 0 s either: that alone takes longer than all the rest
            time.sleep(self.pace[type_])
        with self._lock:
            refused: str | None = None
            try:
                code = self.fault(number, verb, type_)
                if code:
                    raise RefusedError(code, f"{name_in(urn)}, as the scene has it")
                for law in self.constraints:
                    if inputs is None:
                        break
                    law(self, verb, type_, inputs)
                yield
            except Exception as error:
                refused = error.code if isinstance(error, RefusedError) else repr(error)
                raise
            finally:
                self.journal.append(
                    Operation(
                        verb=verb, type=type_, urn=urn, began=began, ended=time.monotonic(),
                        refused=refused,
                    )
                )  # fmt: skip
                self.after(len(self.journal))

    def _answer(self, type_: str, name: str, inputs: Values) -> tuple[str, Values]:
        id_, outputs = self.answers.new_resource(
            pulumi.runtime.MockResourceArgs(type_, name, dict(inputs), custom=True)
        )
        return str(id_), outputs

    def _named(self, type_: str, urn: str, inputs: Values) -> CloudResource:
        """A new thing, under an id that nothing else has, unless it may take another's place."""
        name, attempt = name_in(urn), 0
        id_, outputs = self._answer(type_, name, inputs)
        while (type_, id_) in self.resources and not inputs.get("allowOverwrite"):
            attempt, taken = attempt + 1, id_
            id_, outputs = self._answer(type_, f"{name}-{attempt}", inputs)
            if _GIVEN & set(inputs) or id_ == taken:
                raise RefusedError("AlreadyExists", f"there is a {type_} {taken}")
        return CloudResource(id_, type_, urn, inputs, outputs)

    def _check_references(self, inputs: Values) -> None:
        missing = references(inputs) - self.outside
        for thing in self.resources.values():
            if not missing:
                return
            missing -= thing.names
        if missing:
            raise RefusedError("NotFound", f"{min(missing)} does not exist")


def updated(outputs: Values, old: Values, new: Values) -> Values:
    """Outputs after an update of the inputs from `old` to `new`: what the cloud decided stays."""
    result: Values = {}
    for key in {**outputs, **new}:
        was, given, now = outputs.get(key), old.get(key), new.get(key)
        if isinstance(was, dict) and isinstance(now, dict | None):
            inside = updated(cast("Values", was), given or {}, cast("Values", now or {}))
            if inside or key in new:
                result[key] = inside
        elif key in new:
            result[key] = now
        elif key not in old:
            result[key] = was
    return result


def name_in(urn: str) -> str:
    """The logical name in a URN."""
    return urn.rpartition("::")[2]


def references(inputs: Values) -> set[str]:
    """What some inputs refer to, by id, ARN or name."""
    found = {text for text in strings(inputs) if _is_id(text)}
    return found | {str(inputs[key]) for key in _BY_NAME if key in inputs}


def namespace_of(inputs: Values) -> str | None:
    """Namespace of a Kubernetes object or a release; None of anything else."""
    metadata: Values = inputs.get("metadata") or {}
    return metadata.get("namespace") or ("chart" in inputs and inputs.get("namespace")) or None


def _is_id(text: str) -> bool:
    prefix, _, rest = text.partition("-")
    if prefix in _IDS and len(rest) == 17 and set(rest) <= set("0123456789abcdef"):
        return True
    return text.startswith("arn:aws") and f":{ACCOUNT}:" in text and "*" not in text


def strings(value: object) -> Iterator[str]:
    """Every text in a value, also in documents that are JSON."""
    if isinstance(value, str):
        yield value
        if value[:1] == "{":
            with suppress(json.JSONDecodeError):  # then it is no document
                yield from strings(json.loads(value))
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, object]", value).values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from strings(item)
