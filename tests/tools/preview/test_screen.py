"""The first screen of preview: verdict, findings, and lines that are broken between words only."""

from collections.abc import Callable

import pytest

from settings.reading.lines import Place
from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded_config
from tools.preview.screen import WIDTH, finding_lines, findings_in_short, headline
from tools.preview.zone_loss import proof_of
from tools.preview.zone_loss_answer import zone_loss_answer
from tools.preview.zone_loss_details import loss_data
from tools.recording import Recording
from tools.rules.rule import Finding

PLACE = Place(file="apps.yaml", line=12)


def prod(**sections: object) -> Recording:
    """The recording of prod with changed sections."""
    config = config_of("prod")
    for section, values in sections.items():
        config[f"ha-eks:{section}"] = values
    return recorded_config("prod", config)


def verdict_of(recording: Recording) -> str:
    return zone_loss_answer(loss_data(proof_of(recording.settings)))


def finding(text: str, severity: str = "caution") -> Finding:
    assert severity in ("error", "caution")
    return Finding(
        rule="HA101",
        severity="error" if severity == "error" else "caution",
        resource="a",
        field="b",
        text=text,
    )


def test_the_verdict_names_pods_that_wait_for_new_nodes() -> None:
    assert verdict_of(prod(headroom={"size": "none"})) == (
        "any one zone can fail, and the needed pods remain, but 2 pods wait for nodes"
    )


def test_the_verdict_names_a_zone_with_which_more_than_pods_fails(
    previewed: Callable[[str], Recording],
) -> None:
    assert verdict_of(previewed("dev")).endswith(
        ", but the loss of us-east-1a affects more than pods"
    )
    network = {**config_of("prod")["ha-eks:network"], "nat": "single"}
    assert verdict_of(prod(network=network, headroom={"size": "none"})).endswith(
        ", but 2 pods wait for nodes and the loss of us-east-1a affects more than pods"
    )


def test_the_verdict_of_a_single_zone_in_service() -> None:
    network = {**config_of("prod")["ha-eks:network"], "zonesOut": ["us-east-1b", "us-east-1c"]}
    assert verdict_of(prod(network=network)) == (
        "no failover, because us-east-1a is the only zone in service"
    )


def test_findings_are_counted_by_severity(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("prod")
    proof = proof_of(recording.settings)
    assert headline(recording, proof, []) == [
        "prod: any one zone can fail, and the needed pods remain; no findings"
    ]
    three = [finding("x"), finding("x", "error"), finding("x")]
    assert " ".join(headline(recording, proof, three)).endswith("; 1 error and 2 cautions")


@pytest.mark.parametrize("severity", ["error", "caution"])
def test_lines_are_broken_between_words_only(severity: str) -> None:
    words = [*("word" * length for length in (1, 2, 3)), "long-" * 20] * 5
    lines = finding_lines(finding(" ".join(words), severity), PLACE, full=True, width=WIDTH)
    assert " ".join(lines).endswith(f"{' '.join(words)} (apps.yaml:12)")
    assert all(len(line) <= WIDTH or " " not in line for line in lines)


def test_a_caution_is_cut_to_one_line_and_an_error_is_not() -> None:
    text = "word " * 100
    [line] = finding_lines(finding(text), PLACE, full=False, width=WIDTH)
    assert line.endswith("word …")
    assert len(line) <= WIDTH
    assert len(finding_lines(finding(text, "error"), PLACE, full=False, width=WIDTH)) > 5


def test_of_many_cautions_of_a_rule_the_first_one_is_shown_with_the_number_of_the_others() -> None:
    found = [finding("a"), finding("b", "error"), finding("c", "error"), finding("d " * 100)]
    shown = [*findings_in_short((each, PLACE) for each in found)]
    assert [(each.text, others) for each, _, others in shown] == [("a", 1), ("b", 0), ("c", 0)]
    [line] = finding_lines(found[3], PLACE, full=False, width=40, others=23)
    assert line.endswith("d … (and 23 more)")
    assert len(line) <= 40
