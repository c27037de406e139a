"""The CI files of docs/ci.md, read as the services read them; every shell line of them run on a copy of the example.

The machine's commands are played by scripts that note their calls; pytest is real. Only the `unix` job of GitHub runs
its tests, the others collect them: what they would run is run elsewhere here. `python -m tests.ci_lines` does it all.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "shop"
GITHUB = EXAMPLE / ".github" / "workflows" / "till.yml"
GITLAB = EXAMPLE / ".gitlab-ci.yml"
PLAYED = ("apt-get", "pip", "git", "make")


class Job(NamedTuple):
    """Its shell lines, and the variables that it sets beside the service's own."""

    lines: list[str]
    variables: dict[str, str]


def github() -> dict[str, Job]:
    whole = yaml.safe_load(GITHUB.read_text())
    jobs = {}
    for name, job in whole["jobs"].items():
        variables = {**whole["env"], **job.get("env", {})}
        for step in job["steps"]:
            variables |= step.get("env", {})
        lines = [step["run"] for step in job["steps"] if "run" in step]
        jobs[name] = Job(lines, {key: re.sub(r"\$\{\{.*?\}\}", "7", value) for key, value in variables.items()})
    return jobs


def gitlab() -> dict[str, Job]:
    whole = yaml.safe_load(GITLAB.read_text())
    own = {key: job for key, job in whole.items() if key not in ("default", "variables")}
    return {
        name: Job(job["script"], {**whole["variables"], **job.get("variables", {}), "TILLBENCH_GIT": "address"})
        for name, job in own.items()
    }


class Machine:
    """A runner with a copy of the example on it."""

    def __init__(self, folder: Path) -> None:
        self.project, self.calls = folder / "shop", folder / "calls"
        shutil.copytree(EXAMPLE, self.project)
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls.write_text("")
        for name in PLAYED:
            self._play(name, "exit 0")
        # git gives a checkout, whose environment has been made by make
        python, bench = "$(command -v python)", shlex.quote(str(ROOT / "bench"))
        self._play(
            "git", f"mkdir -p tillbench/.venv/bin; ln -s {python} tillbench/.venv/bin/; ln -s {bench} tillbench/"
        )
        traced = 'mkdir -p "$TILLBENCH_CACHE/traced" && touch "$TILLBENCH_CACHE/traced/micropython"'
        self._play("make", f'case "$*" in *traced) {traced};; esac')
        self._play("sudo", 'exec "$@"')
        self._play("python", f'exec {shlex.quote(sys.executable)} "$@"')
        self._play("pytest", 'exec python -m pytest "$@"')

    def _play(self, name: str, text: str) -> None:
        path = self.bin / name
        note = f'echo "{name} $*" >>{shlex.quote(str(self.calls))}\n' if name != "python" else ""
        path.write_text(f"#!/bin/sh\n{note}{text}\n")
        path.chmod(0o755)

    def run(self, job: Job, *, collect: bool) -> subprocess.CompletedProcess[str]:
        options = "-p no:cacheprovider -q" + (" --collect-only" if collect else "")
        environment = {
            "HOME": str(self.project),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PYTEST_ADDOPTS": options,
            **job.variables,
        }
        script = "\n".join(["set -euo pipefail", *job.lines])
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=58,
            check=False,
        )


SERVICES = {"github": github, "gitlab": gitlab}
RUN = ("github", "unix")
"""The one job whose tests are run, not only collected."""


def wrong(service: str, name: str, folder: Path) -> str:
    """Run a job's lines; what went wrong, "" if nothing did."""
    machine = Machine(folder)
    is_run = (service, name) == RUN
    done = machine.run(SERVICES[service]()[name], collect=not is_run)
    said = done.stdout + done.stderr
    if done.returncode or "error" in done.stderr.lower():
        return said
    if not is_run:
        return "" if ("test_atr" if name == "readers" else "test_shop.py") in done.stdout else said
    seed = '<property name="till_seed" value="7"'
    files = machine.project / "out"
    whole = seed in (files / "unix.xml").read_text() and (files / "report.html").stat().st_size > 10_000
    return "" if whole and re.search(r"\d+ passed", done.stdout) else said


def main() -> None:
    """Every job of both services; exit status 1 if a line fails."""
    failed = False
    for service, jobs in SERVICES.items():
        for name in jobs():
            with tempfile.TemporaryDirectory() as folder:
                trouble = wrong(service, name, Path(folder))
            print(f"{service} {name}: {'FAILED' if trouble else 'every line ran'}\n{trouble}".rstrip())
            failed = failed or bool(trouble)
    sys.exit(failed)


if __name__ == "__main__":
    main()
