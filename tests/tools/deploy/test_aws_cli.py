"""Commands of the AWS CLI, with a script in its place."""

from pathlib import Path

from tests.tools.deploy.replace_nodes.scripts import Script
from tools.deploy.aws_cli import AwsCli


def test_a_command_may_name_another_region(tmp_path: Path) -> None:
    program = Script(tmp_path, "aws")
    program.prints(("", {"Subscriptions": []}))
    cli = AwsCli(path=str(program.file), region="us-west-2")
    for arguments in (("sns", "list-topics"), ("sns", "list-topics", "--region", "us-east-1")):
        assert cli.ask(*arguments) == {"Subscriptions": []}
    assert program.calls() == [
        "[sns][list-topics][--output][json][--region][us-west-2]",
        "[sns][list-topics][--region][us-east-1][--output][json]",
    ]
