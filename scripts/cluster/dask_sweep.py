#!/usr/bin/env python3
"""A sweep on Dask workers: every task plays one shard of a plan.

    detente plan pyongyang-pact --uncertain --points 4096 --shards 64 --out plan.json
    python3 scripts/cluster/dask_sweep.py plan.json results [--scheduler tcp://host:8786]

Without --scheduler it starts workers on this machine. Parts are kept in results-parts, on a disk
that all workers see. A shard whose worker is lost is played again on another; what it had finished
is kept. Needs the package `distributed`.
"""

import argparse
import json
import subprocess
from pathlib import Path

from distributed import Client, LocalCluster, progress


def shard(program, plan, index, parts):
    """Plays one shard, on one core, since Dask has a worker for each."""
    command = [program, "shard", plan, "--index", str(index), "--out", parts, "--threads", "1"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("plan")
    arguments.add_argument("results")
    arguments.add_argument("--scheduler", help="the address of a running scheduler")
    arguments.add_argument("--workers", type=int, help="workers on this machine")
    arguments.add_argument("--program", default="detente")
    given = arguments.parse_args()
    plan, results = str(Path(given.plan).resolve()), str(Path(given.results).resolve())
    shards = json.loads(Path(plan).read_text())["shards"]
    parts = f"{results}-parts"
    cluster = given.scheduler or LocalCluster(
        n_workers=given.workers, threads_per_worker=1, dashboard_address=None
    )
    with Client(cluster) as client:
        tasks = [
            client.submit(shard, given.program, plan, index, parts, retries=3, pure=False)
            for index in range(shards)
        ]
        progress(tasks, notebook=False)
        print(*client.gather(tasks), sep="\n")
    subprocess.run(
        [given.program, "merge", plan, parts, "--out", results, "--force"], check=False
    )


if __name__ == "__main__":
    main()
