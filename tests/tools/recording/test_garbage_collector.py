import gc

import pytest

from tools.recording.garbage_collector import paused_collector, run_and_exit


def test_the_collector_is_enabled_again_after_a_pause() -> None:
    assert gc.isenabled()
    with paused_collector():
        assert not gc.isenabled()
    assert gc.isenabled(), "a long process would run out of memory"


def test_the_collector_is_enabled_again_after_an_error() -> None:
    with pytest.raises(KeyError), paused_collector():
        raise KeyError
    assert gc.isenabled(), "a long process would run out of memory"


def test_a_nested_pause_does_not_enable_the_collector() -> None:
    with paused_collector():
        with paused_collector():
            pass
        assert not gc.isenabled(), "the rest of a preview would take twice as long"


@pytest.mark.parametrize("status", [0, 1, 130])
def test_a_command_exits_with_the_status_of_its_main_function(status: int) -> None:
    with pytest.raises(SystemExit) as exit_:
        run_and_exit(lambda: status)
    assert exit_.value.code == status
    assert gc.isenabled()
