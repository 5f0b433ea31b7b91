"""Random stack files with accelerated pools have the properties of all stack files."""

from hypothesis import given
from hypothesis import strategies as st

from tests.stacks import test_accelerators
from tests.stacks.random_stacks import Config, accelerate, stacks
from tests.stacks.test_random_stacks import (
    PROPERTIES,
    assert_accepted_or_refused_clearly,
    assume_accepted,
    properties,
    recorded,
    with_examples,
)


@st.composite
def accelerated_stacks(draw: st.DrawFn) -> Config:
    """Returns a stack file that is accepted in most cases, with an accelerated pool."""
    config = draw(stacks())
    accelerate(draw, config["ha-eks:pools"], config.get("ha-eks:apps", {}))
    return config


@with_examples(20)
@given(accelerated_stacks())
def test_any_accelerated_stack_file_is_accepted_or_refused_with_clear_errors(
    config: Config,
) -> None:
    assert_accepted_or_refused_clearly(config)


@with_examples(6)
@given(accelerated_stacks())
def test_every_accelerated_stack_file_has_every_property(config: Config) -> None:
    assume_accepted(config)
    recording = recorded(config)
    for name, test in {**PROPERTIES, **dict(properties(test_accelerators))}.items():
        try:
            test(recording)
        except Exception as error:
            error.add_note(f"{name} of {config}")
            raise
