"""What people are told of a bad stack file: the shipped files, with one thing changed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from plan import record
from settings import Problem, SettingsError, check, read_stack_file

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "prod", "prod-standby")
ABSENT = object()

NETWORK, CLUSTER, POOLS = "ha-eks:network", "ha-eks:cluster", "ha-eks:pools"
PER_ZONE = (POOLS, "general", "perZone")

Path_ = tuple[str | int, ...]

every_stack = pytest.mark.parametrize("stack", STACKS)


def text_of(stack: str) -> str:
    return (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")


def changed(stack: str, *changes: tuple[Path_, object]) -> str:
    """A shipped file's text with values put at, or taken from, their paths."""
    document = yaml.safe_load(text_of(stack))
    for (*path, last), value in changes:
        holder: Any = document["config"]
        for step in path:
            holder = holder[step]
        if value is ABSENT:
            del holder[last]
        else:
            holder[last] = value
    return yaml.safe_dump(document)


def with_line(stack: str, line: str) -> str:
    """A shipped file's text with a line before the first of its config."""
    before, config, after = text_of(stack).partition("config:\n")
    assert config, "the file has no config"
    return f"{before}{config}  {line}\n{after}"


def refused(folder: Path, stack: str, text: str | bytes) -> list[Problem]:
    """The problems that `record` raises for a file's text."""
    file = folder / f"Pulumi.{stack}.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return refused_file(folder, stack)


def refused_file(folder: Path, stack: str) -> list[Problem]:
    with pytest.raises(SettingsError) as caught:
        record(stack, root=folder)
    told = str(caught.value)
    lines, name = told.splitlines(), f"Pulumi.{stack}.yaml: "
    assert len(lines) == len(caught.value.problems) > 0
    assert [line for line in lines if not line.startswith(name)] == []
    assert "Traceback" not in told
    return list(caught.value.problems)


def as_written(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def assert_one(problems: list[Problem], key: str, value: object, word: str) -> None:
    assert [(p.key, as_written(p.value)) for p in problems] == [(key, value)]
    assert word in problems[0].allowed


ONE_CHANGE = {
    "unknown key at the top": (("ha-eks:netwrk",), {}, "ha-eks:netwrk", {}, "network (did you"),
    "unknown aws key": (("aws:regin",), "us-east-1", "aws:regin", "us-east-1", "region (did you"),
    "unknown key in network": (
        (NETWORK, "zone"), [], f"{NETWORK}.zone", [], "zones (did you mean it?)",
    ),
    "unknown key in perZone": (
        (*PER_ZONE, "mx"), 3, f"{POOLS}.general.perZone.mx", 3, "max (did you mean it?)",
    ),
    "unknown key like no other": (
        (CLUSTER, "qqqq"), 1, f"{CLUSTER}.qqqq", 1, "no such key; one of",
    ),
    "missing section": ((NETWORK,), ABSENT, NETWORK, None, "required"),
    "missing region": (("aws:region",), ABSENT, "aws:region", None, "required"),
    "missing version": ((CLUSTER, "version"), ABSENT, f"{CLUSTER}.version", None, "required"),
    "missing instanceTypes": (
        (POOLS, "general", "instanceTypes"), ABSENT,
        f"{POOLS}.general.instanceTypes", None, "required",
    ),
    "quoted number": ((*PER_ZONE, "min"), "2", f"{POOLS}.general.perZone.min", "2", "integer"),
    "number as version": ((CLUSTER, "version"), 1.36, f"{CLUSTER}.version", 1.36, "string"),
    "section that is a list": ((NETWORK,), ["zones"], NETWORK, ["zones"], "dictionary"),
    "pool name": (
        (POOLS, "Gen_eral"), {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 1}},
        f"{POOLS}.Gen_eral", "Gen_eral", "a-z",
    ),
    "prefix of 99": (
        (NETWORK, "cidr"), "10.0.0.0/99", f"{NETWORK}.cidr", "10.0.0.0/99", "IPv4 network",
    ),
    "host bits": (
        (NETWORK, "cidr"), "10.0.0.1/16", f"{NETWORK}.cidr", "10.0.0.1/16", "host bits",
    ),
    "VPC too small": (
        (NETWORK, "cidr"), "10.0.0.0/21", f"{NETWORK}.cidr", "10.0.0.0/21", "too small",
    ),
    "VPC too large": (
        (NETWORK, "cidr"), "10.0.0.0/15", f"{NETWORK}.cidr", "10.0.0.0/15", "too large",
    ),
    "a single zone": (
        (NETWORK, "zones"), ["us-east-1a"], f"{NETWORK}.zones", ["us-east-1a"], "at least 2",
    ),
    "a zone twice": (
        (NETWORK, "zones"), ["us-east-1a", "us-east-1a"],
        f"{NETWORK}.zones", ["us-east-1a", "us-east-1a"], "more than once",
    ),
    "a local zone": (
        (NETWORK, "zones", 0), "us-west-2-lax-1a",
        f"{NETWORK}.zones[0]", "us-west-2-lax-1a", "availability zone",
    ),
    "a zone of another region": (
        (NETWORK, "zones", 1), "eu-central-1a",
        f"{NETWORK}.zones[1]", "eu-central-1a", "aws:region",
    ),
    "a control plane zone of another region": (
        (NETWORK, "controlPlaneZones", 0), "eu-central-1a",
        f"{NETWORK}.controlPlaneZones[0]", "eu-central-1a", "aws:region",
    ),
    "min above max": ((*PER_ZONE, "min"), 9, f"{POOLS}.general.perZone.min", 9, "at most max"),
    "initial below min": (
        (*PER_ZONE, "initial"), 0, f"{POOLS}.general.perZone.initial", 0, "min to max",
    ),
    "initial above max": (
        (*PER_ZONE, "initial"), 9, f"{POOLS}.general.perZone.initial", 9, "min to max",
    ),
    "unknown version": ((CLUSTER, "version"), "1.12", f"{CLUSTER}.version", "1.12", "1.36"),
    "endpoint open to all": (
        (CLUSTER, "publicAccessCidrs"), ["203.0.113.0/24", "0.0.0.0/0"],
        f"{CLUSTER}.publicAccessCidrs[1]", "0.0.0.0/0", "publicAccessFromAnywhere: true",
    ),
    "a malformed instance type": (
        (POOLS, "general", "instanceTypes"), ["large"],
        f"{POOLS}.general.instanceTypes[0]", "large", "an instance type",
    ),
    "spot of a single type": (
        (POOLS, "general", "capacityType"), "SPOT",
        f"{POOLS}.general.instanceTypes", ["m7i.large"], "two types",
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem_with_key_value_and_what_is_allowed(
    tmp_path: Path, stack: str, case: str
):
    path, put, key, value, word = ONE_CHANGE[case]

    assert_one(refused(tmp_path, stack, changed(stack, (path, put))), key, value, word)


@every_stack
def test_a_misspelt_section_is_unknown_and_the_right_one_missing(tmp_path: Path, stack: str):
    network = yaml.safe_load(text_of(stack))["config"][NETWORK]

    text = changed(stack, ((NETWORK,), ABSENT), (("ha-eks:netwrk",), network))

    keys = [p.key for p in refused(tmp_path, stack, text)]
    assert sorted(keys) == [NETWORK, "ha-eks:netwrk"]


@every_stack
@pytest.mark.parametrize(
    "changes",
    [
        [
            ((CLUSTER, "publicAccessCidrs"), ["0.0.0.0/0"]),
            ((CLUSTER, "publicAccessFromAnywhere"), True),
        ],
        [
            ((POOLS, "general", "capacityType"), "SPOT"),
            ((POOLS, "general", "instanceTypes"), ["m7i.large", "m6i.large"]),
        ],
        [((*PER_ZONE, "initial"), 3)],
    ],
    ids=["open endpoint that says so", "spot of two types", "initial within min and max"],
)
def test_what_a_problem_says_is_allowed_is_accepted(
    tmp_path: Path, stack: str, changes: list[tuple[Path_, object]]
):
    file = tmp_path / f"Pulumi.{stack}.yaml"
    file.write_text(changed(stack, *changes), encoding="utf-8")

    settings, problems = check(read_stack_file(file))

    assert problems == []
    assert settings is not None


@every_stack
def test_all_problems_of_shape_come_in_one_go(tmp_path: Path, stack: str):
    text = changed(
        stack,
        (("ha-eks:netwrk",), {}),
        (("aws:region",), "mars"),
        ((NETWORK, "cidr"), "10.0.0.0/21"),
        ((CLUSTER, "version"), ABSENT),
        ((*PER_ZONE, "min"), "2"),
    )

    assert {p.key for p in refused(tmp_path, stack, text)} == {
        "ha-eks:netwrk",
        "aws:region",
        f"{NETWORK}.cidr",
        f"{CLUSTER}.version",
        f"{POOLS}.general.perZone.min",
    }


BROKEN_RULES: list[tuple[Path_, object]] = [
    ((NETWORK, "zones", 0), "eu-central-1a"),
    ((*PER_ZONE, "min"), 9),
    ((POOLS, "general", "capacityType"), "SPOT"),
    ((CLUSTER, "publicAccessCidrs"), ["0.0.0.0/0"]),
]


@every_stack
def test_all_broken_rules_come_in_one_go(tmp_path: Path, stack: str):
    assert {p.key for p in refused(tmp_path, stack, changed(stack, *BROKEN_RULES))} == {
        f"{NETWORK}.zones[0]",
        f"{POOLS}.general.perZone.min",
        f"{POOLS}.general.instanceTypes",
        f"{CLUSTER}.publicAccessCidrs[0]",
    }


@every_stack
def test_a_problem_of_shape_hides_the_broken_rules(tmp_path: Path, stack: str):
    text = changed(stack, *BROKEN_RULES, ((CLUSTER, "version"), "1.12"))

    assert_one(refused(tmp_path, stack, text), f"{CLUSTER}.version", "1.12", "1.36")


@every_stack
@pytest.mark.parametrize(
    "scalar",
    [
        "yes",
        "on",
        "No",
        "TRUE",
        "12:30",
        "010",
        "0x1F",
        "0o17",
        "1_000",
        "2026-01-01",
        "1e3",
        ".5",
        "0XFF",
        "0B1",
        "1.5E3",
        ".5e3",
        "1" * 5000,
    ],
)
def test_a_scalar_that_yaml_readers_disagree_on_is_refused(tmp_path: Path, stack: str, scalar: str):
    problems = refused(tmp_path, stack, with_line(stack, f"aws:profile: {scalar}"))

    assert_one(problems, "aws:profile", scalar, "disagree")


@every_stack
@pytest.mark.parametrize("scalar", ["yes", "12:30", "010", "2026-01-01", "1e3"])
def test_the_same_scalar_in_quotes_is_text(tmp_path: Path, stack: str, scalar: str):
    file = tmp_path / f"Pulumi.{stack}.yaml"
    file.write_text(with_line(stack, f'aws:profile: "{scalar}"'), encoding="utf-8")

    settings, problems = check(read_stack_file(file))

    assert problems == []
    assert settings is not None
    assert settings.aws.profile == scalar


@every_stack
def test_a_yaml_tag_is_refused(tmp_path: Path, stack: str):
    problems = refused(tmp_path, stack, with_line(stack, 'aws:profile: !!int "3"'))

    assert_one(problems, "aws:profile", "3", "no YAML tags")


@every_stack
def test_a_key_twice_is_refused_with_the_line_of_the_second(tmp_path: Path, stack: str):
    text = with_line(stack, "aws:region: us-east-1")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if "aws:region" in line]

    problems = refused(tmp_path, stack, text)

    assert_one(problems, "aws:region", f"again in line {lines[1]}", "once")


@every_stack
def test_a_secure_value_is_refused_without_showing_it(tmp_path: Path, stack: str):
    problems = refused(tmp_path, stack, with_line(stack, "aws:profile: {secure: AAABBBCCC}"))

    assert_one(problems, "aws:profile", "secure: …", "no setting here is a secret")
    assert "AAABBBCCC" not in str(problems[0])


@every_stack
def test_all_problems_of_reading_come_in_one_go(tmp_path: Path, stack: str):
    text = with_line(stack, "aws:profile: {secure: AAABBB}\n  aws:regin: yes")

    assert [p.key for p in refused(tmp_path, stack, text)] == ["aws:profile", "aws:regin"]


def test_a_stack_file_that_does_not_exist_names_those_that_do(tmp_path: Path):
    for stack in STACKS:
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(text_of(stack), encoding="utf-8")

    problems = refused_file(tmp_path, "staging")

    assert_one(
        problems,
        "file",
        "No such file or directory",
        "Pulumi.dev.yaml, Pulumi.prod-standby.yaml, Pulumi.prod.yaml",
    )


@pytest.mark.parametrize(
    "text",
    [b"config: [", b"config:\n\taws:region: x\n", b"a: b\n---\nc: d\n", b"config: \xff\xfe\n"],
    ids=["unclosed list", "tab", "two documents", "not UTF-8"],
)
@every_stack
def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path, stack: str, text: bytes):
    problems = refused(tmp_path, stack, text)

    assert [(p.key, p.allowed) for p in problems] == [("file", "YAML")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing\n", None),
        ("encryptionsalt: v1\n", None),
        ("config:\n", None),
        ("- config\n", None),
        ("config: [a, b]\n", ["a", "b"]),
        ("config: text\n", "text"),
    ],
    ids=["empty", "comment", "no config", "empty config", "a list", "config a list", "config text"],
)
@every_stack
def test_a_file_without_a_config_mapping_is_refused(
    tmp_path: Path, stack: str, text: str, value: object
):
    assert_one(refused(tmp_path, stack, text), "config", value, "a mapping")


@every_stack
@pytest.mark.parametrize(
    "text",
    ["config: &a {x: *a}\n", "config: " + "[" * 3000 + "]" * 3000 + "\n"],
    ids=["a mapping within itself", "3000 lists within one another"],
)
def test_yaml_that_has_no_end_is_refused(tmp_path: Path, stack: str, text: str):
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        record(stack, root=tmp_path)
    assert [problem.key for problem in caught.value.problems] == ["file"]


@every_stack
@pytest.mark.parametrize(
    "cidr", ["10.0.0.0", "10.0.0.0/255.255.0.0", "10.0.0.0/016", "10.0.0.0/0.0.255.255"]
)
def test_only_cidr_notation_is_a_network(tmp_path: Path, stack: str, cidr: str):
    document = changed(stack, ((NETWORK, "cidr"), cidr))
    assert_one(refused(tmp_path, stack, document), f"{NETWORK}.cidr", cidr, "CIDR notation")


def test_half_of_the_internet_is_the_open_internet(tmp_path: Path):
    halves = ["0.0.0.0/1", "128.0.0.0/1"]
    document = changed("dev", (("ha-eks:cluster", "publicAccessCidrs"), halves))
    problems = refused(tmp_path, "dev", document)
    assert [problem.value for problem in problems] == halves


def test_a_pool_may_be_named_like_one_of_its_settings(tmp_path: Path):
    pool = {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 2, "mx": 2}}
    document = changed("dev", (("ha-eks:pools",), {"taints": pool}))
    assert_one(refused(tmp_path, "dev", document), "ha-eks:pools.taints.perZone.mx", 2, "max")


def test_a_problem_is_one_line_whatever_its_key(tmp_path: Path):
    document = changed("dev", (("ha-eks:net\nwork",), 1))
    (tmp_path / "Pulumi.dev.yaml").write_text(document, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        record("dev", root=tmp_path)
    assert len(str(caught.value).splitlines()) == 1
