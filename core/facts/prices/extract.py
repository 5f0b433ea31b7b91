"""Writes instances.csv: `python -m core.facts.prices.extract`. Requires Go, to fetch a module.

AWS's price list is public, but its files are gigabytes large. Karpenter ships the on-demand prices
of us-east-1 with each release. For newer prices set KARPENTER to another release. The same release
gives the same bytes.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from core.facts.instance_types import table
from core.facts.prices import REGION
from core.facts.prices.instances import TABLE

KARPENTER = "v1.14.1"
"""Release of Karpenter's provider for AWS."""

_MODULE = "github.com/aws/karpenter-provider-aws"
_FILE = "pkg/providers/pricing/zz_generated.pricing_aws.go"
_DAY = re.compile(r"generated at ([0-9]{4}-[0-9]{2}-[0-9]{2})")
_PRICE = re.compile(r'"([a-z0-9-]+\.[a-z0-9-]+)": ([0-9]+\.[0-9]+)')


def prices(source: str) -> Mapping[str, float]:
    """Returns dollars per hour by instance type in REGION, from the text of Karpenter's file."""
    _, _, own = source.partition(f'"{REGION}": {{')
    return {name: float(price) for name, price in _PRICE.findall(own.partition("\n\t},")[0])}


def render(source: str, known: Mapping[str, object]) -> str:
    """Returns the text of instances.csv: the prices of the known types."""
    day = _DAY.search(source)
    if day is None or not prices(source):
        raise ValueError(f"{_FILE}: no prices of {REGION}, or no day")
    lines = [
        f"# AWS's list prices of {REGION}, {day[1]}, as in Karpenter {KARPENTER}; written by "
        "extract.py",
        "type,dollars an hour",
    ]
    lines += [
        f"{name},{price:g}" for name, price in sorted(prices(source).items()) if name in known
    ]
    return "\n".join(lines) + "\n"


def main(to: Path = TABLE) -> None:
    """Writes the table; raises SystemExit with a message if the module cannot be fetched."""
    command = ["go", "mod", "download", "-json", f"{_MODULE}@{KARPENTER}"]
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{' '.join(command)}: {error}")
    source = (Path(json.loads(output)["Dir"]) / _FILE).read_text(encoding="utf-8")
    text = render(source, table().types)
    to.write_text(text, encoding="utf-8", newline="\n")
    print(f"{to.name}: {len(text.splitlines()) - 2} types, Karpenter {KARPENTER}")


if __name__ == "__main__":
    main()
