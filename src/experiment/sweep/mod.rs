//! Sweeps: many points of a space of assumptions, on any number of machines.
//!
//! A [`Manifest`] holds everything that decides the results, the scenario's text included. A
//! [`Sweep`] made from it is cut into [`Units`]; [`Sweep::play`] plays some of them and keeps each
//! as a part file, [`Sweep::merge`] puts the parts together. One machine does both; shards do the
//! first each for its own units, in any order, as often as they like.
//!
//! **Invariant.** A unit's part depends on the manifest and the unit alone, and tables are written
//! in the order of points, so the merged files do not depend on shards, threads or interruptions.

mod error;
mod list;
mod manifest;
mod merge;
mod mixture;
mod need;
mod plan_sharing;
mod unit;
mod units;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

pub use error::{SweepError, ranges};
pub use manifest::{DesignKind, Manifest};
pub use merge::{Extreme, Merged, State};
pub use mixture::{Mixed, Mixture};
use plan_sharing::Plans;
pub use units::{Rest, Size, Unit, Units};

use super::Progress;
use super::memory::Memory;
use super::play::{self, pool};
use super::space::{Space, Value};
use crate::design::Design;
use crate::engine::Vectors;
use crate::model::{Model, Override};
use crate::output::{Head, Parts};
use crate::record::Layout;
use crate::rng::Seed;
use crate::scenario;
use crate::summary::Schemas;
use crate::table::{Cells, Field, Schema, Table};

/// A sweep, ready to be played.
#[derive(Debug)]
pub struct Sweep<'a> {
    manifest: &'a Manifest,
    model: &'a Model,
    space: Space<'a>,
    /// How a list numbers its rows, if it does.
    ids: Option<Vec<u64>>,
    design: Design,
    units: Units,
    size: Size,
    id: String,
    layout: Layout,
    schemas: Schemas,
    points: Arc<Schema>,
    /// The variants of the arms; `None` is the file as it is.
    arms: Vec<Option<&'a str>>,
    vectors: Vectors,
    plans: Plans,
}

impl<'a> Sweep<'a> {
    /// A sweep of a model, which is that of the manifest's text.
    ///
    /// # Errors
    /// Everything in the manifest that does not fit the model.
    pub fn new(manifest: &'a Manifest, model: &'a Model) -> Result<Sweep<'a>, SweepError> {
        manifest.check().map_err(SweepError::Manifest)?;
        let fixed = scenario::settings(model, &manifest.set).map_err(SweepError::Settings)?;
        let ids = list::ids(manifest).map_err(SweepError::Faults)?;
        let space = space(manifest, model, &fixed)?;
        let design = design(manifest, &space)?;
        let mut arms = vec![None];
        for name in &manifest.variants {
            if model.variant(name).is_none() {
                return Err(SweepError::NoVariant(name.clone()));
            }
            arms.push(Some(name.as_str()));
        }
        if arms.len() > 1 && space.varies_variant() {
            return Err(SweepError::TwoVariants);
        }
        let layout = Layout::of(model, &space.drawing(&arms)).outcomes_only();
        let of_all = design.points().checked_mul(manifest.runs);
        if of_all.and_then(|runs| runs.checked_mul(arms.len() as u64)).is_none() {
            let (points, runs) = (design.points(), manifest.runs);
            let text = format!(
                "{points} points of {runs} runs and {} arms are more runs than can be counted; \
                 take fewer",
                arms.len()
            );
            return Err(SweepError::Manifest(text));
        }
        let named: Vec<String> = match space.varies_variant() {
            true => model.variants.iter().map(|variant| variant.name.clone()).collect(),
            false => manifest.variants.clone(),
        };
        // an arm like those of all points
        let arm = space
            .arm(&space.at(&design.point(0)), None)
            .or_else(|_| crate::model::Arm::new(model, None, &[]));
        let size = arm.map_or_else(
            |_| Size::default(),
            |arm| need::sizes(&arm, arms.len(), &layout, manifest.per_run),
        );
        let runs = manifest.runs.max(1);
        Ok(Sweep {
            units: Units::new(design.points(), runs, manifest.shards, size),
            size,
            id: manifest.id(),
            schemas: Schemas::new(&layout)?.labelled(model, &named)?,
            points: points_schema(&space)?,
            vectors: Vectors::best(),
            plans: Plans::default(),
            manifest,
            model,
            space,
            ids,
            design,
            layout,
            arms,
        })
    }

    /// What varies.
    pub fn space(&self) -> &Space<'a> {
        &self.space
    }

    /// The number by which tables name a point: its place, or what a list with a column `point`
    /// says.
    pub fn id(&self, point: u64) -> u64 {
        let own = |ids: &Vec<u64>| ids.get(usize::try_from(point).ok()?).copied();
        self.ids.as_ref().and_then(own).unwrap_or(point)
    }

    /// The point with this number.
    pub fn point(&self, id: u64) -> u64 {
        let place = |ids: &Vec<u64>| ids.iter().position(|own| *own == id);
        self.ids.as_ref().and_then(place).map_or(id, |place| place as u64)
    }

    /// How many points there are.
    pub fn points(&self) -> u64 {
        self.design.points()
    }

    /// How many arms are played at each point.
    pub fn arms(&self) -> u64 {
        self.arms.len() as u64
    }

    /// How it is cut.
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The hash that names the work: what its parts say they belong to.
    pub fn work(&self) -> &str {
        &self.id
    }

    /// All runs, those of all arms.
    pub fn runs(&self) -> u64 {
        self.points().saturating_mul(self.manifest.runs).saturating_mul(self.arms())
    }

    /// The runs of a unit, those of all arms.
    pub fn runs_of(&self, unit: u64) -> u64 {
        let Unit { points, runs, .. } = self.units.unit(unit);
        let runs = (runs.end - runs.start).saturating_mul(self.arms());
        (points.end - points.start).saturating_mul(runs)
    }

    /// The values of what varies at a point.
    pub fn values(&self, point: u64) -> Vec<Value> {
        self.space.at(&self.design.point(point))
    }

    /// Plays units in order on `threads` threads (all cores if absent), fewer where there is memory
    /// for fewer, and keeps each as a part. Returns whether it was stopped before the end; what is
    /// finished is kept then, as it is after an error.
    ///
    /// # Errors
    /// [`SweepError::Output`] if a part cannot be written; [`SweepError::Threads`];
    /// [`SweepError::Memory`] before anything is played.
    pub fn play(
        &self,
        units: &Rest,
        parts: &Parts,
        (threads, memory): (Option<usize>, Memory),
        watch: &dyn Progress,
    ) -> Result<bool, SweepError> {
        let (threads, plans) = self.threads(memory, play::threads(threads))?;
        self.plans.within(plans);
        let pool = pool(Some(threads))?;
        // Each thread takes the next unit when it is done with one, so that at any time what is
        // played is nearly a prefix of the units, and nobody waits for the slowest.
        let next = Mutex::new(units.iter());
        let next = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
        let (stopped, broken) = (AtomicBool::new(false), AtomicBool::new(false));
        let work = |_| -> Result<(), SweepError> {
            while !broken.load(Ordering::Relaxed) {
                let Some(unit) = next() else { break };
                let Some(part) = self.unit(&self.units.unit(unit), watch)? else {
                    stopped.store(true, Ordering::Relaxed);
                    break;
                };
                if let Err(error) = parts.write(&self.head(unit), &part.notes, &part.tables) {
                    broken.store(true, Ordering::Relaxed);
                    return Err(error.into());
                }
            }
            Ok(())
        };
        let threads = 0..pool.current_num_threads();
        pool.install(|| threads.into_par_iter().with_max_len(1).try_for_each(work))?;
        Ok(stopped.into_inner())
    }

    /// What the part of a unit says it is.
    fn head(&self, unit: u64) -> Head {
        Head { work: self.id.clone(), unit, units: self.units.count() }
    }

    /// The seed of a point: the same for all, unless they are to be independent. It follows the
    /// number of the point, so that a row of a list that is played again alone gives the same.
    fn seed(&self, point: u64) -> Seed {
        let seed = Seed(self.manifest.seed);
        if self.manifest.independent { seed.for_point(self.id(point)) } else { seed }
    }

    /// The tables of a part: of whole points, or of some runs of one.
    fn part_schemas(&self) -> Vec<Arc<Schema>> {
        let all = &self.schemas;
        let mut wanted = Vec::new();
        if !self.units.cut() {
            wanted.push(Arc::clone(&all.summary));
            if self.arms.len() > 1 {
                wanted.push(Arc::clone(&all.differences));
            }
        }
        if self.units.cut() || self.manifest.per_run {
            wanted.push(Arc::clone(&all.outcomes));
        }
        wanted.push(Arc::clone(&all.failures));
        wanted
    }

    /// Rows of `points.csv`.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn points_table(&self, points: Range<u64>) -> Result<Table, SweepError> {
        let all: Vec<Vec<Value>> = points.clone().map(|point| self.values(point)).collect();
        let number = |point: u64| i64::try_from(point).unwrap_or(i64::MAX);
        let mut columns =
            vec![Cells::Integer(points.map(|point| number(self.id(point))).collect())];
        columns.extend(self.space.axes().iter().enumerate().map(|(k, axis)| {
            let values = all.iter().map(|values| &values[k]);
            match axis.is_number() {
                false => Cells::Text(values.map(Value::to_string).collect()),
                true => Cells::Number(values.map(Value::number).collect()),
            }
        }));
        Ok(Table::new(&self.points, columns)?)
    }
}

fn space<'a>(
    manifest: &Manifest,
    model: &'a Model,
    fixed: &[Override],
) -> Result<Space<'a>, SweepError> {
    let space = match &manifest.list {
        Some(_) if !manifest.vary.is_empty() || manifest.uncertain => {
            return Err(SweepError::ListAndMore);
        }
        Some(columns) => {
            let varied: Vec<_> =
                columns.iter().filter(|(key, _)| !list::is_passed(columns, key)).collect();
            Space::list(model, &varied, fixed)
        }
        None => Space::new(model, &manifest.vary, manifest.uncertain, fixed),
    };
    let space = space.map_err(SweepError::Faults)?;
    if space.axes().is_empty() { Err(SweepError::Empty) } else { Ok(space) }
}

fn design(manifest: &Manifest, space: &Space) -> Result<Design, SweepError> {
    let (dimensions, seed) = (space.axes().len(), Seed(manifest.seed));
    let points = manifest.points;
    let rows = |columns: &Vec<(String, Vec<String>)>| columns.first().map_or(0, |c| c.1.len());
    let design = match (manifest.design, &manifest.list) {
        (_, Some(columns)) => {
            Design::list(dimensions, rows(columns) as u64).map(|design| design.first(points))
        }
        (DesignKind::List, None) => return Err(SweepError::Empty),
        (DesignKind::Grid, None) => {
            let mut levels = Vec::with_capacity(dimensions);
            for axis in space.axes() {
                let count = axis.levels().ok_or_else(|| SweepError::NoLevels(axis.name.clone()))?;
                levels.push(count);
            }
            Design::grid(&levels, seed).map(|design| design.first(points))
        }
        (DesignKind::Lhs, None) => Design::latin(dimensions, points, seed),
        (DesignKind::Sobol, None) => Design::sobol(dimensions, points, Some(seed)),
        (DesignKind::Random, None) => Design::random(dimensions, points, seed),
    };
    Ok(design?)
}

fn points_schema(space: &Space) -> Result<Arc<Schema>, SweepError> {
    let mut fields = vec![Field::integer(
        "point",
        "the number of the point: from 0 in the order in which points are worked on, or as the \
         list of points has it",
    )];
    fields.extend(space.axes().iter().map(|axis| {
        let meaning = match axis.uncertain {
            true => format!("`{}`, over what the scenario declares", axis.name),
            false => format!("`{}`, as it was varied", axis.name),
        };
        let field = match axis.is_number() {
            true => Field::number(axis.name.as_str(), meaning),
            false => Field::text(axis.name.as_str(), meaning),
        };
        if axis.unit.is_empty() { field } else { field.with_unit(axis.unit.as_str()) }
    }));
    let text = "What varies: one row per point, which the other tables name.";
    Ok(Schema::new("points", text, fields)?)
}
