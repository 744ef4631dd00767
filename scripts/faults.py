#!/usr/bin/env python3
"""What remains when something goes wrong while a command writes.

    python3 scripts/faults.py [--program target/release/detente] [--quick] [--write docs/faults.md]

Makes each fault with the real program, looks at what is left, and prints a Markdown table; with
--write it goes between the marks of that file. A cell is checked, not described: the exit status,
which files remain, what `detente verify` says of them, that files of others are as they were, and
that the command, given again, makes the same bytes as one that nothing happened to. Ends with status
1 if one is wrong. Faults that cannot be made here (as root nothing is read-only without a mount of
its own) are shown as skipped. Needs Python alone.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = "dilemma"
TEXT = """format = 1
[scenario]
name = "dilemma"
title = "A dilemma with everything that commands want"
rounds = 4
[actors]
A = { name = "Ana" }
B = { name = "Ben" }
[parameters]
gift = { value = 3, range = [2, 4], source = "assumed" }
[payoffs.gain]
A = "gift * chose[B, give] - chose[A, give]"
B = "gift * chose[A, give] - chose[B, give]"
[weights]
gain = 1
[moves.give]
by = "actors"
[policies.kind]
play = [{ move = "give" }]
[policies.cold]
play = [{ move = "hold" }]
[decision]
precision = 1
[outcomes]
given = { total = "chose[A, give]" }
[claims]
some = { says = "Some is given.", test = "mean(given) > 0.5" }
[postures.A]
kind = { policy = "kind" }
cold = { policy = "cold" }
[postures.B]
kind = { policy = "kind" }
cold = { policy = "cold" }
"""
FAULTS = ["kill -9", "disk full", "read-only folder", "two processes", "foreign files", "links"]
BEGIN, END = "<!-- begin: faults -->\n", "<!-- end: faults -->"


class Wrong(Exception):
    """A cell that is not as it should be."""


class Skipped(Exception):
    """A fault that cannot be made here."""


def demand(holds, what):
    if not holds:
        raise Wrong(what)


class Command:
    """A command that writes: into a folder, or one file."""

    def __init__(self, name, words, target, force=True, again=None):
        self.name, self.words, self.target = name, words, target
        self.force, self.single = force, Path(target).suffix != ""
        # How it is given again after it was killed.
        self.again = again if again is not None else (["--force"] if force else [])


def commands(quick):
    runs = "2000" if quick else "200000"
    points, few = ("40", "100") if quick else ("400", "1000")
    sweep = [SCENARIO, "--vary", f"gift=2:4:{points}", "--runs", few]
    return [
        Command("run", ["run", SCENARIO, "--runs", runs, "--out", "x"], "x"),
        Command("claims", ["claims", SCENARIO, "--runs", runs, "--out", "x"], "x"),
        Command("sweep", ["sweep", *sweep, "--out", "x"], "x", again=[]),
        Command("shard", ["shard", "plan.json", "--index", "0", "--out", "x"], "x", force=False),
        Command("merge", ["merge", "plan.json", "parts", "--out", "x"], "x"),
        Command("meta", ["meta", SCENARIO, "--out", "x"], "x"),
        Command("plan", ["plan", *sweep, "--shards", "1", "-o", "x.json"], "x.json"),
        Command("new", ["new", "x"], "x.toml"),
    ], sweep


class Bench:
    """The program, in a folder where every command can be given."""

    def __init__(self, program, home, quick):
        self.program, self.home = program, home
        self.commands, sweep = commands(quick)
        self.inputs = home / "inputs"
        self.inputs.mkdir()
        (self.inputs / f"{SCENARIO}.toml").write_text(TEXT)
        self.run(self.inputs, ["plan", *sweep, "--shards", "1", "-o", "plan.json"])
        self.run(self.inputs, ["shard", "plan.json", "--index", "0", "--out", "parts"])
        self.whole = {}
        for command in self.commands:
            here = self.fresh(command, "whole")
            self.run(here, command.words)
            self.whole[command.name] = contents(here / command.target)

    def fresh(self, command, fault):
        here = self.home / f"{command.name}-{fault.replace(' ', '-')}"
        shutil.copytree(self.inputs, here)
        return here

    def start(self, here, words, **more):
        return subprocess.Popen([self.program, *words], cwd=here, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def run(self, here, words, expected=0, **more):
        process = self.start(here, words, **more)
        out, err = process.communicate(timeout=300)
        statuses = expected if isinstance(expected, tuple) else (expected,)
        text = f"`detente {' '.join(words)}` ended with {process.returncode}: {err.strip()[-300:]}"
        demand(process.returncode in statuses and "panicked" not in err, text)
        return process.returncode, err

    def complete(self, folder):
        status = subprocess.run([self.program, "verify", folder], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL).returncode
        demand(status in (0, 1), f"verify ended with {status}")
        return status == 0

    def same(self, command, here, words):
        """The command, given again, makes what it makes undisturbed."""
        self.run(here, words)
        found = contents(here / command.target)
        whole = self.whole[command.name]
        names = sorted(set(found) ^ set(whole)) or [n for n in whole if found[n] != whole[n]]
        demand(not names, f"given again, it makes other files: {', '.join(names)}")
        if not command.single:
            demand(self.complete(here / command.target), "given again, it is not complete")


def contents(path):
    """Files below a folder by name, or the one file."""
    if not path.is_dir():
        return {path.name: path.read_bytes()} if path.exists() else {}
    files = (file for file in path.rglob("*") if file.is_file())
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


def results(path):
    return {name: data for name, data in contents(path).items() if ".detente" not in name}


def kill(bench, command, tries):
    """Killed at several moments, over results of an earlier command where there are such."""
    before = after = 0
    started = time.monotonic()
    scratch = bench.fresh(command, "timed")
    bench.run(scratch, command.words)
    whole = time.monotonic() - started
    for number in range(tries):
        here = bench.fresh(command, f"kill {number}")
        target = here / command.target
        old = {}
        words = command.words
        if not command.single and command.force:
            bench.run(here, ["run", SCENARIO, "--runs", "20", "--out", "x"])
            old = contents(target)
            words = [*words, "--force"]
        process = bench.start(here, words)
        time.sleep(whole * (number + 1) / (tries + 1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == 0:
            after += 1
        found = results(target)
        if command.single:
            demand(not found or found == bench.whole[command.name], "half a file is left")
        elif bench.complete(target) and target.exists():
            ok = found in (old, bench.whole[command.name])
            demand(ok or command.name == "shard", "a mixture is called complete")
            before += found == old
        else:
            demand("datapackage.json" not in found or command.name == "shard",
                   "a package describes what is not there")
        again = command.again if old or found or command.name == "sweep" else []
        bench.same(command, here, [*command.words, *again])
    if command.single:
        return "the file is whole or not there"
    if command.name == "shard":
        return "whole parts; the same command goes on, to the same bytes"
    goes = "goes on" if command.name == "sweep" else "with `--force` makes the same bytes"
    return f"old results whole, or not complete; the same command {goes}"


def limited(size):
    """Files may not grow beyond a size, as on a disk that is full; the write fails."""
    import resource

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return {"preexec_fn": limit}


def disk_full(bench, command):
    seen = "nothing"
    largest = max(len(data) for data in bench.whole[command.name].values())
    for size in (size for size in (0, 100, 1000, 8000) if size < largest):
        here = bench.fresh(command, f"full-{size}")
        target = here / command.target
        _, err = bench.run(here, command.words, 2, **limited(size))
        demand("File too large" in err or "No space" in err, f"does not say why: {err[-200:]}")
        found = results(target)
        demand(not command.single or not found, "half a file is left")
        for name, data in found.items():
            own = bench.whole[command.name].get(name)
            demand(own == data or name == "sweep.json" or ".part.bin" in name,
                   f"{name} is not whole")
        demand(command.single or not bench.complete(target), "called complete")
        demand("datapackage.json" not in found, "a package is left")
        seen = "what was finished" if found else seen
    bench.same(command, here, [*command.words, *command.again])
    return f"status 2, says so; {'no file' if command.single else seen + ' is left, not complete'}"


def read_only(bench, command):
    here = bench.fresh(command, "read-only")
    target = here / command.target
    folder = here if command.single else target
    folder.mkdir(exist_ok=True)
    undo = lambda: os.chmod(folder, 0o755)
    os.chmod(folder, 0o555)
    try:
        if os.access(folder, os.W_OK):
            undo()
            done = subprocess.run(["mount", "--bind", folder, folder], capture_output=True)
            if done.returncode:
                raise Skipped("root, and nothing can be mounted")
            subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
            undo = lambda: subprocess.run(["umount", folder], check=True)
        status, err = bench.run(here, command.words, 2)
        demand("x" in err, "does not name the folder")
        demand(not results(target), "something was written")
    finally:
        undo()
    return "status 2 before anything is played"


def two(bench, command):
    here = bench.fresh(command, "two")
    pair = [bench.start(here, command.words) for _ in range(2)]
    ends = [(process.communicate(timeout=300)[1], process.returncode) for process in pair]
    statuses = sorted(status for _, status in ends)
    text = "; ".join(err.strip()[-150:] for err, _ in ends)
    demand(statuses[0] == 0 and statuses[1] in (0, 2), f"ended with {statuses}: {text}")
    found = results(here / command.target)
    demand(found == bench.whole[command.name], "the files are of both")
    if command.name == "shard":
        return "both end well, with the same parts"
    return "one writes, the other is refused with status 2"


def foreign(bench, command):
    here = bench.fresh(command, "foreign")
    target = here / command.target
    if command.single:
        target.write_text("mine")
        bench.run(here, command.words, 2)
        demand(target.read_text() == "mine", "it was overwritten")
        bench.same(command, here, [*command.words, "--force"])
        return "refused; replaced with `--force`"
    names = ["outcomes.csv.part", "writable.part", "unit.part", ".mine", "notes.md"]
    target.mkdir()
    for name in names:
        (target / name).write_text("mine")
    bench.run(here, command.words)
    demand(all((target / name).read_text() == "mine" for name in names), "they were touched")
    found = {k: v for k, v in results(target).items() if k not in names}
    demand(found == bench.whole[command.name], "the results differ")
    if command.name == "shard":
        return "untouched"
    shutil.rmtree(target)
    target.mkdir()
    (target / "points.csv").write_text("mine")
    bench.run(here, command.words, 2)
    demand((target / "points.csv").read_text() == "mine", "a table was overwritten")
    return "untouched; a foreign table is refused before anything is played"


def links(bench, command):
    here = bench.fresh(command, "links")
    target = here / command.target
    precious = here / "precious"
    precious.write_text("precious")
    if command.single:
        target.symlink_to(precious)
        bench.run(here, command.words, 2)
        bench.run(here, [*command.words, "--force"])
        demand(not target.is_symlink(), "the link is still there")
    elif command.name == "shard":
        (target / "parts").mkdir(parents=True)
        (target / "parts" / "unit-00000000.part.bin").symlink_to(precious)
        bench.run(here, command.words)
    else:
        target.mkdir()
        for name in bench.whole[command.name]:
            (target / f"{name}.part").symlink_to(precious)
            if name.endswith((".csv", ".json", ".nfg")):
                (target / name).symlink_to(precious)
        bench.run(here, command.words, 2)
        bench.run(here, [*command.words, "--force"])
        demand(bench.complete(target), "not complete")
    demand(precious.read_text() == "precious", "what a link leads to was overwritten")
    what = "refused; with `--force` replaced" if command.name != "shard" else "replaced"
    return f"{what}; what they lead to is as it was"


MAKERS = [None, disk_full, read_only, two, foreign, links]


def table(bench, quick):
    rows, wrong = [], []
    for command in bench.commands:
        cells = []
        for fault, maker in zip(FAULTS, MAKERS):
            try:
                cells.append(maker(bench, command) if maker
                             else kill(bench, command, 2 if quick else 12))
            except Skipped as why:
                cells.append(f"skipped: {why}")
            except Wrong as why:
                cells.append(f"WRONG: {why}")
                wrong.append(f"{command.name}, {fault}: {why}")
        rows.append(f"| `{command.name}` | " + " | ".join(cells) + " |")
    head = ["| command | " + " | ".join(FAULTS) + " |", "|---" * (len(FAULTS) + 1) + "|"]
    return "\n".join(head + rows), wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="target/release/detente")
    parser.add_argument("--quick", action="store_true", help="fewer runs and kills")
    parser.add_argument("--only", help="these commands, separated by commas")
    parser.add_argument("--write", help="put the table between the marks of this file")
    options = parser.parse_args()
    program = str(Path(options.program).resolve())
    with tempfile.TemporaryDirectory(prefix="detente-faults-") as home:
        bench = Bench(program, Path(home), options.quick)
        if options.only:
            names = options.only.split(",")
            bench.commands = [c for c in bench.commands if c.name in names]
        text, wrong = table(bench, options.quick)
    print(text)
    if options.write:
        path = Path(options.write)
        head, rest = path.read_text().split(BEGIN)
        _, tail = rest.split(END)
        path.write_text(f"{head}{BEGIN}\n{text}\n\n{END}{tail}")
    for line in wrong:
        print(f"wrong: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
