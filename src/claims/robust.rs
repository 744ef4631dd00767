//! In which share of the declared ranges each claim holds, and which assumption carries it.

use super::bootstrap::{Taken, taken};
use super::matter::Matter;
use super::program::{Program, Question};
use super::reading::{Estimate, Reading};
use super::verdict::{ALPHA, Verdict, distance};
use super::worlds::{FailureLog, Worlds};
use super::{Audience, Error, Report, Spec, need};
use crate::design::Design;
use crate::experiment::{FailureReport, Space, Value};
use crate::math::{log, normal_quantile, tanh};
use crate::stats::{Z95, bundle, sorted_quantile, spearman};
use crate::summary::resamples;

/// So many parameters are named per claim.
pub const NAMED: usize = 3;

/// A parameter whose values separate where a claim holds from where it does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Carrier {
    /// The parameter, as an axis of the space is named.
    pub parameter: String,
    /// Spearman's rank correlation of its value with the claim's signed distance.
    pub correlation: f64,
    /// The lower end of its interval.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
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
    /// How many of the things that vary are read by formulas that lead to what it reads.
    pub parameters: usize,
    /// Of these the [`NAMED`] of greatest rank correlation, the greatest first.
    pub carriers: Vec<Carrier>,
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
    /// How many things vary.
    pub parameters: usize,
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
    let names: Vec<String> = space.axes().iter().map(|axis| axis.name.clone()).collect();
    let mut matter = Matter::new(spec, &space, watch);
    let of = |(_, question): &(usize, &Question)| {
        matter.of(question.statistics().iter().map(|k| &program.statistics[*k]))
    };
    let matters: Vec<Vec<bool>> = sheet.tested.iter().map(of).collect();
    Ok(RobustReport {
        claims: sheet.read(&names, &matters),
        axes: names.clone(),
        sheet: sheet.rows,
        points: design.points() - unplayable.0,
        unplayable,
        runs: spec.runs,
        parameters: names.len(),
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
    fn read(&self, names: &[String], matters: &[Vec<bool>]) -> Vec<Robust> {
        let number = |value: &Value| match value {
            Value::Number(number) => *number,
            Value::Text(_) => f64::NAN,
        };
        let column = |axis: usize| self.rows.iter().map(|row| number(&row.values[axis])).collect();
        let values: Vec<Vec<f64>> = (0..names.len()).map(column).collect();
        let axes = |place: usize| -> Vec<(&str, &[f64])> {
            let all = names.iter().zip(&values).zip(&matters[place]);
            let those = all.filter(|(_, matters)| **matters);
            those.map(|((name, values), _)| (name.as_str(), values.as_slice())).collect()
        };
        let one = |(place, (claim, question)): (usize, &(usize, &Question))| {
            let all = || self.rows.iter().map(|row| row.claims[place]);
            let count = |verdict| all().filter(|(_, found)| *found == verdict).count() as u64;
            let distances: Vec<f64> =
                all().map(|(e, _)| distance(question.how, question.threshold, e.value)).collect();
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
                parameters: matters[place].iter().filter(|matters| **matters).count(),
                carriers: carriers(&axes(place), &distances),
            }
        };
        self.tested.iter().enumerate().map(one).collect()
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

/// Of fewer points nothing is said about what carries a claim: few points rank alike by chance.
const FEWEST: usize = 20;

/// The parameters of greatest rank correlation with a distance; those without one are left out.
fn carriers(axes: &[(&str, &[f64])], distances: &[f64]) -> Vec<Carrier> {
    let mut all: Vec<Carrier> = axes
        .iter()
        .filter_map(|(name, values)| {
            let pairs =
                values.iter().zip(distances).filter(|(x, y)| x.is_finite() && y.is_finite());
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.unzip();
            if x.len() < FEWEST {
                return None;
            }
            let correlation = spearman(&x, &y);
            let (lo, hi) = around(correlation, x.len(), axes.len());
            let parameter = (*name).to_string();
            lo.is_finite().then_some(Carrier { parameter, correlation, lo, hi })
        })
        .collect();
    all.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
    all.truncate(NAMED);
    all
}

/// The interval of the greatest of `family` rank correlations over `n` points: Fisher's z with the
/// standard error sqrt((1 + r² / 2) / (n − 3)) of Bonett and Wright (2000), at the level
/// 1 − α / family (Bonferroni), since which is greatest is not known beforehand.
fn around(correlation: f64, n: usize, family: usize) -> (f64, f64) {
    if n < 4 || correlation.is_nan() {
        return (f64::NAN, f64::NAN);
    }
    let r = correlation.clamp(-1.0 + 1e-12, 1.0 - 1e-12);
    let z = 0.5 * log((1.0 + r) / (1.0 - r));
    let error = ((1.0 + r * r / 2.0) / (n as f64 - 3.0)).sqrt();
    let reach = error * normal_quantile(1.0 - ALPHA / (2.0 * family.max(1) as f64));
    (tanh(z - reach), tanh(z + reach))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_rank_correlations() {
        // r = 0.5, n = 28: z 0.549306, se sqrt(1.125 / 25) = 0.212132, times 1.959964
        let (lo, hi) = around(0.5, 28, 1);
        assert!((lo - 0.132_747).abs() < 1e-5 && (hi - 0.746_533).abs() < 1e-5, "{lo} {hi}");
        assert!(around(0.5, 28, 10).0 < lo);
        assert!(around(1.0, 28, 1).1 <= 1.0);
        assert!(around(0.5, 3, 1).0.is_nan());
    }

    #[test]
    fn the_parameter_that_matters_is_named() {
        let names = ["a", "b", "c", "d"];
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let noise = |k: f64| x.iter().map(|v| (v * k) % 7.0).collect::<Vec<f64>>();
        let values = [noise(3.0), x.clone(), noise(5.0), vec![1.0; 40]];
        let distances: Vec<f64> = x.iter().map(|v| 3.0 - v).collect();
        let axes: Vec<(&str, &[f64])> =
            names.into_iter().zip(values.iter().map(Vec::as_slice)).collect();
        let found = carriers(&axes, &distances);
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].parameter.as_str(), found[0].correlation), ("b", -1.0));
        assert!(found[0].hi < -0.9 && found[1].lo < 0.0 && found[1].hi > 0.0);
    }
}
