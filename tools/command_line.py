"""Parts that several commands have in common: arguments, and output beside the result."""

import argparse
import errno
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from settings.reading.problem import printable


def command_parser(module: str, description: str) -> argparse.ArgumentParser:
    """Returns the parser of a command with the argument STACK. `module` follows `python -m`."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    add_stack(parser)
    return parser


def add_stack(parser: argparse.ArgumentParser) -> None:
    """Adds the argument STACK."""
    parser.add_argument(
        "stack",
        metavar="STACK",
        type=stack_name,
        help="name of the stack, such as prod for Pulumi.prod.yaml",
    )


def stack_name(text: str) -> str:
    """Returns the name of a stack; refuses files, paths and other names that Pulumi refuses.

    https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/tokens/stack_name.go
    """
    if not re.fullmatch("[A-Za-z0-9_.-]{1,100}", text) or text.endswith(".yaml"):
        raise argparse.ArgumentTypeError(
            f'"{printable(text)}": write a name, such as prod for Pulumi.prod.yaml'
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


def folder_for_results(folder: Path) -> Path:
    """Returns a folder in which a long command later writes its results; creates the folder.

    Raises OSError if this process cannot write there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise OSError(errno.EACCES, "cannot be written", str(folder))
    return folder


def print_progress(text: str) -> None:
    """Prints a line on standard error, at once."""
    print(text, file=sys.stderr, flush=True)


def print_failure(reason: str) -> int:
    """Prints a reason on standard error; returns the exit status of a failure."""
    print(reason, file=sys.stderr)
    return 1
