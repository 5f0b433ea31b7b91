"""`python -m tools.deploy.bump`: the versions of EKS add-ons that AWS gives by default, as pins."""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping

from core.facts.versions import ADD_ON_NAMES, ADD_ON_PINS, ADD_ON_VERSION, ADD_ONS, KUBERNETES
from tools.deploy.aws_cli import AwsCli, AwsError, find

Pins = Mapping[str, Mapping[str, str]]
"""Version by add-on by Kubernetes minor."""

_HEAD = """\
# Version of each EKS add-on by Kubernetes minor, as `make bump WRITE=1` writes them.
"""


def main() -> int:
    """Prints what would change, and writes it if it is asked to; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.bump", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write core/facts/add_ons.toml")
    parser.add_argument("--region", default="us-east-1", help="where AWS is asked: %(default)s")
    parser.add_argument("--profile", help="of the AWS configuration; default: AWS_PROFILE")
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
    print("\n".join(lines) or "every pin is what AWS gives by default")
    if arguments.write:
        ADD_ON_PINS.write_text(text_of(pinned(ADD_ONS, offered)), encoding="utf-8")
        print(f"written: {ADD_ON_PINS.name}")
    return 0


def defaults(cli: AwsCli) -> Pins:
    """What AWS gives by default; an add-on that it does not offer for a minor is not there.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_Compatibility.html
    """
    return {
        minor: {name: version for name in ADD_ON_NAMES for version in _default(cli, minor, name)}
        for minor in KUBERNETES
    }


def _default(cli: AwsCli, minor: str, name: str) -> list[str]:
    asked = ("eks", "describe-addon-versions", "--kubernetes-version", minor, "--addon-name", name)
    try:
        found = [
            str(build["addonVersion"])
            for add_on in cli.ask(*asked)["addons"]
            for build in add_on["addonVersions"]
            for each in build["compatibilities"]
            if each["clusterVersion"] == minor and each.get("defaultVersion")
        ]
    except (AwsError, LookupError, TypeError) as error:
        raise AwsError(f"aws: no versions of {name} for {minor}: {error}") from error
    strange = [each for each in found if not re.fullmatch(ADD_ON_VERSION, each)]
    if strange or len(found) > 1:
        raise AwsError(f"aws: {', '.join(found)} is no one version of {name} for {minor}")
    return found


def changes(pins: Pins, offered: Pins) -> Iterator[str]:
    """A line for every pin that would change, or that AWS has nothing for."""
    for minor in KUBERNETES:
        for name in ADD_ON_NAMES:
            old, new = (each.get(minor, {}).get(name) for each in (pins, offered))
            if new is None:
                yield f"{minor} {name}: {old or 'unpinned'} stays, AWS gives none by default"
            elif old != new:
                yield f"{minor} {name}: {old or 'unpinned'} -> {new}"


def pinned(pins: Pins, offered: Pins) -> Pins:
    """The pins with what AWS offers in their place."""
    return {minor: {**pins.get(minor, {}), **offered.get(minor, {})} for minor in KUBERNETES}


def text_of(pins: Pins) -> str:
    """Pins as TOML: minors in their order, add-ons by name."""
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
    sys.exit(main())
