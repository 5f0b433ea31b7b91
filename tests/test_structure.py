"""Rules for imports, and for code that must not depend on the name of the stack."""

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tools.recording.record import ROOT

MAY_IMPORT = {
    "core": {"core"},
    "settings": {"settings", "core"},
    "components": {"components", "settings", "core"},
    "live": {"live", "settings", "core"},
    "__main__.py": {"components", "live", "settings", "core"},  # and extensions, by name
    "extensions": {"extensions", "components", "settings", "core"},
    "tools": {"tools", "live", "settings", "core"},
}
"""Parts that each part of the top level may import."""

TOOLS_MAY_IMPORT = {
    "recording": {"recording"},
    "manifests": {"manifests"},
    "importer": {"importer", "manifests"},
    "rules": {"rules", "manifests", "recording"},
    "policy": {"policy", "rules", "manifests", "recording"},
    "proof": {"proof"},
    "preview": {"preview", "importer", "proof", "rules", "manifests", "recording"},
    "deploy": {"deploy", "recording", "toolchain"},
    "fleet": {"fleet", "deploy", "recording", "toolchain"},
    "rehearsal": {
        "rehearsal",
        "fleet",
        "deploy",
        "rules",
        "recording",
        "control_plane",
        "toolchain",
    },
    "drills": {"drills", "rehearsal", "deploy", "recording", "control_plane", "toolchain"},
    "control_plane": {"control_plane"},
    "scan": {
        "scan",
        "preview",
        "importer",
        "proof",
        "rules",
        "manifests",
        "recording",
        "toolchain",
    },
    "reference": {
        "reference",
        "proof",
        "rules",
        "manifests",
        "drills",
        "rehearsal",
        "fleet",
        "deploy",
        "recording",
        "control_plane",
        "toolchain",
    },
    "toolchain": {"toolchain"},
}
"""Tools that each tool may import."""

MAX_LINES, MAX_LINES_OF_TESTS = 250, 450


def files_of(part: str) -> list[Path]:
    path = ROOT / part
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


@cache
def contents_of(file: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the names of the modules that a file imports, and the texts in its code."""
    names: set[str] = set()
    texts: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
    return frozenset(names), frozenset(texts)


def imports_of(file: Path, below: str = "") -> set[str]:
    """Returns the first part of the name of each imported module, below the prefix `below`."""
    names, _ = contents_of(file)
    inside = {name.removeprefix(below) for name in names if name.startswith(below)}
    return {name.split(".")[0] for name in inside}


def test_imports_go_one_way() -> None:
    ours = {part.removesuffix(".py") for part in MAY_IMPORT}
    for part, allowed in MAY_IMPORT.items():
        for file in files_of(part):
            wrong = (imports_of(file) & ours) - allowed
            assert not wrong, f"{file.relative_to(ROOT)} imports {wrong}"


def test_tools_import_one_another_one_way() -> None:
    for tool, allowed in TOOLS_MAY_IMPORT.items():
        for file in files_of(f"tools/{tool}"):
            wrong = (imports_of(file, below="tools.") & {*TOOLS_MAY_IMPORT}) - allowed
            assert not wrong, f"{file.relative_to(ROOT)} imports {wrong}"


def commands() -> Mapping[str, str]:
    """Returns the last lines of each command, by module; not of commands that programs run."""
    found: dict[str, str] = {}
    for file in files_of("tools"):
        module = file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        program = file.read_text(encoding="utf-8")
        _, begins, last = program.partition('\nif __name__ == "__main__":\n')
        if begins or file.name == "__main__.py":
            found[module] = last
    for run_by_programs in ("tools.policy.__main__", "tools.drills.termination.server"):
        del found[run_by_programs]
    return found


def test_every_command_has_the_entry_point() -> None:
    """Ctrl-C, TERM and output that cannot be written would print a stack trace otherwise."""
    for module, last in commands().items():
        ends = r"    (sys\.exit\(status_of\(main(, failed=\w+)?\)\)|run_and_exit\(main.*\))\n"
        assert re.fullmatch(ends, last), f"{module}: end the file with sys.exit(status_of(main))"
    assert len(commands()) > 15


def test_core_knows_no_pulumi() -> None:
    for file in files_of("core"):
        assert not {name for name in imports_of(file) if name.startswith("pulumi")}, file.name


def test_no_code_names_a_stack() -> None:
    stacks = {file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml")}
    for part in MAY_IMPORT:
        for file in files_of(part):
            _, texts = contents_of(file)
            named = texts & stacks
            assert not named, f"{file.relative_to(ROOT)} depends on the name of the stack"


def test_the_program_is_composition_only() -> None:
    """`__main__.py` has no functions, classes, loops or branches, except for an optional component:
    a plain `if` whose body creates it."""
    program = ast.parse((ROOT / "__main__.py").read_text(encoding="utf-8"))
    optional = [node for node in program.body if isinstance(node, ast.If)]
    for node in optional:
        plain = all(isinstance(each, ast.Assign | ast.Expr) for each in node.body)
        message = f"__main__.py:{node.lineno} is more than a plain if"
        assert plain, message
        assert not node.orelse, message
    forbidden = (
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.For, ast.While),
        *(ast.Match, ast.Try, ast.With),
    )
    for node in ast.walk(program):
        if isinstance(node, ast.stmt | ast.expr):
            allowed = not isinstance(node, ast.If) or node in optional
            message = f"__main__.py:{node.lineno} has logic; move it to components or settings"
            assert allowed, message
            assert not isinstance(node, forbidden), message


def test_no_file_is_too_long_to_have_one_subject() -> None:
    """Except `__main__.py`, which has no logic: it is the list of all components in their order."""
    for part in (*MAY_IMPORT, "examples", "tests"):
        for file in files_of(part) if part != "__main__.py" else []:
            lines = len(file.read_text(encoding="utf-8").splitlines())
            allowed = MAX_LINES_OF_TESTS if part == "tests" else MAX_LINES
            assert lines <= allowed, f"{file.relative_to(ROOT)} has {lines} lines: split it"
