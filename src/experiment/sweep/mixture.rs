//! Outcomes over all points of a sweep together: what follows from assumptions, what from luck.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::{Sweep, SweepError, Unit};
use crate::experiment::play;
use crate::experiment::{Memory, Progress};
use crate::rng::{Seed, Sequence};
use crate::stats::{ALPHA, Groups, Moments, Quantiles, RESAMPLES, Resamples};
use crate::table::{Cells, Field, Schema, Table, TableError};

/// So many values of an outcome are kept before quantiles are taken from a sketch.
const KEPT: usize = 1 << 16;

/// Outcomes over points that are equally likely, each with as many runs of its own.
#[derive(Debug, Clone)]
pub struct Mixture {
    /// How many points.
    pub points: u64,
    /// How many runs of each arm at each point.
    pub runs: u64,
    /// How many runs failed, or have no arm, all arms together.
    pub failed: u64,
    /// The names of outcomes.
    pub outcomes: Vec<String>,
    /// By arm: its name and its outcomes.
    pub arms: Vec<(String, Vec<Mixed>)>,
}

/// An outcome over points and runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixed {
    /// How many values there are.
    pub n: u64,
    /// The mean of the means of points.
    pub mean: f64,
    /// Its 95 % interval, by the bootstrap over points.
    pub interval: (f64, f64),
    /// The standard deviation over points and luck.
    pub sd: f64,
    /// The quantiles 0.05, 0.25, 0.5, 0.75, 0.95 of all values.
    pub quantiles: [f64; 5],
    /// The share of the variance that assumptions make; not a number where nothing varies or points
    /// have a single run. That of luck is the rest.
    pub assumptions: f64,
}

/// What one unit adds: by point, arm and outcome the moments, by arm and outcome all values.
struct Piece {
    moments: Vec<Moments>,
    values: Vec<Quantiles>,
    failed: u64,
}

impl Sweep<'_> {
    /// Plays all points, of which each is as likely as any other and has random numbers of its own,
    /// on `threads` threads (all cores if absent). Nothing if it was stopped.
    ///
    /// # Errors
    /// [`SweepError::Memory`] before anything is played, [`SweepError::Plan`],
    /// [`SweepError::Threads`].
    pub fn mixture(
        &self,
        (threads, memory): (Option<usize>, Memory),
        watch: &dyn Progress,
    ) -> Result<Option<Mixture>, SweepError> {
        let pool = play::pool(threads)?;
        let pieces = self.pieces((threads, memory), watch)?;
        Ok(pieces.map(|pieces| pool.install(|| self.mixed(pieces))))
    }

    /// Plays all points on `threads` threads (all cores if absent) and keeps the means alone: by
    /// point, arm, then outcome, NaN where no run has a value. Nothing if it was stopped.
    ///
    /// # Errors
    /// Those of [`Sweep::mixture`].
    pub fn means(
        &self,
        room: (Option<usize>, Memory),
        watch: &dyn Progress,
    ) -> Result<Option<Vec<f64>>, SweepError> {
        let Some(pieces) = self.pieces(room, watch)? else { return Ok(None) };
        let mean = |moments: &Moments| if moments.n() == 0 { f64::NAN } else { moments.mean() };
        Ok(Some(self.gathered(&pieces).iter().map(mean).collect()))
    }

    /// Plays all units, in order; nothing if it was stopped.
    fn pieces(
        &self,
        (threads, memory): (Option<usize>, Memory),
        watch: &dyn Progress,
    ) -> Result<Option<Vec<(u64, Piece)>>, SweepError> {
        let (threads, plans) = self.threads(memory, play::threads(threads))?;
        self.plans.within(plans);
        let pool = play::pool(Some(threads))?;
        let all: Vec<u64> = (0..self.units.count()).collect();
        let pieces: Mutex<Vec<(u64, Piece)>> = Mutex::new(Vec::new());
        let stopped = pool.install(|| {
            let one = |unit: &u64| -> Result<bool, SweepError> {
                let Some(piece) = self.piece(&self.units.unit(*unit), watch)? else {
                    return Ok(true);
                };
                pieces.lock().unwrap_or_else(PoisonError::into_inner).push((*unit, piece));
                Ok(false)
            };
            let ends = all.par_iter().with_max_len(1).map(one);
            ends.try_reduce(|| false, |a, b| Ok(a || b))
        })?;
        if stopped {
            return Ok(None);
        }
        let mut pieces = pieces.into_inner().unwrap_or_else(PoisonError::into_inner);
        pieces.sort_by_key(|(unit, _)| *unit);
        Ok(Some(pieces))
    }

    /// The moments of all units: by point, arm, then outcome.
    fn gathered(&self, pieces: &[(u64, Piece)]) -> Vec<Moments> {
        let width = self.arms.len() * self.layout.outcomes.len();
        let mut moments = vec![Moments::new(); self.points() as usize * width];
        for (unit, piece) in pieces {
            let first = self.units.unit(*unit).points.start as usize * width;
            let own = moments[first..].iter_mut().zip(&piece.moments);
            own.for_each(|(all, own)| all.merge(own));
        }
        moments
    }

    /// Plays a unit; nothing if it was stopped.
    fn piece(&self, unit: &Unit, watch: &dyn Progress) -> Result<Option<Piece>, SweepError> {
        let points: Vec<_> = unit.points.clone().map(|point| self.jobs(point)).collect();
        let (arms, outcomes) = (self.arms.len(), self.layout.outcomes.len());
        let mut piece = Piece {
            moments: vec![Moments::new(); points.len() * arms * outcomes],
            values: vec![Quantiles::new(KEPT); arms * outcomes],
            failed: 0,
        };
        for window in self.units.windows(unit) {
            let played = match self.blocks(&points, &window, watch) {
                Ok(played) => played,
                Err(crate::plan::PlanError::Stopped) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            for (point, blocks) in played.iter().enumerate() {
                for (arm, block) in blocks.iter().flat_map(|arms| arms.iter().enumerate()) {
                    piece.failed += match &points[point] {
                        Ok(_) => block.failures.len() as u64,
                        Err(_) => block.runs as u64,
                    };
                    for outcome in 0..outcomes {
                        let of = &block.outcomes[outcome * block.runs..(outcome + 1) * block.runs];
                        let place = arm * outcomes + outcome;
                        let moments = &mut piece.moments[point * arms * outcomes + place];
                        for value in of.iter().filter(|value| value.is_finite()) {
                            moments.add(*value);
                            piece.values[place].insert(*value);
                        }
                    }
                }
            }
        }
        Ok(Some(piece))
    }

    /// Puts units together, in order.
    fn mixed(&self, pieces: Vec<(u64, Piece)>) -> Mixture {
        let (arms, outcomes) = (self.arms.len(), self.layout.outcomes.len());
        let points = self.points() as usize;
        let moments = self.gathered(&pieces);
        let mut values = vec![Quantiles::new(KEPT); arms * outcomes];
        let mut failed = 0;
        for (_, piece) in pieces {
            values.iter_mut().zip(&piece.values).for_each(|(all, own)| all.merge(own));
            failed += piece.failed;
        }
        let mut draws = Sequence::new(Seed(self.manifest.seed), Sequence::BOOTSTRAP);
        let resamples =
            Resamples::new(points, RESAMPLES, |count| draws.below(count as u64) as usize);
        let mixed = |arm: usize, outcome: usize| {
            let place = arm * outcomes + outcome;
            let each = (0..points).map(|point| &moments[point * arms * outcomes + place]);
            let mut values = values[place].clone();
            values.settle();
            mixed(&each.collect::<Vec<_>>(), &values, &resamples)
        };
        let names = self.arms.iter().map(|arm| arm.unwrap_or("base").to_string());
        Mixture {
            points: self.points(),
            runs: self.manifest.runs,
            failed,
            outcomes: self.layout.outcomes.clone(),
            arms: names
                .enumerate()
                .map(|(arm, name)| (name, (0..outcomes).map(|o| mixed(arm, o)).collect()))
                .collect(),
        }
    }
}

/// An outcome from the moments of points and all its values.
///
/// With n runs at each of P points the variance of their means overstates that of conditional
/// means by the variance within points over n, which is taken off (analysis of variance with random
/// effects: Searle, Casella and McCulloch 1992, section 3.6).
fn mixed(points: &[&Moments], values: &Quantiles, resamples: &Resamples) -> Mixed {
    let (mut means, mut within, mut luck) = (Moments::new(), Moments::new(), Moments::new());
    let mut groups = Groups::new();
    for moments in points {
        if moments.n() == 0 {
            groups.push(0.0, 0);
            continue;
        }
        groups.push(moments.mean(), 1);
        means.add(moments.mean());
        within.add(moments.variance());
        luck.add(moments.variance() / moments.n() as f64);
    }
    let between = f64::max(means.variance() - luck.mean(), 0.0);
    let all = between + within.mean();
    let mean = means.mean();
    Mixed {
        n: values.n(),
        mean,
        interval: match means.n() {
            0 | 1 => (f64::NAN, f64::NAN),
            _ if means.variance() == 0.0 => (mean, mean),
            _ => resamples.interval(&groups, mean, ALPHA),
        },
        sd: all.sqrt(),
        quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| values.quantile(q)),
        assumptions: if all > 0.0 { between / all } else { f64::NAN },
    }
}

impl Mixture {
    /// The table `uncertain`: a row for each arm and outcome.
    ///
    /// # Errors
    /// [`TableError`] never.
    pub fn table(&self) -> Result<Table, TableError> {
        let number = |name: &str, meaning: &str| Field::number(name, meaning);
        let share = |name: &str, meaning: &str| number(name, meaning).with_unit("share");
        let fields = vec![
            Field::text("arm", "`base`, or the name of the variant"),
            Field::text("outcome", "the outcome"),
            Field::integer("n", "how many values there are, over all points and runs"),
            number("mean", "the mean over points of their means"),
            number("lo", "the lower end of its 95 % interval: bootstrap over points"),
            number("hi", "the upper end"),
            number("sd", "the standard deviation over assumptions and luck"),
            number("q05", "the 5 % quantile of all values"),
            number("q25", "the 25 % quantile"),
            number("median", "the median"),
            number("q75", "the 75 % quantile"),
            number("q95", "the 95 % quantile"),
            share("assumptions", "the share of the variance that lies between points"),
            share("luck", "the share of the variance that lies within them: the rest"),
        ];
        let rows = || {
            let of = |(arm, all): &'_ (String, Vec<Mixed>)| {
                let named = self.outcomes.iter().cloned().zip(all.clone());
                let arm = arm.clone();
                named.map(move |(outcome, mixed)| (arm.clone(), outcome, mixed)).collect::<Vec<_>>()
            };
            self.arms.iter().flat_map(of).collect::<Vec<_>>()
        };
        let rows = rows();
        let column = |of: &dyn Fn(&Mixed) -> f64| {
            Cells::Number(rows.iter().map(|(_, _, mixed)| of(mixed)).collect())
        };
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let mut cells = vec![
            Cells::Text(rows.iter().map(|(arm, _, _)| arm.clone()).collect()),
            Cells::Text(rows.iter().map(|(_, outcome, _)| outcome.clone()).collect()),
            Cells::Integer(rows.iter().map(|(_, _, mixed)| count(mixed.n)).collect()),
            column(&|m| m.mean),
            column(&|m| m.interval.0),
            column(&|m| m.interval.1),
            column(&|m| m.sd),
        ];
        cells.extend((0..5).map(|k| column(&|m| m.quantiles[k])));
        cells.push(column(&|m| m.assumptions));
        cells.push(column(&|m| 1.0 - m.assumptions));
        let text = "Outcomes over assumptions and luck together: one row per arm and outcome.";
        let schema: Arc<Schema> = Schema::new("uncertain", text, fields)?;
        Table::new(&schema, cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_is_shared_without_bias() {
        // points with means 0 and 2 and, within, values one below and one above: the variance of
        // means is 2, that within 2, of which half is in the means
        let of = |middle: f64| {
            let mut moments = Moments::new();
            moments.add(middle - 1.0);
            moments.add(middle + 1.0);
            moments
        };
        let (low, high) = (of(0.0), of(2.0));
        let mut values = Quantiles::new(10);
        [-1.0, 1.0, 1.0, 3.0].iter().for_each(|x| values.insert(*x));
        values.settle();
        let resamples = Resamples::new(2, 20, |_| 0);
        let found = mixed(&[&low, &high], &values, &resamples);
        assert_eq!((found.n, found.mean, found.sd), (4, 1.0, 3_f64.sqrt()));
        assert!((found.assumptions - 1.0 / 3.0).abs() < 1e-15);
        let same = mixed(&[&low, &low], &values, &resamples);
        assert_eq!((same.assumptions, same.interval), (0.0, (0.0, 0.0)));
    }
}
