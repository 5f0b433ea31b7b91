"""`python -m tools.preview --rules`: prints the rules of the audit."""

from tools.rules.catalog import GROUPS, entries


def rule_list() -> str:
    """Returns a line for each rule below the name of its group."""
    lines: list[str] = []
    for prefix, group in GROUPS.items():
        lines.append(group)
        lines += [
            f"  {each.id} {each.severity:<7} {each.claim}"
            for each in entries()
            if each.id.startswith(prefix)
        ]
    return "\n".join(lines)
