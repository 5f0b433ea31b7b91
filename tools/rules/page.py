"""The list of rules, docs/rules.md."""

from collections.abc import Iterator

from settings.cautions import CAUTIONS
from tools.rules.aws.all_rules import AWS_RULES
from tools.rules.catalog import GROUPS, WAIVERS
from tools.rules.cells.all_rules import CELL_RULES
from tools.rules.kube_score import agreement
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES

_INTRODUCTION = """# Rules of the audit

This page is generated from [`tools/rules/`](../tools/rules) and [`settings/`](../settings) by
`make reference`; a test keeps it current. `.venv/bin/python -m tools.preview --rules` prints the
list.

`make preview STACK=prod` applies all rules to a stack.
`.venv/bin/python -m tools.preview audit FILE…` applies the rules HA1 to HA7 to any Kubernetes
manifests: files, folders, or `-` for the standard input, such as the output of `helm template`.
Kinds of custom resources that no rule reads are named and skipped. With `--json`, the output is an
object with `objects` (number of Kubernetes objects), `skipped` (list of texts) and `findings` (list
of objects with `rule`, `severity`, `resource`, `field`, `text`, `file`, `line` and `also`). An
object that is in several files is reported at the first place, with the others in `also`. An object
that another one owns, such as the autoscaler of a ScaledObject in the output of `kubectl get`, is
not audited itself.

`.venv/bin/python -m tools.preview prod prod-standby` applies the rules MC1 to MC3 to the cells of
one domain together. Waivers of a stack file do not apply to them.

The [policy pack](policy.md) applies them in `pulumi preview` and to deployed stacks.

With `--sarif`, both commands print findings for code scanning, in the format
[SARIF](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html). A finding on a stack is
at the line of its key, or of its workload, in the stack file. The
[example workflow](../examples/github-actions/ha-eks.yml) uploads it to GitHub.

| severity | meaning |
|---|---|
| error | A foreseeable event makes a workload unavailable, or a mechanism cannot work. |
| warning | The same in some cases. |
| caution | An accepted setting that has a cost or a risk. |

| exit status | meaning |
|---|---|
| 0 | no finding; in a stack: none of the severity `ha-eks:audit.failOn` or above |
| 1 | findings |
| 2 | the stack or a file cannot be read |

A stack file accepts a finding with a [waiver](settings.md#ha-eks-audit):

```yaml
ha-eks:audit:
  waivers:
    - rule: HA801
      resource: NatGateway/*
      reason: a cell for tests, which may be unavailable while a zone has failed
      expires: "2027-12-31"
```

No rule covers what a manifest does not show: whether a program closes its connections after TERM
(`preStop`), how long a new pod needs to warm up (`minReadySeconds`), how many nodes a cluster has,
and the quotas of an account, which `make up` reads. `make scan` checks security.
"""


def page() -> str:
    """Returns the page as Markdown, with a section for each group of rules."""
    return "\n".join((_INTRODUCTION, *_sections(), *agreement())) + "\n"


def _sections() -> Iterator[str]:
    rules = (*KUBERNETES_RULES, *AWS_RULES, *CELL_RULES)
    for prefix, group in GROUPS.items():
        yield f"## {prefix}: {group}\n"
        if prefix == "HA0":
            yield from _table((each.id, each.severity, each.claim) for each in WAIVERS)
        elif prefix == "HA9":
            yield "Each caution names the key, the cost or risk, and what to write instead.\n"
            yield from _table((each.id, "caution", each.claim) for each in CAUTIONS)
        for rule in rules:
            if rule.id.startswith(prefix):
                yield f'<a id="{rule.id.lower()}"></a>\n\n### {rule.id}: {rule.claim}\n'
                yield f"Severity: {rule.severity}. {rule.why}\n"
                yield f"Setting: {_setting(rule.setting)}\n\nNot flagged:\n"
                yield from (f"- {each}" for each in rule.not_flagged)
                yield ""


def _setting(text: str) -> str:
    """Returns a key as code; a sentence as it is."""
    return text if " " in text else f"`ha-eks:{text}`"


def _table(rows: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    yield "| ID | severity | claim |\n|---|---|---|"
    yield from (f"| {' | '.join(row)} |" for row in sorted(rows))
    yield ""
