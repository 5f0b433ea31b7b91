"""`python -m tools.preview` as a process: output, exit status and files."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warm_process import run_warm
from tools.preview.__main__ import main

Outcome = tuple[int, str, str]


def previewed_in_new_python(folder: Path, stack: str, *prefix: str) -> Outcome:
    """Previews in a new Python process without environment variables; `prefix` is put before the
    command."""
    command = [*prefix, sys.executable, "-m", "tools.preview", stack]
    return outcome(
        subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False),
        stack,
    )


def without_network() -> list[str]:
    """Returns the start of a command without a network; nothing if this machine refuses that."""
    prefix = [shutil.which("unshare") or "false", "--net", "--map-root-user"]
    refused = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode
    return [] if refused else prefix


def previewed_warm(folder: Path, stack: str, *options: str) -> Outcome:
    """Previews in a fork of the warm process."""
    return outcome(run_warm("tools.preview", stack, *options, cwd=folder, env={}), stack)


def outcome(process: subprocess.CompletedProcess[str], stack: str) -> Outcome:
    errors = process.stderr.replace(f"previewing {stack} …\n", "")  # printed on slow machines only
    return process.returncode, process.stdout, errors


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_preview_needs_no_environment_and_no_network_and_does_not_depend_on_the_hash_seed(
    checkout: Path,
) -> None:
    prefix = without_network()
    status, out, err = previewed_in_new_python(checkout, "prod", *prefix)  # a random hash seed
    assert status == 0, err
    files = files_in(checkout / "build")
    in_fork = previewed_warm(checkout, "prod")  # another one, that of the warm process
    assert (in_fork, files_in(checkout / "build")) == ((0, out, err), files)

    assert out.startswith("prod: any one zone can fail, and the needed pods remain; 2 cautions\n")
    assert (checkout / "build" / "prod" / "recording.json").exists()
    assert (checkout / "build" / "prod" / "manifests").is_dir()
    assert (checkout / "build" / "prod" / "report.html").exists()
    if not prefix:
        pytest.skip("passed with a network: this machine refuses to start a program without one")


def test_the_screen_fits_24_lines_of_80_characters(checkout: Path) -> None:
    for stack in ("dev", "prod", "prod-standby"):
        status, out, err = previewed_warm(checkout, stack)
        assert (status, err) == (0, "")
        assert len(out.splitlines()) <= 24
        assert max(map(len, out.splitlines())) <= 80


def test_verbose_prints_the_proof_in_full_and_all_resources(checkout: Path) -> None:
    status, out, err = previewed_warm(checkout, "prod", "--verbose")
    assert (status, err) == (0, "")
    assert (
        "\nloss of us-east-1a: 3 nodes, 10 pods (the same for us-east-1b and us-east-1c)\n" in out
    )
    assert "234 resources" in out
    assert "cluster (eks:Cluster): " in out
    components = (
        "network", "cluster", "node-add-ons", "nodes", "cluster-add-ons", "observability",
        "storage", "autoscaling", "lb", "cache", "web", "traffic",
    )  # fmt: skip
    places = [out.index(f"\n├── {component} (") for component in components]
    assert places == sorted(places), "the tree is in the order of creation"


def test_an_invalid_stack_file_is_one_message_and_writes_no_files(checkout: Path) -> None:
    file = checkout / "Pulumi.dev.yaml"
    text = file.read_text().replace("nat: single", "nat: nope")
    [line] = (number for number, row in enumerate(text.splitlines(), 1) if "nat: nope" in row)
    file.write_text(text, encoding="utf-8")
    status, out, err = previewed_warm(checkout, "dev")
    assert (status, out) == (2, "")
    assert err == (
        f"Pulumi.dev.yaml:{line}: ha-eks:network.nat: must be one of perZone, regional, single, "
        'none; found "nope"\n'
    )
    assert not (checkout / "build").exists()


def test_a_failed_preview_does_not_change_the_build_folder(checkout: Path) -> None:
    assert previewed_warm(checkout, "dev")[0] == 0
    before = files_in(checkout / "build")
    program = checkout / "__main__.py"
    with program.open("a", encoding="utf-8") as file:
        file.write('\nimport pulumi_aws as aws\n\naws.kms.Key("forgotten")\n')
    status, _, err = previewed_warm(checkout, "dev")
    assert status == 2
    assert err == (
        "urn:pulumi:dev::ha-eks::aws:kms/key:Key::forgotten: no explicit provider, and the default "
        "provider of aws is disabled; set `parent` or `provider` in its options\n"
    )
    assert files_in(checkout / "build") == before


def test_output_to_a_file_has_unbroken_lines(checkout: Path) -> None:
    status, out, err = previewed_warm(checkout, "dev", "--verbose")
    assert status == 0, err
    assert re.search(r"^│   ├── cost at rest: .{150,} \$0\.\d\d$", out, re.MULTILINE)
    command = "aws ec2 describe-instance-type-offerings --location-type availability-zone --region"
    assert command in out, "a copied command would contain line breaks"


def test_a_preview_removes_files_of_the_previous_preview_only(checkout: Path) -> None:
    old = checkout / "build" / "dev" / "manifests" / "999-old.yaml"
    old.parent.mkdir(parents=True)
    old.write_text("old", encoding="utf-8")
    drills = checkout / "build" / "dev" / "drills.json"
    drills.write_text("{}", encoding="utf-8")
    assert previewed_warm(checkout, "dev")[0] == 0
    assert not old.exists()
    assert drills.read_text(encoding="utf-8") == "{}", "the results of a drill would be lost"
    assert [each.name for each in (checkout / "build").iterdir()] == ["dev"]


def test_the_message_for_an_unknown_stack_lists_the_stack_files(checkout: Path) -> None:
    status, _, err = previewed_warm(checkout, "staging")
    assert status == 2
    assert "Pulumi.dev.yaml, Pulumi.prod-standby.yaml, Pulumi.prod.yaml" in err


def test_the_critical_path_is_printed_without_writing_files(checkout: Path) -> None:
    status, out, err = previewed_warm(checkout, "prod", "--critical-path")
    assert (status, err) == (0, "")
    assert (
        "\nOther chains, at least 90% as long; only resources that are not listed above:\n" in out
    )
    for line in ("\nDeployment web: starts at ", "\nRecord traffic: starts at "):
        assert out.count(line) == 1
    assert not (checkout / "build").exists()


def test_findings_have_their_severity_and_fail_the_preview(checkout: Path) -> None:
    file = checkout / "Pulumi.dev.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("redis:7.4-alpine", "redis:stable"), encoding="utf-8")
    status, out, err = previewed_warm(checkout, "dev", "--verbose")
    assert (status, err) == (1, "")
    cache = text.splitlines().index("    cache:") + 1
    lines = out.splitlines()
    assert lines[:2] == [
        "dev: any one zone can fail, and the needed pods remain, but the loss of",
        "us-east-1a affects more than pods; 1 warning and 2 cautions",
    ]
    assert (
        "warning HA102 Deployment/cache/cache: spec.template.spec.containers[cache].image: "
        "redis:stable has the moving tag stable, so that pods on new nodes can run another release "
        f"than the others; write the tag of a release, or a digest (Pulumi.dev.yaml:{cache})"
    ) in lines
    assert any(each.startswith("caution HA905 ha-eks:pools.general.inst") for each in lines)
    assert lines[-2:] == [
        "wrote build/dev: recording.json, report.html, manifests/",
        "failed: 1 finding of severity warning or above; correct it, or write a waiver in "
        "ha-eks:audit",
    ]


def test_a_finding_names_the_shared_file_that_has_the_value(checkout: Path) -> None:
    file = checkout / "apps.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("redis:7.4-alpine", "redis:stable"), encoding="utf-8")
    line = text.splitlines().index("    cache:") + 1
    _, out, _ = previewed_warm(checkout, "prod")
    [warning] = [each for each in out.splitlines() if each.startswith("warning HA102 Deployment")]
    assert warning.endswith(f" (apps.yaml:{line})")


def test_a_lower_threshold_fails_a_preview_with_cautions(checkout: Path) -> None:
    file = checkout / "Pulumi.prod.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}  ha-eks:audit: {{failOn: caution}}\n", encoding="utf-8")
    assert previewed_warm(checkout, "prod")[0] == 1


def test_findings_proof_and_cost_as_json_write_no_files(checkout: Path) -> None:
    status, out, err = previewed_warm(checkout, "prod-standby", "--json")
    assert (status, err) == (0, "")
    document = json.loads(out)
    assert [*document] == ["findings", "zoneLoss", "cost"]
    assert document["findings"] == []
    assert document["zoneLoss"]["holds"]
    assert document["cost"]["atRest"]["perMonth"] > 500
    assert not (checkout / "build").exists()


def test_several_cells_are_previewed_together(checkout: Path) -> None:
    status, out, err = cells_previewed(checkout)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert [each.partition(":")[0] for each in lines if not each.startswith(" ")][:2] == [
        "prod",
        "prod-standby",
    ]
    assert out.count("clients reach another cell within 150s: detection 3 failed checks") == 2
    assert lines[-1] == "prod and prod-standby together: no findings"
    assert not (checkout / "build").exists()


def test_errors_of_cells_together_fail_the_preview(checkout: Path) -> None:
    file = checkout / "Pulumi.prod-standby.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("role: secondary", "role: primary"), encoding="utf-8")
    status, out, _ = cells_previewed(checkout, "--json")
    assert status == 1
    document = json.loads(out)
    assert [*document] == ["cells", "findings"]
    assert [*document["cells"]] == ["prod", "prod-standby"]
    first, _ = document["findings"]
    assert (first["rule"], first["resource"]) == ("MC104", "prod-standby")


def test_a_cell_cannot_be_named_twice_and_options_need_one_stack(checkout: Path) -> None:
    _, _, twice = previewed_warm(checkout, "prod", "prod")
    assert twice.endswith("error: prod: named twice; each cell has its own stack\n")
    _, _, option = previewed_warm(checkout, "prod", "prod-standby", "--sarif")
    assert option.endswith("error: --sarif: for one stack only\n")


def cells_previewed(folder: Path, *options: str) -> Outcome:
    status, out, err = previewed_warm(folder, "prod", "prod-standby", *options)
    return status, out, err.replace("previewing prod and prod-standby …\n", "")


def test_the_rules_are_listed_without_a_stack(checkout: Path) -> None:
    done = run_warm("tools.preview", "--rules", cwd=checkout, env={})
    assert done.returncode == 0
    assert "  HA101 error   A workload behind a Service has two or more pods.\n" in done.stdout


def test_a_build_folder_that_cannot_be_written_is_one_line(checkout: Path) -> None:
    (checkout / "build").write_text("a file", encoding="utf-8")
    status, out, err = previewed_warm(checkout, "dev")
    assert (status, out) == (2, "")
    assert err == f"{checkout / 'build'}: cannot be written: File exists\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "the following arguments are required: STACK"),
        (
            ("../prod",),
            'argument STACK: "../prod": write a name, such as prod for Pulumi.prod.yaml',
        ),
        (("prod", "--json", "--sarif"), "argument --sarif: not allowed with argument --json"),
    ],
)
def test_arguments_that_cannot_work_are_refused(
    arguments: tuple[str, ...],
    error: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["preview", *arguments])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert capsys.readouterr().err.endswith(f"error: {error}\n")
