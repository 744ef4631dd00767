//! Posteriors as tables, and states as tables that can be gone on from.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Draw, Evidence, GROUPS, Posterior, Stage, State};
use crate::history::History;
use crate::model::Model;
use crate::table::{Cells, Column, Field, Schema, Table, TableError};

/// Columns on their way to a table.
struct Columns(Vec<Column>);

impl Columns {
    fn text(&mut self, name: &str, meaning: &str, cells: impl Iterator<Item = String>) {
        self.0.push(Column::new(Field::text(name, meaning), Cells::Text(cells.collect())));
    }

    fn integer(&mut self, name: &str, meaning: &str, cells: impl Iterator<Item = u64>) {
        let cells = cells.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        self.0.push(Column::new(Field::integer(name, meaning), Cells::Integer(cells.collect())));
    }

    fn number(&mut self, field: Field, cells: impl Iterator<Item = f64>) {
        // a number that is not finite has no place in a file
        let cells = cells.map(|x| if x.is_finite() { x } else { f64::NAN });
        self.0.push(Column::new(field, Cells::Number(cells.collect())));
    }

    fn table(self, name: &str, description: &str) -> Result<Table, TableError> {
        Table::of(name, description, self.0)
    }
}

/// The tables `posterior`, `parameters`, `evidence`, `stages` and, where there are private types,
/// `types`.
///
/// # Errors
/// [`TableError`] if a parameter has the name of a column.
pub fn tables(
    model: &Model,
    history: &History,
    all: &[Posterior],
) -> Result<Vec<Table>, TableError> {
    let mut tables = vec![posterior(all)?, parameters(all)?, evidence(all)?, stages(all)?];
    if !model.private.is_empty() {
        tables.push(types(model, history, all)?);
    }
    Ok(tables)
}

/// A row for each draw that has weight, as `sweep --design` reads it.
fn posterior(all: &[Posterior]) -> Result<Table, TableError> {
    let rows: Vec<(&Posterior, usize)> = all
        .iter()
        .flat_map(|of| (0..of.weights.len()).map(move |n| (of, n)))
        .filter(|(of, n)| of.weights[*n] > 0.0)
        .collect();
    let mut columns = Columns(Vec::new());
    columns.integer("point", "the number of the draw", 0..rows.len() as u64);
    if all.len() > 1 {
        let arms = rows.iter().map(|(of, _)| of.arm.clone());
        columns.text("variant", "whose posterior it is: `base`, or the name of the variant", arms);
    }
    let weight = Field::number("weight", "its share of the posterior of its arm");
    columns.number(weight.with_unit("probability"), rows.iter().map(|(of, n)| of.weights[*n]));
    let loglik = Field::number(
        "loglik",
        "the natural logarithm of the likelihood at it, or a filter's estimate of that",
    );
    let logs = rows.iter().map(|(of, n)| of.state.draws[*n].loglik);
    columns.number(loglik.with_unit("nats"), logs);
    for (k, parameter) in all.first().iter().flat_map(|of| of.parameters.iter().enumerate()) {
        let field = Field::number(parameter.name.as_str(), format!("`{}`", parameter.name));
        let field = field.with_unit(parameter.unit.as_str());
        columns.number(field, rows.iter().map(|(of, n)| of.values[*n][k]));
    }
    columns.table("posterior", "Draws from the posterior: one row per draw.")
}

fn parameters(all: &[Posterior]) -> Result<Table, TableError> {
    let rows = || all.iter().flat_map(|of| of.parameters.iter().map(move |p| (of, p)));
    let mut columns = Columns(Vec::new());
    let arms = rows().map(|(of, _)| of.arm.clone());
    columns.text("arm", "`base`, or the name of the variant", arms);
    columns.text("parameter", "the parameter", rows().map(|(_, p)| p.name.clone()));
    columns.text("unit", "its unit", rows().map(|(_, p)| p.unit.clone()));
    let mut number = |name: &str, meaning: &str, of: &dyn Fn(&super::Parameter) -> f64| {
        columns.number(Field::number(name, meaning), rows().map(|(_, p)| of(p)));
    };
    number("prior_mean", "its mean before", &|p| p.prior.mean);
    number("prior_sd", "its standard deviation before", &|p| p.prior.sd);
    number("prior_lo", "its 2.5 % quantile before", &|p| p.prior.lo);
    number("prior_hi", "its 97.5 % quantile before", &|p| p.prior.hi);
    number("mean", "its mean given the history", &|p| p.posterior.mean);
    number("mean_error", "the Monte Carlo standard error of that mean", &|p| p.error);
    number("sd", "its standard deviation given the history", &|p| p.posterior.sd);
    number("lo", "its 2.5 % quantile given the history", &|p| p.posterior.lo);
    number("hi", "its 97.5 % quantile given the history", &|p| p.posterior.hi);
    let meaning = "1 - variance given the history / variance before: what the history taught";
    number("contraction", meaning, &|p| p.contraction);
    let text = "Parameters before and given the history: one row per arm and parameter.";
    columns.table("parameters", text)
}

fn evidence(all: &[Posterior]) -> Result<Table, TableError> {
    let mut columns = Columns(Vec::new());
    let arms = all.iter().map(|of| of.arm.clone());
    columns.text("arm", "`base`, or the name of the variant", arms);
    let mut number = |name: &str, meaning: &str, of: &dyn Fn(&Evidence) -> f64| {
        let field = Field::number(name, meaning).with_unit("nats");
        columns.number(field, all.iter().map(|posterior| of(&posterior.evidence)));
    };
    let base = all.first().map_or(Evidence { log: 0.0, error: 0.0 }, |of| of.evidence);
    let meaning = "the natural logarithm of the mean likelihood over the prior; empty: impossible";
    number("log_evidence", meaning, &|e| e.log);
    number("error", "its Monte Carlo standard error", &|e| e.error);
    number("lo", "the lower end of its 95 % interval", &|e| e.interval().0);
    number("hi", "the upper end", &|e| e.interval().1);
    let meaning = "the natural logarithm of the Bayes factor over base";
    number("log_bayes_factor", meaning, &|e| e.over(&base).0);
    number("log_bayes_factor_error", "its Monte Carlo standard error", &|e| e.over(&base).1);
    let of = |count: fn(&State) -> usize| all.iter().map(move |of| count(&of.state) as u64);
    columns.integer("draws", "how many draws there are", of(|state| state.draws.len()));
    let meaning = "particles of each filter; one for each combination where that is exact";
    columns.integer("particles", meaning, of(|state| state.particles));
    let spread = Field::number("loglik_sd", "the standard deviation of a filter's log likelihood");
    columns.number(spread.with_unit("nats"), all.iter().map(|of| of.state.spread));
    let text = "How likely the history is under each arm, over its prior: one row per arm.";
    columns.table("evidence", text)
}

fn stages(all: &[Posterior]) -> Result<Table, TableError> {
    let stages = all.iter().flat_map(|of| of.state.stages.iter().enumerate().map(move |s| (of, s)));
    let rows: Vec<(&Posterior, (usize, &Stage))> = stages.collect();
    let mut columns = Columns(Vec::new());
    let arms = rows.iter().map(|(of, _)| of.arm.clone());
    columns.text("arm", "`base`, or the name of the variant", arms);
    let numbers = rows.iter().map(|(_, (n, _))| *n as u64 + 1);
    columns.integer("stage", "the number of the stage", numbers);
    let temperature = Field::number("temperature", "the exponent of the likelihood");
    columns.number(temperature, rows.iter().map(|(_, (_, s))| s.temperature));
    let effective = Field::number("ess", "the effective number of draws before resampling");
    columns.number(effective, rows.iter().map(|(_, (_, s))| s.effective));
    let moves = rows.iter().map(|(_, (_, s))| u64::from(s.moves));
    columns.integer("moves", "how many times all draws were moved", moves);
    let accepted = Field::number("accepted", "the share of moves that were accepted");
    columns.number(accepted, rows.iter().map(|(_, (_, s))| s.accepted));
    let meaning = "the mean rank correlation with where the stage began";
    let correlation = Field::number("correlation", meaning);
    columns.number(correlation, rows.iter().map(|(_, (_, s))| s.correlation));
    columns.table("stages", "How the draws came about: one row per arm and temperature.")
}

fn types(model: &Model, history: &History, all: &[Posterior]) -> Result<Table, TableError> {
    let rows = || all.iter().flat_map(|of| of.types.iter().map(move |t| (of, t)));
    let names = &model.names;
    let mut columns = Columns(Vec::new());
    let arms = rows().map(|(of, _)| of.arm.clone());
    columns.text("arm", "`base`, or the name of the variant", arms);
    if history.cases.len() > 1 {
        let cases = rows().map(|(_, t)| history.cases[t.case].name.clone());
        columns.text("history", "which of the histories", cases);
    }
    let actors = rows().map(|(_, t)| names.actors[t.actor].clone());
    columns.text("actor", "whose type it is", actors);
    let kinds = rows().map(|(_, t)| names.types[t.actor][t.kind].clone());
    columns.text("type", "the type", kinds);
    let observer = |t: &super::Standing| t.observer.map(|o| names.actors[o].clone());
    let observers = rows().map(|(_, t)| observer(t).unwrap_or_default());
    columns.text("observer", "who believes so; empty: what the history says", observers);
    let meaning = "how likely the type is at the end of the history, or what the observer believes";
    let field = Field::number("probability", meaning).with_unit("probability");
    columns.number(field, rows().map(|(_, t)| t.probability));
    let text = "Private types at the end of the history, as a mean over the posterior, beside what \
                observers believe: one row per arm, type and observer.";
    columns.table("types", text)
}

/// The table of a state: a row for each draw, of numbers alone.
fn schema(axes: usize, slots: usize) -> Result<Arc<Schema>, TableError> {
    let each = |kind: &str, count: usize| {
        (0..count).map(|n| Field::number(format!("{kind}{n}"), "as in the state")).collect()
    };
    let groups: [Vec<Field>; 4] =
        [each("loglik", 1), each("place", axes), each("start", axes), each("types", slots)];
    Schema::new("draws", "Draws on their way.", groups.into_iter().flatten().collect())
}

/// The numbers of a state that are not of single draws.
fn numbers() -> Result<Arc<Schema>, TableError> {
    let fields = vec![Field::number("value", "as in the state")];
    Schema::new("numbers", "A state without its draws.", fields)
}

/// A state as notes and tables, to be kept in a part.
///
/// # Errors
/// [`TableError`] never.
pub fn stored(state: &State) -> Result<(Value, Vec<Table>), TableError> {
    let first = &state.draws[0];
    let notes = json!({
        "particles": state.particles,
        "doubled": state.doubled,
        "exact": state.exact,
        "settled": state.settled,
        "moves": state.stages.iter().map(|stage| stage.moves).collect::<Vec<_>>(),
        "axes": first.place.len(),
        "slots": first.types.len(),
    });
    let row = |draw: &Draw| {
        let all = [&[draw.loglik][..], &draw.place, &draw.start, &draw.types];
        all.concat()
    };
    let rows: Vec<Vec<f64>> = state.draws.iter().map(row).collect();
    let column = |k: usize| Cells::Number(rows.iter().map(|row| row[k]).collect());
    let cells = (0..rows[0].len()).map(column).collect();
    let draws = Table::new(&schema(first.place.len(), first.types.len())?, cells)?;
    let mut rest = vec![state.spread, state.scale];
    rest.extend(&state.groups);
    for stage in &state.stages {
        rest.extend([stage.temperature, stage.effective, stage.accepted, stage.correlation]);
    }
    Ok((notes, vec![Table::new(&numbers()?, vec![Cells::Number(rest)])?, draws]))
}

/// The state that notes and a part hold; nothing if they hold none.
pub fn restored(
    notes: &Value,
    read: impl FnOnce(&[Arc<Schema>]) -> Option<Vec<Table>>,
) -> Option<State> {
    let whole = |key: &str| usize::try_from(notes[key].as_u64()?).ok();
    let (axes, slots) = (whole("axes")?, whole("slots")?);
    let tables = read(&[numbers().ok()?, schema(axes, slots).ok()?])?;
    let [rest, draws] = &tables[..] else { return None };
    let column = |table: &Table, k: usize| match table.columns().nth(k) {
        Some((_, Cells::Number(cells))) => Some(cells.clone()),
        _ => None,
    };
    let rest = column(rest, 0)?;
    let columns: Vec<Vec<f64>> =
        (0..1 + 2 * axes + slots).map(|k| column(draws, k)).collect::<Option<_>>()?;
    let some = |from: usize, count: usize, n: usize| -> Vec<f64> {
        columns[from..from + count].iter().map(|column| column[n]).collect()
    };
    let draw = |n: usize| Draw {
        loglik: columns[0][n],
        place: some(1, axes, n),
        start: some(1 + axes, axes, n),
        types: some(1 + 2 * axes, slots, n),
    };
    let moves = notes["moves"].as_array()?;
    let stage = |(moves, four): (&Value, &[f64])| {
        let moves = u32::try_from(moves.as_u64()?).ok()?;
        let [temperature, effective, accepted, correlation] = *four else { return None };
        Some(Stage { temperature, effective, moves, accepted, correlation })
    };
    let stages = rest.get(2 + GROUPS..)?.chunks(4);
    let count = columns[0].len();
    (count > 0 && stages.len() == moves.len()).then_some(())?;
    Some(State {
        particles: whole("particles")?,
        doubled: u32::try_from(notes["doubled"].as_u64()?).ok()?,
        exact: notes["exact"].as_bool()?,
        settled: notes["settled"].as_bool()?,
        spread: rest[0],
        scale: rest[1],
        groups: rest[2..2 + GROUPS].to_vec(),
        draws: (0..count).map(draw).collect(),
        stages: moves.iter().zip(stages).map(stage).collect::<Option<_>>()?,
    })
}
