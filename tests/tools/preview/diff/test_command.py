"""`python -m tools.preview STACK --against` as a process."""

import json
import os
import subprocess
from pathlib import Path

from tests.tools.preview.diff.test_revision import git
from tests.warm_process import run_warm


def run(folder: Path, *options: str, stack: str = "dev") -> tuple[int, str, str]:
    process = run_warm(
        "tools.preview", stack, *options, cwd=folder, env={"PATH": os.environ["PATH"]}
    )
    errors = process.stderr.replace("previewing dev …\n", "")  # printed on slow machines only
    return process.returncode, process.stdout, errors


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "Pulumi.dev.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_change_is_compared_with_a_revision_and_with_a_file(checkout: Path) -> None:
    git(checkout, "init")
    (checkout / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    git(checkout, "add", ".")
    git(checkout, "commit", "--message", "before")
    former = checkout / "former.yaml"
    former.write_bytes((checkout / "Pulumi.dev.yaml").read_bytes())
    edit(checkout, "redis:7.4-alpine", "redis:stable")

    status, out, err = run(checkout, "--against", "HEAD")
    assert (status, err) == (1, ""), "the new finding is an error of the present"
    assert out.startswith("- **Zone loss:** unchanged, any one zone can fail")
    assert "\n**Deployment cache**\n" in out
    assert "- warning HA102 Deployment/cache/cache" in out
    assert not (checkout / "build").exists()
    state = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    assert state.stdout == " M Pulumi.dev.yaml\n"

    same, of_file, _ = run(checkout, "--against", "former.yaml", "--json")
    assert same == 1
    data = json.loads(of_file)
    assert data["before"]["name"] == "former.yaml"
    assert [each["name"] for each in data["resources"]] == ["cache"]


def test_a_compared_file_extends_the_shared_file_beside_it(checkout: Path) -> None:
    former = checkout / "former.yaml"
    former.write_bytes((checkout / "Pulumi.prod.yaml").read_bytes())
    status, out, _ = run(checkout, "--against", "former.yaml", "--json", stack="prod")
    assert status == 0
    assert json.loads(out)["resources"] == []


def test_a_bad_file_is_one_message_with_its_name(checkout: Path) -> None:
    bad = checkout / "proposal.yaml"
    bad.write_text("config: []\n", encoding="utf-8")
    assert run(checkout, "--against", "proposal.yaml") == (
        2,
        "",
        "proposal.yaml: config: required; must be a mapping from config keys such as aws:region "
        "to their values\n",
    )
    bad.write_text("config:\n  aws:region: us-east-1\n  aws:region: us-east-1\n  a: {a: 1, a: 2}\n")
    status, out, err = run(checkout, "--against", "proposal.yaml")
    assert (status, out) == (2, "")
    assert [line.split(" ")[0] for line in err.splitlines()] == [
        "proposal.yaml:3:", "proposal.yaml:4:",
    ]  # fmt: skip
    assert run(checkout, "--against", "no.yaml") == (
        2, "", "no.yaml: cannot be read: No such file or directory\n",
    )  # fmt: skip


def test_a_bad_revision_is_one_message(checkout: Path) -> None:
    git(checkout, "init")
    unknown = "no such file and no such revision; run git fetch if a remote has it"
    for name, problem in (
        ("no-such-branch", f"no-such-branch: {unknown}"),
        ("core", f"core: {unknown}"),
        ("", "--against: empty; write a git revision, or a stack file"),
    ):
        status, out, err = run(checkout, "--against", name)
        assert (status, out, err) == (2, "", f"{problem}\n")


def test_the_option_excludes_those_of_other_outputs(checkout: Path) -> None:
    status, out, err = run(checkout, "--against", "HEAD", "--sarif")
    assert (status, out) == (2, "")
    assert err.endswith("error: --against: only --json can be combined with it\n")
