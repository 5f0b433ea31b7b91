"""`python -m tools.preview audit FILE…`: applies the rules over Kubernetes objects to any files."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from settings.reading.lines import Place
from settings.reading.problem import printable
from settings.reading.wording import counted
from tools.manifests.documents import ManifestError, documents
from tools.preview.sarif import sarif
from tools.preview.terminal import print_lines
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES
from tools.rules.model import Object, object_of
from tools.rules.objects import Objects
from tools.rules.rule import Finding, findings_of

CLEAN, FOUND, NOT_RUN = 0, 1, 2
"""Exit statuses: no finding, findings, and files that cannot be read."""


def main(arguments: Sequence[str]) -> int:
    """Prints the findings on the files of the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.preview audit",
        description="Finds gaps in the high availability of Kubernetes manifests. Exit status: 0 "
        "without findings, 1 with findings, 2 if a file cannot be read.",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="YAML or JSON file, folder of such files, or - for the standard input",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print the findings as JSON")
    output.add_argument(
        "--sarif", action="store_true", help="print the findings as SARIF, for code scanning"
    )
    options = parser.parse_args(arguments)
    try:
        found, skipped = _read(options.files)
        places = _places(found)
        objects = Objects(_distinct(found))
        unique = dict.fromkeys(findings_of(KUBERNETES_RULES, objects))
        order = {subject: number for number, subject in enumerate(places)}
        findings = sorted(unique, key=lambda each: order[each.resource])
    except ManifestError as error:
        print(printable(str(error)), file=sys.stderr)
        return NOT_RUN
    if options.json:
        print(_json(objects, findings, places, skipped))
    elif options.sarif:
        print(sarif((each, places[each.resource][0]) for each in findings))
    else:
        for each in skipped:
            print(f"skipped {printable(each)}", file=sys.stderr)
        for each in findings:
            first, *others = places[each.resource]
            also = f" (also at {', '.join(map(str, others))})" if others else ""
            print_lines([printable(f"{first}: {each.severity} {each}{also}")])
        print(f"{counted(len(objects.all), 'object')}, {counted(len(findings), 'finding')}")
    return FOUND if findings else CLEAN


def _read(files: Sequence[str]) -> tuple[list[Object], list[str]]:
    """Returns the objects of all files, and a text for each document that is no object and for
    each kind that no rule reads.

    Raises ManifestError if no file has a Kubernetes object.
    """
    found: list[Object] = []
    skipped: list[str] = []
    unread: dict[str, list[Object]] = {}
    for document in documents(files):
        each = object_of(document)
        if each is None:
            skipped.append(f"{document.file}: a document without apiVersion and kind")
            continue
        found.append(each)
        if each.custom and each.kind != "ScaledObject":
            unread.setdefault(f"{each.kind}.{each.group}", []).append(each)
    if not found:
        raise ManifestError(f"{', '.join(files)}: no Kubernetes object")
    return found, [*skipped, *(_unread(kind, each) for kind, each in unread.items())]


def _unread(kind: str, objects: Sequence[Object]) -> str:
    """Returns the text for the objects of a kind that no rule reads."""
    first, *others = objects
    more = f" and {len(others)} more" if others else ""
    return f"{first.file}: {first.subject}{more}: no rule reads {kind}"


def _places(objects: Sequence[Object]) -> Mapping[str, list[Place]]:
    """Returns the places of the objects, by subject, in the order of the files."""
    places: dict[str, list[Place]] = {}
    for each in objects:
        places.setdefault(each.subject, []).append(Place(file=each.file, line=each.line))
    return places


def _distinct(objects: Sequence[Object]) -> Iterator[Object]:
    """Yields the objects without those that equal an earlier one, for example in two overlays."""
    earlier: dict[str, list[Object]] = {}
    for each in objects:
        same = earlier.setdefault(each.subject, [])
        if not any(other.fields.values == each.fields.values for other in same):
            same.append(each)
            yield each


def _json(
    objects: Objects,
    findings: Sequence[Finding],
    places: Mapping[str, Sequence[Place]],
    skipped: Sequence[str],
) -> str:
    found: list[dict[str, object]] = []
    for each in findings:
        first, *others = places[each.resource]
        found.append({**asdict(each), **asdict(first), "also": [asdict(other) for other in others]})
    result = {"objects": len(objects.all), "findings": found, "skipped": list(skipped)}
    return json.dumps(result, indent=2)
