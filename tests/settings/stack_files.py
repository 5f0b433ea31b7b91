"""The shipped stack files as test data, and the problems of changed copies of them."""

import functools
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Problem, Settings, SettingsError, check, files_of, read_stack_file
from settings.cautions import cautions
from tools.recording import record
from tools.recording.manifests import Dumper

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "prod", "prod-standby")
ABSENT = object()

NETWORK, CLUSTER, POOLS, APPS = "ha-eks:network", "ha-eks:cluster", "ha-eks:pools", "ha-eks:apps"
LOAD_BALANCING, AUTOSCALING = "ha-eks:loadBalancing", "ha-eks:autoscaling"
IMAGES = "ha-eks:images"
WORKERS, SINGLETONS, CRON_JOBS = "ha-eks:workers", "ha-eks:singletons", "ha-eks:cronJobs"
HEADROOM, OBSERVABILITY, TRAFFIC = "ha-eks:headroom", "ha-eks:observability", "ha-eks:traffic"
RESILIENCE = "ha-eks:resilience"
PER_ZONE = (POOLS, "general", "perZone")
WEB, CACHE = (APPS, "web"), (APPS, "cache")

Path_ = tuple[str | int, ...]
Change = tuple[Path_, object]
Case = tuple[Path_, object, str, object, str]
"""Path and value of a change; key, value and message of its one problem."""

every_stack = pytest.mark.parametrize("stack", STACKS)


@functools.cache
def text_of(stack: str) -> str:
    """Returns the text of a shipped file; with a shared file, with the values of both."""
    file = ROOT / f"Pulumi.{stack}.yaml"
    if len(files_of(file)) == 1:
        return file.read_text(encoding="utf-8")
    return yaml.dump({"config": read_stack_file(file)}, Dumper=Dumper, sort_keys=False)


@functools.cache
def _document(stack: str) -> Any:
    return yaml.safe_load(text_of(stack))


def config_of(stack: str) -> Any:
    """Returns a copy of the config of a shipped file, by full key."""
    return deepcopy(_document(stack)["config"])


def put_at(config: Any, path: Path_, value: object) -> None:
    """Sets a path of a config to a copy of a value, or removes the path for ABSENT."""
    *steps, last = path
    for step in steps:
        config = config[step]
    if value is ABSENT:
        del config[last]
    else:
        config[last] = deepcopy(value)


def changed(stack: str, *changes: Change) -> str:
    """Returns the text of a shipped file with changes."""
    config = config_of(stack)
    for path, value in changes:
        put_at(config, path, value)
    return yaml.dump({**_document(stack), "config": config}, Dumper=Dumper, sort_keys=False)


def with_line(stack: str, line: str) -> str:
    """Returns the text of a shipped file with an additional first line in its config."""
    before, config, after = text_of(stack).partition("config:\n")
    assert config, "the file has no config"
    return f"{before}{config}  {line}\n{after}"


def refused(folder: Path, stack: str, text: str | bytes) -> list[Problem]:
    """Returns the problems that `record` raises for a file with this text."""
    file = folder / f"Pulumi.{stack}.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return refused_file(folder, stack)


def refused_file(folder: Path, stack: str) -> list[Problem]:
    """Returns the problems that `record` raises for a file; each is one line that names it."""
    with pytest.raises(SettingsError) as caught:
        record(stack, root=folder)
    file, problems = folder / f"Pulumi.{stack}.yaml", list(caught.value.problems)
    printed = [
        f"{file.name}{f':{problem.line}' if problem.line else ''}: {problem}"
        for problem in problems
    ]
    assert str(caught.value).splitlines() == printed != []
    assert_right_lines(file, problems)
    return problems


def assert_right_lines(file: Path, problems: Iterable[Problem]) -> None:
    """Fails unless the line of each problem contains the last part of its key in the file."""
    text = file.read_bytes().decode(errors="replace").splitlines() if file.is_file() else []
    for problem in problems:
        if problem.line is None:
            assert ":" not in problem.key, f"{problem} has no line"
        elif not problem.key.endswith("]") and problem.value is not None:
            line = text[problem.line - 1]
            name = _first_scalar(line)
            assert problem.key.endswith(name) or problem.key.rpartition(".")[2] in line, line


def _first_scalar(line: str) -> str:
    """Returns the first scalar of a line of YAML, without quotes and escapes."""
    tokens = yaml.scan(line.lstrip(" -"), Loader=yaml.SafeLoader)
    return next(str(token.value) for token in tokens if isinstance(token, yaml.ScalarToken))


def accepted(folder: Path, stack: str, *changes: Change) -> Settings:
    """Returns the settings of a shipped file with valid changes."""
    file = folder / f"Pulumi.{stack}.yaml"
    file.write_text(changed(stack, *changes), encoding="utf-8")
    settings, problems = check(read_stack_file(file))
    assert problems == []
    assert settings is not None
    return settings


def assert_problem(problems: list[Problem], key: str, value: object, message: str) -> None:
    """Fails unless the only problem has this key, value and message."""
    assert [(each.key, each.value, each.message) for each in problems] == [(key, value, message)]


def put(path: Path_, value: object, message: str) -> Case:
    """Returns the case of a value whose own key is refused."""
    return path, value, ".".join(map(str, path)), value, message


def missing(path: Path_, message: str = "required") -> Case:
    """Returns the case of a missing required key."""
    return path, ABSENT, ".".join(map(str, path)), None, message


def put_in(path: Path_, name: str, value: object, message: str) -> Case:
    """Returns the case of a mapping whose only entry is refused."""
    return path, {name: value}, ".".join((*map(str, path), name)), value, message


def unknown_key(section: str, *nearest: str) -> str:
    """Returns the message for a misspelled key of a section, with the nearest keys."""
    anchor = section.partition(".")[0].replace(":", "-")
    keys = " or ".join(f'"{each}"' for each in nearest)
    return f"unknown key; did you mean {keys}? All keys: docs/settings.md#{anchor}"


def unknown(path: Path_, *nearest: str) -> Case:
    """Returns the case of a misspelled key, with the nearest matches in the message."""
    return put(path, 1, unknown_key(str(path[0]), *nearest))


def app(**changes: object) -> dict[str, object]:
    """Returns an app that is valid in every shipped stack, with changed fields."""
    return {
        "image": "public.ecr.aws/docker/library/redis:7.4-alpine",
        "port": 8080,
        "requests": {"cpu": "100m", "memory": "64Mi"},
        "replicas": {"needed": 1, "max": 3},
        **changes,
    }


def exposed(path: str, **changes: object) -> dict[str, object]:
    """Returns an app behind the load balancer."""
    return app(probes={"readiness": {"path": "/ready"}}, expose={"path": path}, **changes)


def workers(**named: Mapping[str, object]) -> Change:
    """Returns a change that adds workers, each with some changed fields."""
    required = _without(app(), "port")
    return (WORKERS,), {name: {**required, **each} for name, each in named.items()}


def singletons(**named: Mapping[str, object]) -> Change:
    """Returns a change that adds singletons, each with some changed fields."""
    required = _without(app(), "port", "replicas")
    return (SINGLETONS,), {name: {**required, **each} for name, each in named.items()}


def cron_jobs(**named: Mapping[str, object]) -> Change:
    """Returns a change that adds nightly cron jobs, each with some changed fields."""
    required = {**_without(app(), "port", "replicas"), "schedule": "30 4 * * *"}
    return (CRON_JOBS,), {name: {**required, **each} for name, each in named.items()}


def _without(workload: dict[str, object], *keys: str) -> dict[str, object]:
    return {key: value for key, value in workload.items() if key not in keys}


def further(name: str, **changes: object) -> dict[str, object]:
    """Returns an init container or a sidecar, with changed fields."""
    return {
        "name": name,
        "image": "public.ecr.aws/docker/library/further:1.0.0",
        "requests": {"cpu": "50m", "memory": "64Mi"},
        **changes,
    }


def pool(max_nodes: int, *effects: str, **changes: object) -> dict[str, object]:
    """Returns a pool of at most `max_nodes` nodes per zone, with a taint for each effect."""
    return {
        "instanceTypes": ["m7i.large", "m6i.large"],
        "perZone": {"min": 0, "max": max_nodes},
        "taints": [{"key": "for", "effect": effect} for effect in effects],
        **changes,
    }


def problems_of(*changes: Change, stack: str = "prod") -> list[Problem]:
    """Returns the problems of a shipped file with changes."""
    config = config_of(stack)
    for path, value in changes:
        put_at(config, path, value)
    return check(config)[1]


def cautions_of(*changes: Change, stack: str = "prod-standby") -> dict[str, str]:
    """Returns the texts of the cautions on a shipped file with changes, by key."""
    config = config_of(stack)
    for path, value in changes:
        put_at(config, path, value)
    settings, problems = check(config)
    assert settings, problems
    return {each.key: each.text for each in cautions(settings, date(2026, 11, 1))}
