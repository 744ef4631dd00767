#!/usr/bin/env bash
# Starts a Slurm of one node for a test, without systemd, from Debian's packages slurm-wlm and
# munge, and stays until it is ended; then all daemons end with it.
#
#     tests/slurm/start.sh FOLDER
#
# writes FOLDER/slurm.conf (to be named by SLURM_CONF) and, when jobs are taken, FOLDER/ready.
# Everything it makes lies in FOLDER. Needs root.
set -euo pipefail
folder=$(realpath "$1")
cores=$(nproc)
host=$(hostname -s)
# Ports of its own, so that it does not meet another Slurm.
port=$((20000 + $$ % 10000 * 2))

mkdir -p "$folder"/{state,spool,log,munge}
chmod 755 "$folder"
head -c 1024 /dev/urandom > "$folder/munge/key"
chmod 400 "$folder/munge/key"
chmod 755 "$folder/munge"
chown -R munge "$folder/munge"

cat > "$folder/slurm.conf" << CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
MaxArraySize=1001
MinJobAge=600
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"

daemons=()
stop() {
    trap - EXIT TERM INT
    for id in "${daemons[@]}"; do kill "$id" 2>/dev/null || true; done
    wait 2>/dev/null || true
}
trap stop EXIT
trap 'exit 0' TERM INT

setpriv --reuid munge --regid munge --clear-groups munged --foreground --force \
    --key-file "$folder/munge/key" --socket "$folder/munge/socket" \
    --pid-file "$folder/munge/pid" --seed-file "$folder/munge/seed" \
    --log-file "$folder/munge/log" > "$folder/log/munged.out" 2>&1 &
daemons+=($!)
for _ in $(seq 100); do [ -S "$folder/munge/socket" ] && break; sleep 0.05; done
slurmctld -D > "$folder/log/slurmctld.out" 2>&1 &
daemons+=($!)
slurmd -D -N "$host" > "$folder/log/slurmd.out" 2>&1 &
daemons+=($!)
for _ in $(seq 200); do
    if sinfo -h -t idle -o %n 2>/dev/null | grep -q .; then
        touch "$folder/ready"
        wait
        exit
    fi
    sleep 0.1
done
echo "the node is not idle after 20 seconds; see $folder/log" >&2
exit 1
