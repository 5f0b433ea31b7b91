"""A command in a fork of the warm process behaves like `python -m`."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project_copy import ProjectCopy
from tests.warm_process import run_warm

PROBE = """
import json, os, sys, threading
import settings
print(json.dumps([
    __name__, sys.argv, sys.path[0], os.getcwd(), sorted(os.environ.items()), sys.stdin.read(),
    settings.ORIGIN, threading.active_count(), sys.stdout.encoding, sys.stdout.line_buffering,
]))
print("error", file=sys.stderr)
"""
EXIT_STATUSES = {
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
    """Folder with a module that has the same name as a package of this project."""
    (tmp_path / "settings.py").write_text("ORIGIN = 'working directory'", encoding="utf-8")
    return tmp_path


def both(
    project: Path, source: str, *arguments: str, stdin: str = "", **environment: str
) -> list[subprocess.CompletedProcess[str]]:
    """Runs a module in a new Python process and in a fork."""
    (project / "probe.py").write_text(source, encoding="utf-8")
    env = {"PATH": os.defpath, "VARIABLE": "value", **environment}
    command = [sys.executable, "-m", "probe", *arguments]
    expected = subprocess.run(
        command, cwd=project, env=env, input=stdin, capture_output=True, text=True, check=False
    )
    return [expected, run_warm("probe", *arguments, cwd=project, env=env, stdin=stdin)]


def test_a_fork_has_the_environment_of_a_new_process(project: Path) -> None:
    expected, forked = both(project, PROBE, "--first", "second", stdin="typed\n")
    assert expected.returncode == 0, expected.stderr
    assert (forked.stdout, forked.stderr) == (expected.stdout, expected.stderr)


@pytest.mark.parametrize("source", EXIT_STATUSES)
def test_a_fork_exits_like_a_new_process(project: Path, source: str) -> None:
    expected, forked = both(project, source)
    assert (expected.returncode, forked.returncode) == (
        EXIT_STATUSES[source],
        EXIT_STATUSES[source],
    )
    assert forked.stdout == expected.stdout
    assert forked.stderr.splitlines()[-1:] == expected.stderr.splitlines()[-1:]


def test_a_fork_reads_python_path_like_a_new_process(project: Path) -> None:
    folders = [project / "first", project / "second"]
    for each in folders:
        each.mkdir()
        (each / "sitecustomize.py").write_text(f"import sys; sys.custom = {each.name!r}")
    source = "import sys; print(sys.custom, sys.path[:3])"
    expected, forked = both(project, source, PYTHONPATH=os.pathsep.join(map(str, folders)))
    assert expected.stdout.startswith("first ")
    assert (forked.stdout, forked.stderr) == (expected.stdout, expected.stderr)


def test_a_fork_has_already_imported_the_sdks(project: Path) -> None:
    source = "import sys; sys.exit('pulumi_aws.ec2' not in sys.modules)"
    expected, forked = both(project, source)
    assert (expected.returncode, forked.returncode) == (1, 0)


def test_a_fork_reads_from_a_terminal_like_a_new_process(project: Path) -> None:
    source = "import sys; print(sys.stdin.isatty(), repr(input('name: ')), sys.stdin.readline())"
    (project / "probe.py").write_text(source, encoding="utf-8")
    results: list[tuple[int, str, str]] = []
    for new in (True, False):
        terminal, stdin = pty.openpty()
        os.write(terminal, b"typed\nmore\n")
        if new:
            command, env = [sys.executable, "-m", "probe"], {"PATH": os.defpath}
            done = subprocess.run(
                command, cwd=project, env=env, stdin=stdin, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
        else:
            done = run_warm("probe", cwd=project, env={"PATH": os.defpath}, stdin=stdin)
        os.close(terminal)
        os.close(stdin)
        results.append((done.returncode, done.stdout, done.stderr))
    assert results[0] == results[1] == (0, "name: True 'typed' more\n\n", "")


def printed(project: Path, source: str) -> str:
    (project / "probe.py").write_text(source, encoding="utf-8")
    done = run_warm("probe", cwd=project, env={"PATH": os.defpath})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_a_fork_in_a_copy_of_the_project_has_imported_the_modules_of_the_copy(
    checkout: Path,
) -> None:
    source = "import sys; print(sys.modules['settings'].__file__)"
    assert printed(checkout, source) == str(checkout / "settings" / "__init__.py")


def test_a_changed_module_of_a_copy_is_imported_again(
    checkout: Path, project_copy: ProjectCopy
) -> None:
    source = "import settings; print(hasattr(settings, 'CHANGED'))"
    assert printed(checkout, source) == "False"
    with (checkout / "settings" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("CHANGED = True\n")
    assert printed(checkout, source) == "True"
    project_copy.restore()
    assert printed(checkout, source) == "False"
