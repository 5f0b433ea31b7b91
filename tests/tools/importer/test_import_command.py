"""`python -m tools.preview import`: output, messages about files, and exit status."""

from pathlib import Path

import pytest
import yaml

from tests.tools.importer.case import REACHES, deployment, imported, result, service
from tests.warm_process import run_warm
from tools.recording.record import ROOT

APP = {
    "image": "registry.example.org/web:1.0",
    "port": 8080,
    "requests": {"cpu": "100m", "memory": "128Mi"},
    "runAsUser": 1000,
    "replicas": {"needed": 1, "min": 2, "max": 2},
}
Capsys = pytest.CaptureFixture[str]


def test_the_command_prints_entries_that_can_be_pasted_below_config(tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(yaml.safe_dump_all([deployment(), service()]), encoding="utf-8")
    process = run_warm("tools.preview", "import", str(file), cwd=ROOT, env={})
    assert process.stdout == (
        "  ha-eks:apps:\n"
        "    web:\n"
        "      image: registry.example.org/web:1.0\n"
        "      port: 8080\n"
        "      requests: {cpu: 100m, memory: 128Mi}\n"
        "      runAsUser: 1000\n"
        "      replicas: {needed: 1, min: 2, max: 2}\n"
    )
    assert process.stderr == f"{REACHES}\n"
    assert process.returncode == 0


def test_the_command_needs_a_file() -> None:
    process = run_warm("tools.preview", "import", cwd=ROOT, env={})
    assert process.returncode == 2
    assert process.stderr == (
        "usage: python -m tools.preview import [-h] FILE [FILE ...]\n"
        "python -m tools.preview import: error: the following arguments are required: FILE\n"
    )


def test_the_help_of_a_preview_names_the_import() -> None:
    process = run_warm("tools.preview", "--help", cwd=ROOT, env={})
    assert "python -m tools.preview import FILE…: write Kubernetes manifests" in process.stdout


def test_the_input_can_be_a_pipe() -> None:
    process = run_warm(
        "tools.preview", "import", "-", cwd=ROOT, env={}, stdin=yaml.safe_dump(deployment())
    )
    assert process.returncode == 0, process.stderr
    assert "\n    web:\n" in process.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: [1, 2\nb: 3\n",
            "web.yaml:2: not valid YAML; use the output of helm template for a chart, and of "
            "kubectl kustomize for a kustomization",
        ),
        (
            "a: {{ .Values.image }}\n",
            "web.yaml:1: not valid YAML; use the output of helm template for a chart, and of "
            "kubectl kustomize for a kustomization",
        ),
        (
            "just: text\n",
            "web.yaml: must have Kubernetes objects with apiVersion and kind, or the services of a "
            "compose file",
        ),
        (
            "- a\n- list\n",
            "web.yaml: must have mappings, such as Kubernetes objects",
        ),
        ("kind: Deployment\n", "web.yaml: Deployment: metadata.name: required"),
        (
            "kind: Deployment\nmetadata: {name: web}\nspec: text\n",
            "web.yaml: Deployment/web: spec: must be a mapping",
        ),
        (
            "kind: Deployment\nmetadata: {name: web}\nspec: {replicas: many}\n",
            "web.yaml: Deployment/web: spec.replicas: must be a whole number",
        ),
        (
            'kind: "Deploy\\nment"\nmetadata: {}\n',
            "web.yaml: Deploy\\nment: metadata.name: required",
        ),
        ("services: [web]\n", "web.yaml: services: must be a mapping"),
        ("services: {web: nginx}\n", "web.yaml: services.web: must be a mapping"),
        ("", "no workload to import in web.yaml"),
        ("[" * 2000, "web.yaml: nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    (tmp_path / "web.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert result(capsys, "web.yaml") == (1, {}, [message])


def test_a_missing_file_a_folder_and_other_encodings_are_one_line(
    tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin").write_bytes("name: café".encode("latin-1"))
    assert result(capsys, "absent.yaml") == (1, {}, ["absent.yaml: not found"])
    assert result(capsys, str(tmp_path)) == (1, {}, [f"{tmp_path}: has no YAML or JSON file"])
    assert result(capsys, "latin") == (1, {}, ["latin: must be UTF-8 text"])


def test_two_deployments_of_one_name_are_refused(
    tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(yaml.safe_dump(deployment()), encoding="utf-8")
    assert result(capsys, "a.yaml", "b.yaml") == (
        1,
        {},
        [
            "b.yaml: Deployment/web: a.yaml has a Deployment of this name; import one of them, or "
            "write another name"
        ],
    )


def test_two_workloads_whose_short_names_are_equal_are_refused(
    tmp_path: Path, capsys: Capsys
) -> None:
    names = ("checkout-of-the-shop-eu", "checkout-of-the-shop-us")
    documents = [deployment(name) for name in names]
    assert imported(tmp_path, capsys, *documents) == (
        1,
        {},
        [
            "Deployment/checkout-of-the-shop-us: Deployment/checkout-of-the-shop-eu has the same "
            "name in the stack file, checkout-of-the-shop; write another name"
        ],
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [("system", "app-system"), ("kube-web", "app-kube-web"), ("2048", "app-2048"), ("a.b", "a-b")],
)
def test_a_name_that_the_stack_file_does_not_allow_is_changed(
    tmp_path: Path, capsys: Capsys, name: str, written: str
) -> None:
    found = imported(tmp_path, capsys, deployment(name))
    assert (found.status, [*found.entries["ha-eks:apps"]]) == (0, [written])
    assert found.notes == [
        f"changed: Deployment/{name}: metadata.name: {name} became {written}: names have at most "
        "20 lowercase letters, digits and -, and are not those of system namespaces"
    ]


def test_kinds_that_are_no_workload_are_listed_by_name(tmp_path: Path, capsys: Capsys) -> None:
    others = [
        {"apiVersion": "v1", "kind": kind, "metadata": {"name": "other"}}
        for kind in ("Secret", "ConfigMap", "NetworkPolicy", "Namespace", "Certificate")
    ]
    found = imported(tmp_path, capsys, deployment(), *others, service("other"))
    assert found.status == 0
    assert found.entries == {"ha-eks:apps": {"web": APP}}
    assert found.notes == [
        "not carried over: Secret/other: this program never reads secrets; create the Secret in "
        "the namespace of its workload",
        "not carried over: ConfigMap/other: no workload of these files uses it",
        "not carried over: NetworkPolicy/other: network policies follow from talksTo, reaches and "
        "expose",
        "not carried over: Namespace/other: each workload has a namespace of its name",
        "not carried over: Certificate/other: this kind is not imported; if it is needed, write an "
        "extension (docs/extensions.md)",
        "not carried over: Service/other: it selects no workload of these files",
    ]


def test_a_refused_workload_leaves_the_others_and_a_status(tmp_path: Path, capsys: Capsys) -> None:
    stateful = {"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {"replicas": 3}}
    unpinned = deployment("page", {"image": "nginx"})
    found = imported(tmp_path, capsys, stateful, deployment(), unpinned)
    assert found.status == 1, "a script would not notice that a workload is missing"
    assert found.entries == {"ha-eks:apps": {"web": APP}}
    assert found.notes == [
        "refused: Deployment/page: spec.template.spec.containers[0].image: nginx has no version, "
        "so that pods of one rollout could differ; write a tag other than latest, or a digest, and "
        "import again",
        "refused: StatefulSet/db: no workload has pods with identities and volumes of their own; "
        "use a managed service, or a singleton with a volume (docs/stateful.md)",
    ]


@pytest.mark.parametrize("hook", ["test", "test-success, test-failure"])
def test_a_test_in_the_output_of_helm_is_no_workload(
    tmp_path: Path, capsys: Capsys, hook: str
) -> None:
    metadata = {"name": "web-test", "annotations": {"helm.sh/hook": hook}}
    test = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": []}}
    found = imported(tmp_path, capsys, deployment(), test)
    assert found.status == 0, "each chart that helm create has begun would fail"
    assert found.notes == [
        "not carried over: Pod/web-test: only helm test runs it, after a deployment"
    ]


@pytest.mark.parametrize("image", ["web", "web:latest", "registry:5000/web"])
def test_an_image_without_a_version_is_refused(tmp_path: Path, capsys: Capsys, image: str) -> None:
    found = imported(tmp_path, capsys, deployment(container={"image": image}))
    assert (found.status, found.entries) == (1, {})


def test_what_the_rules_of_the_stack_file_refuse_is_refused(tmp_path: Path, capsys: Capsys) -> None:
    container = {"env": [{"name": "A B", "value": "1"}], "securityContext": {"runAsUser": 1000}}
    found = imported(tmp_path, capsys, deployment(container=container))
    assert found == (
        1,
        {},
        [
            "refused: Deployment/web: ha-eks:apps.web.env.A B: must be a name of letters, digits, "
            "_, - and ., not beginning with a digit or two dots",
            f"no workload to import in {tmp_path / 'web.yaml'}",
        ],
    )
