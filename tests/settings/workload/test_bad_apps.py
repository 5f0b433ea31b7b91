"""Tests of ha-eks:apps: values that are refused."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    CACHE,
    CLUSTER,
    WEB,
    Case,
    app,
    assert_problem,
    changed,
    every_stack,
    missing,
    put,
    put_in,
    refused,
)

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE, REQUESTS, REPLICAS = (*WEB, "image"), (*WEB, "requests"), (*WEB, "replicas")
PORT, OTHER_PORTS = (*WEB, "port"), (*WEB, "otherPorts")
SCRATCH, ENV, PROBES = (*WEB, "scratch"), (*WEB, "env"), (*WEB, "probes")
TAG = "must be an image with a tag other than latest, or with a digest, such as redis:7.4-alpine"
MISSING = {
    "image": "required",
    "requests": "required; write a mapping with cpu and memory",
    "replicas": "required; write a mapping with needed and max",
    "port": "required",
}
"""Messages for the required keys of an app that are missing, in their order."""
NAME = (
    "must be a name of lowercase letters, digits and -, beginning with a letter and ending with a "
    "letter or digit, at most 20 characters"
)
PORT_NAME = (
    "must be a name of lowercase letters, digits and single -, beginning with a letter, at most 15 "
    "characters"
)
CPU = 'must be a CPU quantity such as 250m, "1" or "0.5" (numbers in quotes)'
SIZE = "must be a size such as 128Mi or 2Gi"
PATH = (
    "must be a path such as / or /api, without query, wildcard, dot segment or / at the end, at "
    "most 100 characters"
)
CHECKED_PATH = (
    "must be a path such as /ready or /ht/, without query, wildcard or dot segment, at most 100 "
    "characters"
)
BELOW_ROOT = "must be an absolute path below /, such as /tmp"
VARIABLE = "must be a name of letters, digits, _, - and ., not beginning with a digit or two dots"
ONE_CHANGE: dict[str, Case] = {
    "no image": missing(IMAGE),
    "an image without a value": (
        IMAGE, None, f"{APPS}.web.image", None, "must be text, but has no value",
    ),
    "an empty image": put(IMAGE, "", TAG),
    "no tag": put(IMAGE, "redis", TAG),
    "an empty tag": put(IMAGE, "redis:", TAG),
    "the tag latest": put(IMAGE, "redis:latest", TAG),
    "a registry with a port, but no tag": put(IMAGE, "localhost:5000/redis", TAG),
    "a repository in upper case": put(IMAGE, "ghcr.io/Stefanprodan/podinfo:6.14.1", TAG),
    "a digest of another length": put(
        IMAGE, DIGEST.replace("sha256:", "redis@sha256:0"), TAG,
    ),
    "an image with a space": put(IMAGE, "redis:7.4 ", TAG),
    "an image with a line break": put(IMAGE, "redis:7.4\n", TAG),
    "a tag of 129 characters": put(IMAGE, "redis:" + "1" * 129, TAG),
    "an image of 513 characters": put(IMAGE, "a" * 511 + ":1", TAG),

    "no port": missing(PORT),
    "port 0": put(PORT, 0, "must be between 1 and 65535, not 0"),
    "port 65536": put(PORT, 65536, "must be between 1 and 65535, not 65536"),
    "a port in quotes": put(PORT, "8080", 'must be a whole number, not "8080"'),
    "another port 0": put_in(OTHER_PORTS, "admin", 0, "must be between 1 and 65535, not 0"),
    "another port 65536": put_in(
        OTHER_PORTS, "admin", 65536, "must be between 1 and 65535, not 65536",
    ),
    "the name of the main port": put_in(
        OTHER_PORTS, "app", 81, "app is the name of the port of the app; choose another name",
    ),
    "a port name in upper case": put_in(
        OTHER_PORTS, "Admin", 81, PORT_NAME,
    ),
    "a port name that begins with a digit": put_in(
        OTHER_PORTS, "9p", 81, PORT_NAME,
    ),
    "a port name with an end of -": put_in(OTHER_PORTS, "admin-", 81, PORT_NAME),
    "a port name with two - in a row": put_in(OTHER_PORTS, "ad--min", 81, PORT_NAME),
    "a port name with _": put_in(OTHER_PORTS, "ad_min", 81, PORT_NAME),
    "an empty port name": (
        OTHER_PORTS, {"": 81}, f"{APPS}.web.otherPorts.", 81, PORT_NAME,
    ),
    "a port name of 16": put_in(OTHER_PORTS, "a" * 16, 81, PORT_NAME),
    "a port name of 17 with dashes": put_in(
        OTHER_PORTS, "a-b-c-d-e-f-g-h-i", 81, PORT_NAME
    ),

    "no requests": missing(REQUESTS, MISSING["requests"]),
    "no CPU": missing((*REQUESTS, "cpu")),
    "no memory": missing((*REQUESTS, "memory")),
    "CPU of 0": put((*REQUESTS, "cpu"), "0", CPU),
    "CPU of 0 in thousandths": put((*REQUESTS, "cpu"), "0m", CPU),
    "CPU of 0.0": put((*REQUESTS, "cpu"), "0.0", CPU),
    "CPU of less than a thousandth": put((*REQUESTS, "cpu"), "0.0001", CPU),
    "CPU in two units": put((*REQUESTS, "cpu"), "250mm", CPU),
    "CPU in no unit": put((*REQUESTS, "cpu"), "250M", CPU),
    "CPU with a 0 before it": put((*REQUESTS, "cpu"), "01", CPU),
    "CPU below 0": put((*REQUESTS, "cpu"), "-1", CPU),
    "CPU in thousands": put((*REQUESTS, "cpu"), "1k", CPU),
    "CPU that is a YAML number": put((*REQUESTS, "cpu"), 1, CPU),
    "CPU that is a YAML fraction": put((*REQUESTS, "cpu"), 0.5, CPU),
    "memory without unit": put((*REQUESTS, "memory"), "128", SIZE),
    "memory in MB": put((*REQUESTS, "memory"), "128MB", SIZE),
    "memory in M": put((*REQUESTS, "memory"), "128M", SIZE),
    "memory in Ki": put((*REQUESTS, "memory"), "128Ki", SIZE),
    "memory of 0": put((*REQUESTS, "memory"), "0Mi", SIZE),
    "memory with a fraction": put((*REQUESTS, "memory"), "1.5Gi", SIZE),
    "memory that is a YAML number": put((*REQUESTS, "memory"), 128, SIZE),
    "memory in which no container starts": put(
        (*REQUESTS, "memory"), "5Mi",
        "must be at least 6Mi: the memory limit is the same value, and the container runtime "
        "starts no container with less",
    ),

    "no replicas": missing(REPLICAS, MISSING["replicas"]),
    "0 pods needed": put((*REPLICAS, "needed"), 0, "must be between 1 and 1000, not 0"),
    "more than 1000 pods needed": put(
        (*REPLICAS, "needed"), 1001, "must be between 1 and 1000, not 1001",
    ),
    "a maximum of 0 pods": put((*REPLICAS, "max"), 0, "must be between 1 and 5000, not 0"),
    "a maximum above 5000 pods": put(
        (*REPLICAS, "max"), 5001, "must be between 1 and 5000, not 5001"
    ),

    "a longest request of 0 seconds": put(
        (*WEB, "longestRequestSeconds"), 0, "must be between 1 and 3500, not 0"
    ),
    "a longest request above 3500 seconds": put(
        (*WEB, "longestRequestSeconds"), 3501, "must be between 1 and 3500, not 3501"
    ),
    "a shutdown of 0 seconds": put(
        (*WEB, "shutdownSeconds"), 0, "must be between 1 and 3600, not 0"
    ),
    "a shutdown above an hour": put(
        (*WEB, "shutdownSeconds"), 3601, "must be between 1 and 3600, not 3601",
    ),
    "a startup of 4 seconds": put(
        (*PROBES, "startupSeconds"), 4, "must be between 5 and 1800, not 4"
    ),
    "a startup above half an hour": put(
        (*PROBES, "startupSeconds"), 1801, "must be between 5 and 1800, not 1801"
    ),
    "a keep-alive time of 1 second": put(
        (*WEB, "expose", "keepAliveSeconds"), 1, "must be between 2 and 3600, not 1"
    ),
    "a keep-alive time above an hour": put(
        (*WEB, "expose", "keepAliveSeconds"), 3601, "must be between 2 and 3600, not 3601"
    ),

    "a storage request in MB": put(
        (*WEB, "requests", "ephemeralStorage"), "64MB", SIZE
    ),
    "a limit of memory": put_in(
        (*WEB, "limits"), "memory", "1Gi",
        "unknown key; write ha-eks:apps.NAME.requests.memory instead (the memory limit is the "
        "request, and CPU has no limit). All keys: docs/settings.md#ha-eks-apps",
    ),
    "a size of scratch in MB": put_in(SCRATCH, "/tmp", "64MB", SIZE),
    "a variable with a space": put_in(
        ENV, "LOG LEVEL", "info", VARIABLE,
    ),
    "a variable that begins with two dots": put_in(
        ENV, "..LEVEL", "info", VARIABLE,
    ),
    "a variable that is a dot": put_in(
        ENV, ".", "info", VARIABLE,
    ),
    "a variable that begins with a digit": put_in(
        ENV, "1ST", "a", VARIABLE,
    ),
    "a variable without a name": (
        ENV, {"": "a"}, f"{APPS}.web.env.", "a", VARIABLE,
    ),
    "a variable that is a number": put_in(
        ENV, "LEVEL", 3, 'must be text, not 3; write "3" in quotes'
    ),
    "root as user": put((*WEB, "runAsUser"), 0, "must be between 1 and 2147483647, not 0"),
    "root as group": put((*WEB, "runAsGroup"), 0, "must be between 1 and 2147483647, not 0"),
    "a user id of 2**31": put(
        (*WEB, "runAsUser"), 2**31, "must be between 1 and 2147483647, not 2147483648",
    ),
    "a command that is not a list": put(
        (*WEB, "command"), "./podinfo --level=info", 'must be a list, not "./podinfo --level=info"',
    ),
    "an argument that is a number": (
        (*WEB, "args"), ["--level", 3], f"{APPS}.web.args[1]", 3,
        'must be text, not 3; write "3" in quotes',
    ),
    "a malformed pool": put((*WEB, "pool"), "General", NAME),
    "a malformed app to be near to": put((*WEB, "near"), "Cache", NAME),
    "an unknown spread": put(
        (*CACHE, "spread", "nodes"), "even",
        'must be one of preferred, strict, alone; found "even"',
    ),
    "a malformed app to talk to": (
        (*WEB, "talksTo"), ["Cache"], f"{APPS}.web.talksTo[0]", "Cache", NAME,
    ),
    "an app to talk to outside of a list": put(
        (*WEB, "talksTo"), "cache", 'must be a list, not "cache"; write [cache]',
    ),
    "networks outside of a list": put(
        (*WEB, "reaches"), "10.0.0.0/8", 'must be a list, not "10.0.0.0/8"'
    ),
    "an app listed twice in talksTo": put(
        (*WEB, "talksTo"), ["cache", "cache"],
        "cache is listed more than once; list each name once",
    ),
    "a network with host bits": (
        (*WEB, "reaches"), [{"cidr": "10.0.0.1/8", "port": 1}], f"{APPS}.web.reaches[0].cidr",
        "10.0.0.1/8", "the address has host bits after the prefix; write 10.0.0.0/8",
    ),
    "a network without a port": (
        (*WEB, "reaches"), [{"cidr": "10.0.0.0/8"}], f"{APPS}.web.reaches[0].port", None,
        "required",
    ),
    "a policy by name": (
        (*WEB, "policies"), ["ReadOnly"], f"{APPS}.web.policies[0]", "ReadOnly",
        "must be the ARN of an IAM policy such as arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    ),
    "the value of a secret": put_in(
        (*WEB, "secretEnv"), "PASSWORD", "abc", 'must be a mapping with secret and key, not "abc"',
    ),
    "a secret in upper case": (
        (*WEB, "secretEnv"), {"P": {"secret": "Db", "key": "k"}}, f"{APPS}.web.secretEnv.P.secret",
        "Db",
        "must be the name of a Kubernetes object: lowercase letters, digits, - and ., beginning "
        "and ending with a letter or digit, at most 253 characters",
    ),
    "a secret's key with a slash": (
        (*WEB, "secretEnv"), {"P": {"secret": "db", "key": "a/b"}}, f"{APPS}.web.secretEnv.P.key",
        "a/b", "must be a key of letters, digits, -, _ and ., at most 253 characters",
    ),
    "a file that is not text": put_in(
        (*WEB, "files"), "/etc/a", 1, 'must be text, not 1; write "1" in quotes'
    ),
    "a preStop command without its duration": (
        (*WEB, "preStop"), {"command": ["a"]}, f"{APPS}.web.preStop.seconds", None, "required",
    ),
    "an empty preStop command": (
        (*WEB, "preStop"), {"command": [], "seconds": 30}, f"{APPS}.web.preStop.command", [],
        "must have at least 1 item, but has 0",
    ),
    "a deregistration within 4 seconds": put(
        (*WEB, "expose", "deregistrationSeconds"), 4, "must be between 5 and 300, not 4",
    ),
    "a slow start of 29 seconds": put(
        (*WEB, "expose", "slowStartSeconds"), 29, "must be between 30 and 900, not 29",
    ),
    "an unknown algorithm": put(
        (*WEB, "expose", "algorithm"), "random",
        'must be one of roundRobin, leastOutstandingRequests; found "random"',
    ),
    "a gRPC service that is a flag": put(
        (*PROBES, "liveness", "grpc"), True,
        'must be the name of a gRPC service such as shop.v1.Cart, or "" for the whole server',
    ),
    "a gRPC service with a slash": put(
        (*PROBES, "liveness", "grpc"), "a/b",
        'must be the name of a gRPC service such as shop.v1.Cart, or "" for the whole server',
    ),
    "a period of 0 seconds": put(
        (*PROBES, "liveness", "periodSeconds"), 0, "must be between 1 and 300, not 0",
    ),
    "0 failures": put((*PROBES, "readiness", "failures"), 0, "must be between 1 and 100, not 0"),
    "a path in place of a probe": put(
        (*PROBES, "readiness"), "/ready", 'must be a mapping, not "/ready"',
    ),

    "a list of apps": put(("ha-eks:apps",), ["web"], "must be a mapping, not a list"),
}  # fmt: skip
URL_PATHS = {
    "with a query": "/api?x=1",
    "with a fragment": "/api#x",
    "with a wildcard": "/api*",
    "with a wildcard of one character": "/ap?",
    "with a slash at its end": "/api/",
    "without a slash at its beginning": "api",
    "with two slashes in a row": "/api//v2",
    "with a space": "/a b",
    "with a line break": "/api\n",
    "that is empty": "",
    "of 101 characters": "/" + "a" * 100,
}
FILE_PATHS = {
    "relative": "data",
    "the root": "/",
    "with .. in it": "/data/../etc",
    "with .. at its end": "/data/..",
    "with . in it": "/./data",
    "with a slash at its end": "/data/",
    "with two slashes": "//data",
    "that is empty": "",
}
SYSTEM = "{name} is the name of a system namespace; choose another name"
APP_NAMES = {
    "a" * 21: NAME,
    "Api": NAME,
    "api_1": NAME,
    "1api": NAME,
    "-api": NAME,
    "api-": NAME,
    "default": SYSTEM,
    "kube-system": SYSTEM,
    "kube-public": SYSTEM,
    "headroom": SYSTEM,
    "cluster-autoscaler": SYSTEM,
    "amazon-cloudwatch": SYSTEM,
}


@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_of_an_app_is_one_problem(tmp_path: Path, case: str):
    path, new, key, value, word = ONE_CHANGE[case]

    assert_problem(refused(tmp_path, "dev", changed("dev", (path, new))), key, value, word)


@pytest.mark.parametrize("case", URL_PATHS)
def test_an_exposed_path_has_no_query_wildcard_or_trailing_slash(tmp_path: Path, case: str):
    value = URL_PATHS[case]

    problems = refused(tmp_path, "dev", changed("dev", ((*WEB, "expose", "path"), value)))

    assert_problem(problems, f"{APPS}.web.expose.path", value, PATH)


@pytest.mark.parametrize("field", ["probes.readiness.path", "probes.liveness.path"])
@pytest.mark.parametrize("case", [each for each in URL_PATHS if "slash at its end" not in each])
def test_a_checked_path_has_no_query_or_wildcard(tmp_path: Path, field: str, case: str):
    path, value = (*WEB, *field.split(".")), URL_PATHS[case]

    problems = refused(tmp_path, "dev", changed("dev", (path, value)))

    assert_problem(problems, f"{APPS}.web.{field}", value, CHECKED_PATH)


@pytest.mark.parametrize("case", FILE_PATHS)
def test_a_scratch_directory_is_an_absolute_path_below_the_root(tmp_path: Path, case: str):
    value = FILE_PATHS[case]

    problems = refused(tmp_path, "dev", changed("dev", (SCRATCH, {value: "64Mi"})))

    assert_problem(problems, f"{APPS}.web.scratch.{value}", "64Mi", BELOW_ROOT)


@every_stack
@pytest.mark.parametrize("name", APP_NAMES)
def test_the_name_of_an_app_is_a_valid_and_unused_namespace(tmp_path: Path, stack: str, name: str):
    problems = refused(tmp_path, stack, changed(stack, ((APPS, name), app())))

    assert_problem(problems, f"{APPS}.{name}", app(), APP_NAMES[name].format(name=name))


@every_stack
def test_every_missing_field_of_an_app_is_a_problem(tmp_path: Path, stack: str):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB,), {})))

    assert [(each.key, each.value, each.message) for each in problems] == [
        (f"{APPS}.web.{key}", None, message) for key, message in MISSING.items()
    ]


@every_stack
def test_shape_problems_of_all_apps_are_reported_before_rules_are_checked(
    tmp_path: Path, stack: str
):
    text = changed(
        stack,
        (IMAGE, "redis"),
        ((*WEB, "near"), "missing"),
        ((*CACHE, "requests", "memory"), "128"),
        ((*CACHE, "pool"), "gpu"),
        ((APPS, "default"), app(runAsUser=0)),
        ((CLUSTER, "version"), "1.12"),
    )

    assert {p.key for p in refused(tmp_path, stack, text)} == {
        f"{APPS}.web.image",
        f"{APPS}.cache.requests.memory",
        f"{APPS}.default",
        f"{APPS}.default.runAsUser",
        f"{CLUSTER}.version",
    }


@pytest.mark.parametrize("image", ["Foo/bar:1", "-/bar:1", "a.b:99999/bar:1", "a.b:/bar:1"])
def test_an_image_with_an_invalid_registry_is_refused(tmp_path: Path, image: str):
    text = changed("dev", (("ha-eks:apps", "web", "image"), image))
    assert_problem(refused(tmp_path, "dev", text), "ha-eks:apps.web.image", image, TAG)


@pytest.mark.parametrize("path", ["/..", "/a/../b", "/."])
def test_a_path_with_dot_segments_is_refused(tmp_path: Path, path: str):
    text = changed("dev", (("ha-eks:apps", "web", "probes", "readiness", "path"), path))
    assert_problem(
        refused(tmp_path, "dev", text),
        "ha-eks:apps.web.probes.readiness.path",
        path,
        CHECKED_PATH,
    )
