"""The proof table: every claim has a proof, every proof exists, and pages link to their claims."""

import re
from collections import Counter

import pytest

from core.experiments.catalog import EXPERIMENTS
from settings import check_stack, extended, read_config
from settings.rules import RULES
from tests.conftest import recording_of
from tools.drills import recorded
from tools.proof.claim import LEVELS, Claim, Drilled
from tools.proof.registry import CLAIMS
from tools.proof.summary import claims_of, summary
from tools.recording import Recording
from tools.recording.record import ROOT
from tools.reference.proof import proof_page, record, results_of
from tools.rehearsal.__main__ import SCENARIOS
from tools.rules.catalog import entries

_LINK = re.compile(r"proof\.md#([\w-]+)")
EXAMPLES = ("spot", "stateful")
"""Examples of features that prod does not have."""
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]

every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)


def problems_of(claim: Claim) -> list[str]:
    """Returns the missing proofs of a claim, and its references that do not exist."""
    names = {each.id for each in entries()}
    document = record()
    shown = claim.is_run or claim.tests  # not by prose, an alarm or an experiment that was not run
    found = [] if shown else ["no test, rehearsal or drill shows the claim"]
    found += [f"no rule {name}" for name in claim.rules if name not in names]
    for module in claim.refusals:
        rules: tuple[object, ...] = getattr(module, "RULES", ())
        found += [] if rules and {*rules} <= {*RULES} else [f"no rules in {module.__name__}"]
    for each in claim.arithmetic:
        found += [] if each.__module__.startswith("core.") else [f"not in core: {each}"]
    found += [f"no test {name}" for name in claim.tests if not exists(name)]
    found += [f"no scenario {name}" for name in claim.rehearsals if name not in SCENARIOS]
    for drilled in claim.drills:
        results = results_of(document, drilled)
        found += [] if results else [f"no promise {drilled}"]
        found += [f"broken promise: {each}" for each in results if not each.kept]
    found += [f"no experiment {name}" for name in claim.experiments if name not in EXPERIMENTS]
    found += [f"no alarm {name}" for name in claim.alarms if not in_a_recording(name)]
    found += [f"not an address: {each.url}" for each in claim.sources if "https://" not in each.url]
    return found


def exists(test: str) -> bool:
    """True if a test FILE::FUNCTION exists."""
    path, _, function = test.partition("::")
    file = ROOT / path
    return file.is_file() and f"\ndef {function}(" in file.read_text(encoding="utf-8")


def in_a_recording(alarm: str) -> bool:
    """True if the recording of prod has an alarm of a name, in which capitals are any name."""
    pattern = re.compile("prod/" + re.sub("[A-Z]+", "[^/]+", alarm))
    return any(pattern.fullmatch(name) for name in alarm_names(recording_of("prod")))


def alarm_names(recording: Recording) -> list[str]:
    types = ("metricAlarm:MetricAlarm", "compositeAlarm:CompositeAlarm")
    alarms = [each for name in types for each in recording.of_type(f"aws:cloudwatch/{name}")]
    return [str(each.inputs.get("name") or each.inputs.get("alarmName")) for each in alarms]


@every_claim
def test_a_claim_has_a_proof_and_all_its_proofs_exist(claim: Claim) -> None:
    assert problems_of(claim) == []


def test_a_claim_without_proof_and_references_that_do_not_exist_are_found() -> None:
    prose = Claim(id="x", text="x", page="scaling.md", rules=("HA101",), alarms=("impact",))
    assert problems_of(prose) == ["no test, rehearsal or drill shows the claim"]
    wrong = Claim(
        id="x",
        text="x",
        page="scaling.md",
        rules=("HA100",),
        arithmetic=(recorded.read,),
        tests=("tests/core/availability/test_replicas.py::test_nothing", "tests/none.py::test_x"),
        rehearsals=("none",),
        drills=(Drilled(scenario="zones", unit="pods fly"), Drilled(scenario="none")),
        experiments=("none",),
        alarms=("app/APP", "nodes"),
    )
    assert len(problems_of(wrong)) == 10


def test_claims_have_unique_ids_and_sentences() -> None:
    assert max(Counter(claim.id for claim in CLAIMS).values()) == 1
    assert max(Counter(claim.text for claim in CLAIMS).values()) == 1
    assert [claim.text for claim in CLAIMS if not re.fullmatch(r"[A-Z].*\.", claim.text)] == []


def test_the_page_that_makes_a_claim_links_to_it_and_every_link_leads_to_a_claim() -> None:
    links = {page.name: {*_LINK.findall(page.read_text(encoding="utf-8"))} for page in PAGES}
    missing = [f"{each.page}: {each.id}" for each in CLAIMS if each.id not in links[each.page]]
    assert missing == [], "add a link to proof.md beside the sentence that makes the claim"
    known = {claim.id for claim in CLAIMS}
    unknown = {f"{page}: {name}" for page, names in links.items() for name in names - known}
    assert unknown == set(), "add the claim to tools/proof/claims"
    assert "docs/proof.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_sentences_that_the_readme_prints_in_bold_are_claims() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    bold = re.findall(r"^\*\*([^*]+)[.,]\*\*", text, re.MULTILINE)
    claims = {claim.text.rstrip(".") for claim in CLAIMS}
    assert len(bold) >= 3, "a paragraph that begins with a sentence in bold makes a claim"
    assert {*bold} - claims == set(), "add the claim to tools/proof/claims"


def test_every_experiment_proves_a_claim() -> None:
    assert {name for claim in CLAIMS for name in claim.experiments} == {*EXPERIMENTS}


def test_the_page_is_current() -> None:
    page = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
    assert page == proof_page(), "run `make reference`"


def test_the_page_has_a_row_and_a_section_for_each_claim() -> None:
    page = proof_page()
    for claim in CLAIMS:
        assert f"](#{claim.id}) |" in page
        assert f'<a id="{claim.id}"></a>' in page
    assert "not run yet by this project" in page


@pytest.mark.parametrize(
    ("stack", "without"),
    [("prod", {"spot"}), ("dev", {"spot", "egress", "failover", "fleet"})],
)
def test_only_claims_that_apply_to_a_stack_are_counted(stack: str, without: set[str]) -> None:
    claims = claims_of(recording_of(stack).settings)
    assert not {each.id for each in claims} & without
    text = summary(claims)
    assert text.startswith(f"proof: {len(claims)} claims, ")
    assert len(text) <= 80


def test_every_claim_applies_to_a_stack_of_the_project() -> None:
    examples = ROOT / "examples"
    files = [ROOT / "Pulumi.prod.yaml", *(examples / f"Pulumi.{n}.yaml" for n in EXAMPLES)]
    checked = [check_stack("x", extended(read_config(file), file))[0] for file in files]
    applied = {each.id for settings in checked if settings for each in claims_of(settings)}
    assert applied == {claim.id for claim in CLAIMS}


def test_a_claim_without_an_experiment_is_counted_without_one() -> None:
    claim = Claim(id="x", text="X.", page="scaling.md", rehearsals=("api",))
    assert summary([claim]) == "proof: 1 claim, 1 drilled or rehearsed: docs/proof.md"
    assert [level for level in LEVELS if claim.shown_by(level)] == ["rehearsal"]
