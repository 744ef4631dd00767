//! One unit: points played, summarised and turned into the rows of a part.

use serde_json::{Value as Json, json};

use super::{Sweep, SweepError, Unit};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::place;
use crate::experiment::{Progress, foreknown};
use crate::model::Arm;
use crate::plan::PlanError;
use crate::record::{Block, Failure};
use crate::rng::Seed;
use crate::summary::Summary;
use crate::table::{Table, TableError};

/// What is kept of a unit.
pub(super) struct Made {
    pub tables: Vec<Table>,
    pub notes: Json,
}

/// An arm at a point, and what it takes to play it.
pub(super) struct Job {
    pub arm: Arm,
    pub seed: Seed,
}

/// The arms of a point; why there are none.
pub(super) type Point = Result<Vec<Job>, String>;

/// Counts over a unit.
#[derive(Default)]
struct Tally {
    failed_runs: u64,
    failed_points: u64,
    clamped: u64,
    unconverged: u64,
    residual: f64,
}

impl Sweep<'_> {
    /// Plays a unit; nothing if it was stopped before its end.
    ///
    /// # Errors
    /// [`SweepError::Plan`] if a point is too large to be planned.
    pub(super) fn unit(
        &self,
        unit: &Unit,
        watch: &dyn Progress,
    ) -> Result<Option<Made>, SweepError> {
        let points: Vec<Point> = unit.points.clone().map(|point| self.jobs(point)).collect();
        let schemas = self.part_schemas();
        let mut tables: Vec<Vec<Table>> = vec![Vec::new(); schemas.len()];
        let mut tally = Tally::default();
        // of the point whose runs are held some at a time
        let mut open = None;
        for window in self.units.windows(unit) {
            let played = match self.blocks(&points, &window, watch) {
                Ok(played) => played,
                Err(PlanError::Stopped) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            for ((point, jobs), blocks) in unit.points.clone().zip(&points).zip(played) {
                let fault = jobs.as_ref().err().map(String::as_str);
                tally.add(&blocks, fault);
                let mut rows = Vec::new();
                if !self.units.cut() {
                    let mut summary = open.take().unwrap_or_else(|| self.summary(point));
                    summary.add(&blocks);
                    if window.runs.end < unit.runs.end {
                        open = Some(summary);
                        rows.extend(self.no_estimates()?);
                    } else {
                        let (summary, differences) = self.estimates(point, &mut summary)?;
                        rows.push(summary);
                        rows.extend(differences);
                    }
                }
                rows.extend(self.rows(point, &window, &blocks, fault)?);
                tables.iter_mut().zip(rows).for_each(|(all, table)| all.push(table));
            }
        }
        let joined = tables.iter().zip(&schemas).map(|(all, schema)| Table::stacked(schema, all));
        let tables = joined.collect::<Result<_, TableError>>()?;
        Ok(Some(Made { tables, notes: tally.notes() }))
    }

    /// The tables of estimates without rows.
    fn no_estimates(&self) -> Result<Vec<Table>, TableError> {
        let two = [&self.schemas.summary, &self.schemas.differences];
        let tables = two.into_iter().take(self.arms.len().min(2));
        tables.map(|schema| Table::stacked(schema, &[])).collect()
    }

    /// The arms of a point.
    pub(super) fn jobs(&self, point: u64) -> Point {
        let values = self.values(point);
        let seed = self.seed(point);
        let one = |variant: &Option<&str>| {
            let mut arm = self.space.arm(&values, *variant).map_err(|list| said(&list))?;
            arm.rounds = self.manifest.rounds.unwrap_or(arm.rounds);
            Ok(Job { arm, seed })
        };
        self.arms.iter().map(one).collect()
    }

    /// Whether the runs of a point can be played.
    pub(super) fn playable(&self, point: u64) -> bool {
        self.jobs(point).is_ok()
    }

    /// The rows of some runs of a point, by table: outcomes, where they are kept, and failures.
    fn rows(
        &self,
        point: u64,
        unit: &Unit,
        blocks: &[Vec<Block>],
        fault: Option<&str>,
    ) -> Result<Vec<Table>, TableError> {
        let (names, id) = (self.arm_names(point), self.id(point));
        let mut tables = Vec::new();
        if self.units.cut() || self.manifest.per_run {
            let rows = blocks.iter().map(|arms| self.schemas.outcomes(&names, id, arms));
            tables.push(Table::stacked(
                &self.schemas.outcomes,
                &rows.collect::<Result<Vec<_>, _>>()?,
            )?);
        }
        let find = |byte: usize| place(&self.manifest.text, &self.model.files, byte);
        let failures = match fault {
            // Said once, with the first runs of the point.
            Some(reason) if unit.runs.start == 0 => {
                let mut told = Block::new(&self.layout, 0, 0);
                told.failures.push(Failure {
                    run: 0,
                    round: 0,
                    cell: String::new(),
                    offset: 0,
                    reason: format!("no run of this point can be played: {reason}"),
                });
                let all = vec![told; names.len()];
                vec![self.schemas.failures(&names, id, &all, &|_| String::new())]
            }
            Some(_) => Vec::new(),
            None => {
                let one = |arms: &Vec<Block>| self.schemas.failures(&names, id, arms, &find);
                blocks.iter().map(one).collect()
            }
        };
        let failures: Vec<Table> = failures.into_iter().collect::<Result<_, _>>()?;
        tables.push(Table::stacked(&self.schemas.failures, &failures)?);
        Ok(tables)
    }

    /// The names of the arms at a point.
    pub(super) fn arm_names(&self, point: u64) -> Vec<String> {
        if self.space.varies_variant() {
            let values = self.values(point);
            let varied = self.space.axes().iter().zip(&values).find(|(axis, _)| axis.is_variant());
            return varied.map(|(_, value)| vec![value.to_string()]).unwrap_or_default();
        }
        self.arms.iter().map(|arm| arm.unwrap_or("base").to_string()).collect()
    }

    /// Nothing yet about a point.
    pub(super) fn summary(&self, point: u64) -> Summary {
        let names = self.arm_names(point);
        let mut summary = Summary::new(self.layout.clone(), &names, self.manifest.runs);
        if let Ok(jobs) = self.jobs(point) {
            let arms: Vec<Arm> = jobs.into_iter().map(|job| job.arm).collect();
            summary.known = foreknown(self.model, &arms);
        }
        summary
    }

    /// Rows of `summary` and, with several arms, of `differences`, from all runs of a point.
    pub(super) fn estimates(
        &self,
        point: u64,
        summary: &mut Summary,
    ) -> Result<(Table, Option<Table>), TableError> {
        let (several, id) = (summary.arms.len() > 1, self.id(point));
        let results = summary.results(self.seed(point));
        let differences = several.then(|| self.schemas.differences(&results, id));
        Ok((self.schemas.summary(&results, id)?, differences.transpose()?))
    }
}

impl Tally {
    fn add(&mut self, blocks: &[Vec<Block>], fault: Option<&str>) {
        self.failed_points += u64::from(fault.is_some());
        for block in blocks.iter().flatten() {
            self.failed_runs += match fault {
                Some(_) => block.runs as u64,
                None => block.failures.len() as u64,
            };
            self.clamped += block.clamped;
            self.unconverged += block.unconverged;
            self.residual = self.residual.max(block.residual);
        }
    }

    fn notes(&self) -> Json {
        json!({
            "failed_runs": self.failed_runs,
            "failed_points": self.failed_points,
            "clamped": self.clamped,
            "unconverged": self.unconverged,
            "residual": self.residual,
        })
    }
}

/// Why a point cannot be played, in a line.
fn said(list: &[Diagnostic]) -> String {
    let all: Vec<&str> = list.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    all.join("; ")
}
