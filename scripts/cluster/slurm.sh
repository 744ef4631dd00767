#!/usr/bin/env bash
# A sweep as a Slurm job array and, when all of it is done, a job that merges.
#
#     detente plan pyongyang-pact --uncertain --points 4096 --shards 64 --out plan.json
#     scripts/cluster/slurm.sh plan.json 64 results
#
# The third argument is the folder of the results; parts are kept in results-parts, both on a disk
# that all nodes see. Ended jobs can be submitted again by the same command: what is there is not
# played again. Set DETENTE to the program if it is not on the path, SBATCH to options of your
# cluster, such as "--partition=short --time=1:00:00 --cpus-per-task=16".
set -euo pipefail
plan=$(realpath "$1") shards=$2 results=$(realpath -m "$3")
program=${DETENTE:-detente} options=${SBATCH:-}
parts="$results-parts"
# Arrays may not be longer than the cluster says: they are cut, and --offset numbers the shards.
limit=$(scontrol show config | awk '$1 == "MaxArraySize" { print $3 }')
mkdir -p "$parts"

missing=$("$program" status "$plan" "$parts" --missing)
jobs=()
if [ -n "$missing" ] && [ "$missing" != "0-$((shards - 1))" ] && [ "$shards" -lt "$limit" ]; then
    arrays=("$missing 0")
elif [ -n "$missing" ]; then
    arrays=()
    for ((first = 0; first < shards; first += limit)); do
        count=$((shards - first < limit ? shards - first : limit))
        arrays+=("0-$((count - 1)) $first")
    done
else
    arrays=()
fi
for array in "${arrays[@]+"${arrays[@]}"}"; do
    read -r range offset <<< "$array"
    # shellcheck disable=SC2086
    job=$(sbatch --parsable $options --job-name=detente --array="$range" \
        --requeue --output="$parts/shard-%A-%a.log" \
        --wrap="exec '$program' shard '$plan' --index auto --offset $offset --out '$parts'")
    jobs+=("$job")
    echo "shards $range, numbered from $offset: job $job"
done
after=$(IFS=:; echo "${jobs[*]-}")
# shellcheck disable=SC2086
job=$(sbatch --parsable $options --job-name=detente-merge ${after:+--dependency=afterok:$after} \
    --kill-on-invalid-dep=yes --output="$parts/merge.log" \
    --wrap="exec '$program' merge '$plan' '$parts' --out '$results' --force")
echo "merge: job $job"
