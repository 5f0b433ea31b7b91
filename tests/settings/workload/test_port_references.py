"""Keys that refer to a port by its name."""

import pytest

from tests.settings.stack_files import WEB, Change, problems_of

CASES: dict[str, tuple[Change, str]] = {
    "probe": (((*WEB, "probes", "readiness", "port"), 8081), "probes.readiness.port"),
    "metrics": (((*WEB, "metrics"), {"port": 8081}), "metrics.port"),
    "peers": (((*WEB, "peers"), {"ports": [8081]}), "peers.ports[0]"),
    "health check": (
        ((*WEB, "expose"), {"healthCheck": {"port": 8081}}),
        "expose.healthCheck.port",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_port_number_is_refused_with_the_name_to_write(case: str) -> None:
    change, path = CASES[case]
    [problem] = problems_of(change)
    assert (problem.key, problem.message) == (
        f"ha-eks:apps.web.{path}",
        "must be the name of a port, not its number; write app for the main port, or add 8081 to "
        "otherPorts and write its name",
    )


def test_a_choice_that_looks_like_a_number_is_written_in_quotes() -> None:
    field = {"resource": "limits.cpu", "divisor": 1}
    [problem] = problems_of(((*WEB, "envResources"), {"CORES": field}))
    assert problem.message == 'must be text, not 1; write "1" in quotes'


def test_an_app_that_calls_itself_is_told_about_peers() -> None:
    [problem] = problems_of(((*WEB, "talksTo"), ["web"]))
    assert problem.message == "pods of one workload connect by peers; write peers, and remove this"
