"""Rules for ports, references to other workloads, and mounts."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    CACHE,
    POOLS,
    SINGLETONS,
    WEB,
    Change,
    accepted,
    app,
    assert_problem,
    changed,
    every_stack,
    pool,
    refused,
    singletons,
)


@every_stack
@pytest.mark.parametrize(
    ("ports", "repeated", "first"),
    [
        ({"admin": 9898}, "admin", "port"),
        ({"admin": 81, "http": 82, "more": 81}, "more", "otherPorts.admin"),
    ],
    ids=["the main port again", "another port again"],
)
def test_the_ports_of_an_app_are_distinct(
    tmp_path: Path, stack: str, ports: dict[str, int], repeated: str, first: str
):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "otherPorts"), ports)))

    assert_problem(
        problems,
        f"{APPS}.web.otherPorts.{repeated}",
        ports[repeated],
        f"has the same value as {first}; write another port number",
    )


@every_stack
def test_different_apps_may_have_the_same_ports(tmp_path: Path, stack: str):
    other = {"admin": 81}

    accepted(
        tmp_path,
        stack,
        ((*WEB, "otherPorts"), other),
        ((*CACHE, "port"), 9898),
        ((*CACHE, "otherPorts"), other),
    )


@every_stack
@pytest.mark.parametrize("near", ["missing", "web"], ids=["a missing app", "itself"])
def test_an_app_is_near_another_app(tmp_path: Path, stack: str, near: str):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "near"), near)))

    message = "must be the name of another workload: cache"
    assert_problem(problems, f"{APPS}.web.near", near, message)


@every_stack
def test_a_single_app_cannot_be_near_another(tmp_path: Path, stack: str):
    alone: list[Change] = [(CACHE, ABSENT), ((*WEB, "talksTo"), [])]
    text = changed(stack, *alone, ((*WEB, "near"), "web"))

    message = "there is no other workload; remove near"
    assert_problem(refused(tmp_path, stack, text), f"{APPS}.web.near", "web", message)


@every_stack
def test_near_is_not_circular(tmp_path: Path, stack: str):
    text = changed(stack, ((*WEB, "near"), "cache"), ((*CACHE, "near"), "web"))

    problems = refused(tmp_path, stack, text)
    assert_problem(
        problems,
        f"{APPS}.web.near",
        "cache",
        "the preference is circular: web is near cache, cache is near web; remove near from one of "
        "them",
    )


@every_stack
def test_a_longer_circle_is_reported_once(tmp_path: Path, stack: str):
    circle = {"one": "two", "two": "three", "three": "one", "beside": "one"}
    apps: list[Change] = [((APPS, name), app(near=near)) for name, near in circle.items()]

    problems = refused(tmp_path, stack, changed(stack, *apps))

    assert_problem(
        problems,
        f"{APPS}.one.near",
        "two",
        "the preference is circular: one is near two, two is near three, three is near one; remove "
        "near from one of them",
    )
    accepted(tmp_path, stack, *apps, ((APPS, "three", "near"), "cache"))


@every_stack
def test_an_app_talks_to_other_apps(tmp_path: Path, stack: str):
    other = "missing"
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "talksTo"), ["cache", other])))

    message = "must be the name of another app or singleton with a port: cache"
    assert_problem(problems, f"{APPS}.web.talksTo[1]", other, message)


@every_stack
def test_an_app_runs_on_a_pool_of_the_stack_file(tmp_path: Path, stack: str):
    text = changed(stack, ((*WEB, "pool"), "gpu"), ((POOLS, "batch"), pool(1, "NO_SCHEDULE")))

    message = "must be the name of a pool: batch, general"
    assert_problem(refused(tmp_path, stack, text), f"{APPS}.web.pool", "gpu", message)


@every_stack
@pytest.mark.parametrize(
    ("mounts", "field", "value", "message"),
    [
        (
            {"scratch": {"/a": "1Mi"}, "files": {"/a": "x"}}, "files./a", "x",
            "scratch./a has the same path; write another path",
        ),
        (
            {"files": {"/a": "x", "/a/b": "z"}}, "files./a/b", "z",
            "the path is below the file files./a; write another path",
        ),
        (
            {"scratch": {"/a/b": "1Mi"}, "files": {"/a": "x"}}, "scratch./a/b", "1Mi",
            "the path is below the file files./a; write another path",
        ),
        (
            {"scratch": {"/a": "1Mi"}, "memoryScratch": {"/a": "2Mi"}}, "memoryScratch./a", "2Mi",
            "scratch./a has the same path; write another path",
        ),
        (
            {"files": {"/a/b": "x"}, "secretFiles": {"/a": {"secret": "s"}}}, "files./a/b", "x",
            "the path is below secretFiles./a, which is read-only; write another path",
        ),
    ],
)  # fmt: skip
def test_mount_paths_are_distinct_and_none_is_below_a_file(
    tmp_path: Path, stack: str, mounts: dict[str, object], field: str, value: object, message: str
):
    problems = refused(tmp_path, stack, changed(stack, ((APPS, "index"), app(**mounts))))

    assert_problem(problems, f"{APPS}.index.{field}", value, message)


def test_a_volume_has_another_path_than_the_files(tmp_path: Path):
    index = singletons(index={"files": {"/data": "x"}, "volume": {"path": "/data", "size": "1Gi"}})

    problems = refused(tmp_path, "dev", changed("dev", index))

    message = "files./data has the same path; write another path"
    assert_problem(problems, f"{SINGLETONS}.index.volume.path", "/data", message)


@pytest.mark.parametrize(
    ("path", "root"),
    [("/proc", "/proc"), ("/sys/fs", "/sys"), ("/dev", "/dev"), ("/dev/shm/a", "/dev")],
)
def test_a_mount_on_a_path_of_the_kernel_is_refused(tmp_path: Path, path: str, root: str):
    for mounts, field in (
        ({"scratch": {path: "1Mi"}}, f"scratch.{path}"),
        ({"files": {path: "1Mi"}}, f"files.{path}"),
    ):
        problems = refused(tmp_path, "dev", changed("dev", ((APPS, "index"), app(**mounts))))
        message = f"the kernel provides {root}; write a path outside of it"
        assert_problem(problems, f"{APPS}.index.{field}", "1Mi", message)
    volume = singletons(index={"volume": {"path": path, "size": "1Gi"}})
    problems = refused(tmp_path, "dev", changed("dev", volume))
    message = f"the kernel provides {root}; write a path outside of it"
    assert_problem(problems, f"{SINGLETONS}.index.volume.path", path, message)


def test_a_scratch_directory_can_be_shared_memory(tmp_path: Path):
    accepted(tmp_path, "dev", ((*WEB, "scratch"), {"/dev/shm": "256Mi", "/processed": "1Mi"}))


@every_stack
def test_a_file_may_be_in_a_scratch_directory(tmp_path: Path, stack: str):
    accepted(
        tmp_path,
        stack,
        ((*WEB, "scratch"), {"/etc/app": "1Mi"}),
        ((*WEB, "files"), {"/etc/app/a.yaml": "a: 1", "/etc/app/b.yaml": "b: 2"}),
    )


@every_stack
def test_the_files_of_an_app_fit_into_a_config_map(tmp_path: Path, stack: str):
    largest = {"/a": "x" * 450_000, "/b": "ü" * 225_000}
    files, more = (*WEB, "files"), {**largest, "/c": "z"}

    problems = refused(tmp_path, stack, changed(stack, (files, more)))

    message = (
        "must have at most 900,000 bytes in all, but has 900,001; put large files into the image"
    )
    assert_problem(problems, f"{APPS}.web.files", more, message)
    accepted(tmp_path, stack, (files, largest))


@pytest.mark.parametrize("sizes", [{"/dev/shm": "64Mi"}, {"/dev/shm": "60Mi", "/run": "4Mi"}])
def test_directories_in_memory_are_smaller_than_the_memory_request(
    tmp_path: Path, sizes: dict[str, str]
):
    text = changed("dev", ((APPS, "index"), app(memoryScratch=sizes)))

    message = (
        "must be less than requests.memory, 64Mi, in all, but has 64Mi: full directories leave the "
        "program no memory, and it is killed; raise requests.memory"
    )
    key = f"{APPS}.index.memoryScratch"
    assert_problem(refused(tmp_path, "dev", text), key, sizes, message)
    accepted(tmp_path, "dev", ((APPS, "index"), app(memoryScratch={"/dev/shm": "63Mi"})))
