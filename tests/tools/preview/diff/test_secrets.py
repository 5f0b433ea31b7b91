"""Values of secrets are never shown."""

from typing import Any

import pytest

from tests.tools.preview.diff.sides import made
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.data import diff_data
from tools.preview.diff.markdown import markdown
from tools.preview.diff.resources import resource_changes
from tools.preview.diff.secrets import SHOWN, hidden, masked, shown
from tools.preview.diff.snapshot import Snapshot
from tools.recording import Resource

SECRET, DEPLOYMENT = "kubernetes:core/v1:Secret", "kubernetes:apps/v1:Deployment"


def env(name: str, value: str) -> dict[str, Any]:
    containers = [{"name": "web", "env": [{"name": name, "value": value}]}]
    return {"spec": {"template": {"spec": {"containers": containers}}}}


def with_secret(value: str) -> list[Resource]:
    return [
        made(SECRET, inputs={"stringData": {"key": value}}),
        made("aws:rds/instance:Instance", "marked", inputs={"x": {"y": value}}, secrets=("x.y",)),
        made("aws:rds/instance:Instance", "named", inputs={"masterPassword": value}),
        made(DEPLOYMENT, inputs=env("DATABASE_PASSWORD", value)),
        made("aws:lambda/function:Function", inputs={"list": ["a", value]}, secrets=("list[1]",)),
        made("aws:x/y:Z", inputs={"tree": {"deep": [value]}}, secrets=("tree",)),
    ]


def test_a_changed_secret_is_shown_without_its_values() -> None:
    before, after = (
        Snapshot(name=name, resources=with_secret(value), findings=())
        for name, value in (("a", "hunter2-old"), ("b", "hunter2-new"))
    )
    found = Comparison(stack="prod", before=before, after=after)
    assert len(found.resources) == len(before.resources), "a change of a secret is a change"
    for text in (markdown(found), str(diff_data(found))):
        assert "hunter2" not in text
        assert "secret:" not in text, "a digest of a short secret can be guessed"
        assert text.count(SHOWN) >= 2 * len(before.resources)


@pytest.mark.parametrize(
    "inputs",
    [
        env("LOG_LEVEL", "debug"),
        {"automountServiceAccountToken": False},
        {"secretName": "tls", "tokenExpirationSeconds": 3600},
        {"passwords": ["list"]},
    ],
)
def test_other_values_are_shown(inputs: dict[str, Any]) -> None:
    assert hidden(made(DEPLOYMENT, inputs=inputs)) == inputs


def test_equal_secrets_do_not_differ() -> None:
    assert resource_changes(with_secret("same"), with_secret("same")) == []


def test_added_values_are_masked_inside_of_their_mapping() -> None:
    values = {"a": {"password": "hunter2", "b": 1}}
    sides = [
        Snapshot(name=name, resources=[made("aws:x/y:Z", inputs=inputs)], findings=())
        for name, inputs in (("a", {}), ("b", values))
    ]
    text = markdown(Comparison(stack="prod", before=sides[0], after=sides[1]))
    assert f'+ a: {{"password": "{SHOWN}", "b": 1}}' in text
    inputs = hidden(made("aws:x/y:Z", inputs=values))
    assert masked(inputs) == {"a": {"password": SHOWN, "b": 1}}
    assert "hunter2" not in shown(str(inputs))
