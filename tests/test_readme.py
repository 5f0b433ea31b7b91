"""Commands and output in the README are the real ones."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.availability.headroom import headroom_effect
from live.guard import pool_problems
from settings import SettingsError
from settings.availability import zone_model_of
from tests.live.cells import group, live, settings_of
from tools.preview.cost import cell_cost_of, cost_of, dollars, quantity
from tools.preview.sarif import stack_places
from tools.preview.screen import finding_lines, headline, screen
from tools.preview.zone_loss import proof_of
from tools.recording import Recording, record
from tools.recording.record import ROOT
from tools.rules.stack import stack_findings

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(kind: str, having: str) -> str:
    """Returns the only code block of a language that contains a text."""
    found = [
        text for text in re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL) if having in text
    ]
    assert len(found) == 1
    return found[0]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120, "a newcomer must read too much: move text to docs/"


def test_a_stack_file_is_refused_as_the_readme_shows(tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    text = text.replace("{needed: 1, max: 6}", "{needed: 3, max: 5}").replace(": web", ": wbe")
    (tmp_path / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        record("dev", root=tmp_path)
    assert str(caught.value) + "\n" == block("console", "must be").partition("preview\n")[2]


def test_the_preview_of_the_readme_is_the_real_one(previewed: Callable[[str], Recording]) -> None:
    recording, today = previewed("prod"), date(2026, 11, 28)
    findings, proof = stack_findings(recording, today), proof_of(recording.settings)
    printed = [
        *headline(recording, proof, findings),
        "",
        *screen(proof, cell_cost_of(recording, today)),
        "",
        *(
            line
            for each, place in stack_places(findings, recording.settings, ROOT / "Pulumi.prod.yaml")
            for line in finding_lines(each, place, full=False, width=80)
        ),
    ]
    shown = block("text", "prod: ").splitlines()
    assert shown == printed, "write in README.md:\n" + "\n".join(printed)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_cost_table_shows_the_computed_cost(
    previewed: Callable[[str], Recording], stack: str
) -> None:
    recording = previewed(stack)
    cost = cost_of(recording, date(2026, 11, 28))
    quantities = {item.group: item for item in cost.items if item.group != "other"}
    extra = sum(headroom_effect(zone_model_of(recording.settings)).extra_nodes.values())
    columns = [
        f"`{stack}`",
        dollars(cost.per_hour),
        f"${cost.per_month:,.0f}",
        f"{quantity(quantities['nodes'])}, {dollars(cost.of('nodes'))}"
        + (f" ({extra} of them headroom)" if extra else ""),
        dollars(cost.of("control plane")),
        f"{quantities['NAT gateways'].quantity}, {dollars(cost.of('NAT gateways'))}",
        dollars(cost.of("load balancers")),
        dollars(cost.of("other")),
        dollars(cost.of("alarms")),
    ]
    row = f"| {' | '.join(columns)} |"
    assert row in README.splitlines(), f"write in README.md:\n{row}"


def test_every_component_of_the_architecture_s_table_is_one_of_the_program() -> None:
    program = (ROOT / "__main__.py").read_text(encoding="utf-8")
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(
        r"^\| `([a-z-]+)` \| [^|]* \|$", text.partition("## Components")[2], re.MULTILINE
    )
    assert len(named) == 25
    assert [name for name in named if f'"{name}"' not in program] == []


def test_a_plain_up_is_refused_as_docs_replace_nodes_shows() -> None:
    settings = settings_of((("ha-eks:pools", "general", "amiType"), "BOTTLEROCKET_x86_64"))
    running = live(group(name="nodes-general-us-east-1a-4f2a9c1"))
    [problem] = pool_problems(settings, running, "prod")
    rows = (ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8").splitlines()
    [types] = (number for number, row in enumerate(rows, 1) if "instanceTypes:" in row)
    text = (ROOT / "docs" / "replace-nodes.md").read_text(encoding="utf-8")
    assert f"Pulumi.prod.yaml:{types + 1}: {problem}\n" in text, "amiType follows instanceTypes"
