//! What job schedulers tell a process about itself, by variables of its environment.

use detente::catalog::files;
use std::env;
use std::path::Path;

/// Where a scheduler puts the index of a job in its array, and what the first index is where the
/// scheduler does not leave that to the user. A scheduler that runs inside another comes first.
const INDICES: &[(&str, &str, i64)] = &[
    ("HyperQueue", "HQ_TASK_ID", 0),
    ("Kubernetes", "JOB_COMPLETION_INDEX", 0),
    ("AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", 0),
    ("Slurm", "SLURM_ARRAY_TASK_ID", 0),
    ("PBS", "PBS_ARRAY_INDEX", 0),
    ("Torque", "PBS_ARRAYID", 0),
    ("Grid Engine", "SGE_TASK_ID", 1),
    ("LSF", "LSB_JOBINDEX", 1),
];

/// Where a scheduler says how many cores a job has.
const THREADS: &[&str] =
    &["SLURM_CPUS_PER_TASK", "NCPUS", "PBS_NUM_PPN", "NSLOTS", "LSB_DJOB_NUMPROC"];

/// HTCondor describes a job in a file, whose path stands here.
const CONDOR: &str = "_CONDOR_JOB_AD";
/// Such a description has a few kB; no more than this is read.
const DESCRIPTION: u64 = 1 << 20;

/// The index of this job, from 0 if the array counts as its scheduler does by itself, and the name
/// of the scheduler.
pub fn index() -> Option<(i64, &'static str)> {
    index_of(variable, |path| files::text(Path::new(path), DESCRIPTION).ok())
}

/// How many cores the scheduler gave to this job.
pub fn threads() -> Option<usize> {
    threads_of(variable)
}

#[expect(clippy::disallowed_methods, reason = "src/cli is where the environment is read")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn index_of(
    variable: impl Fn(&str) -> Option<String>,
    file: impl Fn(&str) -> Option<String>,
) -> Option<(i64, &'static str)> {
    for (scheduler, name, first) in INDICES {
        // Outside arrays Grid Engine says `undefined` and LSF 0.
        let found = variable(name).and_then(|text| text.trim().parse::<i64>().ok());
        if let Some(index) = found.filter(|index| index >= first) {
            return Some((index - first, scheduler));
        }
    }
    let text = file(&variable(CONDOR)?)?;
    let mut lines = text.lines().filter_map(|line| line.split_once('='));
    let (_, value) = lines.find(|(key, _)| key.trim().eq_ignore_ascii_case("ProcId"))?;
    Some((value.trim().parse().ok()?, "HTCondor"))
}

fn threads_of(variable: impl Fn(&str) -> Option<String>) -> Option<usize> {
    if variable("HQ_TASK_ID").is_some() {
        // HyperQueue lists the cores: `0,1,5`.
        return variable("HQ_CPUS").map(|list| list.split(',').count());
    }
    let number = |name: &str| variable(name).and_then(|text| text.trim().parse::<usize>().ok());
    let named = THREADS.iter().find_map(|name| number(name));
    let condor = || variable(CONDOR).and_then(|_| number("OMP_NUM_THREADS"));
    named.or_else(condor).filter(|n| (1..=1024).contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    fn index(set: Pairs) -> Option<(i64, &'static str)> {
        let variable = |name: &str| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
        };
        let file = |path: &str| {
            (path == "/scratch/.job.ad").then(|| "ClusterId = 7\nProcId = 12\n".to_string())
        };
        index_of(variable, file)
    }

    #[test]
    fn every_scheduler_is_understood() {
        let cases: [(Pairs, i64, &str); 9] = [
            (&[("SLURM_ARRAY_TASK_ID", "17"), ("SLURM_ARRAY_TASK_MIN", "3")], 17, "Slurm"),
            (&[("PBS_ARRAY_INDEX", "4")], 4, "PBS"),
            (&[("PBS_ARRAYID", "5")], 5, "Torque"),
            (&[("SGE_TASK_ID", "1")], 0, "Grid Engine"),
            (&[("LSB_JOBINDEX", "9")], 8, "LSF"),
            (&[("_CONDOR_JOB_AD", "/scratch/.job.ad")], 12, "HTCondor"),
            (&[("AWS_BATCH_JOB_ARRAY_INDEX", "0")], 0, "AWS Batch"),
            (&[("JOB_COMPLETION_INDEX", "3")], 3, "Kubernetes"),
            (&[("SLURM_ARRAY_TASK_ID", "2"), ("HQ_TASK_ID", "6")], 6, "HyperQueue"),
        ];
        for (set, expected, scheduler) in cases {
            assert_eq!(index(set), Some((expected, scheduler)));
        }
        assert_eq!(index(&[]), None);
        assert_eq!(index(&[("SGE_TASK_ID", "undefined"), ("LSB_JOBINDEX", "0")]), None);
    }

    #[test]
    fn cores_are_those_of_the_job() {
        let threads = |set: Pairs| {
            threads_of(|name: &str| {
                set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
            })
        };
        assert_eq!(threads(&[("SLURM_CPUS_PER_TASK", "8")]), Some(8));
        assert_eq!(threads(&[("NCPUS", "4")]), Some(4));
        assert_eq!(threads(&[("NSLOTS", "2")]), Some(2));
        assert_eq!(threads(&[("LSB_DJOB_NUMPROC", "16")]), Some(16));
        assert_eq!(threads(&[("HQ_TASK_ID", "1"), ("HQ_CPUS", "0,1,5")]), Some(3));
        let condor: Pairs = &[("_CONDOR_JOB_AD", "x"), ("OMP_NUM_THREADS", "6")];
        assert_eq!(threads(condor), Some(6));
        assert_eq!(threads(&[("OMP_NUM_THREADS", "6")]), None);
    }
}
