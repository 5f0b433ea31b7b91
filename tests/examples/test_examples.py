"""Every example is a complete stack file that can be previewed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.shared_recordings import recorded
from tests.stacks.objects import objects
from tools.preview.diff.markdown import marker
from tools.recording import Recording
from tools.recording.record import ROOT

EXAMPLES = ROOT / "examples"
STACKS = sorted(file.name.split(".")[1] for file in EXAMPLES.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("stack", STACKS)
def test_an_example_previews_with_a_deployment_per_app(stack: str) -> None:
    recording = recorded(stack, EXAMPLES)
    deployed = {
        each.name
        for each in recording.of_type("kubernetes:apps/v1:Deployment")
        if each.parent and each.parent.endswith(f"ha-eks:index:App::{each.name}")
    }
    assert deployed == {*recording.settings.deployments}


def test_a_worker_scales_on_its_own_metric() -> None:
    recording = recorded("prometheus-scaling", EXAMPLES)
    worker = of_namespace(recording, "mailer")
    [scaled] = worker["ScaledObject"]
    assert [each["type"] for each in scaled["spec"]["triggers"]] == ["cpu", "prometheus"]
    [pods] = worker["Deployment"]
    [container] = pods["spec"]["template"]["spec"]["containers"]
    port = {"name": "metrics", "containerPort": 9090, "protocol": "TCP"}
    assert container["ports"] == [port], "the scraper finds a port by its name"
    assert "Service" not in worker
    cidrs = [
        str(each.inputs["cidrBlock"])
        for each in recording.of_type("aws:ec2/subnet:Subnet")
        if "-control-plane-" in each.name
    ]
    [policy] = worker["NetworkPolicy"]
    assert policy["spec"]["ingress"] == [
        {
            "from": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs],
            "ports": [{"port": port, "protocol": "TCP"} for port in ("metrics", 9090)],
        }
    ], "the scraper cannot reach the worker"
    [scraper] = recording.of_type("aws:amp/scraper:Scraper")
    assert "job_name: mailer" in str(scraper.inputs["scrapeConfiguration"])


def test_a_worker_scales_on_queues_without_prometheus() -> None:
    recording = recorded("worker", EXAMPLES)
    types = {each.type for each in recording.resources}
    assert not {each for each in types if each.startswith(("aws:amp/", "aws:lb/"))}
    [scaled] = of_namespace(recording, "encoder")["ScaledObject"]
    assert [each["type"] for each in scaled["spec"]["triggers"]] == [
        "cpu", "aws-sqs-queue", "aws-sqs-queue",
    ]  # fmt: skip
    [policy] = [
        each for each in recording.of_type("aws:iam/rolePolicy:RolePolicy") if each.name == "keda"
    ]
    arn = "arn:aws:sqs:us-east-1:123456789012"
    assert json.loads(str(policy.inputs["policy"]))["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["sqs:GetQueueAttributes"],
            "Resource": [f"{arn}:jobs", f"{arn}:urgent.fifo"],
        }
    ]


def of_namespace(recording: Recording, namespace: str) -> dict[str, list[Any]]:
    """Returns the objects of a namespace, by kind."""
    found: dict[str, list[Any]] = {}
    for each in objects(recording):
        if each["metadata"].get("namespace") == namespace:
            found.setdefault(each["kind"], []).append(each)
    return found


def test_the_index_lists_every_example() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = [each for each in EXAMPLES.rglob("*.y*ml") if each.is_file()]
    assert len(files) == 15
    assert [
        str(f.relative_to(EXAMPLES)) for f in files if f"({f.relative_to(EXAMPLES)})" not in listed
    ] == []


def test_the_workflow_runs_targets_that_exist() -> None:
    path = Path("github-actions/ha-eks.yml")
    jobs = yaml.safe_load((EXAMPLES / path).read_text(encoding="utf-8"))["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    targets = {command.split()[1] for command in commands if command.startswith("make ")}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets == {"lint", "test", "preview", ".venv/run.ok"}
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


def test_the_job_that_can_comment_runs_no_code_of_the_pull_request() -> None:
    text = (EXAMPLES / "github-actions" / "ha-eks.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    comment, review = jobs["comment"], jobs["review"]
    assert comment["permissions"] == {"pull-requests": "write"}
    assert [step["uses"] for step in comment["steps"] if "uses" in step] == [
        "actions/download-artifact@v4"
    ]
    assert "pull-requests" not in review["permissions"]
    assert "pull_request_target" not in text, "a fork would get a token that can write"
    assert "head.repo.full_name == github.repository" in comment["if"]


GH = """#!{python}
import json, os, pathlib, sys
store = pathlib.Path({store!r})
comments = json.loads(store.read_text())
arguments = sys.argv[1:]
assert arguments.pop(0) == "api"
path = next(each for each in arguments if each.startswith("repos/o/r/issues"))
body = [pathlib.Path(each[6:]).read_text() for each in arguments if each.startswith("body=@")]
if "--jq" in arguments:
    assert path == "repos/o/r/issues/7/comments"
    print(*[each["id"] for each in comments if os.environ["MARKER"] in each["body"]], sep="\\n")
elif "PATCH" in arguments:
    [found] = [each for each in comments if path == f"repos/o/r/issues/comments/{{each['id']}}"]
    found["body"] = body[0]
else:
    assert path == "repos/o/r/issues/7/comments"
    comments.append({{"id": len(comments) + 1, "body": body[0]}})
store.write_text(json.dumps(comments))
"""
"""The part of the GitHub CLI that the workflow uses, over a file with comments."""


def test_the_comment_of_each_stack_is_written_once_and_then_updated(tmp_path: Path) -> None:
    text = (EXAMPLES / "github-actions" / "ha-eks.yml").read_text(encoding="utf-8")
    [script] = [
        step["run"] for step in yaml.safe_load(text)["jobs"]["comment"]["steps"] if "run" in step
    ]
    store = tmp_path / "comments.json"
    store.write_text(json.dumps([{"id": 1, "body": "a comment of someone else"}]))
    gh = tmp_path / "gh"
    gh.write_text(GH.format(python=sys.executable, store=str(store)), encoding="utf-8")
    gh.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "COMMENTS": "repos/o/r/issues",
        "NUMBER": "7",
    }
    for version in ("first", "second"):
        for stack in ("dev", "prod"):
            folder = tmp_path / "diffs" / f"diff-{stack}"
            folder.mkdir(parents=True, exist_ok=True)
            body = f"{version} of {stack}\n{marker(stack)}\n"
            (folder / "diff.md").write_text(body, encoding="utf-8")
        subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=True)
    assert [each["body"].split("\n")[0] for each in json.loads(store.read_text())] == [
        "a comment of someone else", "second of dev", "second of prod",
    ]  # fmt: skip
