"""Load and its results; vegeta is a script."""

import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tools.drills.drill import DrillError
from tools.drills.termination.load import Load, Response, Summary

VEGETA = """#!/bin/sh
if [ "$1" = attack ]; then
  trap 'exit STATUS' INT
  echo "$*" >> "$(dirname "$0")/calls"
  while :; do sleep 0.01; done
fi
[ "$1" = report ] && cat <<'END'
{"requests": 10, "status_codes": {"200": 7, "503": 2, "0": 1},
 "errors": ["503 Service Unavailable", "Post \\"http://127.0.0.1:1/\\": read tcp 1->2: EOF"]}
END
[ "$1" = encode ] && cat <<'END'
1000000000,200,1500000,0,0,,,,0,POST,http://127.0.0.1:1/,
1500000000,0,2000000000,0,0,EOF,,,1,POST,http://127.0.0.1:1/,
END
exit 0
"""


def started(folder: Path, processes: ExitStack, status: int = 0) -> Load:
    vegeta = folder / "vegeta"
    vegeta.write_text(VEGETA.replace("STATUS", str(status)))
    vegeta.chmod(0o755)
    load = Load(vegeta, folder / "derived-slow")
    load.start(processes, port=1234, path="/slow", rate=2.5, longest=15)
    calls = folder / "calls"
    while not (calls.exists() and calls.read_text().endswith("\n")):
        time.sleep(0.01)
    load.stop()
    return load


def test_requests_without_status_200_are_dropped(tmp_path: Path) -> None:
    with ExitStack() as processes:
        load = started(tmp_path, processes)
        assert load.summary() == Summary(
            requests=10, dropped=3, errors=frozenset({"503 Service Unavailable", "EOF"})
        )
        assert [*load.responses()] == [
            Response(sent=1.0, ok=True, seconds=0.0015),
            Response(sent=1.5, ok=False, seconds=2.0),
        ]


def test_no_client_may_repeat_a_request_and_slow_responses_are_awaited(tmp_path: Path) -> None:
    with ExitStack() as processes:
        started(tmp_path, processes)
    target = tmp_path / "derived-slow.target"
    assert target.read_text() == "POST http://127.0.0.1:1234/slow\n"
    assert (tmp_path / "calls").read_text() == (
        f"attack -targets {target} -rate 2500/1000s -duration 0 -max-workers 139 -timeout 75.0s "
        f"-max-body 0 -output {tmp_path / 'derived-slow'}\n"
    )


def test_a_vegeta_that_fails_is_an_error(tmp_path: Path) -> None:
    with ExitStack() as processes:
        load = started(tmp_path, processes, status=2)
        with pytest.raises(DrillError, match=r"^vegeta does not end as expected: status 2$"):
            load.summary()


def test_the_loads_of_a_target_group_are_added() -> None:
    first = Summary(requests=10, dropped=1, errors=frozenset({"EOF"}))
    assert sum((first, Summary(requests=5)), Summary()) == Summary(
        requests=15, dropped=1, errors=frozenset({"EOF"})
    )
