"""The requests to FIS are those that moto's FIS understands."""

import json
from collections.abc import Generator
from datetime import datetime
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from core.experiments.experiment import TAG
from core.tags import CELL
from tests.tools.deploy.check import aws_shapes
from tools.deploy.experiment.fis import Fis


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Generator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield get_session().create_client("fis", region_name="us-east-1")


def test_an_experiment_is_started_found_and_stopped(client: Any) -> None:
    def ask(*arguments: str) -> Any:
        operation = getattr(client, arguments[1].replace("-", "_"))
        answer = operation(**aws_shapes.request_of(arguments))
        return json.loads(json.dumps(answer, default=datetime.isoformat))  # as the CLI prints

    def template(cell: str) -> str:
        created = client.create_experiment_template(
            clientToken=cell,
            description="waits",
            stopConditions=[{"source": "none"}],
            actions={
                "wait": {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}},
            },
            roleArn="arn:aws:iam::123456789012:role/fis",
            tags={CELL: cell, TAG: "lose-a-zone"},
        )
        return created["experimentTemplate"]["id"]

    own = template("prod")
    template("dev")
    fis = Fis(ask, "prod")
    assert fis.templates() == {"lose-a-zone": own}
    started = fis.start("lose-a-zone", own)
    assert [(each.id, each.name) for each in fis.runs()] == [(started.id, "lose-a-zone")]
    fis.stop(started.id)
    assert fis.get(started.id, "lose-a-zone").status in ("stopping", "stopped")
    assert Fis(ask, "dev").runs() == []
