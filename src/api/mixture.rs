//! Runs over points of other numbers: declared ranges, or the draws of a posterior.

use super::points::PointsFile;
use super::{Error, Run, Scenario, Sweep};
use crate::diagnostic::clip;
use crate::experiment::{self, Manifest, Mixture, Progress, SweepError};
use crate::output::Folder;
use crate::rng::{Seed, Sequence};

/// The file of points, for who makes the results again.
pub(super) const KEPT: &str = "weights.csv";
/// Columns of a posterior that set nothing.
const PASSED: [&str; 4] = ["point", "weight", "loglik", "variant"];

/// Keys, and their values point by point.
type Columns = Vec<(String, Vec<String>)>;

impl Scenario {
    /// How many runs [`Scenario::mixture`] plays, those of all arms.
    ///
    /// # Errors
    /// Those of [`Scenario::mixture`].
    pub fn mixture_runs(&self, request: &Run) -> Result<u64, Error> {
        if !request.is_mixture() {
            return Ok(0);
        }
        let manifest = self.mixture_plan(request)?;
        Ok(experiment::Sweep::new(&manifest, self.model())?.runs())
    }

    /// Plays runs over points of other numbers, each point with runs of its own: as many of each
    /// arm as [`Run::new`] says, shared evenly among [`Run::points`]. Nothing if it was stopped.
    ///
    /// # Errors
    /// Those of [`Scenario::manifest`]; [`Error::Request`] if a point would have a single run, or a
    /// file has no weights.
    pub fn mixture(&self, request: &Run, watch: &dyn Progress) -> Result<Option<Mixture>, Error> {
        let (_, threads, memory) = request.around();
        let manifest = self.mixture_plan(request)?;
        let sweep = experiment::Sweep::new(&manifest, self.model())?;
        Ok(sweep.mixture((threads, memory), watch)?)
    }

    /// Puts them into a folder: `uncertain.csv`, and the points where a file has them.
    ///
    /// # Errors
    /// [`Error::Output`] if a file cannot be written.
    pub fn keep_mixture(
        &self,
        folder: &mut Folder,
        request: &Run,
        mixture: &Mixture,
    ) -> Result<(), Error> {
        folder.whole(&mixture.table().map_err(experiment::Error::from)?)?;
        if let (Some(path), ..) = request.asked() {
            let text = PointsFile::weighted(path)?.text().as_bytes().to_vec();
            folder.file(KEPT, "the points as they were given", &text)?;
        }
        Ok(())
    }

    fn mixture_plan(&self, request: &Run) -> Result<Manifest, Error> {
        let (weights, points, all) = request.asked();
        let points = points.unwrap_or(Sweep::POINTS);
        let runs = all / points.max(1);
        if runs < 2 {
            return Err(Error::Request(format!(
                "{all} runs at {points} points are fewer than two at each, which cannot tell luck \
                 from assumptions; ask for more --runs or fewer --points"
            )));
        }
        let sweep = request.sweep(points, runs);
        let sweep = match weights {
            None => sweep.uncertain(),
            Some(path) => {
                let columns = drawn(PointsFile::weighted(path)?.take(), points, request.around().0);
                sweep.list(columns.map_err(|why| {
                    Error::Request(format!("`{}` cannot be drawn from: {why}", clip(path)))
                })?)
            }
        };
        self.manifest(&sweep).map_err(|error| match error {
            Error::Sweep(SweepError::Empty) => Error::Request(
                "the file declares nothing uncertain: give parameters `range` or `dist`"
                    .to_string(),
            ),
            error => error,
        })
    }
}

/// So many rows of a file of weighted points, systematically, so that each stands there as often as
/// it weighs. Of posteriors of several variants those of `base` are taken.
fn drawn(columns: Columns, points: u64, seed: Seed) -> Result<Columns, String> {
    let find = |name: &str| columns.iter().find(|(key, _)| key == name).map(|(_, all)| all);
    let weights = find("weight").ok_or("it has no column `weight`")?;
    let variants = find("variant");
    let own = |row: usize| variants.is_none_or(|all| all[row] == "base");
    let mut shares = Vec::with_capacity(weights.len());
    for (row, text) in weights.iter().enumerate() {
        match text.parse::<f64>() {
            Ok(weight) if weight.is_finite() && weight >= 0.0 => {
                shares.push(if own(row) { weight } else { 0.0 });
            }
            _ => return Err(format!("`{}` in row {} is no weight", clip(text), row + 1)),
        }
    }
    let all: f64 = shares.iter().sum();
    if !(all > 0.0 && all.is_finite()) {
        return Err("its weights add up to nothing".to_string());
    }
    let start = Sequence::new(seed, Sequence::DRAWS).uniform();
    let (mut rows, mut sum, mut last) = (Vec::new(), 0.0, 0);
    for (row, share) in shares.iter().enumerate() {
        sum += share / all;
        if *share > 0.0 {
            last = row;
        }
        while (rows.len() as f64 + start) / (points as f64) < sum && (rows.len() as u64) < points {
            rows.push(row);
        }
    }
    // what rounding leaves
    rows.resize(points as usize, last);
    let kept = columns.iter().filter(|(key, _)| !PASSED.contains(&key.as_str()));
    let drawn = |all: &Vec<String>| rows.iter().map(|row| all[*row].clone()).collect();
    let kept: Columns = kept.map(|(key, all)| (key.clone(), drawn(all))).collect();
    if kept.is_empty() { Err("it sets nothing".to_string()) } else { Ok(kept) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(weights: &[&str]) -> Columns {
        let text = |all: &[&str]| all.iter().map(|text| (*text).to_string()).collect();
        let rows: Vec<String> = (0..weights.len()).map(|row| row.to_string()).collect();
        vec![("point".into(), rows.clone()), ("weight".into(), text(weights)), ("x".into(), rows)]
    }

    #[test]
    fn rows_are_drawn_as_often_as_they_weigh() {
        let found = drawn(columns(&["0.5", "0", "0.25", "0.25"]), 8, Seed(3)).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, ["0", "0", "0", "0", "2", "2", "3", "3"]);
        assert!(drawn(columns(&["0", "0"]), 8, Seed(3)).unwrap_err().contains("nothing"));
        assert!(drawn(columns(&["1", "x"]), 8, Seed(3)).unwrap_err().contains("row 2"));
        let none = vec![("x".to_string(), vec!["1".to_string()])];
        assert!(drawn(none, 8, Seed(3)).unwrap_err().contains("`weight`"));
    }
}
