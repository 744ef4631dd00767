//! What came of it: indices by outcome and factor.

use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::Sensitivity;
use super::prepared::{Prepared, Size};
use crate::api::{Error, Scenario};
use crate::experiment;
use crate::output::Folder;
use crate::sensitivity::{Estimate, Factor, Indices};
use crate::table::{Cells, Column, Field, Table, TableError};

/// What is known of an outcome, a difference or a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its name: `crises`, `crises: no_pact - base`, `claim deterrence`.
    pub name: String,
    /// Its indices, by factor.
    pub indices: Indices,
    /// By factor: whether a formula that leads to it reads it.
    pub reads: Vec<bool>,
}

impl Found {
    /// The factors by number, the greatest share (or first order) first.
    pub fn ranked(&self) -> Vec<usize> {
        let share = |k: &usize| share(&self.indices.factors[*k]).value;
        let mut order: Vec<usize> =
            (0..self.indices.factors.len()).filter(|k| self.reads[*k]).collect();
        order.sort_by(|a, b| share(b).total_cmp(&share(a)).then(a.cmp(b)));
        order
    }

    /// Whether the first three came out the same from half of the rows, as far as they are told
    /// from 0.
    pub fn is_settled(&self) -> bool {
        const FIRST: usize = 3;
        let factors = &self.indices.factors;
        let order = self.ranked();
        let mut half = order.clone();
        half.sort_by(|a, b| factors[*b].half.total_cmp(&factors[*a].half).then(a.cmp(b)));
        let sure = order.iter().take(FIRST).take_while(|k| factors[**k].is_told());
        sure.zip(&half).all(|(a, b)| a == b)
    }
}

/// The Shapley effect, or the first-order index.
pub(super) fn share(factor: &Factor) -> Estimate {
    let none = Estimate { value: f64::NAN, lo: f64::NAN, hi: f64::NAN };
    factor.shapley.or(factor.first).unwrap_or(none)
}

/// So many shares have to be narrow for [`Sensitivity::until`].
const NARROW: usize = 10;

/// The widest interval of the first ten shares of everything that varies; infinite where
/// assumptions are not told from luck.
pub(super) fn widest(all: &[Found]) -> f64 {
    let varying = all.iter().filter(|f| f.indices.variance.value != 0.0 || f.indices.chance != 0.0);
    let widths = varying.flat_map(|found| {
        let of = |k: usize| share(&found.indices.factors[k]);
        let order = found.ranked();
        let own = order.into_iter().take(NARROW).map(of).map(|share| share.hi - share.lo);
        let mut own: Vec<f64> = own.collect();
        if found.indices.factors.is_empty() {
            own.push(f64::INFINITY);
        }
        own
    });
    widths.fold(0.0, f64::max)
}

/// Which assumption matters, by outcome.
#[derive(Debug, Clone)]
pub struct Sensitivities {
    scenario: Scenario,
    request: Sensitivity,
    size: Size,
    factors: Vec<String>,
    unread: Vec<String>,
    refused: Vec<(String, &'static str)>,
    found: Vec<Found>,
    lost: (u64, String),
    stopped: bool,
}

impl Sensitivities {
    pub(super) fn new(
        from: &Prepared<'_>,
        size: Size,
        found: Vec<Found>,
        lost: (u64, String),
        stopped: bool,
    ) -> Sensitivities {
        Sensitivities {
            scenario: from.scenario.clone(),
            request: from.request.clone(),
            size,
            factors: from.factors.iter().map(|(name, _)| name.clone()).collect(),
            unread: from.unread.clone(),
            refused: from.refused(),
            found,
            lost,
            stopped,
        }
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The width that was asked for, and the widest interval of the first ten shares.
    pub fn until(&self) -> Option<(f64, f64)> {
        self.request.until.map(|width| (width, widest(&self.found)))
    }

    /// How much was asked for; with [`Sensitivity::until`], in the end.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Whether the design is pairs, so that shares are first-order indices.
    pub fn is_pairs(&self) -> bool {
        self.request.pairs
    }

    /// The names of factors.
    pub fn factors(&self) -> &[String] {
        &self.factors
    }

    /// What would vary, were it read by a formula that leads to what is explained.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Claims that are no sum of means, by name, and why.
    pub fn refused(&self) -> &[(String, &'static str)] {
        &self.refused
    }

    /// What was found, by outcome or claim.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// How many rows could not be played, and why the first could not.
    pub fn lost(&self) -> (u64, &str) {
        (self.lost.0, &self.lost.1)
    }

    /// Whether it was stopped before the end.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Where all random numbers came from.
    pub fn seed(&self) -> u64 {
        self.request.seed.0
    }

    /// The tables `variance` and `indices`.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let tables = [self.variance(), self.indices()];
        let all: Result<Vec<Table>, TableError> = tables.into_iter().collect();
        Ok(all.map_err(experiment::Error::from)?)
    }

    fn variance(&self) -> Result<Table, TableError> {
        let all = || self.found.iter().map(|found| &found.indices);
        let number = |name: &str, meaning: &str, of: &dyn Fn(&Indices) -> f64| {
            Column::new(Field::number(name, meaning), Cells::Number(all().map(of).collect()))
        };
        let names = self.found.iter().map(|found| found.name.clone()).collect();
        let columns = vec![
            Column::new(Field::text("of", "what is explained"), Cells::Text(names)),
            number("rows", "rows of the design", &|i| i.rows as f64),
            number("variance", "variance of the mean over assumptions", &|i| i.variance.value),
            number("variance_lo", "lower end of its 95 % interval", &|i| i.variance.lo),
            number("variance_hi", "upper end", &|i| i.variance.hi),
            number("chance", "mean variance of the runs of a point", &|i| i.chance),
            number("luck", "share of luck in the variance of a run", &|i| i.luck.value),
            number("luck_lo", "lower end of its 95 % interval", &|i| i.luck.lo),
            number("luck_hi", "upper end", &|i| i.luck.hi),
        ];
        let text = "How far what is explained varies: by assumptions and by luck.";
        Table::of("variance", text, columns)
    }

    fn indices(&self) -> Result<Table, TableError> {
        let rows: Vec<(&Found, usize)> = self
            .found
            .iter()
            .flat_map(|found| found.ranked().into_iter().map(move |k| (found, k)))
            .collect();
        let text = |name: &str, meaning: &str, of: &dyn Fn(&(&Found, usize)) -> String| {
            Column::new(Field::text(name, meaning), Cells::Text(rows.iter().map(of).collect()))
        };
        let mut columns = vec![
            text("of", "what is explained", &|(found, _)| found.name.clone()),
            text("factor", "what varies", &|(_, k)| self.factors[*k].clone()),
        ];
        let word = if self.is_pairs() { "first" } else { "shapley" };
        let meaning = match self.is_pairs() {
            true => "first-order index",
            false => "Shapley effect: share of the variance of the mean, adding up to 1",
        };
        type Kind<'a> = (&'a str, &'a str, &'a dyn Fn(&Factor) -> Estimate);
        type Part = (&'static str, &'static str, fn(&Estimate) -> f64);
        let kinds: [Kind; 3] = [
            (word, meaning, &share),
            ("total", "total index", &|factor| factor.total),
            ("slope", "change of the mean per unit of the coordinate from 0 to 1", &|factor| {
                factor.slope.unwrap_or(Estimate { value: f64::NAN, lo: f64::NAN, hi: f64::NAN })
            }),
        ];
        for (name, meaning, of) in kinds {
            let parts: [Part; 3] = [
                ("", "", |e| e.value),
                ("_lo", "lower end of its 95 % interval", |e| e.lo),
                ("_hi", "upper end", |e| e.hi),
            ];
            for (end, about, part) in parts {
                let meaning = if about.is_empty() { meaning } else { about };
                let cells = rows.iter().map(|(found, k)| part(&of(&found.indices.factors[*k])));
                let field = Field::number(format!("{name}{end}"), meaning);
                columns.push(Column::new(field, Cells::Number(cells.collect())));
            }
        }
        let sizes = rows.iter().map(|(found, k)| found.indices.factors[*k].size).collect();
        let meaning = "root mean square of how far a step of the factor moves the mean";
        columns.push(Column::new(Field::number("size", meaning), Cells::Number(sizes)));
        let halves = rows.iter().map(|(found, k)| found.indices.factors[*k].half).collect();
        let meaning = format!("`{word}` from the first half of the rows");
        columns.push(Column::new(Field::number("half", meaning), Cells::Number(halves)));
        let about = "What each factor is worth; none where the variance is not told from luck.";
        Table::of("indices", about, columns)
    }

    /// Everything that `detente sensitivity --out` writes, into a new folder.
    ///
    /// # Errors
    /// [`Error::Output`] if results or something else is in the way or a file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        self.write_into(Folder::create(folder.as_ref(), false)?)
    }

    /// The same, into a folder that is open.
    ///
    /// # Errors
    /// Those of [`Sensitivities::write`].
    pub fn write_into(&self, mut folder: Folder) -> Result<(), Error> {
        self.tables()?.iter().try_for_each(|table| folder.whole(table))?;
        self.scenario.keep_text(&mut folder)?;
        let mut notes = Vec::new();
        if self.stopped {
            let rows = self.found.first().map_or(0, |found| found.indices.rows);
            notes.push(("partial".to_string(), format!("{rows} of {} rows", self.size.rows)));
        }
        if let Some((_, widest)) = self.until() {
            notes.push(("widest".to_string(), widest.to_string()));
        }
        let command = self.request.command(self.scenario.name());
        let played = (self.request.seed.0, self.size.runs);
        Ok(folder.finish(&self.scenario.provenance(played, command, notes))?)
    }
}

/// A number, `null` where it is none.
fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

fn estimate(estimate: &Estimate) -> Value {
    let Estimate { value, lo, hi } = estimate;
    json!({ "value": finite(*value), "interval": finite(*lo).zip(finite(*hi)) })
}

impl Serialize for Sensitivities {
    /// For programs.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = if self.is_pairs() { "first" } else { "shapley" };
        let of = |found: &Found| {
            let factor = |k: usize| {
                let factor = &found.indices.factors[k];
                json!({
                    "name": self.factors[k],
                    word: estimate(&share(factor)),
                    "total": estimate(&factor.total),
                    "slope": factor.slope.as_ref().map(estimate),
                    "size": finite(factor.size),
                    "half": finite(factor.half),
                })
            };
            json!({
                "of": found.name,
                "rows": found.indices.rows,
                "variance": estimate(&found.indices.variance),
                "luck": estimate(&found.indices.luck),
                "told_from_luck": !found.indices.factors.is_empty(),
                "settled": found.is_settled(),
                "factors": found.ranked().into_iter().map(factor).collect::<Vec<_>>(),
            })
        };
        json!({
            "scenario": self.scenario.name(),
            "design": if self.is_pairs() { "pairs" } else { "walks" },
            "rows": self.size.rows,
            "points": self.size.points,
            "arms": self.size.arms,
            "runs": self.size.runs,
            "seed": self.request.seed.0,
            "stopped": self.stopped,
            "until": self.until().map(|(width, _)| width),
            "widest": self.until().and_then(|(_, widest)| finite(widest)),
            "lost_rows": self.lost.0,
            "unread": self.unread,
            "refused": self.refused.iter().map(|(name, why)| json!({ "claim": name, "why": why }))
                .collect::<Vec<_>>(),
            "explained": self.found.iter().map(of).collect::<Vec<_>>(),
        })
        .serialize(serializer)
    }
}
