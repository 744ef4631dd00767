//! Sweeps played on this machine: into a folder, or for their means alone.

use crate::api::{Error, Scenario};
use crate::experiment::{self, Manifest, Memory, Merged, Progress, SweepError};
use crate::output::{Folder, MANIFEST, PARTS, Parts};

/// The points of a list, for who makes the sweep again.
const LIST: &str = "list.csv";

impl Scenario {
    /// Plays the sweep of a manifest of this scenario into a new folder, with all files of
    /// `detente sweep`. Nothing if it was stopped: what is finished is kept in the folder then.
    ///
    /// # Errors
    /// [`Error::Sweep`] if it cannot be played; [`Error::Output`] if a file cannot be written.
    pub fn sweep_into(
        &self,
        (sweep, manifest): (&experiment::Sweep, &Manifest),
        mut folder: Folder,
        (threads, memory): (Option<usize>, Memory),
        watch: &dyn Progress,
    ) -> Result<Option<Merged>, Error> {
        sweep.admit(memory).map_err(SweepError::from)?;
        self.check_sweep(&folder, manifest)?;
        let parts = [Parts::new(folder.path().join(PARTS))];
        parts[0].own()?;
        self.begin_sweep(&mut folder, manifest)?;
        let missing = sweep.state(&parts)?.missing;
        if sweep.play(&missing, &parts[0], (threads, memory), watch)? {
            return Ok(None);
        }
        let merged = self.merge_into(sweep, manifest, &parts, &mut folder, false)?;
        parts[0].clear(Some(sweep.work()))?;
        Ok(Some(merged))
    }

    /// Puts the parts of a sweep together and completes its folder: tables, what decides them, the
    /// scenario, the points of a list, the package.
    ///
    /// # Errors
    /// [`Error::Sweep`] if parts are missing, unless what is there is to be merged; and
    /// [`Error::Output`] if a file cannot be written.
    pub fn merge_into(
        &self,
        sweep: &experiment::Sweep,
        manifest: &Manifest,
        parts: &[Parts],
        folder: &mut Folder,
        partial: bool,
    ) -> Result<Merged, Error> {
        let merged = sweep.merge(parts, folder, partial)?;
        keep_manifest(folder, manifest)?;
        self.keep_text(folder)?;
        if let Some(list) = list(manifest) {
            folder.file(LIST, "the points as they were given", &list)?;
        }
        let mut notes = merged.notes();
        if merged.points < sweep.points() {
            let text = format!("{} of {} points were complete", merged.points, sweep.points());
            notes.push(("partial".to_string(), text));
        }
        let played = (manifest.seed, manifest.runs);
        folder.complete(&self.provenance(played, manifest.command(), notes))?;
        Ok(merged)
    }

    /// Begins the folder of a sweep by what decides its results.
    ///
    /// # Errors
    /// [`Error::Output`] if something is in the way or a file cannot be written.
    pub fn begin_sweep(&self, folder: &mut Folder, manifest: &Manifest) -> Result<(), Error> {
        folder.retire()?;
        keep_manifest(folder, manifest)
    }

    /// Whether a folder takes the files of a sweep that are no tables.
    ///
    /// # Errors
    /// [`Error::Output`] if something is in the way.
    pub fn check_sweep(&self, folder: &Folder, manifest: &Manifest) -> Result<(), Error> {
        self.check_folder(folder)?;
        match list(manifest) {
            Some(list) => Ok(folder.check(LIST, &list)?),
            None => Ok(()),
        }
    }
}

/// Writes down what is played.
fn keep_manifest(folder: &mut Folder, manifest: &Manifest) -> Result<(), Error> {
    let one = Manifest { shards: 1, ..manifest.clone() };
    let what = "everything that decides the results of the sweep";
    Ok(folder.file(MANIFEST, what, one.render().as_bytes())?)
}

/// The points of a list as a CSV file; nothing for other designs.
fn list(manifest: &Manifest) -> Option<Vec<u8>> {
    let columns = manifest.list.as_ref()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = columns.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
    writer.write_record(columns.iter().map(|(key, _)| key)).ok()?;
    for row in 0..rows {
        writer.write_record(columns.iter().map(|(_, all)| &all[row])).ok()?;
    }
    // memory takes everything that is written
    writer.into_inner().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Run, Sweep};
    use crate::experiment::Unwatched;
    use crate::output::Results;
    use crate::table::Cells;

    #[test]
    fn means_are_those_of_runs_and_of_a_folder() {
        let scenario = Scenario::shipped("chicken").unwrap();
        let points = vec![("victory".to_string(), vec!["3.5".to_string(), "5".to_string()])];
        let manifest = scenario.manifest(&Sweep::new().list(points).runs(64).seed(3)).unwrap();
        let sweep = experiment::Sweep::new(&manifest, scenario.model()).unwrap();
        let room = (None, Memory::default());
        let means = sweep.means(room, &Unwatched).unwrap().unwrap();
        let run = scenario.run(&Run::new(64).seed(3).set("victory", "5")).unwrap();
        let known = run.results().arms[0].outcomes.iter().map(|outcome| outcome.mean);
        let known: Vec<f64> = known.collect();
        // sums of another order
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(means.len() == 2 * known.len() && near(&means[known.len()..], &known));

        let path = std::env::temp_dir().join(format!("detente-means-{}", std::process::id()));
        let folder = Folder::scratch(&path).unwrap();
        let merged = scenario.sweep_into((&sweep, &manifest), folder, room, &Unwatched).unwrap();
        assert_eq!(merged.unwrap().points, 2);
        let summary = Results::open(&path).unwrap().table("summary").unwrap().unwrap();
        let Some(Cells::Number(written)) = summary.column("mean") else { panic!("no means") };
        assert!(written.len() == means.len() && near(written, &means));
        std::fs::remove_dir_all(&path).unwrap();
    }
}
