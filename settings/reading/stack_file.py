"""Reads a `Pulumi.<stack>.yaml` and its shared file without the Pulumi CLI."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import yaml
from pydantic import ValidationError
from yaml.reader import ReaderError

from settings.reading.problem import Problem
from settings.reading.settings_error import SettingsError
from settings.reading.shape import shape_problems
from settings.reading.shared_file import (
    EXTENDS,
    Extends,
    is_shareable,
    shared_file,
    with_shared,
)
from settings.reading.yaml_nodes import compose, value_of


def read_stack_file(path: Path) -> dict[str, object]:
    """Returns the `config` of a stack file, by full key, with the values of its shared file.

    Raises SettingsError as `read_config` and `extended` do.
    """
    return extended(read_config(path), path)


def extended(config: Mapping[str, object], stack_file: Path) -> dict[str, object]:
    """Returns the config of a stack file with the values of the file that the config extends.

    Raises SettingsError if this file does not exist or is invalid.
    """
    name = config.get(EXTENDS) or None
    if name is None:
        return {key: value for key, value in config.items() if key != EXTENDS}
    try:
        Extends.model_validate(name)
    except ValidationError as error:
        found = shape_problems(EXTENDS, error, Extends)
        raise SettingsError(
            stack_file, [Problem(key=EXTENDS, message=each.message, value=name) for each in found]
        ) from error
    shared = shared_file(config, stack_file)
    assert shared
    if not shared.exists():
        message = f"{shared.name} does not exist in the folder of the stack file"
        raise SettingsError(stack_file, [Problem(key=EXTENDS, message=message, value=name)])
    values = read_config(shared, shared=True)
    problems = [*_of_one_cell(values)]
    if problems:
        raise SettingsError(shared, problems)
    return with_shared(config, values)


def files_of(stack_file: Path) -> Sequence[Path]:
    """Returns a stack file and the file that it extends, if this file exists."""
    shared = shared_file(read_config(stack_file), stack_file)
    return [stack_file, shared] if shared and shared.exists() else [stack_file]


def _of_one_cell(config: Mapping[str, object]) -> Iterator[Problem]:
    """Yields a problem for each key of a shared file that belongs to one cell."""
    for key, value in config.items():
        if not is_shareable(key):
            message = (
                "a shared file cannot extend another file; remove the key"
                if key == EXTENDS
                else "belongs to one cell; write the key into the stack file of each cell"
            )
            yield Problem(key=key, message=message, value=value)


def read_config(path: Path, *, shared: bool = False) -> dict[str, object]:
    """Returns the `config` of a stack file or a shared file, by full key.

    Raises SettingsError with every problem if the file does not exist or is not YAML, or if the
    file has a duplicate key, an encrypted value, or scalars on which YAML readers disagree. A
    shared file has no other key than `config`; the CLI writes further keys into stack files.
    """
    document, problems = read_yaml(path, missing=existing_stack_files(path.parent))
    config: object = None
    if isinstance(document, dict):
        keys = cast("dict[str, object]", document)
        config = keys.get("config")
        if shared:
            message = "must be the only key of a shared file; write {} below it"
            problems += [
                Problem(key="config", message=message.format(key))
                for key in keys
                if key != "config"
            ]
    if not problems and not isinstance(config, dict):
        message = "must be a mapping from config keys such as aws:region to their values"
        raise _refused(path, "config", message if config else f"required; {message}")
    if problems:
        raise SettingsError(path, problems)
    return cast("dict[str, object]", config)


def read_yaml(path: Path, *, missing: str) -> tuple[object, list[Problem]]:
    """Returns the document of a YAML file, and its problems such as duplicate keys.

    Raises SettingsError if the file cannot be read or is not YAML; `missing` is the advice if the
    file does not exist.
    """
    problems: list[Problem] = []
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise _refused(path, "file", f"not found; {missing}") from error
    except OSError as error:
        raise _refused(path, "file", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise _refused(path, "file", "must be UTF-8 text", line) from error
    try:
        root = compose(text)
        document = value_of(root.node, "", problems) if root else None
    except yaml.YAMLError as error:
        raise _refused(path, "file", *_syntax(error, text)) from error
    except RecursionError as error:
        message = "nested too deeply, or contains itself through an anchor"
        raise _refused(path, "file", message) from error
    return document, problems


def existing_stack_files(folder: Path) -> str:
    """Returns a sentence that names the stack files of a folder."""
    names = sorted(file.name for file in folder.glob("Pulumi.*.yaml"))
    return f"the stack files are {', '.join(names)}" if names else "there is no stack file"


def _syntax(error: yaml.YAMLError, text: str) -> tuple[str, int | None]:
    """Returns the message about text that is not YAML, and the line."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return "not valid YAML: remove the control character", line
    if not isinstance(error, yaml.MarkedYAMLError):
        return "not valid YAML", None
    return _advice(error.problem or "", error.context or ""), _line(error, text)


def _advice(problem: str, context: str) -> str:
    if "another document" in problem:
        return "must be one YAML document; remove this ---"
    if "mapping values" in problem:
        return "not valid YAML: put text with a colon in quotes"
    if "alias" in problem:
        return f"not valid YAML: {problem}"
    if r"\t" in problem:
        return "not valid YAML: indent with spaces, not with tabs"
    if "flow" in context:
        return "not valid YAML: a [ or { is not closed, or a comma is missing"
    if "quoted scalar" in context:
        return "not valid YAML: a quote is not closed"
    return "not valid YAML: check the indentation of this line and of the line above"


def _line(error: yaml.MarkedYAMLError, text: str) -> int | None:
    """Returns the line of an error; for an unclosed quote, the line of the opening quote."""
    unclosed = "quoted scalar" in (error.context or "")
    mark = error.context_mark if unclosed else error.problem_mark
    return min(mark.line + 1, len(text.splitlines())) if mark else None


def _refused(path: Path, key: str, message: str, line: int | None = None) -> SettingsError:
    return SettingsError(path, [Problem(key=key, message=message, line=line)])
