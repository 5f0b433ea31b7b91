"""Reads a `Pulumi.<stack>.yaml` without the Pulumi CLI, and refuses what the two might read apart.

PyYAML follows YAML 1.1 and the CLI's reader YAML 1.2 with exceptions: `yes`, `12:30`, `010` or a
date mean different things to them. Only plain scalars that both read alike are taken.
"""

import re
from pathlib import Path
from typing import cast

import yaml

from settings.reading.problem import Problem, SettingsError

_STR = "tag:yaml.org,2002:str"
_PLAIN_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?")
_DISPUTED = re.compile(
    r"(?i:y|yes|n|no|on|off|true|false|null)"
    r"|[-+]?[0-9][0-9_,]*(:[0-5]?[0-9])+(\.[0-9]*)?"
    r"|[-+]?(?i:0[0-9_]+|0[xob][0-9a-f_]+|[0-9][0-9_]*\.?[0-9_]*(e[-+]?[0-9]+)?)"
    r"|[-+]?(?i:\.[0-9]+(e[-+]?[0-9]+)?|\.inf|\.nan)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
    r"|<<|=",
    re.ASCII,
)


def read_stack_file(path: Path) -> dict[str, object]:
    """The `config` of a stack file, by full key.

    Raises SettingsError, with every problem, if the file does not exist, is no YAML, has a key
    twice, a `secure:` value or scalars that YAML readers disagree on.
    """
    try:
        node = _compose(path.read_text(encoding="utf-8"))
        problems: list[Problem] = []
        document = _value(node, "", problems) if node is not None else None
    except OSError as error:
        stacks = sorted(file.name for file in path.parent.glob("Pulumi.*.yaml"))
        raise _refused(path, "file", error.strerror, f"one of {', '.join(stacks)}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _refused(path, "file", " ".join(str(error).split()), "YAML") from error
    except RecursionError as error:
        raise _refused(path, "file", "too deep, or within itself", "a few levels") from error
    config: object = None
    if isinstance(document, dict):
        config = cast("dict[str, object]", document).get("config")
    if not problems and not isinstance(config, dict):
        raise _refused(path, "config", config, "a mapping of config keys to values")
    if problems:
        raise SettingsError(path.name, problems)
    return cast("dict[str, object]", config)


def _compose(text: str) -> yaml.Node | None:
    """The nodes of a document, before anything is made of them."""
    loader = yaml.SafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()  # pyright: ignore[reportUnknownMemberType]  # untyped in its stubs


def _refused(path: Path, key: str, value: object, message: str) -> SettingsError:
    return SettingsError(path.name, [Problem(key=key, value=value, message=message)])


def _value(node: yaml.Node, at: str, problems: list[Problem]) -> object:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, at, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{at}[{i}]", problems) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node, at, problems)


def _mapping(node: yaml.MappingNode, at: str, problems: list[Problem]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        place = f"{at}.{key}".removeprefix(".").removeprefix("config.")
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(
                Problem(key=at, value="a list or a mapping", message="plain text as a key")
            )
            continue
        _scalar(key_node, place, problems)
        if key in values:
            line = key_node.start_mark.line + 1
            problems.append(
                Problem(key=place, value=f"again in line {line}", message="each key once")
            )
        if key == "secure" and len(node.value) == 1:
            problems.append(
                Problem(
                    key=at,
                    value="secure: …",
                    message="plain values: no setting here is a secret, and preview has no key",
                )
            )
        values[str(key)] = _value(value_node, place, problems)
    return values


def _scalar(node: yaml.ScalarNode, at: str, problems: list[Problem]) -> object:
    text = str(node.value)
    if node.style is not None or node.tag.startswith("!"):
        if node.tag != _STR:
            problems.append(Problem(key=at, value=text, message="no YAML tags"))
        return text
    if text in _PLAIN_WORDS:
        return _PLAIN_WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if _DISPUTED.fullmatch(text) or node.tag != _STR:
        problems.append(
            Problem(
                key=at,
                value=text,
                message=f'"{text}" in quotes, if text is meant, else true, false or a plain '
                "decimal number: YAML readers disagree on this",
            )
        )
    return text
