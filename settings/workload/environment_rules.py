"""Rules for environment variables: one source for each, and references that exist."""

import re
from collections import Counter
from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.container import Container
from settings.workload.workload import Workload

_TELEMETRY_VARIABLE = re.compile(r"(?<!\$)\$\(((?:OTEL|TELEMETRY)_\w+)\)")


def containers_by_key(settings: Settings) -> Iterator[tuple[str, Container]]:
    """Yields each container of each workload, after the prefix of its keys."""
    for name, app in settings.workloads.items():
        for prefix, container in app.containers.items():
            yield f"{settings.key_of(name)}.{prefix}", container


def _one_source(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each variable that a second key defines."""
    for path, container in containers_by_key(settings):
        sources = {
            "env": container.env,
            "secretEnv": container.secret_env,
            "envFields": container.env_fields,
            "envResources": container.env_resources,
        }
        first: dict[str, str] = {}
        for source, variables in sources.items():
            for variable in variables:
                if variable in first:
                    yield Problem(
                        key=f"{path}{source}.{variable}",
                        message=f"{first[variable]} has a variable of the same name; remove one of "
                        "the two",
                    )
                first.setdefault(variable, source)


def _one_object(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each item of `envFrom` without exactly one object, or for its second
    occurrence."""
    for path, container in containers_by_key(settings):
        seen = Counter[object]()
        for index, each in enumerate(container.env_from):
            key = f"{path}envFrom[{index}]"
            seen[each.secret, each.config_map, each.prefix] += 1
            if bool(each.secret) is bool(each.config_map):
                has = "both secret and" if each.secret else "neither secret nor"
                yield Problem(key=key, message=f"has {has} configMap; write one of the two")
            elif seen[each.secret, each.config_map, each.prefix] == 2:
                yield Problem(key=key, message="is listed more than once; remove this item")


def _units(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each divisor that is no unit of its resource.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
    """
    for path, container in containers_by_key(settings):
        for variable, field in container.env_resources.items():
            if not field.fits:
                cpu = field.resource.endswith(".cpu")
                yield Problem(
                    key=f"{path}envResources.{variable}.divisor",
                    message=f'must be {"1m" if cpu else "1Ki, 1Mi, 1Gi"} or "1" for '
                    f"{field.resource}",
                )


def _telemetry_variables(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each reference to a variable that only traced programs have.

    Kubernetes leaves a reference to an unknown variable unchanged. A Secret or ConfigMap of
    `envFrom` can have the variable.
    """
    for path, container in containers_by_key(settings):
        program = isinstance(container, Workload)
        if (program and container.traced) or container.env_from:
            continue
        owner = "a traced workload" if program else "the program of a traced workload"
        remedy = "traced: true" if program else "the variable in env"
        defined = {*container.variables}
        for field, words in (("command", container.command), ("args", container.args)):
            for index, word in enumerate(words):
                for variable in sorted({*_TELEMETRY_VARIABLE.findall(word)} - defined)[:1]:
                    yield Problem(
                        key=f"{path}{field}[{index}]",
                        message=f"only {owner} has the variable {variable}; write {remedy}, or "
                        "remove the reference",
                    )


RULES = (_one_source, _one_object, _units, _telemetry_variables)
