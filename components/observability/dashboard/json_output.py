"""JSON of a large value that contains a few Outputs."""

import json
import re
from typing import cast

import pulumi

_PLACEHOLDER = re.compile(r'"\\u0000(\d+)\\u0000"')
"""Placeholder of an Output in the JSON text, with its quotes; no AWS name has such characters."""


def json_output(value: object) -> pulumi.Output[str]:
    """Returns the same JSON as `pulumi.Output.json_dumps`, but faster.

    `json_dumps` creates an Output for each list and number in the value. For the dashboard, this
    took a quarter of the time of a preview.
    """
    outputs: dict[int, pulumi.Output[object]] = {}

    def placeholder(found: object) -> str:
        outputs[id(found)] = cast("pulumi.Output[object]", found)
        return f"\0{id(found)}\0"

    text = json.dumps(value, default=placeholder)

    def fill_in(values: list[object]) -> str:
        by_id = dict(zip(outputs, values, strict=True))
        return _PLACEHOLDER.sub(lambda match: json.dumps(by_id[int(match[1])]), text)

    return pulumi.Output.all(*outputs.values()).apply(fill_in)
