#!/usr/bin/env python3
"""A sweep on Ray workers: every task plays one shard of a plan.

    detente plan pyongyang-pact --uncertain --points 4096 --shards 64 --out plan.json
    python3 scripts/cluster/ray_sweep.py plan.json results [--address auto]

Without --address it starts Ray on this machine. Parts are kept in results-parts, on a disk that all
workers see. A shard whose worker is lost is played again on another; what it had finished is kept.
Needs the package `ray`.
"""

import argparse
import json
import subprocess
from pathlib import Path

import ray


@ray.remote(num_cpus=1, max_retries=3, retry_exceptions=True)
def shard(program, plan, index, parts):
    """Plays one shard, on the one core that a task has."""
    command = [program, "shard", plan, "--index", str(index), "--out", parts, "--threads", "1"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("plan")
    arguments.add_argument("results")
    arguments.add_argument("--address", help="the address of a running cluster, or auto")
    arguments.add_argument("--workers", type=int, help="workers on this machine")
    arguments.add_argument("--program", default="detente")
    given = arguments.parse_args()
    plan, results = str(Path(given.plan).resolve()), str(Path(given.results).resolve())
    shards = json.loads(Path(plan).read_text())["shards"]
    parts = f"{results}-parts"
    if given.address:
        ray.init(address=given.address)
    else:
        ray.init(num_cpus=given.workers, include_dashboard=False, log_to_driver=False)
    tasks = [shard.remote(given.program, plan, index, parts) for index in range(shards)]
    waiting = tasks
    while waiting:
        done, waiting = ray.wait(waiting)
        print(*ray.get(done), f"{shards - len(waiting)} of {shards} shards", sep="\n", flush=True)
    ray.shutdown()
    subprocess.run(
        [given.program, "merge", plan, parts, "--out", results, "--force"], check=False
    )


if __name__ == "__main__":
    main()
