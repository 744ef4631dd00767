//! In which share of the declared ranges each claim holds, and which assumption carries it.

use super::bootstrap::{Bootstrap, Taken};
use super::column::bundle;
use super::program::{Program, Question};
use super::reading::Reading;
use super::stage::{Stage, Worlds};
use super::verdict::{ALPHA, Verdict, distance};
use super::{Audience, Error, Spec, need};
use crate::design::Design;
use crate::experiment::{FailureReport, Space, Value};
use crate::math::{log, normal_quantile, tanh};

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
    /// Points at which it is contradicted.
    pub contradicted: u64,
    /// Points at which the runs do not decide.
    pub inconclusive: u64,
    /// The [`NAMED`] parameters of greatest rank correlation, the greatest first.
    pub carriers: Vec<Carrier>,
}

/// What came of all claims over the space of assumptions.
#[derive(Debug, Clone, PartialEq)]
pub struct RobustReport {
    /// Every claim that is tested.
    pub claims: Vec<Robust>,
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
        .and(&need::statistics(&program, spec.runs, 1));
    let worlds = Worlds { spec, program: &program, beside: &beside };
    let design = Design::latin(space.axes().len(), points, spec.seed).map_err(Error::Design)?;
    watch.expects(spec.runs.saturating_mul(program.scenes.len() as u64).saturating_mul(points));
    let bundles = usize::try_from(spec.runs.div_ceil(bundle(spec.runs))).unwrap_or(usize::MAX);
    let bootstrap = Bootstrap::new(bundles, spec.seed);
    let mut stage = Stage::default();
    let mut sheet = Sheet::new(&program, space.axes().len());
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
                let columns = worlds.columns(arms, &mark, &mut stage, watch)?;
                sheet.add(&values, &bootstrap.taken(&columns));
            }
        }
    }
    let names: Vec<String> = space.axes().iter().map(|axis| axis.name.clone()).collect();
    Ok(RobustReport {
        claims: sheet.read(&names),
        points: design.points() - unplayable.0,
        unplayable,
        runs: spec.runs,
        parameters: names.len(),
        failed: stage.failed,
        failures: stage.failures,
    })
}

/// What every point gave.
struct Sheet<'p> {
    tested: Vec<(usize, &'p Question)>,
    /// By parameter, then point.
    values: Vec<Vec<f64>>,
    /// By claim, then point.
    distances: Vec<Vec<f64>>,
    /// By claim: supported, contradicted, inconclusive.
    counts: Vec<[u64; 3]>,
}

impl<'p> Sheet<'p> {
    fn new(program: &'p Program<'_>, parameters: usize) -> Sheet<'p> {
        let tested: Vec<_> =
            program.claims.iter().filter_map(|(c, q)| q.as_ref().map(|q| (*c, q))).collect();
        let (values, distances) = (vec![Vec::new(); parameters], vec![Vec::new(); tested.len()]);
        let counts = vec![[0; 3]; tested.len()];
        Sheet { tested, values, distances, counts }
    }

    fn add(&mut self, values: &[Value], taken: &[Taken]) {
        for (column, value) in self.values.iter_mut().zip(values) {
            column.push(match value {
                Value::Number(number) => *number,
                Value::Text(_) => f64::NAN,
            });
        }
        for (place, (_, question)) in self.tested.iter().enumerate() {
            let reading = Reading::of(question, taken);
            let value = reading.estimate.value;
            self.distances[place].push(distance(question.how, question.threshold, value));
            let kind = match reading.verdict {
                Verdict::Supported => 0,
                Verdict::Contradicted => 1,
                Verdict::Inconclusive | Verdict::Unchecked => 2,
            };
            self.counts[place][kind] += 1;
        }
    }

    fn read(&self, names: &[String]) -> Vec<Robust> {
        let one = |(place, (claim, _)): (usize, &(usize, &Question))| {
            let [supported, contradicted, inconclusive] = self.counts[place];
            let carriers = carriers(names, &self.values, &self.distances[place]);
            Robust { claim: *claim, supported, contradicted, inconclusive, carriers }
        };
        self.tested.iter().enumerate().map(one).collect()
    }
}

/// Of fewer points nothing is said about what carries a claim: few points rank alike by chance.
const FEWEST: usize = 20;

/// The parameters of greatest rank correlation with a distance; those without one are left out.
fn carriers(names: &[String], values: &[Vec<f64>], distances: &[f64]) -> Vec<Carrier> {
    let mut all: Vec<Carrier> = names
        .iter()
        .zip(values)
        .filter_map(|(name, values)| {
            let pairs =
                values.iter().zip(distances).filter(|(x, y)| x.is_finite() && y.is_finite());
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.unzip();
            if x.len() < FEWEST {
                return None;
            }
            let correlation = spearman(&x, &y);
            let (lo, hi) = around(correlation, x.len(), names.len());
            let parameter = name.clone();
            lo.is_finite().then_some(Carrier { parameter, correlation, lo, hi })
        })
        .collect();
    all.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
    all.truncate(NAMED);
    all
}

/// Spearman's rank correlation; equal values share the mean of their ranks. Not a number where one
/// side does not vary.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    let (a, b) = (ranks(x), ranks(y));
    let middle = (a.len() as f64 + 1.0) / 2.0;
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (p, q) in a.iter().zip(&b) {
        let (p, q) = (p - middle, q - middle);
        aa += p * p;
        bb += q * q;
        ab += p * q;
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { f64::NAN }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while let Some(at) = order.get(first) {
        let same = order[first..].iter().take_while(|k| values[**k] == values[*at]).count().max(1);
        let rank = first as f64 + (same as f64 + 1.0) / 2.0;
        for place in &order[first..first + same] {
            ranks[*place] = rank;
        }
        first += same;
    }
    ranks
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
    fn rank_correlations() {
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[10.0, 100.0, 1000.0]), 1.0);
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0);
        assert!(spearman(&[1.0, 2.0], &[3.0, 3.0]).is_nan());
        // ranks 1.5 1.5 3 4 against 1 2 3 4: covariance 4.5, squares 4.5 and 5
        let tied = spearman(&[5.0, 5.0, 6.0, 9.0], &[1.0, 2.0, 3.0, 4.0]);
        assert!((tied - 4.5 / 22.5_f64.sqrt()).abs() < 1e-15);
    }

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
        let names = ["a", "b", "c", "d"].map(str::to_string);
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let noise = |k: f64| x.iter().map(|v| (v * k) % 7.0).collect::<Vec<f64>>();
        let values = vec![noise(3.0), x.clone(), noise(5.0), vec![1.0; 40]];
        let distances: Vec<f64> = x.iter().map(|v| 3.0 - v).collect();
        let found = carriers(&names, &values, &distances);
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].parameter.as_str(), found[0].correlation), ("b", -1.0));
        assert!(found[0].hi < -0.9 && found[1].lo < 0.0 && found[1].hi > 0.0);
    }
}
