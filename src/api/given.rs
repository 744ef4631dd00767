//! What points that are there say of the factors: no runs are played.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Error;
use super::sample::Sample;
use crate::rng::Seed;
use crate::sensitivity::classical::{morris, sobol};
use crate::sensitivity::given::{
    RESAMPLES, SLIDES, delta, first_order, partial_ranks, pawn, regional, spearman,
};

words! {
    /// By which estimators given points are looked at.
    GivenMethod, "method":
    /// First order by bins, with ranks and regional sensitivity
    First = "first",
    /// Distances between distributions of slices (Pianosi and Wagener 2018)
    Pawn = "pawn",
    /// Borgonovo's δ (Plischke et al. 2013)
    Delta = "delta",
    /// Sobol' indices of Saltelli's design
    Sobol = "sobol",
    /// Elementary effects of Morris's design
    Morris = "morris",
}

/// What to look at. Checked when it is used.
#[derive(Debug, Clone, Default)]
pub struct Given {
    values: Vec<String>,
    arm: Option<String>,
    difference: Option<String>,
    method: GivenMethod,
    first_only: bool,
    levels: Option<u32>,
    resamples: Option<usize>,
    seed: Seed,
}

notes! { Given: seed;
    /// By these estimators.
    method(method: GivenMethod) { method = method }

    /// Of a sweep, the means of this arm instead of the scenario as it is.
    arm(name: impl Into<String>) { arm = Some(name.into()) }

    /// Of a sweep, the differences of this arm from the scenario as it is.
    difference(name: impl Into<String>) { difference = Some(name.into()) }

    /// Saltelli's design without BA: for first order and total indices alone.
    first_only() { first_only = true }

    /// Morris's design has so many levels, instead of 4.
    levels(levels: u32) { levels = Some(levels) }

    /// So many resamples behind δ, instead of 100.
    resamples(resamples: usize) { resamples = Some(resamples) }
}

impl Given {
    /// First orders of all values of a folder.
    pub fn new() -> Given {
        Given::default()
    }

    /// Looks at this value: a column of a file, or an outcome of a sweep.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>) -> Given {
        self.values.push(name.into());
        self
    }

    /// Looks at the points of a CSV file or of the folder of a finished sweep.
    ///
    /// # Errors
    /// [`Error::Request`] or [`Error::Fault`] if they cannot be read or do not suit the method,
    /// [`Error::Unknown`] if there is no such value.
    pub fn look(&self, path: impl AsRef<Path>) -> Result<Vec<GivenIndices>, Error> {
        let (arm, difference) = (self.arm.as_deref(), self.difference.as_deref());
        let mut sample = Sample::read(path.as_ref(), arm, difference)?;
        if self.values.is_empty() && !sample.folder {
            let text = format!("which column of `{}` is the value? --value NAME", sample.label);
            return Err(Error::Request(text));
        }
        self.values.iter().try_for_each(|name| sample.take(name))?;
        let asked = |name: &String| self.values.is_empty() || self.values.contains(name);
        let all = (0..sample.values.len()).filter(|k| asked(&sample.values[*k].0));
        all.map(|k| self.one(&sample, k)).collect()
    }

    fn one(&self, sample: &Sample, value: usize) -> Result<GivenIndices, Error> {
        let (x, y, error) = sample.complete(value);
        let name = sample.values[value].0.clone();
        if y.len() < 4 || x.is_empty() {
            let text = format!(
                "`{}`: {} points of {} things that vary are too few",
                sample.label,
                y.len(),
                x.len()
            );
            return Err(Error::Fault(text));
        }
        let named = |rows: Vec<Vec<(&'static str, f64)>>| {
            sample.names.iter().cloned().zip(rows).collect::<Vec<_>>()
        };
        let (mut pairs, misfit) = (Vec::new(), |what: &str| {
            Error::Fault(format!("the points of `{}` are no design of {what}", sample.label))
        });
        let factors = match self.method {
            GivenMethod::First => named(self.firsts(&x, &y, error)),
            GivenMethod::Pawn => named(x.iter().map(|x| of_pawn(x, &y)).collect()),
            GivenMethod::Delta => {
                let resamples = self.resamples.unwrap_or(RESAMPLES);
                let one = |x: &Vec<f64>| {
                    let found = delta(x, &y, resamples, self.seed);
                    vec![("delta", found.corrected), ("delta_raw", found.raw)]
                };
                named(x.iter().map(one).collect())
            }
            GivenMethod::Morris => {
                let found = morris(&x, &y, self.levels.unwrap_or(4));
                let found = found.ok_or_else(|| misfit("Morris (rows of one change each)"))?;
                let one = |m: &crate::sensitivity::classical::Morris| {
                    vec![("mu", m.mu), ("mu_star", m.mu_star), ("sigma", m.sigma)]
                };
                named(found.iter().map(one).collect())
            }
            GivenMethod::Sobol => {
                let found = sobol(&y, x.len(), !self.first_only, self.seed);
                let (found, second) = found.ok_or_else(|| {
                    let rows = if self.first_only { "d + 2" } else { "2 d + 2" };
                    misfit(&format!("Saltelli: their number is no multiple of {rows}"))
                })?;
                let pair = |p: &crate::sensitivity::classical::Second| {
                    let name = |k: usize| sample.names[k].clone();
                    (name(p.a), name(p.b), p.index, p.reach)
                };
                pairs = second.iter().map(pair).collect();
                let one = |s: &crate::sensitivity::classical::Sobol| {
                    let (s1, st) = (("S1", s.first), ("ST", s.total));
                    vec![s1, ("S1_conf", s.first_reach), st, ("ST_conf", s.total_reach)]
                };
                named(found.iter().map(one).collect())
            }
        };
        Ok(GivenIndices { name, points: y.len(), factors, pairs, method: self.method })
    }

    fn firsts(&self, x: &[Vec<f64>], y: &[f64], error: f64) -> Vec<Vec<(&'static str, f64)>> {
        let mut sorted = y.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let median = crate::stats::sorted_quantile(&sorted, 0.5);
        let above: Vec<bool> = y.iter().map(|y| *y > median).collect();
        let partial = partial_ranks(x, y);
        let one = |(x, partial): (&Vec<f64>, f64)| {
            let first = first_order(x, y, error);
            vec![
                ("first", first.share),
                ("p", first.p),
                ("spearman", spearman(x, y)),
                ("partial", partial),
                ("ks", regional(x, &above)),
            ]
        };
        x.iter().zip(partial).map(one).collect()
    }
}

fn of_pawn(x: &[f64], y: &[f64]) -> Vec<(&'static str, f64)> {
    let found = pawn(x, y, SLIDES);
    vec![
        ("minimum", found.minimum),
        ("mean", found.mean),
        ("median", found.median),
        ("maximum", found.maximum),
    ]
}

/// What given points say of a value.
#[derive(Debug, Clone)]
pub struct GivenIndices {
    /// The value.
    pub name: String,
    /// How many points have it.
    pub points: usize,
    /// By factor: its name and numbers by name.
    pub factors: Vec<(String, Vec<(&'static str, f64)>)>,
    /// Second-order indices: two factors, the index and half of the width of its interval.
    pub pairs: Vec<(String, String, f64, f64)>,
    /// By which estimators.
    pub method: GivenMethod,
}

impl GivenIndices {
    /// For programs.
    pub fn json(&self) -> Value {
        let finite = |x: f64| x.is_finite().then_some(x);
        let factor = |(name, numbers): &(String, Vec<(&'static str, f64)>)| {
            let mut object = Map::new();
            object.insert("name".to_string(), json!(name));
            for (key, number) in numbers {
                object.insert((*key).to_string(), json!(finite(*number)));
            }
            Value::Object(object)
        };
        let pair = |(a, b, index, reach): &(String, String, f64, f64)| {
            let (index, reach) = (finite(*index), finite(*reach));
            json!({ "a": a, "b": b, "S2": index, "S2_conf": reach })
        };
        json!({
            "value": self.name,
            "method": self.method.word(),
            "points": self.points,
            "factors": self.factors.iter().map(factor).collect::<Vec<_>>(),
            "pairs": self.pairs.iter().map(pair).collect::<Vec<_>>(),
        })
    }
}
