//! In which share of the declared ranges each claim holds.

use super::bootstrap::{Taken, taken};
use super::matter::Matter;
use super::program::{Program, Question};
use super::reading::{Estimate, Reading};
use super::verdict::Verdict;
use super::worlds::{FailureLog, Worlds};
use super::{Audience, Error, Report, Spec, need};
use crate::design::Design;
use crate::experiment::{FailureReport, Space, Value};
use crate::math::normal_quantile;
use crate::stats::{Z95, bundle, sorted_quantile};
use crate::summary::resamples;

/// So many parameters are named per claim.
pub const NAMED: usize = 3;

/// A parameter that carries a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Carrier {
    /// The parameter, as an axis of the space is named.
    pub parameter: String,
    /// Its Shapley effect: which share it has in the variance, over the space, of how far the mean
    /// statistic lies from the threshold. The shares of all parameters add up to 1.
    pub share: f64,
    /// The lower end of its 95 % interval.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

/// What carries a claim, by walks through the space ([`crate::sensitivity::Walk`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Carried {
    /// The share of luck in the variance of a run's distance from the threshold, over the space;
    /// not a number where it is not known.
    pub luck: f64,
    /// The [`NAMED`] parameters of greatest share, the greatest first, as far as they are told
    /// from 0 ([`crate::sensitivity::Factor::is_told`]).
    pub carriers: Vec<Carrier>,
    /// Why there is none; empty where there is one.
    pub why: String,
}

impl Carried {
    /// Nothing is known, and why.
    pub fn unknown(why: &str) -> Carried {
        Carried { luck: f64::NAN, carriers: Vec::new(), why: why.to_string() }
    }
}

/// An end of a box.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionLimit {
    /// The parameter, as an axis of the space is named.
    pub parameter: String,
    /// Whether the box holds what is at most the value, instead of at least.
    pub upper: bool,
    /// The end, which is inside.
    pub value: f64,
    /// How likely so many points of the box were cases if the limit did nothing, see
    /// [`crate::sensitivity::discover::Limit`].
    pub quasi_p: f64,
}

/// A box of the space in which a claim is mostly contradicted, found in the first half of the
/// points and held against the second ([`mod@crate::sensitivity::discover`]). All numbers but the
/// limits are shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Its limits.
    pub limits: Vec<RegionLimit>,
    /// How many of the points of the first half at which the claim is contradicted it holds.
    pub coverage: f64,
    /// At how many of its points of the first half the claim is contradicted.
    pub density: f64,
    /// [`Region::coverage`] of the second half.
    pub held_coverage: f64,
    /// [`Region::density`] of the second half.
    pub held_density: f64,
    /// The lower end of the 95 % interval of that (Wilson).
    pub held_lower: f64,
}

/// A claim over the space of assumptions.
#[derive(Debug, Clone, PartialEq)]
pub struct Robust {
    /// The claim, by number in the model.
    pub claim: usize,
    /// Points at which it is supported.
    pub supported: u64,
    /// Points at which it is contradicted: the effect is there, in the other direction.
    pub contradicted: u64,
    /// Points at which the runs show no effect, neither way.
    pub unseen: u64,
    /// The effect that the runs could have shown at the median of these points, as a distance from
    /// the threshold in units of the statistic: half of the width of the interval. Not a number
    /// where there are no such points, or none of them has an interval.
    pub detectable: f64,
    /// By axis, whether formulas that lead to what it reads read it.
    pub reads: Vec<bool>,
    /// What carries it; [`crate::Scenario::robust`] finds that out.
    pub carried: Carried,
    /// Where it is contradicted; [`crate::Scenario::robust`] finds that out. Nothing where no box
    /// stands.
    pub region: Option<Region>,
}

/// What came of all claims over the space of assumptions.
#[derive(Debug, Clone, PartialEq)]
pub struct RobustReport {
    /// Every claim that is tested.
    pub claims: Vec<Robust>,
    /// The things that vary, as axes of the space are named.
    pub axes: Vec<String>,
    /// What every point that was played gave.
    pub sheet: Vec<PointReading>,
    /// Points that were played.
    pub points: u64,
    /// Points that could not be played, and why the first could not.
    pub unplayable: (u64, String),
    /// Runs of each arm at each point.
    pub runs: u64,
    /// How many rows of walks say what carries claims, and runs of each arm at each of their
    /// points.
    pub walks: (u64, u64),
    /// How many runs failed, over all points and arms.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<FailureReport>,
}

/// Judges every claim at `points` points of the declared ranges, all varied at once by a Latin
/// hypercube (McKay, Beckman and Conover 1979), with `spec.runs` runs of each arm at each point and
/// the same random numbers at all points. Comparative statics are taken between the ends of their
/// ranges. What `spec.set` sets does not vary; neither do switches,
/// see [`Space::new`].
///
/// # Errors
/// Those of [`super::judge`], and [`Error::Design`].
pub fn robust(spec: &Spec, points: u64, watch: &dyn Audience) -> Result<RobustReport, Error> {
    let program = Program::at_ends(spec.model, &spec.claims);
    // nothing is varied by name, so nothing can be wrong with a name
    let space = Space::new(spec.model, &[], true, &spec.set)
        .map_err(|faults| Error::Arm(faults.into_iter().map(|f| f.diagnostic).collect()))?;
    if space.axes().is_empty() {
        return Err(Error::Certain);
    }
    let beside = need::points(program.claims.len(), space.axes().len(), points)
        .and(&need::statistics(&program, spec.runs, 1, 1));
    let worlds = Worlds { spec, program: &program, beside: &beside };
    let design = Design::latin(space.axes().len(), points, spec.seed).map_err(Error::Design)?;
    watch.expects(spec.runs.saturating_mul(program.arm_specs.len() as u64).saturating_mul(points));
    let resamples = resamples(spec.runs, bundle(spec.runs), spec.seed);
    let stop = || watch.stop();
    let mut log = FailureLog::default();
    let mut sheet = Sheet::new(&program);
    let mut unplayable = (0, String::new());
    for point in 0..design.points() {
        let values = space.at(&design.point(point));
        match program.arms(&|variant, own| space.arm_with(&values, variant, own)) {
            Err(list) => {
                unplayable.0 += 1;
                if let (true, Some(first)) = (unplayable.1.is_empty(), list.first()) {
                    unplayable.1.clone_from(&first.message);
                }
            }
            Ok(arms) => {
                let mark = format!(" at point {point}");
                let columns = worlds.columns(arms, &mark, &mut log, watch)?;
                sheet.add(point, values, &taken(columns, &resamples, &stop));
            }
        }
        if stop() {
            return Err(Error::Stopped);
        }
    }
    let mut matter = Matter::new(spec, &space, watch);
    let of = |(_, question): &(usize, &Question)| {
        matter.of(question.statistics().iter().map(|k| &program.statistics[*k]))
    };
    let matters: Vec<Vec<bool>> = sheet.tested.iter().map(of).collect();
    Ok(RobustReport {
        claims: sheet.read(matters),
        axes: space.axes().iter().map(|axis| axis.name.clone()).collect(),
        sheet: sheet.rows,
        points: design.points() - unplayable.0,
        unplayable,
        runs: spec.runs,
        walks: (0, 0),
        failed: log.failed,
        failures: log.failures,
    })
}

/// A point of the space of assumptions, and what every claim that is tested gave there.
#[derive(Debug, Clone, PartialEq)]
pub struct PointReading {
    /// Its number in the design, from 0.
    pub point: u64,
    /// What varies, in the order of the axes.
    pub values: Vec<Value>,
    /// By claim that is tested: the estimate and the verdict.
    pub claims: Vec<(Estimate, Verdict)>,
}

/// What every point gave.
struct Sheet<'p> {
    tested: Vec<(usize, &'p Question)>,
    rows: Vec<PointReading>,
}

impl<'p> Sheet<'p> {
    fn new(program: &'p Program<'_>) -> Sheet<'p> {
        let tested =
            program.claims.iter().filter_map(|(c, q)| q.as_ref().map(|q| (*c, q))).collect();
        Sheet { tested, rows: Vec::new() }
    }

    fn add(&mut self, point: u64, values: Vec<Value>, taken: &[Taken]) {
        let one = |(_, question): &(usize, &Question)| {
            let reading = Reading::of(question, taken);
            (reading.estimate, reading.verdict)
        };
        let claims = self.tested.iter().map(one).collect();
        self.rows.push(PointReading { point, values, claims });
    }

    /// `matters` says by claim which axes can matter to it.
    fn read(&self, matters: Vec<Vec<bool>>) -> Vec<Robust> {
        let one = |((place, (claim, _)), reads): ((usize, &(usize, &Question)), Vec<bool>)| {
            let all = || self.rows.iter().map(|row| row.claims[place]);
            let count = |verdict| all().filter(|(_, found)| *found == verdict).count() as u64;
            let mut widths: Vec<f64> = all()
                .filter(|(_, verdict)| !verdict.decided())
                .map(|(e, _)| (e.hi - e.lo) / 2.0)
                .filter(|width| width.is_finite())
                .collect();
            widths.sort_unstable_by(f64::total_cmp);
            let (supported, contradicted) =
                (count(Verdict::Supported), count(Verdict::Contradicted));
            Robust {
                claim: *claim,
                supported,
                contradicted,
                unseen: self.rows.len() as u64 - supported - contradicted,
                detectable: sorted_quantile(&widths, 0.5),
                reads,
                carried: Carried::unknown("no walks were played"),
                region: None,
            }
        };
        self.tested.iter().enumerate().zip(matters).map(one).collect()
    }
}

/// Fewer runs of each arm at a point than this are not played unless asked for.
pub(super) const LEAST: u64 = 100;

/// Unless asked for, points times arms times runs are kept below this, as long as 100 runs
/// are played.
pub const BUDGET: u64 = 2_000_000;

/// How many runs of each arm are played at each of `points` points unless said otherwise, and why:
/// so many that every verdict of the base case that `report` reached would be reached again with a
/// probability of 0.9, within [`BUDGET`].
///
/// A claim whose estimate lies d from its threshold with a half-width h of its interval at n runs
/// is decided with that probability at n ((z₀.₉₇₅ + z₀.₉) h / (z₀.₉₇₅ d))² runs (Lachin 1981).
pub fn robust_runs(spec: &Spec, report: &Report, points: u64) -> (u64, String) {
    let scale = (Z95 + normal_quantile(0.9)) / Z95;
    let needed = |tested: &super::Tested| {
        let Estimate { value, lo, hi, .. } = tested.real.estimate;
        let off = (value - tested.threshold).abs();
        let width = if tested.threshold > value { hi - value } else { value - lo };
        let share = scale * width / off;
        (report.runs as f64 * share * share).ceil()
    };
    let decided = report.claims.iter().filter_map(|judged| {
        let tested = judged.tested.as_ref().filter(|t| t.real.verdict.decided())?;
        let runs = needed(tested);
        runs.is_finite().then_some((runs as u64, judged.claim))
    });
    let (most, claim) = decided.max().unwrap_or((0, 0));
    let arms = Program::at_ends(spec.model, &spec.claims).arm_specs.len() as u64;
    let bound = (BUDGET / points.saturating_mul(arms).max(1)).max(LEAST);
    if most <= LEAST {
        return (LEAST, format!("{LEAST} runs decide every verdict of the base case"));
    }
    let name = spec.model.claims.get(claim).map_or("", |claim| &claim.name);
    let runs = most.min(bound);
    let why = match most <= bound {
        true => format!("so many decide `{name}`, which takes most, with a power of 0.9"),
        false => format!(
            "`{name}` would take {most} to be decided with a power of 0.9; --robust-runs asks for \
             more"
        ),
    };
    (runs, why)
}
