//! Where a condition holds: boxes of what varies, with what they are worth on points that were not
//! looked at.

use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::Error;
use super::sample::Sample;
use crate::diagnostic::clip;
use crate::experiment;
use crate::output::{CommandLine, Folder, Provenance, Results};
use crate::rng::Seed;
use crate::sensitivity::discover::{BOXES, Chosen, Discovery, FEWEST, Task, discover};
use crate::sensitivity::prim::{Data, Objective, Search, Step};
use crate::table::{Cells, Column, Field, Table, TableError};

/// What to look for. Checked when it is used.
#[derive(Debug, Clone, Default)]
pub struct Discover {
    when: String,
    arm: Option<String>,
    difference: Option<String>,
    search: Search,
    step: Option<usize>,
    boxes: Option<usize>,
    seed: Seed,
}

notes! { Discover: seed;
    /// Of a sweep, the means of this arm instead of the scenario as it is.
    arm(name: impl Into<String>) { arm = Some(name.into()) }

    /// Of a sweep, the differences of this arm from the scenario as it is.
    difference(name: impl Into<String>) { difference = Some(name.into()) }

    /// By which a peel is chosen.
    objective(objective: Objective) { search = Search { objective, ..Search::default() } }

    /// The step of the trajectory that is taken, instead of the one that cross-validation chooses.
    step(step: usize) { step = Some(step) }

    /// So many boxes at most, instead of 3.
    boxes(boxes: usize) { boxes = Some(boxes) }
}

/// A step of the trajectory of a box: the number of the box, that of the step, and what both halves
/// of the points say of it.
type Stepped<'a> = (usize, usize, &'a (Step, crate::sensitivity::prim::Count));

impl Discover {
    /// Looks for where a condition on what came of points holds: `war_ever > 0.1`, several joined
    /// by ` and `.
    pub fn new(when: impl Into<String>) -> Discover {
        Discover { when: when.into(), ..Discover::default() }
    }

    /// A peel takes off so large a share of the points of a box, instead of 0.05; a box holds at
    /// least such a share of all, instead of 0.05.
    #[must_use]
    pub fn shares(mut self, alpha: f64, mass_min: f64) -> Discover {
        self.search = Search { alpha, mass_min, ..self.search };
        self
    }

    /// Looks at the points of a CSV file or of the folder of a finished sweep.
    ///
    /// # Errors
    /// [`Error::Request`] or [`Error::Fault`] if they cannot be read or are too few,
    /// [`Error::Unknown`] if the condition names what is not there.
    pub fn look(&self, path: impl AsRef<Path>) -> Result<Discovered, Error> {
        let (alpha, least) = (self.search.alpha, self.search.mass_min);
        if !(alpha > 0.0 && alpha < 0.5 && (0.0..1.0).contains(&least)) {
            let text = "the share of a peel lies between 0 and 0.5, the least mass from 0 to 1";
            return Err(Error::Request(text.to_string()));
        }
        let conditions =
            self.when.split(" and ").map(condition).collect::<Result<Vec<_>, Error>>()?;
        let (arm, difference) = (self.arm.as_deref(), self.difference.as_deref());
        let mut sample = Sample::read(path.as_ref(), arm, difference)?;
        conditions.iter().try_for_each(|(name, ..)| sample.take(name))?;
        let value = |name: &str| sample.values.iter().find(|(own, ..)| own == name);
        let known = |k: &usize| {
            conditions.iter().all(|(name, ..)| value(name).is_some_and(|v| v.1[*k].is_finite()))
        };
        let points: Vec<usize> =
            (0..sample.values.first().map_or(0, |v| v.1.len())).filter(known).collect();
        if points.len() < FEWEST || sample.factors.is_empty() {
            let text = format!(
                "`{}` has {} points of {} numbers that vary; boxes take at least {FEWEST} points",
                sample.label,
                points.len(),
                sample.factors.len()
            );
            return Err(Error::Fault(text));
        }
        let met = |k: &usize| {
            conditions.iter().all(|(name, how, threshold)| {
                value(name).is_some_and(|(_, values, _)| how(values[*k], *threshold))
            })
        };
        let holds: Vec<bool> = points.iter().map(met).collect();
        let take = |x: &Vec<f64>| points.iter().map(|k| x[*k]).collect::<Vec<f64>>();
        let factors: Vec<Vec<f64>> = sample.factors.iter().map(take).collect();
        let data = Data { factors: &factors, whole: &sample.whole, holds: &holds };
        let boxes = self.boxes.unwrap_or(BOXES);
        let task = Task { search: self.search, step: self.step, boxes, seed: self.seed };
        let found = discover(&data, task);
        let (request, names, words) = (self.clone(), sample.names, sample.words);
        Ok(Discovered { request, label: sample.label, names, words, found })
    }
}

/// Compares a value with a threshold.
type Comparison = fn(f64, f64) -> bool;

/// `NAME OP NUMBER`.
fn condition(text: &str) -> Result<(String, Comparison, f64), Error> {
    let all: [(&str, Comparison); 4] =
        [(">=", |a, b| a >= b), ("<=", |a, b| a <= b), (">", |a, b| a > b), ("<", |a, b| a < b)];
    let found = all.iter().find_map(|(sign, how)| {
        let (name, number) = text.split_once(sign)?;
        let number: f64 = number.trim().parse().ok()?;
        (!name.trim().is_empty() && number.is_finite())
            .then(|| (name.trim().to_string(), *how, number))
    });
    found.ok_or_else(|| {
        let text = clip(text.trim());
        Error::Request(format!("`{text}` is no condition; write NAME > NUMBER, or >=, <, <="))
    })
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Discovered {
    request: Discover,
    label: String,
    names: Vec<String>,
    words: Vec<String>,
    found: Discovery,
}

impl Discovered {
    /// The condition.
    pub fn when(&self) -> &str {
        &self.request.when
    }

    /// Where the points are from.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What varies.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What varies in words and was left out.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Boxes, trajectories and counts.
    pub fn found(&self) -> &Discovery {
        &self.found
    }

    /// A box as an experiment of a scenario file: its limits as what varies.
    pub fn experiment(&self, chosen: &Chosen, name: &str) -> String {
        let whole = &self.found.steps[0].limits;
        let mut text = format!("[experiments.{name}]\nuncertain = true\nvary = [\n");
        let mut seen = Vec::new();
        for limit in &chosen.limits {
            if !seen.contains(&limit.factor) {
                seen.push(limit.factor);
                let (lo, hi) = chosen.ends[limit.factor];
                let (least, most) = whole[limit.factor];
                let (lo, hi) =
                    (if lo > least { lo } else { least }, if hi < most { hi } else { most });
                text.push_str(&format!("    \"{}={lo}:{hi}\",\n", self.names[limit.factor]));
            }
        }
        text + "]\n"
    }

    /// The tables `boxes` and `peeling`.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let all: Result<Vec<Table>, TableError> =
            [self.limits(), self.peeling()].into_iter().collect();
        Ok(all.map_err(experiment::Error::from)?)
    }

    fn limits(&self) -> Result<Table, TableError> {
        let boxes = self.found.boxes.iter().enumerate();
        let rows: Vec<_> = boxes
            .flat_map(|(k, chosen)| chosen.limits.iter().map(move |l| (k, chosen, l)))
            .collect();
        let number = |name: &str,
                      meaning: &str,
                      of: &dyn Fn(
            &(usize, &Chosen, &crate::sensitivity::discover::Limit),
        ) -> f64| {
            Column::new(Field::number(name, meaning), Cells::Number(rows.iter().map(of).collect()))
        };
        let names = rows.iter().map(|(_, _, l)| self.names[l.factor].clone()).collect();
        let stands = rows.iter().map(|(_, chosen, _)| Some(chosen.stands)).collect();
        let ends = rows.iter().map(|(_, _, l)| if l.upper { "at most" } else { "at least" });
        let field = Field::truth("stands", "whether the density held out tells it from chance");
        let columns = vec![
            number("box", "the box, from 1", &|(k, ..)| *k as f64 + 1.0),
            Column::new(field, Cells::Truth(stands)),
            Column::new(Field::text("factor", "what is limited"), Cells::Text(names)),
            Column::new(
                Field::text("end", "which end"),
                Cells::Text(ends.map(String::from).collect()),
            ),
            number("value", "the limit, which is inside", &|(_, _, l)| l.value),
            number(
                "quasi_p",
                "binomial test of the box against the box without the limit",
                &|(_, _, l)| l.quasi_p,
            ),
            number("frequency", "share of resamples that limit the factor", &|(_, _, l)| {
                l.frequency
            }),
            number("density", "share of cases, points that found the box", &|(_, c, _)| {
                c.found.density()
            }),
            number("held_density", "share of cases, points held out", &|(_, c, _)| {
                c.held.density()
            }),
            number("held_lower", "lower end of its 95 % interval (Wilson)", &|(_, c, _)| c.lower),
        ];
        Table::of("boxes", "Boxes in which the condition holds mostly.", columns)
    }

    fn peeling(&self) -> Result<Table, TableError> {
        let boxes = self.found.boxes.iter().enumerate();
        let rows: Vec<_> = boxes
            .flat_map(|(k, chosen)| {
                chosen.trajectory.iter().enumerate().map(move |(at, row)| (k, at, row))
            })
            .collect();
        let cases = (self.found.first.cases.max(1) as f64, self.found.second.cases.max(1) as f64);
        let number = |name: &str, meaning: &str, of: &dyn Fn(&Stepped) -> f64| {
            Column::new(Field::number(name, meaning), Cells::Number(rows.iter().map(of).collect()))
        };
        let columns = vec![
            number("box", "the box, from 1", &|(k, ..)| *k as f64 + 1.0),
            number("step", "the step, from 0", &|(_, at, _)| *at as f64),
            number("coverage", "share of the cases of the first half", &|(_, _, (s, _))| {
                s.count.cases as f64 / cases.0
            }),
            number("density", "share of cases in the box, first half", &|(_, _, (s, _))| {
                s.count.density()
            }),
            number("mass", "share of the points of the first half", &|(_, _, (s, _))| {
                s.count.n as f64 / self.found.first.n as f64
            }),
            number("restricted", "factors with a limit", &|(_, _, (s, _))| {
                s.restricted.iter().filter(|r| **r).count() as f64
            }),
            number("held_coverage", "share of the cases of the second half", &|(_, _, (_, h))| {
                h.cases as f64 / cases.1
            }),
            number("held_density", "share of cases in the box, second half", &|(_, _, (_, h))| {
                h.density()
            }),
        ];
        Table::of("peeling", "How boxes were found: peels, then pastes.", columns)
    }

    /// Everything that `detente discover --out` writes, into a folder that is open.
    ///
    /// # Errors
    /// [`Error::Output`] if a file cannot be written.
    pub fn write_into(&self, mut folder: Folder) -> Result<(), Error> {
        self.tables()?.iter().try_for_each(|table| folder.whole(table))?;
        let mut command = CommandLine::new("discover", &self.label);
        command.word("--when", &self.request.when);
        self.request.arm.iter().for_each(|name| command.word("--variant", name));
        self.request.difference.iter().for_each(|name| command.word("--difference", name));
        command.word("--seed", &self.request.seed.0.to_string());
        // a folder says of what scenario its points are
        let from = Results::open(Path::new(&self.label)).ok().map(|found| found.made_by);
        let from = from.unwrap_or_default();
        let made = Provenance {
            scenario: from.scenario,
            title: from.title,
            runs: from.runs,
            version: env!("CARGO_PKG_VERSION").to_string(),
            seed: self.request.seed.0,
            command: command.text(),
            ..Provenance::default()
        };
        Ok(folder.finish(&made)?)
    }

    fn step_json(&self, step: &Step, cases: usize, points: usize) -> Map<String, Value> {
        let limits = step.limits.iter().zip(&step.restricted).enumerate();
        let limits = limits.filter(|(_, (_, restricted))| **restricted);
        let limits: Map<String, Value> =
            limits.map(|(k, ((lo, hi), _))| (self.names[k].clone(), json!([lo, hi]))).collect();
        let mut object = Map::new();
        object.insert("coverage".into(), json!(step.count.cases as f64 / cases.max(1) as f64));
        object.insert("density".into(), json!(step.count.density()));
        object.insert("mass".into(), json!(step.count.n as f64 / points as f64));
        object.insert("n".into(), json!(step.count.n));
        object.insert("limits".into(), Value::Object(limits));
        object
    }
}

impl Serialize for Discovered {
    /// For programs: `steps` is the trajectory over all points, as programs have it that hold
    /// nothing back; boxes were found in the first half.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Discovery { all, first, second, steps, boxes } = &self.found;
        let finite = |x: f64| x.is_finite().then_some(x);
        let one = |chosen: &Chosen| {
            let limit = |limit: &crate::sensitivity::discover::Limit| {
                json!({
                    "factor": self.names[limit.factor],
                    "end": if limit.upper { "at most" } else { "at least" },
                    "value": limit.value,
                    "quasi_p": finite(limit.quasi_p),
                    "frequency": limit.frequency,
                })
            };
            let path = chosen.trajectory.iter().map(|(step, held)| {
                let mut object = self.step_json(step, first.cases, first.n);
                object.insert("held_density".into(), json!(finite(held.density())));
                object
            });
            json!({
                "stands": chosen.stands,
                "step": chosen.step,
                "coverage": chosen.found.cases as f64 / first.cases.max(1) as f64,
                "density": finite(chosen.found.density()),
                "held_coverage": chosen.held.cases as f64 / second.cases.max(1) as f64,
                "held_density": finite(chosen.held.density()),
                "held_lower": chosen.lower,
                "limits": chosen.limits.iter().map(limit).collect::<Vec<_>>(),
                "trajectory": path.collect::<Vec<_>>(),
            })
        };
        json!({
            "when": self.request.when,
            "points": all.n,
            "cases": all.cases,
            "base": all.density(),
            "steps": steps.iter().map(|s| self.step_json(s, all.cases, all.n)).collect::<Vec<_>>(),
            "boxes": boxes.iter().map(one).collect::<Vec<_>>(),
        })
        .serialize(serializer)
    }
}
