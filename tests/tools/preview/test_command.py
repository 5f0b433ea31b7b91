"""`python -m tools.preview`, as a whole process, the way that people use it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warm_process import run_warm

Outcome = tuple[int, str, str]


def preflight(folder: Path, stack: str, *before: str, **environment: str) -> Outcome:
    """Previews in a Python that is started anew."""
    command = [*before, sys.executable, "-m", "tools.preview", stack]
    return outcome(
        subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        ),
        stack,
    )


def previewed_warm(folder: Path, stack: str, *more: str) -> Outcome:
    """Previews in a fork."""
    return outcome(run_warm("tools.preview", stack, *more, cwd=folder, env={}), stack)


def outcome(done: subprocess.CompletedProcess[str], stack: str) -> Outcome:
    told = done.stderr.replace(f"previewing {stack} …\n", "")  # stands there on slow machines
    return done.returncode, done.stdout, told


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_preview_needs_nothing_of_the_machine(checkout: Path) -> None:
    status, out, err = preflight(checkout, "prod")
    assert status == 0, err
    assert "3 zones, one NAT gateway per zone" in out
    assert "215 resources" in out
    components = (
        "network", "cluster", "node-add-ons", "nodes", "cluster-add-ons", "observability",
        "storage", "autoscaling", "lb", "cache", "web", "traffic",
    )  # fmt: skip
    places = [out.index(f"\n├── {component} (") for component in components]
    assert places == sorted(places), "the tree is in the order of creation"
    assert (checkout / "build" / "prod" / "recording.json").exists()
    assert (checkout / "build" / "prod" / "manifests").is_dir()
    assert (checkout / "build" / "prod" / "report.html").exists()


def test_a_preview_needs_no_network(checkout: Path) -> None:
    unshare = ["unshare", "--net", "--map-root-user"]
    can = (
        shutil.which("unshare")
        and not subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode
    )
    if not can:
        pytest.skip("this machine lets no process leave its network")
    status, _, err = preflight(checkout, "dev", *unshare, PATH=os.environ["PATH"])
    assert status == 0, err


def test_the_same_from_run_to_run_over_hash_seeds(checkout: Path) -> None:
    seen: list[tuple[str, dict[str, bytes]]] = []
    for seed in ("0", "1", "4711"):
        status, out, err = preflight(checkout, "prod", PYTHONHASHSEED=seed)
        assert status == 0, err
        seen.append((out, files_in(checkout / "build")))
    assert seen[0] == seen[1] == seen[2]


def test_bad_input_writes_nothing_and_shows_no_trace(checkout: Path) -> None:
    file = checkout / "Pulumi.dev.yaml"
    text = file.read_text().replace("nat: single", "nat: nope")
    [line] = (number for number, row in enumerate(text.splitlines(), 1) if "nat: nope" in row)
    file.write_text(text, encoding="utf-8")
    status, out, err = previewed_warm(checkout, "dev")
    assert (status, out) == (1, "")
    assert err == (
        f"Pulumi.dev.yaml:{line}: ha-eks:network.nat: must be one of perZone, regional, single, "
        'none, not "nope"\n'
    )
    assert not (checkout / "build").exists()


def test_a_failed_preview_leaves_the_last_build_as_it_was(checkout: Path) -> None:
    assert previewed_warm(checkout, "dev")[0] == 0
    before = files_in(checkout / "build")
    program = checkout / "__main__.py"
    with program.open("a", encoding="utf-8") as file:
        file.write('\nimport pulumi_aws as aws\n\naws.kms.Key("forgotten")\n')
    status, _, err = previewed_warm(checkout, "dev")
    assert status == 1
    assert err.count("\n") == 1
    assert "kms/key:Key::forgotten: no explicit provider" in err
    assert files_in(checkout / "build") == before


def test_a_new_build_leaves_nothing_of_the_old_one(checkout: Path) -> None:
    old = checkout / "build" / "dev" / "manifests" / "999-old.yaml"
    old.parent.mkdir(parents=True)
    old.write_text("old", encoding="utf-8")
    assert previewed_warm(checkout, "dev")[0] == 0
    assert not old.exists()
    assert [each.name for each in (checkout / "build").iterdir()] == ["dev"]


def test_an_unknown_stack_is_told_which_there_are(checkout: Path) -> None:
    status, _, err = previewed_warm(checkout, "staging")
    assert status == 1
    assert "Pulumi.dev.yaml, Pulumi.prod-standby.yaml, Pulumi.prod.yaml" in err


def test_the_critical_path_is_printed_and_writes_nothing(checkout: Path) -> None:
    status, out, err = previewed_warm(checkout, "prod", "--critical-path")
    assert (status, err) == (0, "")
    assert "\nother chains of 90% of that or more" in out
    for line in ("Deployment web: can begin after ", "Record traffic: can begin after "):
        assert out.count(line) == 1
    assert not (checkout / "build").exists()
