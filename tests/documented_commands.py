"""Finds the commands of documentation pages, and checks that programs accept them.

Commands are the lines of console blocks after `$`, and code in a sentence that begins with the name
of a program.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import jmespath
from botocore import xform_name
from botocore.exceptions import WaiterConfigError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.session import Session, get_session
from botocore.validate import ParamValidator

from tools.recording.record import ROOT

PROGRAMS = ("make", "aws", "kubectl", "pulumi", "git", "dig", "curl", "openssl", ".venv/bin/python")
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_PLACEHOLDER = re.compile(r"[A-Z][A-Z_]+")
"""A word in capitals, for which the reader writes a name."""
_LONG_ENOUGH = 40
"""Length of a placeholder's value, for the minimum length of IDs and ARNs."""
_LEFT_OUT = ("…", "2>/dev/null")


def commands(text: str) -> Iterator[str]:
    """Yields the commands of a page, in one line each."""
    for block in _BLOCK.findall(text):
        joined = re.sub(r"\\\n\s*", "", block)
        yield from re.findall(r"^\s*\$ (.+)$", joined, re.MULTILINE)
    for code in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if code.split()[0] in PROGRAMS and " " in code:
            yield code


def aws_actions(text: str) -> Iterator[str]:
    """Yields the actions of a page's AWS commands, such as eks:DescribeCluster."""
    for command in commands(text):
        words = shlex.split(command, comments=True)
        if words[0] == "aws" and tuple(words[1:3]) not in _COMMANDS and words[2] != "wait":
            operation = _operation(*words[1:3])
            if operation:
                yield f"{words[1]}:{operation.name}"


def problems(command: str) -> Iterator[str]:
    """Yields the parts of a command that its program does not accept."""
    checks = {"make": _make, "aws": _aws, "kubectl": _kubectl, ".venv/bin/python": _python}
    words = [each for each in shlex.split(command, comments=True) if each not in _LEFT_OUT]
    for part in _split(words):
        if part[0] in checks:
            yield from checks[part[0]](part[1:])


def _split(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yields the words of each program of a pipe."""
    begin = 0
    for end, word in enumerate([*words, "|"]):
        if word in ("|", "&&"):
            yield words[begin:end]
            begin = end + 1


# --- make


@cache
def _rules() -> Mapping[str, str]:
    """Returns the rule of each target of the Makefile: prerequisites and recipe."""
    text = re.sub(r"\\\n", "", (ROOT / "Makefile").read_text(encoding="utf-8"))
    found = re.findall(r"^([a-z-]+):(.*\n(?:\t.*\n)*)", text, re.MULTILINE)
    return dict(found)


def _make(words: Sequence[str]) -> Iterator[str]:
    target, *variables = words
    if target not in _rules():
        yield f"make has no target {target}"
        return
    for each in variables:
        name = each.partition("=")[0]
        if f"$({name})" not in _rules()[target]:
            yield f"make {target} does not read {name}"


# --- python


def _python(words: Sequence[str]) -> Iterator[str]:
    flag, module, *_ = words
    path = ROOT / Path(*module.split("."))
    if flag != "-m" or not (path.with_suffix(".py").exists() or (path / "__main__.py").exists()):
        yield f"no program {module}"


# --- kubectl

_ALL = frozenset({"-n", "-l", "--kubeconfig"})
_WITH_VALUE = frozenset({"-n", "-l", "-o", "-L", "-p", "-k", "-c", "--kubeconfig"})
_FLAGS: Mapping[str, frozenset[str]] = {
    "apply": frozenset({"-k", "-f"}),
    "cordon": frozenset(),
    "create": frozenset({"--from", "--from-literal"}),
    "delete": frozenset({"--all", "--field-selector"}),
    "describe": frozenset(),
    "drain": frozenset(
        {
            *("--ignore-daemonsets", "--delete-emptydir-data", "--timeout"),
            *("--skip-wait-for-delete-timeout", "--disable-eviction"),
        }
    ),
    "edit": frozenset(),
    "get": frozenset({"-A", "-o", "-L", "--field-selector", "--sort-by", "-w"}),
    "logs": frozenset({"--prefix", "--tail", "--previous", "--all-containers", "-c"}),
    "patch": frozenset({"-p"}),
    "rollout": frozenset({"--timeout"}),
    "scale": frozenset({"--replicas"}),
    "taint": frozenset(),
    "top": frozenset({"-A", "--sort-by"}),
    "uncordon": frozenset(),
}
"""Verbs with the flags that the pages use. https://kubernetes.io/docs/reference/kubectl/generated/"""

_KINDS = frozenset(
    {
        *("apiservices", "capacitybuffers", "configmap", "cronjob", "deployment", "deployments"),
        *("events", "hpa", "ingress", "job", "jobs", "node", "nodes", "pdb", "pod", "pods"),
        *("pv", "pvc", "secret", "service"),
    }
)
_SECOND = {"rollout": frozenset({"status", "restart"}), "top": frozenset({"pods", "nodes"})}


def _kubectl(words: Sequence[str]) -> Iterator[str]:
    flags, positional, skip = list[str](), list[str](), False
    for word in words:
        if word.startswith("-"):
            flags.append(word.partition("=")[0])
            skip = word in _WITH_VALUE or word in {"--field-selector", "--sort-by", "--replicas"}
        elif skip:
            skip = False
        else:
            positional.append(word)
    verb = positional[0] if positional else ""
    if verb not in _FLAGS:
        yield f"kubectl {verb} is in no table of this test"
        return
    if len(words) == 1:  # a sentence names the command, without its arguments
        return
    yield from (
        f"kubectl {verb} has no flag {each} in the table of this test"
        for each in flags
        if each not in _ALL | _FLAGS[verb]
    )
    seconds = positional[1].partition("/")[0].split(",") if len(positional) > 1 else [""]
    kinds = _SECOND.get(verb, _KINDS)
    checked = verb in {"get", "describe", "delete", "edit", "patch", "create", *_SECOND}
    if checked:
        unknown = [each for each in seconds if each not in kinds]
        yield from (f"kubectl {verb} {each} is in no table of this test" for each in unknown)


# --- aws

_OF_THE_CLI = frozenset({"--region", "--output", "--profile", "--query", "--max-items"})
"""https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html"""
_OF_AWS = "aws/efs/automatic-backup-vault"
"""Name that AWS gives, although the pattern of its API does not allow slashes."""
_COMMANDS = frozenset({("eks", "update-kubeconfig"), ("s3", "cp"), ("sso", "login")})
"""Commands of the CLI that are no operations of an API."""


@cache
def _session() -> Session:
    return get_session()


@cache
def _operation(service: str, command: str) -> OperationModel | None:
    model = _session().get_service_model("s3" if service == "s3api" else service)
    names = [each for each in model.operation_names if xform_name(each, "-") == command]
    return model.operation_model(names[0]) if names else None


def _aws(words: Sequence[str]) -> Iterator[str]:
    service, command, *rest = words
    if (service, command) in _COMMANDS:
        return
    if command == "wait":
        try:
            waiter = (
                _session()
                .get_waiter_model(service)
                .get_waiter("".join(each.title() for each in rest[0].split("-")))
            )
        except (ValueError, WaiterConfigError):
            yield f"aws {service} has no waiter {rest[0]}"
            return
        command, rest = xform_name(waiter.operation, "-"), rest[1:]
    operation = _operation(service, command)
    if operation is None:
        yield f"aws {service} has no command {command}"
        return
    options, extra = _options(rest)
    if extra:
        yield f"aws {service} {command}: {extra} is no option"
    shape = operation.input_shape
    members = {f"--{xform_name(each, '-')}": each for each in shape.members} if shape else {}
    unknown = [each for each in options if each not in {*members, *_OF_THE_CLI}]
    yield from (f"aws {service} {command} has no option {each}" for each in unknown)
    if shape and rest:  # otherwise a sentence names the command, without its arguments
        values = {
            members[each]: _value(shape.members[members[each]], given)
            for each, given in options.items()
            if each in members
        }
        report = ParamValidator().validate(values, shape)
        if report.has_errors():
            yield f"aws {service} {command}: {report.generate_report()}"
        yield from _not_allowed(f"aws {service} {command}", shape, values)
    if "--query" in options:
        yield from _query_problems(operation, options["--query"][0])


def _options(words: Sequence[str]) -> tuple[Mapping[str, list[str]], list[str]]:
    """Returns the values of each option, and the words before the first option."""
    options: dict[str, list[str]] = {}
    current = extra = list[str]()
    for word in words:
        if word.startswith("--"):
            current = options[word] = []
        else:
            current.append(word)
    return options, extra


def _value(shape: Shape, given: Sequence[str]) -> Any:  # Any: JSON of any shape
    """Returns the value of an option: JSON, or the shorthand syntax of the CLI.

    https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
    """
    first = given[0] if given else ""
    if _PLACEHOLDER.fullmatch(first) and shape.type_name == "string":
        return first.ljust(_LONG_ENOUGH, "X")
    if first[:1] in ("{", "[") and not isinstance(shape, MapShape):
        return json.loads(first)
    if first.startswith("file://"):
        return {} if isinstance(shape, MapShape) else first
    if isinstance(shape, ListShape):
        return [_value(shape.member, [each]) for each in given]
    if isinstance(shape, StructureShape | MapShape):
        return _shorthand(shape, first)
    if shape.type_name == "integer":
        return int(first)
    if shape.type_name == "double":
        return float(first)
    if shape.type_name == "boolean":
        return first != "false"
    if shape.type_name == "blob":
        return first.encode()
    return first


def _shorthand(
    shape: StructureShape | MapShape, text: str
) -> Mapping[str, Any]:  # Any: JSON of any shape
    values: dict[str, list[str]] = {}
    key = ""
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if equals:
            key = name
        values.setdefault(key, []).append(value if equals else part)
    if isinstance(shape, MapShape):
        return {each: _value(shape.value, found) for each, found in values.items()}
    return {
        each: _value(shape.members[each], found) if each in shape.members else found
        for each, found in values.items()
    }


def _not_allowed(place: str, shape: Shape, value: object) -> Iterator[str]:
    """Yields values that are not in the list of a text, or do not match its pattern."""
    if isinstance(shape, StructureShape):
        for key, item in cast("Mapping[str, object]", value).items():
            if key in shape.members:
                yield from _not_allowed(f"{place} {key}", shape.members[key], item)
    elif isinstance(shape, ListShape):
        for item in cast("list[object]", value):
            yield from _not_allowed(place, shape.member, item)
    elif isinstance(value, str) and not _PLACEHOLDER.fullmatch(value) and value != _OF_AWS:
        allowed = cast("list[str]", shape.metadata.get("enum", []))
        pattern = str(shape.metadata.get("pattern", ""))
        if allowed and value not in allowed:
            yield f"{place}: {value} is not one of {', '.join(allowed)}"
        if pattern and "\\p{" not in pattern and not re.search(pattern, value):
            yield f"{place}: {value} does not match {pattern}"


def _query_problems(operation: OperationModel, query: str) -> Iterator[str]:
    """Yields a problem if a query reads a field that the output does not have."""
    without_filters = re.sub(r"\[\?[^\]]*\]", "[]", query)
    found = jmespath.search(without_filters, _sample(operation.output_shape))
    if found in (None, []) or None in _leaves(found):
        yield f"{operation.name}: {query} reads a field that does not exist"


def _sample(shape: Shape | None, depth: int = 0) -> Any:  # Any: JSON of any shape
    """Returns an output that has every field of a shape."""
    if isinstance(shape, StructureShape) and depth < 8:
        return {key: _sample(each, depth + 1) for key, each in shape.members.items()}
    if isinstance(shape, ListShape):
        return [_sample(shape.member, depth + 1)]
    if isinstance(shape, MapShape):
        return {"key": _sample(shape.value, depth + 1)}
    return "text"


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, list | dict):
        items = cast("list[object] | dict[str, object]", value)
        for each in items.values() if isinstance(items, dict) else items:
            yield from _leaves(each)
    else:
        yield value
