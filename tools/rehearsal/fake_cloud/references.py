"""Finds references between resources, which are the IDs, ARNs and names in their inputs."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from tools.recording.made_up_outputs import ACCOUNT

Values = dict[str, Any]  # Any: the values of resource properties are JSON of any shape


_ID_PREFIXES = {"vpc", "subnet", "sg", "rtb", "igw", "nat", "eipalloc", "lt", "vpce"}


_NAME_REFERENCES = ("bucket", "clusterName", "healthCheckId", "role", "targetKeyId")
"""Inputs that refer to another resource by a value that does not look like an ID or ARN."""


def references_in(inputs: Values) -> set[str]:
    """Returns the IDs, ARNs and names by which some inputs refer to other resources."""
    found = {text for text in strings_in(inputs) if _is_id_or_arn(text)}
    return found | {str(inputs[key]) for key in _NAME_REFERENCES if key in inputs}


def namespace_of(inputs: Values) -> str | None:
    """Returns the namespace of a Kubernetes object or Helm release; None for anything else."""
    metadata: Values = inputs.get("metadata") or {}
    return metadata.get("namespace") or ("chart" in inputs and inputs.get("namespace")) or None


@lru_cache(maxsize=10_000)  # the scenario `order` creates the same resources again and again
def _is_id_or_arn(text: str) -> bool:
    prefix, _, rest = text.partition("-")
    if prefix in _ID_PREFIXES and len(rest) == 17 and set(rest) <= set("0123456789abcdef"):
        return True
    return text.startswith("arn:aws") and f":{ACCOUNT}:" in text and "*" not in text


def strings_in(value: object) -> list[str]:
    """Returns all strings in a value, including those in JSON documents."""
    found: list[str] = []
    _add_strings(value, found)
    return found


def _add_strings(value: object, found: list[str]) -> None:
    if isinstance(value, str):
        found.append(value)
        if value[:1] == "{":
            found.extend(_strings_in_document(value))
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            _add_strings(item, found)
    elif isinstance(value, dict | Mapping):  # a check of Mapping alone is slow
        for item in cast("Mapping[str, object]", value).values():
            _add_strings(item, found)


@lru_cache(maxsize=1_000)  # the scenario `order` creates the same resources again and again
def _strings_in_document(text: str) -> Sequence[str]:
    """Returns the strings in a JSON document; none if the text is not a JSON document."""
    try:
        return strings_in(json.loads(text))
    except json.JSONDecodeError:
        return ()
