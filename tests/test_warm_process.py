"""A command in a fork of the warm process behaves as `python -m` does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warm_process import run_warm

PROBE = """
import json, os, sys, threading
import settings
print(json.dumps([
    __name__, sys.argv, sys.path[0], os.getcwd(), sorted(os.environ.items()), sys.stdin.read(),
    settings.WHOSE, threading.active_count(), sys.stdout.encoding, sys.stdout.line_buffering,
]))
print("error", file=sys.stderr)
"""
ENDS = {
    "pass": 0,
    "import sys; sys.exit()": 0,
    "import sys; sys.exit(7)": 7,
    "import sys; sys.exit('a reason')": 1,
    "raise ValueError('a reason')": 1,
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": -9,
    "import os; os.execv('/bin/sh', ['sh', '-c', 'echo from the shell; exit 3'])": 3,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a module that has the name of a package of this project."""
    (tmp_path / "settings.py").write_text("WHOSE = 'of the folder'", encoding="utf-8")
    return tmp_path


def both(
    project: Path, source: str, *arguments: str, say: str = ""
) -> list[subprocess.CompletedProcess[str]]:
    """A module in a Python that is started anew, and in a fork."""
    (project / "probe.py").write_text(source, encoding="utf-8")
    env = {"PATH": os.defpath, "OWN": "value"}
    command = [sys.executable, "-m", "probe", *arguments]
    started = subprocess.run(
        command, cwd=project, env=env, input=say, capture_output=True, text=True, check=False
    )
    return [started, run_warm("probe", *arguments, cwd=project, env=env, say=say)]


def test_a_fork_sees_what_a_started_python_sees(project: Path) -> None:
    started, forked = both(project, PROBE, "--first", "second", say="typed\n")
    assert started.returncode == 0, started.stderr
    assert (forked.stdout, forked.stderr) == (started.stdout, started.stderr)


@pytest.mark.parametrize("source", ENDS)
def test_a_fork_ends_as_a_started_python_does(project: Path, source: str) -> None:
    started, forked = both(project, source)
    assert (started.returncode, forked.returncode) == (ENDS[source], ENDS[source])
    assert forked.stdout == started.stdout
    assert forked.stderr.splitlines()[-1:] == started.stderr.splitlines()[-1:]


def test_a_fork_does_not_have_to_import_the_sdks(project: Path) -> None:
    source = "import sys; sys.exit('pulumi_aws.ec2' not in sys.modules)"
    started, forked = both(project, source)
    assert (started.returncode, forked.returncode) == (1, 0)
