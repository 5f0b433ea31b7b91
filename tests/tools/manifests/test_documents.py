"""Reading of files, folders and the standard input."""

import io
import json
from pathlib import Path

import pytest

from tools.manifests.documents import ManifestError, documents
from tools.manifests.fields import Fields


def _values(*names: object) -> list[dict[str, object]]:
    return [dict(each.values) for each in documents([str(name) for name in names])]


def test_every_document_of_a_file_is_read_with_scalars_as_text(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kind: Pod\nport: 010\non: yes\n---\n---\nkind: Job\nempty:\n")
    assert _values(file) == [
        {"kind": "Pod", "port": "010", "on": "yes"},
        {"kind": "Job", "empty": None},
    ]


def test_a_list_stands_for_its_items(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"kind": "List", "items": [{"kind": "PodList", "items": [{"kind": "Pod"}]}]}')
    assert _values(file) == [{"kind": "Pod"}]


def test_a_kind_that_ends_in_list_and_has_no_items_is_an_object(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kind: AllowList\n")
    assert _values(file) == [{"kind": "AllowList"}]


def test_a_folder_stands_for_its_yaml_and_json_files(tmp_path: Path) -> None:
    for name in ("b/c.yml", "a.yaml", "d.json", "notes.txt", ".git/e.yaml"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'{{"name": "{name}"}}')
    assert _values(tmp_path) == [{"name": "a.yaml"}, {"name": "b/c.yml"}, {"name": "d.json"}]


def test_the_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("kind: Pod"))
    assert _values("-") == [{"kind": "Pod"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "a.yaml: not found"),
        (b"\xff", "a.yaml: must be UTF-8 text"),
        (b"- a\n", "a.yaml: must have mappings, such as Kubernetes objects"),
        (
            b"kind: Pod\nmetadata:\n  {{- include labels }}\n",
            "a.yaml:3: not valid YAML; use the output of helm template for a chart, and of "
            "kubectl kustomize for a kustomization",
        ),
        (b"[" * 3000, "a.yaml: nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("a.yaml").write_bytes(content)
    with pytest.raises(ManifestError) as refused:
        _values("a.yaml")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("kustomization.yml", "resources: [web.yaml]"),
        ("a.yaml", "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}"),
        ("a.yaml", "{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component}"),
    ],
)
def test_a_kustomization_is_refused_with_the_command_that_renders_it(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ManifestError) as refused:
        _values(tmp_path)
    advice = f"use the output of kubectl kustomize {tmp_path}"
    assert str(refused.value) == f"{tmp_path / name}: is a kustomization; {advice}"


def test_an_object_of_flux_is_no_kustomization(tmp_path: Path) -> None:
    flux = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization"}
    (tmp_path / "kustomization.yaml").write_text(json.dumps(flux))
    assert _values(tmp_path) == [flux]


def test_an_empty_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    with pytest.raises(ManifestError, match=r"^empty: has no YAML or JSON file$"):
        _values("empty")


def test_fields_refuse_values_of_another_type() -> None:
    values: dict[str, object] = {
        "replicas": "three",
        "spec": "x",
        "items": {},
        "names": ["a"],
        "args": [{"a": "b"}],
    }
    fields = Fields(values, "a.yaml: Pod", "spec")
    refused = {
        "a.yaml: Pod: spec.replicas: must be a whole number": lambda: fields.number("replicas"),
        "a.yaml: Pod: spec.spec: must be a mapping": lambda: fields.section("spec"),
        "a.yaml: Pod: spec.items: must be a list": lambda: fields.texts("items"),
        "a.yaml: Pod: spec.names: must be a list of mappings": lambda: fields.sections("names"),
        "a.yaml: Pod: spec.args: must be a list of texts": lambda: fields.texts("args"),
        "a.yaml: Pod: spec.items: must be text": lambda: fields.text("items"),
    }
    for message, read in refused.items():
        with pytest.raises(ManifestError) as error:
            read()
        assert str(error.value) == message


def test_documents_and_items_of_lists_have_the_line_at_which_they_begin(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "kind: Pod\n---\n# a list\nkind: List\nitems:\n- kind: A\n  x: 1\n- {kind: B}\n"
    )
    assert [each.line for each in documents([str(file)])] == [1, 6, 8]
