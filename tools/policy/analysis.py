"""Findings on the resources that the Pulumi engine passes to an analyzer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pulumi.runtime.proto.analyzer_pb2 import AnalyzerResource

from settings import (
    Settings,
    SettingsError,
    check_stack,
    config_of_texts,
    extended,
    read_config,
)
from settings.audit.audit import Audit
from settings.stack import NAMESPACE
from tools.policy.unknown import Unknown, known
from tools.recording import Recording, Resource
from tools.recording.record import ROOT
from tools.recording.recording import in_creation_order
from tools.recording.wire import python_values
from tools.rules.resources import foreign_resources, subject_of
from tools.rules.rule import Finding
from tools.rules.stack import resource_findings, stack_findings


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A finding with its resource in Pulumi."""

    finding: Finding
    urn: str
    """URN of the resource; empty for a finding on the stack file."""


def violations(
    messages: Iterable[AnalyzerResource], config: Mapping[str, str] | None, today: date
) -> tuple[list[Violation], Audit]:
    """Returns the findings on a stack, and the audit settings of its stack file.

    `config` is the configuration of the stack; None means that of its stack file. Programs other
    than ha-eks have no settings, so that no rule on settings and no waiver applies.

    Raises SettingsError if the stack file is invalid.
    """
    paths: list[tuple[Resource, list[str]]] = []
    for each in messages:
        unknown: list[str] = []
        paths.append((_resource(each, unknown), unknown))
    resources = in_creation_order(resource for resource, _ in paths)
    stack, project = _stack_of(resources)
    if project == NAMESPACE:
        settings = _settings(stack, config)
        recording = Recording(stack=stack, settings=settings, resources=resources, outputs={})
        audit, findings = settings.audit, stack_findings(recording, today)
    else:
        audit, findings = Audit(), resource_findings(foreign_resources(resources))
    urns = {subject_of(each): each.urn for each in resources}
    undecided = Unknown(paths)
    return [
        Violation(finding=each, urn=urns.get(each.resource, ""))
        for each in findings
        if not undecided.decide(each)
    ], audit


def _resource(message: AnalyzerResource, unknown: list[str]) -> Resource:
    """Returns the resource of a message; appends the paths of its unknown values."""
    provider = message.provider.urn or None
    return Resource(
        urn=message.urn,
        type=message.type,
        name=message.name,
        custom=bool(provider) or message.type.startswith("pulumi:providers:"),
        remote=False,
        inputs=known(python_values(message.properties), unknown),
        parent=message.parent or None,
        provider=provider,
        dependencies=tuple(sorted(message.dependencies)),
        options={"ignoreChanges": [*message.options.ignoreChanges]},
        transforms=(),
    )


def _stack_of(resources: tuple[Resource, ...]) -> tuple[str, str]:
    """Returns the names of the stack and of the project, from the first URN."""
    first = resources[0].urn if resources else "::"
    stack, project = first.split("::")[:2]
    return stack.rpartition(":")[2], project


def _settings(stack: str, config: Mapping[str, str] | None) -> Settings:
    file = ROOT / f"Pulumi.{stack}.yaml"
    written = read_config(file) if config is None else config_of_texts(config)
    settings, problems = check_stack(stack, extended(written, file))
    if settings is None:
        raise SettingsError(file, problems)
    return settings
