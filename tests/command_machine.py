"""A machine for commands: a copy of the project, and programs on PATH that are none."""

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tests.warm_process import run_warm

NO_NETWORK = "http://127.0.0.1:9"

SIGNED_IN = """printf '{"Account": "210987654321", "Arn": "arn:aws:iam::210987654321:user/me"}'"""
CREDENTIALS = '{"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}'
AS_ROLE = f"""printf '%s' '{{"Credentials": {CREDENTIALS}}}'"""
NO_CLUSTER = (
    "echo 'An error occurred (ResourceNotFoundException) when calling the DescribeCluster "
    "operation: No cluster found for name: own.' >&2; exit 254"
)


def answers(given: Mapping[str, str]) -> str:
    """A script of an `aws` that answers commands of a service, each by a script of its own."""
    known = {
        "get-caller-identity": SIGNED_IN,
        "assume-role": AS_ROLE,
        "describe-cluster": NO_CLUSTER,
        **given,
    }
    cases = "\n".join(f"{command}) {script} ;;" for command, script in known.items())
    return f'case "$2" in\n{cases}\n*) echo "unasked: $2" >&2; exit 9 ;;\nesac'


class Machine:
    """A copy of the project with a stack of its own, and what there is on PATH beside it."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.project, self.bin, self.cache = project, folder / "bin", folder / "cache"
        self._calls = folder / "calls"
        self.bin.mkdir()
        self.stack = project / "Pulumi.own.yaml"
        self._kubernetes = project / "core" / "facts" / "versions" / "kubernetes.py"
        versions = self._kubernetes  # standard support must not end while the tests exist
        versions.write_text(versions.read_text().replace("date(20", "date(29"), encoding="utf-8")
        text = (project / "Pulumi.dev.yaml").read_text(encoding="utf-8")
        for shipped, own in (
            ("203.0.113.0/24", "11.12.13.0/24"),
            ("[m7i.large]", "[i4i.large]"),  # offered in every zone: nothing to be told
        ):
            assert shipped in text
            text = text.replace(shipped, own)
        self.stack.write_text(text, encoding="utf-8")
        self.has("pulumi")
        self.has("aws", answers({}))

    def aws(self, **commands: str) -> None:
        """Has the `aws` CLI answer further commands; a name's - is _ here."""
        self.has("aws", answers({name.replace("_", "-"): each for name, each in commands.items()}))

    def has(self, name: str, script: str = "") -> None:
        """Puts a program on PATH that notes how it is called."""
        self.write(self.bin / name, script)

    def write(self, file: Path, script: str) -> None:
        note = f"""printf '%s ' {file.name} >> '{self._calls}'
        printf '[%s]' "$@" >> '{self._calls}'
        printf ' in %s\\n' "$PWD" >> '{self._calls}'"""
        file.write_text(f"#!/bin/sh\n{note}\n{script}\n", encoding="utf-8")
        file.chmod(0o755)

    def has_no(self, name: str) -> None:
        (self.bin / name).unlink()

    def support_ends(self, minor: str, day: date) -> None:
        """Has the standard support of a minor end on a day."""
        text = self._kubernetes.read_text()
        ends = f'"{minor}": date({day.year}, {day.month}, {day.day})'
        self._kubernetes.write_text(
            re.sub(rf'"{minor}": date\(.*?\)', ends, text), encoding="utf-8"
        )

    def setting(self, line: str) -> None:
        """Adds a line to the stack file's config."""
        with self.stack.open("a", encoding="utf-8") as file:
            file.write(f"  {line}\n")

    def up(
        self, stack: str = "own", say: str = "", cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return self.runs("tools.deploy.up", stack, say=say, cwd=cwd, **environment)

    def runs(
        self,
        module: str,
        *arguments: str,
        say: str = "",
        cwd: Path | None = None,
        started_anew: bool = False,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command of the project in a fork, or in a Python that is started anew."""
        cwd = cwd or self.project
        env = {
            "PATH": str(self.bin),
            "XDG_CACHE_HOME": str(self.cache),
            "HTTPS_PROXY": NO_NETWORK,
            **environment,
        }
        read_at_start = any(name.startswith("PYTHON") for name in environment)
        if not started_anew and not read_at_start:
            return run_warm(module, *arguments, cwd=cwd, env=env, stdin=say)
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=cwd,
            env=env,
            input=say,
            capture_output=True,
            text=True,
            check=False,
        )

    def refuses(self, stack: str = "own", **environment: str) -> str:
        """What people are told; Pulumi is not asked for anything then."""
        done = self.up(stack, **environment)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert "Traceback" not in done.stderr
        assert not [call for call in self.calls() if call.startswith("pulumi [")]
        return done.stderr

    def calls(self) -> list[str]:
        """Programs that were called, each with its arguments and its folder."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []

    def called(self, *calls: str) -> bool:
        return self.calls() == [f"{call} in {self.project}" for call in calls]
