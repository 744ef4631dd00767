//! Claims over all declared ranges: where they hold, what carries them, where they are
//! contradicted.

use rayon::prelude::*;

use super::{Claims, Error, FoundIndices, Scenario, Sensitivity};
use crate::claims::{
    self, Carried, Carrier, Linear, NAMED, Region, RegionLimit, RobustReport, Spec, Verdict,
};
use crate::experiment::{self, Audience, Value};
use crate::rng::Seed;
use crate::sensitivity::discover::{FEWEST, Task, discover};
use crate::sensitivity::prim::{Data, Search};

/// How the declared ranges are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranges {
    /// Points of a Latin hypercube at which claims are judged.
    pub points: u64,
    /// Runs of each arm at each of them.
    pub runs: u64,
    /// Rows of walks, of [`Sensitivity::RUNS`] runs at each point, that say what carries claims;
    /// none where 0.
    pub rows: u64,
}

impl Scenario {
    /// Judges claims at points of all declared ranges, finds boxes in which they are contradicted,
    /// and says which parameters carry them. Of a stop while walking, the rows that were finished
    /// are kept.
    ///
    /// # Errors
    /// Those of [`Scenario::claims_spec`], [`claims::robust`] and [`Scenario::sensitivity`].
    pub fn robust(
        &self,
        request: &Claims,
        ranges: Ranges,
        watch: &dyn Audience,
    ) -> Result<RobustReport, Error> {
        let spec = Spec { runs: ranges.runs, ..self.claims_spec(request)? };
        let mut report = claims::robust(&spec, ranges.points, watch)?;
        let pool = experiment::pool(spec.threads).map_err(experiment::Error::Threads)?;
        let places: Vec<usize> = (0..report.claims.len()).collect();
        let region = |place: &usize| match watch.stop() {
            true => None,
            false => region(&report, *place, spec.seed),
        };
        let regions: Vec<Option<Region>> = pool.install(|| places.par_iter().map(region).collect());
        if watch.stop() {
            return Err(claims::Error::Stopped.into());
        }
        report.claims.iter_mut().zip(regions).for_each(|(claim, found)| claim.region = found);
        if ranges.rows > 0 {
            self.walk(request, &spec, ranges.rows, &mut report, watch)?;
        }
        Ok(report)
    }

    /// What carries claims, by walks.
    fn walk(
        &self,
        request: &Claims,
        spec: &Spec,
        rows: u64,
        report: &mut RobustReport,
        watch: &dyn Audience,
    ) -> Result<(), Error> {
        let linear = Linear::new(spec.model, &spec.claims);
        for (claim, why) in linear.refused() {
            let found = report.claims.iter_mut().find(|found| found.claim == *claim);
            found.into_iter().for_each(|found| found.carried = Carried::unknown(why));
        }
        let numbers: Vec<usize> = linear.claims().collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let names = numbers.iter().map(|claim| spec.model.claims[*claim].name.clone());
        let walks = request.walks(names.collect()).rows(rows);
        let prepared = self.sensitivity_of(&walks, watch)?;
        let found = prepared.play(watch)?;
        for (claim, indices) in numbers.iter().zip(found.found()) {
            let own = report.claims.iter_mut().find(|own| own.claim == *claim);
            own.into_iter().for_each(|own| own.carried = carried(indices, found.factors()));
        }
        let played = found.found().first().map_or(0, |found| found.indices.rows);
        report.walks = (played, Sensitivity::RUNS);
        Ok(())
    }
}

/// What indices say of what carries a claim.
fn carried(found: &FoundIndices, factors: &[String]) -> Carried {
    let indices = &found.indices;
    let named = found.ranked().into_iter().filter_map(|factor| {
        let share =
            indices.factors[factor].shapley.filter(|_| indices.factors[factor].is_told())?;
        let parameter = factors[factor].clone();
        Some(Carrier { parameter, share: share.value, lo: share.lo, hi: share.hi })
    });
    let carriers: Vec<Carrier> = named.take(NAMED).collect();
    let why = match (carriers.is_empty(), indices.factors.is_empty()) {
        (false, _) => "",
        (true, false) => "no share is told from 0",
        (true, true) if indices.variance.value == 0.0 => "no assumption moves it",
        (true, true) => "assumptions are not told from luck",
    };
    // an unbiased estimate may lie beyond an end
    Carried { luck: indices.luck.value.clamp(0.0, 1.0), carriers, why: why.to_string() }
}

/// The box in which a claim, by its place in a report, is contradicted, if one stands. Only
/// numbers are limited that can matter to the claim.
fn region(report: &RobustReport, place: usize, seed: Seed) -> Option<Region> {
    let holds: Vec<bool> =
        report.sheet.iter().map(|row| row.claims[place].1 == Verdict::Contradicted).collect();
    if holds.len() < FEWEST || !holds.contains(&true) {
        return None;
    }
    let column = |axis: usize| -> Option<Vec<f64>> {
        let number = |value: &Value| match value {
            Value::Number(number) if number.is_finite() => Some(*number),
            _ => None,
        };
        report.sheet.iter().map(|row| number(&row.values[axis])).collect()
    };
    let read = report.claims[place].reads.iter().enumerate().filter(|(_, read)| **read);
    let (axes, factors): (Vec<usize>, Vec<Vec<f64>>) =
        read.filter_map(|(axis, _)| Some((axis, column(axis)?))).unzip();
    let whole = |values: &Vec<f64>| values.iter().all(|x| *x % 1.0 == 0.0);
    let whole: Vec<bool> = factors.iter().map(whole).collect();
    let data = Data { factors: &factors, whole: &whole, holds: &holds };
    let task = Task { search: Search::default(), step: None, boxes: 1, seed };
    let found = discover(&data, task);
    let chosen = found.standing().next()?;
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let limit = |limit: &crate::sensitivity::discover::Limit| RegionLimit {
        parameter: report.axes[axes[limit.factor]].clone(),
        upper: limit.upper,
        value: limit.value,
        quasi_p: limit.quasi_p,
    };
    Some(Region {
        limits: chosen.limits.iter().map(limit).collect(),
        coverage: share(chosen.found.cases, found.first.cases),
        density: chosen.found.density(),
        held_coverage: share(chosen.held.cases, found.second.cases),
        held_density: chosen.held.density(),
        held_lower: chosen.lower,
    })
}
