"""Tests of the file that several stack files extend."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime.config import CONFIG

import settings
from settings import Problem, SettingsError, check, read_stack_file
from settings.reading.lines import Place, StackLines
from settings.reading.shared_file import with_shared
from tests.settings.stack_files import APPS, WORKERS, app, config_of
from tools.recording import record

STACK = """\
config:
  aws:region: us-east-1
  ha-eks:extends: apps.yaml
  ha-eks:network:
    zones: [us-east-1a, us-east-1b, us-east-1c]
    controlPlaneZones: [us-east-1a, us-east-1b]
  ha-eks:apps:
    web:
      image: public.ecr.aws/x/web:2
      args: [--one]
"""
SHARED = """\
config:
  ha-eks:cluster:
    version: "1.36"
    publicAccessCidrs: [11.12.13.0/24]
  ha-eks:pools:
    general: {instanceTypes: [m7i.large], perZone: {min: 2, max: 4}}
  ha-eks:apps:
    web:
      image: public.ecr.aws/x/web:1
      args:
        - --one
        - --two
      port: 8080
      requests: {cpu: 250m, memory: 64Mi}
      replicas: {needed: 2, max: 6}
      traced: true
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """Returns the path of a stack file that extends a valid shared file."""
    (tmp_path / "apps.yaml").write_text(SHARED, encoding="utf-8")
    file = tmp_path / "Pulumi.own.yaml"
    file.write_text(STACK, encoding="utf-8")
    return file


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def refusal_of(file: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        record("own", root=file.parent)
    return str(caught.value).splitlines()


def test_values_of_the_stack_file_come_first(stack: Path) -> None:
    config: Any = read_stack_file(stack)
    assert config[APPS]["web"] == {
        "image": "public.ecr.aws/x/web:2",
        "args": ["--one"],
        "port": 8080,
        "requests": {"cpu": "250m", "memory": "64Mi"},
        "replicas": {"needed": 2, "max": 6},
        "traced": True,
    }, "mappings are merged key by key, a list replaces the list of the shared file"
    assert config["ha-eks:cluster"]["version"] == "1.36"
    assert "ha-eks:extends" not in config
    assert check(config)[1] == []


def test_null_removes_a_key_and_a_section_of_the_shared_file(stack: Path) -> None:
    shared: dict[str, object] = {
        APPS: {"web": {"traced": True, "port": 80}, "api": {}},
        WORKERS: {"jobs": {}},
    }
    for nothing in (None, ""):  # Pulumi passes, and `config set` writes, "" for a section
        own = {APPS: {"web": {"traced": None}, "api": None}, WORKERS: nothing}
        assert with_shared(own, shared) == {APPS: {"web": {"port": 80}}}


def test_null_without_an_inherited_value_is_refused(stack: Path) -> None:
    edit(stack, "web:2", "web:2\n      imgae: null\n      port: null")
    assert refusal_of(stack) == [
        'Pulumi.own.yaml:10: ha-eks:apps.web.imgae: unknown key; did you mean "image"? All keys: '
        "docs/settings.md#ha-eks-apps",
        "Pulumi.own.yaml:11: ha-eks:apps.web.port: required",
    ]


def test_each_problem_has_the_line_of_its_value_in_the_file_that_has_it(stack: Path) -> None:
    edit(stack.with_name("apps.yaml"), "port: 8080", "port: 0")
    edit(stack, "image: public.ecr.aws/x/web:2", "image: 5")
    edit(stack, "zones: [us-east-1a", "zones: [us-east-1")
    assert refusal_of(stack) == [
        "Pulumi.own.yaml:5: ha-eks:network.zones[0]: must be an Availability Zone such as "
        "us-east-1a, with a letter from a to h",
        'Pulumi.own.yaml:9: ha-eks:apps.web.image: must be text, not 5; write "5" in quotes',
        "apps.yaml:13: ha-eks:apps.web.port: must be between 1 and 65535, not 0",
    ]


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("ha-eks:network.zones[1]", "Pulumi.own.yaml:5"),
        ("ha-eks:apps.web", "Pulumi.own.yaml:8"),
        ("ha-eks:apps.web.image", "Pulumi.own.yaml:9"),
        ("ha-eks:apps.web.args[1]", "Pulumi.own.yaml:10"),
        ("ha-eks:apps.web.port", "apps.yaml:13"),
        ("ha-eks:apps.web.requests.gpu", "apps.yaml:14"),
        ("ha-eks:apps.web.expose", "Pulumi.own.yaml:8"),
        ("ha-eks:pools.general", "apps.yaml:6"),
    ],
)
def test_the_place_of_a_key_is_in_the_file_that_has_the_value(
    stack: Path, key: str, place: str
) -> None:
    assert str(StackLines(stack).place_of(key)) == place


def test_a_key_of_neither_file_has_no_place(stack: Path) -> None:
    assert StackLines(stack).place_of("ha-eks:workers") is None
    assert StackLines(stack.with_name("Pulumi.none.yaml")).place_of("ha-eks:apps") is None
    stack.with_name("apps.yaml").write_text("config: [", encoding="utf-8")
    where = StackLines(stack).place_of("ha-eks:apps.web.port")
    assert where == Place(file=stack.name, line=8), "an unreadable shared file has no values"


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        *(
            (name, 3, "must be the name of a YAML file in the folder of the stack file, such as "
             "apps.yaml; names that begin with Pulumi. are those of stack files")
            for name in ("../apps.yaml", "/apps.yaml", "apps.txt", "Pulumi.dev.yaml", ".yaml")
        ),
        ("[apps.yaml]", 3, "must be text, not a list"),
        ("5", 3, 'must be text, not 5; write "5" in quotes'),
        ("other.yaml", 3, "other.yaml does not exist in the folder of the stack file"),
    ],
)  # fmt: skip
def test_a_wrong_name_of_a_shared_file_is_refused(
    stack: Path, name: str, line: int, message: str
) -> None:
    edit(stack, "extends: apps.yaml", f"extends: {name}")
    assert refusal_of(stack) == [f"Pulumi.own.yaml:{line}: ha-eks:extends: {message}"]


def test_a_section_of_one_cell_is_refused_in_a_shared_file(stack: Path) -> None:
    added = "  ha-eks:network: {}\n  ha-eks:traffic: {role: primary}\n  ha-eks:protected: false\n"
    added += "  ha-eks:extends: b.yaml\n  aws:region: us-east-1\n  other:key: 1\n"
    edit(stack.with_name("apps.yaml"), "config:\n", f"config:\n{added}")
    one_cell = "belongs to one cell; write the key into the stack file of each cell"
    assert refusal_of(stack) == [
        f"apps.yaml:2: ha-eks:network: {one_cell}",
        f"apps.yaml:3: ha-eks:traffic: {one_cell}",
        f"apps.yaml:4: ha-eks:protected: {one_cell}",
        "apps.yaml:5: ha-eks:extends: a shared file cannot extend another file; remove the key",
        f"apps.yaml:6: aws:region: {one_cell}",
        f"apps.yaml:7: other:key: {one_cell}",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("config: {a: [}", "apps.yaml:1: file: not valid YAML: a [ or { is not closed, or a comma "
         "is missing"),
        *(
            (text, "apps.yaml: config: must be the only key of a shared file; write ha-eks:apps "
             "below it")
            for text in ("config: {}\nha-eks:apps: {}\n", "ha-eks:apps: {}\n")
        ),
        ("config:\n  ha-eks:apps: {a: yes}\n", "apps.yaml:2: ha-eks:apps.a: YAML readers disagree "
         'on yes; write "yes" in quotes for text, otherwise true, false or a plain decimal number'),
        ("config:\n  ha-eks:aps: {}\n", 'apps.yaml:2: ha-eks:aps: unknown key; did you mean "apps"'
         "? All keys: docs/settings.md"),
    ],
)  # fmt: skip
def test_problems_of_a_shared_file_name_the_shared_file(
    stack: Path, text: str, problem: str
) -> None:
    stack.with_name("apps.yaml").write_text(text, encoding="utf-8")
    assert problem in refusal_of(stack)


def test_a_required_section_of_neither_file_is_refused(stack: Path) -> None:
    edit(stack.with_name("apps.yaml"), "  ha-eks:pools:\n    general:", "  other: &a\n    x:")
    edit(stack.with_name("apps.yaml"), "  other: &a\n", "  ha-eks:audit:\n")
    assert "Pulumi.own.yaml:1: ha-eks:pools: required" in refusal_of(stack)


def test_the_text_that_pulumi_config_set_writes_is_a_value_of_one_cell(stack: Path) -> None:
    """Pulumi 3.259 wrote this for `config set --path 'ha-eks:apps.web.image'` with an image, and
    `""` for a section that was null."""
    text = STACK.partition("  ha-eks:apps:")[0] + (
        '  ha-eks:workers: ""\n'
        "  ha-eks:apps:\n    web:\n      image: public.ecr.aws/x/web:3\n"
        "encryptionsalt: v1:AIiXQgwIckI=:v1:lSeBqf0w3rxnpJmV:nvDGANQUKfqogXLube9opgab1kjYIQ==\n"
    )
    stack.write_text(text, encoding="utf-8")
    config: Any = read_stack_file(stack)
    assert config[APPS]["web"]["image"] == "public.ecr.aws/x/web:3"
    assert config[APPS]["web"]["port"] == 8080
    settings_of_cell, problems = check(config)
    assert settings_of_cell, problems
    assert settings_of_cell.apps["web"].image == "public.ecr.aws/x/web:3"


# The running program: Pulumi passes the values of the stack file and the folder of the project.


@pytest.fixture
def pulumi_passes(stack: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Yields the config that Pulumi passes to the program of the stack `own`, to be filled."""
    monkeypatch.setattr(pulumi, "get_stack", lambda: "own")
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: str(stack.parent))
    texts: dict[str, str] = {}
    token = CONFIG.set(texts)
    yield texts
    CONFIG.reset(token)


def as_texts(stack: Path) -> dict[str, str]:
    """Returns the config of a stack file as the CLI passes it, with the defaults of Pulumi.yaml."""
    config = yaml.safe_load(stack.read_text(encoding="utf-8"))["config"]
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
    return {"ha-eks:pools": "{}", "ha-eks:cluster": "{}", WORKERS: "{}", **texts}


def test_a_plain_up_reads_the_shared_file(stack: Path, pulumi_passes: dict[str, str]) -> None:
    pulumi_passes |= as_texts(stack)
    loaded = settings.load()
    assert loaded.apps["web"].image == "public.ecr.aws/x/web:2"
    assert loaded.apps["web"].port == 8080
    assert loaded.pools["general"].per_zone.max == 4


def test_a_plain_up_refuses_with_the_place_in_either_file(
    stack: Path, pulumi_passes: dict[str, str]
) -> None:
    edit(stack.with_name("apps.yaml"), "port: 8080", "port: 0")
    pulumi_passes |= as_texts(stack)
    with pytest.raises(SettingsError) as caught:
        settings.load()
    assert str(caught.value) == (
        "apps.yaml:13: ha-eks:apps.web.port: must be between 1 and 65535, not 0"
    )
    edit(stack.with_name("apps.yaml"), "port: 0", "port: 80")
    error = settings.refusal([Problem(key="ha-eks:apps.web.port", message="wrong")])
    assert str(error) == "apps.yaml:13: ha-eks:apps.web.port: wrong"


def test_without_a_shared_file_pulumi_passes_an_empty_name(
    stack: Path, pulumi_passes: dict[str, str]
) -> None:
    config = {**config_of("dev"), APPS: {"web": app()}}
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
    pulumi_passes |= {**texts, "ha-eks:extends": ""}
    assert [*settings.load().apps] == ["web"]
