import functools
import gc
import itertools
import signal
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

import tests.pulumi_sdk  # noqa: F401  # pyright: ignore[reportUnusedImport]  # fails if another version is installed
from tests.command_machine import Machine
from tests.project_copy import ProjectCopy
from tests.shared_recordings import begin_session, end_session, recorded
from tests.warm_process import end_warm_process
from tools.recording import Recording
from tools.recording.garbage_collector import paused_collector
from tools.wide_stack import write_wide

settings.register_profile("long")  # see tests/stacks/test_random_stacks.py
# The same examples in every run; a machine under load may take any time.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
# moto and its clients create many sessions, each of which would read the same large files again.
_read_file = functools.cache(JSONFileLoader().load_file)
JSONFileLoader.load_file = lambda self, file_path: _read_file(file_path)
STACKS = ("dev", "prod", "prod-standby")
_folders = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    # A shell ignores SIGINT in its background jobs, and every process inherits this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):  # workers of pytest-xdist share the session
        begin_session()


def pytest_unconfigure(config: pytest.Config) -> None:
    end_warm_process()
    if not hasattr(config, "workerinput"):
        end_session()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Disables the garbage collector during the collection of tests, which imports the SDKs."""
    with paused_collector():
        collected = yield
        gc.freeze()
    return collected


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """New folder of a test.

    The fixture of pytest also moves a symbolic link to the newest folder, which takes longer than
    most tests.
    """
    return tmp_path_factory.mktemp(f"test-{next(_folders)}", numbered=False)


@functools.cache
def recording_of(stack: str) -> Recording:
    if stack != "wide":
        return recorded(stack)
    with tempfile.TemporaryDirectory() as folder:
        write_wide(Path(folder), apps=12)
        return recorded(stack, Path(folder))


@pytest.fixture(params=(*STACKS, "wide"))
def recording(request: pytest.FixtureRequest) -> Recording:
    """Recording of each shipped stack, and of a stack with every kind of app and pool."""
    return recording_of(request.param)


@pytest.fixture
def previewed() -> Callable[[str], Recording]:
    """Function that returns the recording of a stack by name; "wide" has every kind of app and
    pool."""
    return recording_of


@pytest.fixture(scope="session")
def project_copy(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    return ProjectCopy(tmp_path_factory.mktemp("project"))


@pytest.fixture
def checkout(project_copy: ProjectCopy) -> Path:
    """Copy of the project with a separate build folder, without the changes of other tests."""
    project_copy.restore()
    return project_copy.folder


@pytest.fixture
def machine(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    folder = tmp_path_factory.mktemp(f"machine-{next(_folders)}", numbered=False)
    return Machine(checkout, folder)
