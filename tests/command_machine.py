"""A machine for tests of commands: a copy of the project, and fake programs on PATH."""

import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tests.warm_process import run_warm
from tools.recording.record import ROOT

NO_NETWORK = "http://127.0.0.1:9"

SIGNED_IN = """printf '{"Account": "210987654321", "Arn": "arn:aws:iam::210987654321:user/me"}'"""
CREDENTIALS = '{"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}'
AS_ROLE = f"""printf '%s' '{{"Credentials": {CREDENTIALS}}}'"""
NO_CLUSTER = (
    "echo 'An error occurred (ResourceNotFoundException) when calling the DescribeCluster "
    "operation: No cluster found for name: own.' >&2; exit 254"
)

NO_LIMITS = """printf '{"Quota": {"Value": 1000000.0}}'"""
NONE = "printf '[]'"
QUOTA_READS = {
    "get-service-quota": NO_LIMITS,
    "describe-instances": NONE,
    "describe-addresses": NONE,
    "describe-nat-gateways": NONE,
    "describe-subnets": NONE,
    "describe-vpcs": NONE,
    "describe-pull-through-cache-rules": NONE,
}
"""Commands that read quotas and their use. They run at the same time, in no order."""

_ZONE = '{"AvailabilityZones": [{"ZoneName": "us-east-1e"}]}'
ZONE_READS = {
    "describe-availability-zones": f"printf '%s' '{_ZONE}'",
    "describe-auto-scaling-groups": """printf '{"AutoScalingGroups": []}'""",
}
"""Commands that read the name of the zone without control planes, and zones that are out."""


def aws_script(scripts: Mapping[str, str]) -> str:
    """Returns a script of `aws`, which runs a script for each command of a service."""
    known = {
        "get-caller-identity": SIGNED_IN,
        "assume-role": AS_ROLE,
        "describe-cluster": NO_CLUSTER,
        **QUOTA_READS,
        **ZONE_READS,
        "list-addons": """printf '{"addons": []}'""",
        **scripts,
    }
    cases = "\n".join(f"{command}) {script} ;;" for command, script in known.items())
    return f'case "$2" in\n{cases}\n*) echo "unexpected: $2" >&2; exit 9 ;;\nesac'


STACK_WITHOUT_STATE = """[ "$1 $2" != "stack export" ] || echo '{"deployment": null}'"""
"""Script of a `pulumi` whose stack was not deployed yet."""


class Machine:
    """A copy of the project with the stack `own`, and a folder of fake programs as PATH."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.project, self.bin, self.cache = project, folder / "bin", folder / "cache"
        self._calls = folder / "calls"
        self.bin.mkdir()
        self.stack = project / "Pulumi.own.yaml"
        self._kubernetes = project / "core" / "facts" / "versions" / "kubernetes.py"
        text = (project / "Pulumi.dev.yaml").read_text(encoding="utf-8")
        for shipped, value in (
            ("203.0.113.0/24", "11.12.13.0/24"),
            ("[m7i.large]", "[i4i.large]"),  # EC2 offers this type in every zone: no caution
        ):
            assert shipped in text
            text = text.replace(shipped, value)
        self.stack.write_text(text, encoding="utf-8")
        self.has("pulumi", STACK_WITHOUT_STATE)
        self.has("aws", aws_script({}))

    def aws(self, **commands: str) -> None:
        """Adds scripts for commands of `aws`; write _ for each - of the command."""
        scripts = {name.replace("_", "-"): each for name, each in commands.items()}
        self.has("aws", aws_script(scripts))

    def has(self, name: str, script: str = "") -> None:
        """Puts a fake program on PATH, which records its calls and runs a script."""
        self.write(self.bin / name, script)

    def write(self, file: Path, script: str) -> None:
        """Writes a fake program."""
        # One write for each call, because commands run at the same time.
        record = f"""arguments=$(printf '[%s]' "$@")
        printf '%s %s in %s\\n' {file.name} "$arguments" "$PWD" >> '{self._calls}'"""
        file.write_text(f"#!/bin/sh\n{record}\n{script}\n", encoding="utf-8")
        file.chmod(0o755)

    def has_no(self, name: str) -> None:
        """Removes a program from PATH."""
        (self.bin / name).unlink()

    def support_ends(self, minor: str, day: date) -> None:
        """Sets the end of the standard support of a Kubernetes minor version."""
        text = self._kubernetes.read_text()
        ends = f'"{minor}": date({day.year}, {day.month}, {day.day})'
        self._kubernetes.write_text(
            re.sub(rf'"{minor}": date\(.*?\)', ends, text), encoding="utf-8"
        )

    def setting(self, line: str) -> None:
        """Adds a line to the config of the stack file."""
        with self.stack.open("a", encoding="utf-8") as file:
            file.write(f"  {line}\n")

    def up(
        self, stack: str = "own", stdin: str = "", cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs `python -m tools.deploy.up`."""
        return self.runs(
            "tools.deploy.up", stack, stdin=stdin, cwd=cwd, new_process=False, **environment
        )

    def runs(
        self,
        module: str,
        *arguments: str,
        stdin: str = "",
        cwd: Path | None = None,
        new_process: bool = False,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command of the project in a fork, or in a new Python process."""
        cwd = cwd or self.project
        env = self._environment(environment)
        read_by_python = any(
            name.startswith("PYTHON") and name != "PYTHONPATH" for name in environment
        )
        if not new_process and not read_by_python:
            return run_warm(module, *arguments, cwd=cwd, env=env, stdin=stdin)
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=cwd,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def make(self, *arguments: str, exit_status: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs `make`, with a fake Python in the virtual environment."""
        make = shutil.which("make")
        assert make, "make is required"
        venv = self.project / ".venv"
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        for file in ("Makefile", "requirements.txt"):
            shutil.copy(ROOT / file, self.project)
        (venv / "run.ok").touch()
        self.write(venv / "bin" / "python", f"exit {exit_status}")
        return subprocess.run(
            [make, *arguments], cwd=self.project, capture_output=True, text=True, check=False
        )

    def types(self, text: str, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of the project in a terminal, in which a person types a line."""
        terminal, stdin = pty.openpty()
        try:
            os.write(terminal, f"{text}\n".encode())
            env = self._environment({})
            return run_warm(module, *arguments, cwd=self.project, env=env, stdin=stdin)
        finally:
            os.close(terminal)
            os.close(stdin)

    def _environment(self, more: Mapping[str, str]) -> Mapping[str, str]:
        return {
            "PATH": str(self.bin),
            "XDG_CACHE_HOME": str(self.cache),
            "HTTPS_PROXY": NO_NETWORK,
            **more,
        }

    def refuses(self, stack: str = "own", **environment: str) -> str:
        """Runs `up`, which must fail before it calls Pulumi, and returns its error output."""
        done = self.up(stack, stdin="", cwd=None, **environment)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert "Traceback" not in done.stderr
        assert not [call for call in self.calls() if call.startswith("pulumi [")]
        return done.stderr

    def calls(self) -> list[str]:
        """Returns the recorded calls in order, each with arguments and working directory.

        The result has no reads of quotas and of zones.
        """
        lines = [each for each in self._lines() if not _reads_quotas(each)]
        return [each for each in lines if not any(f"[{name}]" in each for name in ZONE_READS)]

    def quota_calls(self) -> list[str]:
        """Returns the sorted arguments of the recorded reads of quotas."""
        reads = (each for each in self._lines() if _reads_quotas(each))
        return sorted(each.split(" ", 1)[1].rsplit(" in ", 1)[0] for each in reads)

    def _lines(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []

    def called(self, *calls: str) -> bool:
        """True if exactly these calls were made in the folder of the project."""
        return self.calls() == [f"{call} in {self.project}" for call in calls]


def _reads_quotas(call: str) -> bool:
    return any(f"[{command}]" in call for command in QUOTA_READS)
