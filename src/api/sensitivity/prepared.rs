//! A request that fits its scenario: what is played at every point, and what is made of it.

use std::ops::Range;

use rayon::prelude::*;

use super::factors::factors;
use super::results::{Found, Sensitivities, widest};
use super::{Sensitivity, play_error};
use crate::api::{Error, Scenario};
use crate::claims::Linear;
use crate::experiment::{self, Audience, Need, Progress, RowPlayer, Space, Value, reads};
use crate::model::{Arm, Override};
use crate::plan::PlanError;
use crate::record::Block;
use crate::sensitivity::{Pairs, Sheet, Walk};

/// What is explained.
#[derive(Debug, Clone)]
pub(super) enum Quantity {
    /// An outcome of an arm, less that of another.
    Outcome { outcome: usize, arm: usize, less: Option<usize> },
    /// A claim, by place among those that can be shared out.
    Claim(usize),
}

/// How much there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Factors that vary.
    pub factors: usize,
    /// Rows.
    pub rows: u64,
    /// Points of a row.
    pub points: u64,
    /// Arms at a point.
    pub arms: u64,
    /// Runs of an arm at a point.
    pub runs: u64,
}

impl Size {
    /// Runs in all.
    pub fn all(&self) -> u64 {
        self.rows.saturating_mul(self.points).saturating_mul(self.arms).saturating_mul(self.runs)
    }
}

/// A request that fits its scenario.
#[derive(Debug)]
pub struct Prepared<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) request: Sensitivity,
    space: Space<'a>,
    /// Axes of the space that vary.
    varied: Vec<usize>,
    pub(super) factors: Vec<(String, Vec<usize>)>,
    groups: Vec<Vec<usize>>,
    /// Axes that no formula of what is explained reads.
    pub(super) unread: Vec<String>,
    variants: Vec<Option<String>>,
    linear: Linear<'a>,
    pub(super) quantities: Vec<Quantity>,
    /// By quantity, then factor: whether it can matter.
    reads: Vec<Vec<bool>>,
    player: RowPlayer<'a>,
    size: Size,
    /// The most rows.
    most: u64,
}

/// What came of the rows that were played.
struct Rows {
    /// By quantity.
    sheets: Vec<Sheet>,
    next: u64,
    lost: u64,
    why: String,
    stopped: bool,
}

/// What came of a row.
enum Row {
    /// The values of all quantities at its points: by quantity, point, then run that is complete.
    Played(Vec<Vec<Vec<f64>>>),
    /// It cannot be played, or hardly any run is complete.
    Unplayable(String),
}

pub(super) fn prepare<'a>(
    scenario: &'a Scenario,
    request: &Sensitivity,
    (rows, runs): (u64, u64),
    watch: &dyn Progress,
) -> Result<Prepared<'a>, Error> {
    let model = scenario.model();
    let space = scenario.space_of(request)?;
    let linear = scenario.claims_of(request)?;
    let (variants, quantities) = asked(scenario, request, &linear)?;
    let stop = || watch.stop();
    let by_axis = read_axes(scenario, &space, (&variants, &quantities), &linear, &stop);
    if stop() {
        return Err(play_error(PlanError::Stopped));
    }
    let any = |axis: &usize| by_axis.iter().any(|own| own[*axis]);
    let (varied, rest): (Vec<usize>, Vec<usize>) = (0..space.axes().len()).partition(any);
    let label = |axis: &usize| space.axes()[*axis].name.clone();
    let names: Vec<String> = varied.iter().map(label).collect();
    let factors = factors(&names, &request.groups)?;
    let matters = |own: &Vec<bool>, list: &Vec<usize>| list.iter().any(|k| own[varied[*k]]);
    let reads: Vec<Vec<bool>> = by_axis
        .iter()
        .map(|own| factors.iter().map(|(_, list)| matters(own, list)).collect())
        .collect();
    let groups: Vec<Vec<usize>> = factors.iter().map(|(_, list)| list.clone()).collect();
    let arms = made(&space, &space.at(&[]), &variants, &linear, request.rounds);
    let arms = arms.map_err(|list| Error::Diagnostics(scenario.diagnostics(list)))?;
    let (size, most) = sizes(request, factors.len(), arms.len(), (rows, runs))?;
    let need = Need::program(scenario.text(), experiment::threads(request.threads)).with(
        "rows",
        most.min(1024),
        8 * 5 * (factors.len() * quantities.len()) as u64,
    );
    need.check(request.memory, "explain fewer outcomes at a time")
        .map_err(experiment::Error::from)?;
    let left = need.left(request.memory) / 2;
    let player = RowPlayer::new(model, &arms, (request.seed, runs as usize), left);
    let unread = rest.iter().map(label).collect();
    let request = request.clone();
    Ok(Prepared {
        scenario,
        request,
        space,
        varied,
        factors,
        groups,
        unread,
        variants,
        linear,
        quantities,
        reads,
        player,
        size,
        most,
    })
}

/// How much there is to do at first, and the most rows that the budget allows.
fn sizes(
    request: &Sensitivity,
    factors: usize,
    arms: usize,
    (rows, runs): (u64, u64),
) -> Result<(Size, u64), Error> {
    let points = if request.pairs { 2 * factors + 2 } else { factors + 1 };
    let rows = if request.until.is_some() { rows.next_power_of_two() } else { rows };
    let size = Size { factors, rows, points: points as u64, arms: arms as u64, runs };
    if request.until.is_none() {
        return Ok((size, rows));
    }
    let budget = request.budget.unwrap_or(Sensitivity::BUDGET);
    if size.all() > budget {
        return Err(Error::Request(format!(
            "{rows} rows take {} runs, more than the budget of {budget}; raise it with --budget or \
             begin with fewer --rows",
            size.all()
        )));
    }
    let times = (budget / size.all()).min(Sensitivity::MOST_ROWS / rows).max(1);
    Ok((size, rows << times.ilog2()))
}

/// By quantity, then axis: whether the axis can matter to it.
fn read_axes(
    scenario: &Scenario,
    space: &Space,
    (variants, quantities): (&[Option<String>], &[Quantity]),
    linear: &Linear,
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<Vec<bool>> {
    let model = scenario.model();
    let axes = space.axes().len();
    // by variant: by axis, then outcome, whether it is read; none where that is not known
    type Read = Option<Vec<Vec<bool>>>;
    let mut known: Vec<(Option<String>, Read)> = Vec::new();
    let mut read = |variant: Option<&str>, outcome: usize, into: &mut Vec<bool>| {
        if !known.iter().any(|(own, _)| own.as_deref() == variant) {
            known.push((variant.map(String::from), reads(model, space, variant, stop)));
        }
        let found = known.iter().find(|(own, _)| own.as_deref() == variant);
        match found.and_then(|(_, found)| found.as_ref()) {
            None => into.fill(true),
            Some(found) => {
                into.iter_mut().zip(found).for_each(|(all, axis)| *all |= axis[outcome]);
            }
        }
    };
    let name = |variant: usize| Some(model.variants[variant].name.as_str());
    let mut by_axis = Vec::new();
    for quantity in quantities {
        let mut own = vec![false; axes];
        match quantity {
            Quantity::Outcome { outcome, arm, less } => {
                for arm in [Some(*arm), *less].into_iter().flatten() {
                    read(variants[arm].as_deref(), *outcome, &mut own);
                }
            }
            Quantity::Claim(claim) => {
                for (variant, outcome) in linear.inputs(*claim) {
                    read(variant.and_then(name), outcome, &mut own);
                }
            }
        }
        by_axis.push(own);
    }
    by_axis
}

/// The arms that outcomes need, and everything that is explained.
fn asked(
    scenario: &Scenario,
    request: &Sensitivity,
    linear: &Linear,
) -> Result<(Vec<Option<String>>, Vec<Quantity>), Error> {
    let model = scenario.model();
    let known = || model.outcomes.iter().map(|outcome| outcome.name.as_str());
    let number = |name: &String| scenario.number(("outcome", "its outcomes are"), name, known());
    let named = request.outcomes.iter().map(number).collect::<Result<Vec<_>, _>>()?;
    let outcomes = match named.is_empty() {
        false => named,
        true if request.claims.is_some() && request.differences.is_empty() => Vec::new(),
        true => (0..model.outcomes.len()).collect(),
    };
    let base = request.variant.clone().filter(|name| name != "base");
    for name in base.iter().chain(&request.differences) {
        scenario.known_variant(name)?;
    }
    let (mut variants, mut quantities) = (Vec::new(), Vec::new());
    if !outcomes.is_empty() {
        variants.push(base);
    }
    match request.differences.is_empty() {
        true => {
            let one = |outcome| Quantity::Outcome { outcome, arm: 0, less: None };
            quantities.extend(outcomes.into_iter().map(one));
        }
        false => {
            for name in &request.differences {
                variants.push(Some(name.clone()));
                let (arm, less) = (variants.len() - 1, Some(0));
                let one = |outcome: &usize| Quantity::Outcome { outcome: *outcome, arm, less };
                quantities.extend(outcomes.iter().map(one));
            }
        }
    }
    quantities.extend((0..linear.claims().len()).map(Quantity::Claim));
    if quantities.is_empty() {
        let text = "no claim of these is a sum of means or a quotient of such, which can be shared \
                    out; name outcomes with --outcomes";
        return Err(Error::Request(text.to_string()));
    }
    Ok((variants, quantities))
}

/// The arms at a point: those of outcomes, then those of claims.
fn made(
    space: &Space,
    values: &[Value],
    variants: &[Option<String>],
    linear: &Linear,
    rounds: Option<u32>,
) -> Result<Vec<Arm>, Vec<crate::diagnostic::Diagnostic>> {
    let arm = |variant: Option<&str>, own: &[Override]| {
        let mut arm = space.arm_with(values, variant, own)?;
        arm.rounds = rounds.unwrap_or(arm.rounds);
        Ok(arm)
    };
    let mut all = variants
        .iter()
        .map(|variant| arm(variant.as_deref(), &[]))
        .collect::<Result<Vec<Arm>, _>>()?;
    all.extend(linear.arms(&arm)?);
    Ok(all)
}

impl Prepared<'_> {
    /// How much there is to do; with [`Sensitivity::until`], at first.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The most rows that [`Sensitivity::until`] may come to; else as many as there are.
    pub fn most_rows(&self) -> u64 {
        self.most
    }

    /// Claims that cannot be shared out, by name, and why.
    pub fn refused(&self) -> Vec<(String, &'static str)> {
        let claims = &self.scenario.model().claims;
        let all = self.linear.refused().iter();
        all.map(|(claim, why)| (claims[*claim].name.clone(), *why)).collect()
    }

    /// Plays a row for nothing, so that it can be seen how long that takes.
    ///
    /// # Errors
    /// Those of [`Prepared::play`].
    pub fn rehearse(&self, row: u64, watch: &dyn Progress) -> Result<(), Error> {
        self.row(row, &|| watch.stop()).map(drop).map_err(play_error)
    }

    /// Plays all rows. What was finished is kept if `watch` says to stop.
    ///
    /// # Errors
    /// [`Error::Play`] if an arm is too large to be planned; [`Error::Stopped`] if hardly a row was
    /// finished; [`Error::Fault`] if no point can be played.
    pub fn play(&self, watch: &dyn Audience) -> Result<Sensitivities, Error> {
        let pool = experiment::pool(self.request.threads).map_err(experiment::Error::Threads)?;
        pool.install(|| self.rows(watch))
    }

    fn rows(&self, watch: &dyn Audience) -> Result<Sensitivities, Error> {
        let mut size = self.size;
        let empty = Sheet::new(self.factors.len(), self.request.pairs);
        let sheets = vec![empty; self.quantities.len()];
        let mut rows = Rows { sheets, next: 0, lost: 0, why: String::new(), stopped: false };
        loop {
            watch.expects(size.all() / size.rows * (size.rows - rows.next));
            self.extend(&mut rows, size.rows, watch)?;
            if rows.sheets.first().is_none_or(|sheet| sheet.rows() < 2) {
                return Err(match rows.stopped {
                    true => play_error(PlanError::Stopped),
                    false => Error::Fault(format!("no row could be played: {}", rows.why)),
                });
            }
            let found = self.found(&rows.sheets);
            let enough = self.request.until.is_none_or(|width| widest(&found) < width);
            if enough || rows.stopped || 2 * size.rows > self.most {
                let lost = (rows.lost, rows.why);
                return Ok(Sensitivities::new(self, size, found, lost, rows.stopped));
            }
            size.rows *= 2;
        }
    }

    /// Plays the rows up to `to` that are not there yet, bundle by bundle. Of a bundle that is
    /// stopped the rows that were finished are kept.
    fn extend(&self, all: &mut Rows, to: u64, watch: &dyn Audience) -> Result<(), Error> {
        let some = rayon::current_num_threads().max(1) as u64;
        while all.next < to && !all.stopped {
            all.sheets.iter_mut().for_each(|sheet| sheet.widen(all.next));
            let (bundle, full) = all.sheets.first().map_or((1, to), |s| (s.bundle(), s.full()));
            let end = to.min(full).min(all.next.saturating_add(some * bundle));
            let firsts: Vec<u64> = (all.next..end).step_by(bundle as usize).collect();
            let sheets = &all.sheets;
            let one = |first: &u64| self.bundle(*first..end.min(first + bundle), sheets, watch);
            let done: Vec<Result<Rows, PlanError>> =
                firsts.par_iter().with_max_len(1).map(one).collect();
            for found in done {
                let found = found.map_err(play_error)?;
                if !all.stopped {
                    let own = all.sheets.iter_mut().zip(&found.sheets);
                    own.for_each(|(all, own)| all.append(own));
                    all.lost += found.lost;
                    all.stopped = found.stopped;
                    if all.why.is_empty() {
                        all.why = found.why;
                    }
                }
            }
            all.next = end;
        }
        Ok(())
    }

    /// Plays the rows of a bundle, for sheets like these.
    fn bundle(
        &self,
        rows: Range<u64>,
        sheets: &[Sheet],
        watch: &dyn Audience,
    ) -> Result<Rows, PlanError> {
        let sheets = sheets.iter().map(Sheet::part).collect();
        let mut own = Rows { sheets, next: 0, lost: 0, why: String::new(), stopped: false };
        for row in rows {
            match self.row(row, &|| watch.stop()) {
                Ok(Row::Played(values)) => self.tally(row, &values, &mut own.sheets),
                Ok(Row::Unplayable(text)) => {
                    own.lost += 1;
                    own.why = text;
                }
                Err(PlanError::Stopped) => {
                    own.stopped = true;
                    break;
                }
                Err(error) => return Err(error),
            }
            watch.advanced(self.size.all() / self.size.rows);
        }
        Ok(own)
    }

    /// What sheets say, by quantity.
    fn found(&self, sheets: &[Sheet]) -> Vec<Found> {
        let all = sheets.par_iter().zip(&self.reads).zip(&self.quantities);
        let one = |((sheet, reads), quantity): ((&Sheet, &Vec<bool>), &Quantity)| Found {
            name: self.label(quantity),
            indices: sheet.indices(self.request.seed),
            reads: reads.clone(),
        };
        all.map(one).collect()
    }

    /// What stands over a table.
    fn label(&self, quantity: &Quantity) -> String {
        let model = self.scenario.model();
        match quantity {
            Quantity::Outcome { outcome, arm, less } => {
                let name = &model.outcomes[*outcome].name;
                let of = |arm: usize| self.variants[arm].as_deref().unwrap_or("base");
                match less {
                    None if self.variants[*arm].is_none() => name.clone(),
                    None => format!("{name}: {}", of(*arm)),
                    Some(less) => format!("{name}: {} - {}", of(*arm), of(*less)),
                }
            }
            Quantity::Claim(claim) => {
                let number = self.linear.claims().nth(*claim).unwrap_or(0);
                format!("claim {}", model.claims[number].name)
            }
        }
    }

    /// Coordinates of all axes from those of the ones that vary.
    fn whole(&self, point: &[f64]) -> Vec<f64> {
        let mut all = vec![0.5; self.space.axes().len()];
        self.varied.iter().zip(point).for_each(|(axis, u)| all[*axis] = *u);
        all
    }

    fn points(&self, row: u64) -> Vec<Vec<f64>> {
        let (seed, axes) = (self.request.seed, self.varied.len());
        match self.request.pairs {
            true => Pairs::draw(seed, row, axes).points(&self.groups),
            false => Walk::draw(seed, row, axes, self.factors.len()).points(&self.groups),
        }
    }

    fn row(&self, row: u64, stop: &(dyn Fn() -> bool + Sync)) -> Result<Row, PlanError> {
        let mut arms = Vec::new();
        for point in self.points(row) {
            let values = self.space.at(&self.whole(&point));
            let (variants, rounds) = (&self.variants, self.request.rounds);
            match made(&self.space, &values, variants, &self.linear, rounds) {
                Ok(own) => arms.push(own),
                Err(list) => {
                    let text = list.first().map_or("", |diagnostic| &diagnostic.message);
                    return Ok(Row::Unplayable(text.to_string()));
                }
            }
            if stop() {
                return Err(PlanError::Stopped);
            }
        }
        let blocks = self.player.play(row, &arms, stop)?;
        let values: Vec<Vec<Vec<f64>>> =
            self.quantities.iter().map(|quantity| self.values(quantity, &arms, &blocks)).collect();
        // a run counts where it has a value everywhere
        let runs = self.size.runs as usize;
        let whole = |run: &usize| values.iter().flatten().all(|own| own[*run].is_finite());
        let kept: Vec<usize> = (0..runs).filter(whole).collect();
        if kept.len() == runs {
            return Ok(Row::Played(values));
        }
        if kept.len() < 2 {
            return Ok(Row::Unplayable("runs failed".to_string()));
        }
        let cut = |own: &Vec<f64>| kept.iter().map(|run| own[*run]).collect();
        let cut = |points: &Vec<Vec<f64>>| points.iter().map(cut).collect();
        Ok(Row::Played(values.iter().map(cut).collect()))
    }

    /// A quantity by point, then run. An outcome that is empty counts as the last round.
    fn values(
        &self,
        quantity: &Quantity,
        arms: &[Vec<Arm>],
        blocks: &[Vec<Block>],
    ) -> Vec<Vec<f64>> {
        let last = |arms: &[Arm]| arms.iter().map(|arm| arm.rounds).max().unwrap_or(0).into();
        let of = |block: &Block, outcome: usize, last: f64| -> Vec<f64> {
            let values = block.outcome(outcome).iter().enumerate();
            values
                .map(|(run, x)| if x.is_nan() && !block.failed(run) { last } else { *x })
                .collect()
        };
        let one = |(arms, blocks): (&Vec<Arm>, &Vec<Block>)| match quantity {
            Quantity::Outcome { outcome, arm, less } => {
                let own = of(&blocks[*arm], *outcome, f64::from(arms[*arm].rounds));
                match less {
                    None => own,
                    Some(less) => {
                        let other = of(&blocks[*less], *outcome, f64::from(arms[*less].rounds));
                        own.iter().zip(&other).map(|(a, b)| a - b).collect()
                    }
                }
            }
            Quantity::Claim(claim) => {
                let at = self.variants.len();
                self.linear.distances(*claim, &blocks[at..], last(&arms[at..]))
            }
        };
        arms.iter().zip(blocks).map(one).collect()
    }

    fn tally(&self, row: u64, values: &[Vec<Vec<f64>>], sheets: &mut [Sheet]) {
        let (seed, axes) = (self.request.seed, self.varied.len());
        for (values, sheet) in values.iter().zip(sheets) {
            match self.request.pairs {
                true => Pairs::draw(seed, row, axes).tally(&self.groups, values, sheet),
                false => {
                    let walk = Walk::draw(seed, row, axes, self.factors.len());
                    walk.tally(&self.groups, values, sheet);
                }
            }
        }
    }
}
