"""Parts that several commands have in common: arguments, and output beside the result."""

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast


def command_parser(module: str, description: str) -> argparse.ArgumentParser:
    """Returns the parser of a command with the argument STACK. `module` follows `python -m`."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument(
        "stack",
        metavar="STACK",
        type=stack_name,
        help="name of the stack, such as prod for Pulumi.prod.yaml",
    )
    return parser


def stack_name(text: str) -> str:
    """Returns the name of a stack; refuses paths and qualified names, for which no file exists."""
    if not text or "/" in text:
        raise argparse.ArgumentTypeError(
            f'"{text}": write a name, such as prod for Pulumi.prod.yaml'
        )
    return text


def add_scenarios(
    parser: argparse.ArgumentParser, scenarios: Mapping[str, Callable[..., object]]
) -> None:
    """Adds the option `--scenarios`, and the docstring of each scenario to the help."""
    width = max(map(len, scenarios))
    lines = [f"  {name:<{width}} {scenario.__doc__}" for name, scenario in scenarios.items()]
    parser.epilog = "\n".join(("scenarios:", *lines))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--scenarios",
        default=",".join(scenarios),
        metavar="NAMES",
        help="scenarios to run, separated by commas; default: all",
    )


def chosen_scenarios(
    parser: argparse.ArgumentParser, names: str, scenarios: Mapping[str, object]
) -> Sequence[str]:
    """Returns the names in the value of `--scenarios`; ends the command at an unknown name."""
    chosen = names.split(",")
    unknown = [each for each in chosen if each not in scenarios]
    if unknown:
        parser.error(f"--scenarios: unknown: {', '.join(unknown)}; known: {', '.join(scenarios)}")
    return chosen


def print_progress(text: str) -> None:
    """Prints a line on standard error, at once."""
    print(text, file=sys.stderr, flush=True)


def print_failure(reason: str) -> int:
    """Prints a reason on standard error; returns the exit status of a failure."""
    print(reason, file=sys.stderr)
    return 1


def status_of(main: Callable[[], int]) -> int:
    """Runs a command and returns its exit status.

    An interrupted command prints so and has the status 130. A command whose output is no longer
    read, such as by `head`, ends without a message; both are the statuses that a shell reports.
    https://docs.python.org/3/library/signal.html#note-on-sigpipe

    Characters that the encoding of the terminal does not have, such as … in Latin-1, are printed
    as question marks.
    """
    with suppress(AttributeError):  # a stream without an encoding
        cast("io.TextIOWrapper", sys.stdout).reconfigure(errors="replace")
    try:
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print_failure("interrupted")
        return 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # flushed again at exit
        return 128 + signal.SIGPIPE
    return status
