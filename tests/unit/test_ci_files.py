"""The CI files of docs/ci.md: what can be said of them without running them, and one job's lines run; the others:
`python -m tests.ci_lines` in `make long`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.ci_lines import EXAMPLE, GITHUB, GITLAB, ROOT, SERVICES, github, wrong


@pytest.mark.parametrize("service", SERVICES)
def test_every_line_is_shell(service: str) -> None:
    jobs = SERVICES[service]()
    assert set(jobs) == {"unix", "qemu", "coverage", "readers"}
    for job in jobs.values():
        assert job.lines
        done = subprocess.run(["bash", "-n"], input="\n".join(job.lines), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_lines_of_a_job_run(tmp_path: Path) -> None:
    assert wrong("gitlab", "unix", tmp_path) == ""


def test_artifacts_and_caches() -> None:
    """What a job writes is what it keeps; a cache's key changes with what the cache is made of."""
    for name, job in github().items():
        written = re.findall(r"(?:--junitxml|--till-report|--till-results|--into) (\S+)", " ".join(job.lines))
        assert all(path.startswith("out/") for path in written), name
        steps = yaml.safe_load(GITHUB.read_text())["jobs"][name]["steps"]
        (kept,) = [step for step in steps if step.get("uses", "").startswith("actions/upload-artifact")]
        assert (kept["with"]["path"], kept["if"]) == ("out/", "always()")
    (cache,) = [
        step
        for step in yaml.safe_load(GITHUB.read_text())["jobs"]["qemu"]["steps"]
        if step.get("uses", "").startswith("actions/cache")
    ]
    assert "hashFiles('tillbench/bench/qemu/**')" in cache["with"]["key"]
    assert (ROOT / "bench" / "qemu" / "build.sh").exists()
    default = yaml.safe_load(GITLAB.read_text())["default"]["artifacts"]
    assert (default["when"], default["paths"], default["reports"]["junit"]) == ("always", ["out/"], "out/*.xml")


def test_the_image_has_what_the_set_up_installs() -> None:
    image = set(re.findall(r"[a-z0-9.-]+", (EXAMPLE / "Dockerfile").read_text()))
    for script in ("tests/setup_pcsc.sh", "bench/qemu/build.sh", "bench/coverage/build.sh"):
        (packages,) = re.findall('^packages="(.*)"$', (ROOT / script).read_text(), re.MULTILINE)
        assert set(packages.split()) <= image, script
    ours = (ROOT / "pyproject.toml").read_text()
    for extra in ("pcsc", "boards"):
        assert re.search(rf"^{extra} = \[", ours, re.MULTILINE), extra


def test_the_page_names_the_jobs() -> None:
    page = (ROOT / "docs" / "ci.md").read_text()
    for name in github():
        assert f"| `{name}` |" in page
