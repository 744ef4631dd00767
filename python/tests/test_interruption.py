"""Ctrl-C, progress, threads."""

import signal
import threading
import time

import pytest

import detente as dt


def interrupted(work):
    """How long work goes on after Ctrl-C."""
    sent = []

    def send():
        sent.append(time.monotonic())
        signal.raise_signal(signal.SIGINT)

    timer = threading.Timer(0.5, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        work()
    return time.monotonic() - sent[0]


@pytest.mark.parametrize("verb", ["run", "sweep", "claims", "sensitivity", "evaluate"])
def test_ctrl_c_is_heard(verb):
    scenario = dt.load("pyongyang-pact")
    verbs = {
        "run": lambda: scenario.run(10_000_000, variants="all"),
        "sweep": lambda: scenario.sweep(uncertain=True, points=100_000),
        "claims": lambda: scenario.claims(1_000_000),
        "sensitivity": lambda: scenario.sensitivity(rows=1_000_000),
        "evaluate": lambda: scenario.evaluate([[k / 1e4] for k in range(20_000)], ["sharpness"]),
    }
    # 0.2 s on an idle machine; tests share it with others
    assert interrupted(verbs[verb]) < 1.0


def test_results_that_were_given_up_leave_nothing(small, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    interrupted(lambda: dt.load("pyongyang-pact").run(10_000_000))
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_to_whoever_asks(small):
    told = []
    small.run(5000, progress=lambda done, all: told.append((done, all)))
    assert told[-1] == (5000, 5000)
    assert all(a <= b for (a, _), (b, _) in zip(told, told[1:]))
    with pytest.raises(ZeroDivisionError):
        small.run(100, progress=lambda done, all: 1 / 0)


def test_other_threads_go_on_meanwhile():
    scenario = dt.load("pyongyang-pact")
    turns, over = [], threading.Event()

    def count():
        while not over.is_set():
            turns.append(time.monotonic())
            time.sleep(0.005)

    other = threading.Thread(target=count)
    other.start()
    scenario.run(512, threads=1)
    over.set()
    other.join()
    assert len(turns) >= 3


def test_threads_change_nothing(small):
    one, two = (small.run(300, seed=2, threads=n).outcomes.to_dict() for n in (1, 2))
    assert one == two
