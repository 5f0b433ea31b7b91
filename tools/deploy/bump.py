"""`python -m tools.deploy.bump`: pins the default versions of EKS add-ons."""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping

from core.facts.versions.add_ons import ADD_ON_NAMES, ADD_ON_PINS, ADD_ON_VERSION, ADD_ONS
from core.facts.versions.kubernetes import KUBERNETES
from tools.deploy.aws_cli import Ask, AwsCli, AwsError, find
from tools.entry_point import status_of

Pins = Mapping[str, Mapping[str, str]]
"""Version by add-on by Kubernetes minor."""

_HEAD = """\
# Version of each EKS add-on by Kubernetes minor version, written by `make bump WRITE=1`.
"""


def main() -> int:
    """Prints the changes, writes them with --write, and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy.bump",
        description="Compares the pinned versions of EKS add-ons with the defaults of AWS.",
    )
    parser.add_argument(
        "--write", action="store_true", help="pin the defaults in core/facts/versions/add_ons.toml"
    )
    parser.add_argument(
        "--region", default="us-east-1", help="region of the default versions; default: %(default)s"
    )
    parser.add_argument("--profile", help="profile of the AWS configuration; default: AWS_PROFILE")
    arguments = parser.parse_args()
    try:
        cli = AwsCli(
            path=find("only AWS knows the versions of its add-ons"),
            region=str(arguments.region),
            profile=arguments.profile,
        )
        cli.account("--profile or AWS_PROFILE")
        offered = defaults(cli)
    except AwsError as error:
        print(error, file=sys.stderr)
        return 1
    lines = list(changes(ADD_ONS, offered))
    print("\n".join(lines) or "every pin is the default version of EKS")
    if arguments.write:
        ADD_ON_PINS.write_text(text_of(pinned(ADD_ONS, offered)), encoding="utf-8")
        print(f"written: {ADD_ON_PINS.name}")
    return 0


def defaults(cli: AwsCli) -> Pins:
    """Returns the default version of each add-on that EKS offers for a Kubernetes minor version.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_Compatibility.html
    """
    return {
        minor: {
            name: version
            for name in ADD_ON_NAMES
            for version in default_version(cli.ask, minor, name)
        }
        for minor in KUBERNETES
    }


def default_version(ask: Ask, minor: str, name: str) -> list[str]:
    """Returns the default version of an add-on, or an empty list if EKS does not offer it."""
    request = (
        *("eks", "describe-addon-versions"),
        *("--kubernetes-version", minor, "--addon-name", name),
    )
    try:
        found = [
            str(build["addonVersion"])
            for add_on in ask(*request)["addons"]
            for build in add_on["addonVersions"]
            for each in build["compatibilities"]
            if each["clusterVersion"] == minor and each.get("defaultVersion")
        ]
    except (AwsError, LookupError, TypeError) as error:
        raise AwsError(
            f"aws: cannot read the versions of {name} for Kubernetes {minor}: {error}"
        ) from error
    malformed = [each for each in found if not re.fullmatch(ADD_ON_VERSION, each)]
    if malformed or len(found) > 1:
        raise AwsError(
            f"aws: expected one default version of {name} for Kubernetes {minor}, "
            f"such as v1.14.7-eksbuild.10, but got {', '.join(found)}"
        )
    return found


def changes(pins: Pins, offered: Pins) -> Iterator[str]:
    """Yields a line for each pin that changes, and for each add-on that EKS does not offer."""
    for minor in KUBERNETES:
        for name in ADD_ON_NAMES:
            old, new = (each.get(minor, {}).get(name) for each in (pins, offered))
            if new is None:
                yield f"{minor} {name}: {old or 'unpinned'} stays, EKS has no default version"
            elif old != new:
                yield f"{minor} {name}: {old or 'unpinned'} -> {new}"


def pinned(pins: Pins, offered: Pins) -> Pins:
    """Returns the pins with the offered versions in their place."""
    return {minor: {**pins.get(minor, {}), **offered.get(minor, {})} for minor in KUBERNETES}


def text_of(pins: Pins) -> str:
    """Returns pins as TOML, Kubernetes minor versions in their order, add-ons by name."""
    tables = (
        "".join(
            [
                f'\n["{minor}"]\n',
                *(f'{name} = "{pins[minor][name]}"\n' for name in sorted(pins[minor])),
            ]
        )
        for minor in KUBERNETES
    )
    return _HEAD + "".join(tables)


if __name__ == "__main__":
    sys.exit(status_of(main))
