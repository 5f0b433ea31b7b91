"""The table of results, as the terminal shows it."""

from tools.deploy.check.result import not_ok, ok, skipped
from tools.deploy.check.table import table


def test_a_table_has_columns_and_remedies() -> None:
    name = "cluster-autoscaler-aws-cluster-autoscaler-7d8f9"
    results = {
        "pods": [ok("app web", "6 ready"), not_ok(name, "not ready", "kubectl get pods")],
        "DNS": [skipped("record", "the stack file has no domain, so that each client uses it")],
        "none": [],
    }
    assert table(results) == (
        "CHECK          SUBJECT                         RESULT  FOUND\n"
        "pods           app web                         ok      6 ready\n"
        f"               {name}\n"
        "                                               NOT OK  not ready\n"
        "               -> kubectl get pods\n"
        "DNS            record                          skipped "
        "the stack file has no domain, so that each\n"
        "                                                       client uses it\n"
        "\n"
        "1 ok, 1 NOT OK, 1 skipped"
    )


def test_a_command_in_a_remedy_can_be_copied() -> None:
    command = f"--names={'long-name,' * 12}"
    results = {"pods": [not_ok("app web", "x" * 50, f"run {command} again")]}
    assert table(results) == (
        "CHECK          SUBJECT                         RESULT  FOUND\n"
        f"pods           app web                         NOT OK  {'x' * 45}\n"
        "                                                       xxxxx\n"
        "               -> run\n"
        f"                  {command}\n"
        "                  again\n"
        "\n"
        "0 ok, 1 NOT OK, 0 skipped"
    )
