"""The policies of a deployer whose cell has an extension."""

from pathlib import Path

import pytest

from tests.extensions.recorded_extension import HEAD, extension_in, record_with
from tools.deploy.policy import __main__ as command
from tools.deploy.policy.statements import statements

ACCOUNT = "210987654321"
QUEUE = '    aws.sqs.Queue("jobs", opts=opts)\n    aws.kms.Key("jobs", opts=opts)\n'


def test_known_types_of_an_extension_have_permissions(tmp_path: Path) -> None:
    text = f"{HEAD}{QUEUE}"
    found = str(statements(record_with(text, tmp_path), ACCOUNT))
    assert "kms:CreateKey" in found
    assert "sqs:" not in found


def test_the_command_names_the_types_without_permissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record_with(f"{HEAD}{QUEUE}", tmp_path)
    monkeypatch.setattr(command, "write", lambda folder, files: None)
    monkeypatch.setattr("sys.argv", ["policy", "dev", "--account", ACCOUNT])
    with extension_in(tmp_path):
        assert command.main() == 0
    assert capsys.readouterr().err == (
        "caution: the permissions for aws:sqs/queue:Queue of the extension are unknown; add a "
        f"policy with them to arn:aws:iam::{ACCOUNT}:role/ha-eks-dev-deployer\n"
    )
