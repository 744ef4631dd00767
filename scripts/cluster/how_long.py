#!/usr/bin/env python3
"""How long a sweep takes on many cores: a simulation of the queue, as the table of docs/cluster.md.

    python3 scripts/cluster/how_long.py [--runs 1e9] [--run-us 215] [--parts 100000] [--merge-ms 9]

Shards wait in one queue and go to the first core that is free. A core has a speed of its own, a task
takes a while to start, and a core that is lost comes back after ten minutes; its shard goes back into
the queue without the parts that were finished. Units: microseconds a run on one core, milliseconds
to merge a part, hours between losses of a core.
"""

import argparse
import heapq
import random


def simulated(given, cores, shards, seed):
    """Hours until the last shard is done, and the share of the time in which cores work."""
    draw = random.Random(seed)
    speed = [max(0.3, draw.gauss(1, given.spread)) for _ in range(cores)]
    whole = given.runs * given.run_us / 1e6 / shards
    part = given.runs * given.run_us / 1e6 / given.parts
    queue = [whole] * shards
    free = [(0.0, core) for core in range(cores)]
    heapq.heapify(free)
    end = busy = 0.0
    while queue:
        now, core = heapq.heappop(free)
        left = queue.pop()
        begun = now + given.start
        lost = begun + draw.expovariate(1 / (given.lost * 3600))
        done = begun + left / speed[core]
        if done <= lost:
            busy += left / speed[core]
            end = max(end, done)
            heapq.heappush(free, (done, core))
        else:
            finished = (lost - begun) * speed[core] // part * part
            busy += finished / speed[core]
            queue.append(left - finished)
            heapq.heappush(free, (lost + 600, core))
    return end / 3600, busy / (end * cores)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value, what in [
        ("--runs", 1e9, "runs in all"),
        ("--run-us", 215, "microseconds a run on one core"),
        ("--parts", 100_000, "parts in all, as `detente plan` says"),
        ("--merge-ms", 9, "milliseconds to merge a part"),
        ("--start", 15, "seconds until a task plays"),
        ("--spread", 0.1, "standard deviation of the speed of cores"),
        ("--lost", 500, "hours until a core is lost"),
    ]:
        arguments.add_argument(name, type=float, default=value, help=f"{what} ({value:g})")
    given = arguments.parse_args()
    print("| cores | shards | hours until the last shard | cores at work |")
    print("|---|---|---|---|")
    for cores in (16, 64, 256, 1024):
        for shards in (cores, 8 * cores):
            tries = [simulated(given, cores, shards, seed) for seed in range(20)]
            hours = sorted(hours for hours, _ in tries)
            share = sum(share for _, share in tries) / len(tries)
            print(f"| {cores} | {shards} | {hours[10]:.2g} ({hours[0]:.2g} to {hours[-1]:.2g}) "
                  f"| {100 * share:.0f} % |")
    print(f"\nmerging: {given.parts * given.merge_ms / 60e3:.0f} minutes on one core")


if __name__ == "__main__":
    main()
