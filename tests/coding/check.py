"""What scripts/history.py makes of the record here, and what it says of histories that do not fit.

    python3 tests/coding/check.py

Files beside the two coding.toml are what `history.py make coding.toml record` wrote; they were read by eye when they were
committed. Exit status 1 and the difference where the script makes others or misses a mistake.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE.parents[1] / "scripts" / "history.py"
MOVES = "round,actor,move,target,track\n"
EVENTS = "round,event,i,j,happened\n"
SERIES = "round,variable,value,sd\n"

# What is in the files, and what has to be said of them; nothing where they are right.
CASES = [
    ({"moves": MOVES + "2001-01,EAST,visit,PORT,\n2,EAST,hold,,fleet\n3,EAST,threaten,,\n4,WEST,visit,,main\n"}, None),
    ({"moves": MOVES + "1,EAST,visit,PROT,\n"}, "moves.csv:2: visit is not at PROT"),
    ({"moves": MOVES + "1,EAST,visit,EAST,\n"}, "visit is not at EAST"),
    ({"moves": MOVES + "1,EAST,receive,WEST,\n"}, "EAST has no move receive"),
    ({"moves": MOVES + "1,NORTH,visit,PORT,\n"}, "there is no actor NORTH"),
    ({"moves": MOVES + "1,EAST,visit,PORT,fleet\n"}, "visit is on the track main"),
    ({"moves": MOVES + "1,EAST,hold,,\n"}, "hold has no target, and a track where there are several"),
    ({"moves": MOVES + "7,EAST,visit,PORT,\n"}, "round 7 of 6"),
    ({"moves": MOVES + "2000-12,EAST,visit,PORT,\n"}, "round 0 of 6"),
    ({"moves": MOVES + "2001-13,EAST,visit,PORT,\n"}, "`2001-13` is no round"),
    ({"moves": MOVES + "1,EAST,visit\n"}, "too few or too many columns"),
    ({"moves": "round,actor,target\n1,EAST,PORT\n"}, "there is no column 'move'"),
    ({"moves": MOVES + "1,EAST,16,PORT,\n1,EAST,17,WEST,\n", "map": '"16" = { move = "visit" }\n'
      '"17" = { move = "visit" }\n'}, "visit is not at WEST"),
    ({"events": EVENTS + "1,clash,EAST,WEST,1\n2,clash,,,0\n3,storm,,,0\n"}, None),
    ({"events": EVENTS + "1,clash,EAST,WEST,1\n1,clash,WEST,EAST,0\n"}, "events.csv:3: contradicts a row above"),
    ({"events": EVENTS + "1,storm,EAST,,1\n"}, "storm has 0 indices"),
    ({"events": EVENTS + "1,flood,,,1\n"}, "there is no event flood"),
    ({"events": EVENTS + "1,storm,,,\n"}, "happened is 1 or 0"),
    ({"events": EVENTS + "1,clash,EAST,EAST,1\n"}, "an actor has no pair with itself"),
    ({"series": SERIES + "1,trade[EAST],0.5,0.1\n"}, None),
    ({"series": SERIES + "1,trade[EAST],0.5,0\n"}, "sd is a number above 0"),
    ({"series": SERIES + "1,trade[EAST],much,1\n"}, "value is a number"),
    ({"series": SERIES + "1,trade,0.5,0.1\n"}, "`trade` is no cell: trade has 1 indices"),
    ({"series": SERIES + "1,traed[EAST],0.5,0.1\n"}, "there is no variable traed"),
    ({"complete": '"EAST,fleet" = "all"\n"WEST,main" = ["visit", "charter"]\n'}, None),
    ({"complete": '"WEST,fleet" = "all"\n'}, "there is no seat WEST,fleet"),
    ({"complete": '"WEST,main" = ["threaten"]\n'}, "WEST,main has no move threaten"),
    ({"head": "miscoding = 1\n"}, "miscoding is a probability below 1"),
    ({"head": "misscoding = 0.1\n"}, "unknown key misscoding"),
    ({"head": 'moves = "moves.csv"\n'}, "there is no moves.csv"),
]


def run(*words):
    done = subprocess.run([sys.executable, SCRIPT, *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def verdict(folder, case):
    """What the script says of one history."""
    head = 'format = 1\n[history]\nscenario = "harbour"\nrounds = 6\n' + case.get("head", "")
    for kind in ("moves", "events", "series"):
        if kind in case:
            (folder / f"{kind}.csv").write_text(case[kind])
            head += f'{kind} = "{kind}.csv"\n'
    tables = "".join(f"[{name}]\n{case[name]}" for name in ("complete", "map") if name in case)
    (folder / "history.toml").write_text(head + tables)
    (folder / "harbour.toml").write_text((HERE / "harbour.toml").read_text())
    return run("check", folder)


def main():
    made = [run("make", HERE / coding, HERE / "record", "--check") for coding in ("coding.toml", "merged/coding.toml")]
    found = [text for status, text in made if status != 0]
    for case, wanted in CASES:
        with tempfile.TemporaryDirectory() as folder:
            status, text = verdict(Path(folder), case)
        good = status == 0 and ", 0 findings" in text if wanted is None else status == 1 and wanted in text
        found += [] if good else [f"{case}\nwanted: {wanted}\nsaid: {text}"]
    status, text = run("make", HERE / "coding.toml", HERE / "nowhere", "--check")
    found += [] if status == 1 and "nowhere" in text and "Traceback" not in text else [text]
    print(*found, f"{len(CASES) + 3} cases, {len(found)} wrong", sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
