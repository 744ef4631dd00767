//! Scores as tables.

use std::sync::Arc;

use super::{Filtered, Likelihood, Row, Score};
use crate::calendar::Calendar;
use crate::history::History;
use crate::math;
use crate::model::{Model, SeatId};
use crate::record::Layout;
use crate::table::{Cells, Field, Schema, Table, TableError};

/// A probability in bits.
pub fn bits(p: f64) -> f64 {
    math::log(p) / std::f64::consts::LN_2
}

/// How a set of options of a seat is written: `court[ISLE] hold`; `any` of several.
pub fn set_label(model: &Model, seat: SeatId, set: &[bool]) -> String {
    let options = model.seats[seat].options().zip(set).filter(|(_, of)| **of);
    let labels: Vec<String> = options.map(|(option, _)| model.option_label(option)).collect();
    labels.join(" | ")
}

/// Rows of one table, column by column.
struct Rows<'a> {
    fields: Vec<Field>,
    cells: Vec<Cells>,
    history: &'a History,
    model: &'a Model,
}

impl<'a> Rows<'a> {
    /// `arm`, `history` where there are several, `round`, `date` where rounds have dates.
    fn new(model: &'a Model, history: &'a History) -> Rows<'a> {
        let mut fields = vec![Field::text("arm", "`base`, or the name of the variant")];
        if history.cases.len() > 1 {
            fields.push(Field::text("history", "which of the histories"));
        }
        fields.push(Field::integer("round", "the round, from 1").with_unit("rounds"));
        if Rows::dated(model, history) {
            fields.push(Field::text("date", "the first day of the round (ISO 8601)"));
        }
        let cells = fields.iter().map(|field| Cells::empty(field.kind)).collect();
        Rows { fields, cells, history, model }
    }

    fn dated(model: &Model, history: &History) -> bool {
        let own = |case: &crate::history::Case| case.start.is_some();
        model.names.calendar.is_some() || history.cases.iter().any(own)
    }

    fn with(mut self, fields: Vec<Field>) -> Self {
        self.cells.extend(fields.iter().map(|field| Cells::empty(field.kind)));
        self.fields.extend(fields);
        self
    }

    /// Begins a row; where its other cells go.
    fn key(&mut self, arm: &str, case: usize, round: u32) -> usize {
        let case = &self.history.cases[case];
        let mut at = 0;
        self.text(&mut at, arm);
        if self.history.cases.len() > 1 {
            self.text(&mut at, &case.name);
        }
        self.integer(&mut at, i64::from(round));
        if Rows::dated(self.model, self.history) {
            let calendar: Option<Calendar> = case.start.or(self.model.names.calendar);
            let date = calendar.map_or(String::new(), |c| c.date(round).to_string());
            self.text(&mut at, &date);
        }
        at
    }

    fn text(&mut self, at: &mut usize, text: &str) {
        if let Cells::Text(cells) = &mut self.cells[*at] {
            cells.push(text.to_string());
        }
        *at += 1;
    }

    fn integer(&mut self, at: &mut usize, value: i64) {
        if let Cells::Integer(cells) = &mut self.cells[*at] {
            cells.push(value);
        }
        *at += 1;
    }

    fn numbers(&mut self, at: &mut usize, values: &[f64]) {
        for value in values {
            if let Cells::Number(cells) = &mut self.cells[*at] {
                cells.push(*value);
            }
            *at += 1;
        }
    }

    fn table(self, name: &str, description: &str) -> Result<Table, TableError> {
        let schema: Arc<Schema> = Schema::new(name, description, self.fields)?;
        Table::new(&schema, self.cells)
    }
}

/// The tables `scores`, `filtered`, `types` (where there are any), `calibration` and `loglik`.
///
/// # Errors
/// [`TableError`] never, unless two actors share a name.
pub fn tables(
    model: &Model,
    history: &History,
    layout: &Layout,
    scores: &[Score],
) -> Result<Vec<Table>, TableError> {
    let mut all = vec![self::scores(model, history, scores)?];
    all.push(filtered(model, history, layout, scores)?);
    if !model.private.is_empty() {
        all.push(types(model, history, scores)?);
    }
    all.push(calibration(scores)?);
    if scores.iter().any(|score| !score.foresight.is_empty()) {
        all.push(foresight(model, history, scores)?);
    }
    let likelihoods = scores.iter().map(|score| (score.arm.as_str(), score.cases.as_slice()));
    all.push(loglik(model, history, likelihoods)?);
    Ok(all)
}

fn scores(model: &Model, history: &History, scores: &[Score]) -> Result<Table, TableError> {
    let p = |name: &str, meaning: &str| Field::number(name, meaning).with_unit("probability");
    let mut rows = Rows::new(model, history).with(vec![
        Field::text("actor", "who was seen"),
        Field::text("track", "on which track"),
        Field::text("observed", "what may have been played, options separated by ` | `"),
        p("probability", "how likely the record was given the records before the round"),
        Field::number("log_score", "log2 of that").with_unit("bits"),
        p("uniform", "the same for a uniform draw from what could be played"),
        p("frequency", "from the seat's own past counts, each option starting at 1/2"),
        p("frequency_1", "from the same counts, each option starting at 1 over their number"),
        p("persistence", "what was done last, with the chance with which it was kept so far"),
        Field::text("likeliest", "the option that was expected most"),
        p("likeliest_probability", "how likely that was"),
    ]);
    for (score, row) in scores.iter().flat_map(|s| s.rows.iter().map(move |row| (s, row))) {
        let Row { case, round, seat, set, probability, uniform, baseline, .. } = row;
        let likeliest = row.likeliest();
        let mut at = rows.key(&score.arm, *case, *round);
        let of = &model.seats[*seat];
        rows.text(&mut at, &model.names.actors[of.actor]);
        rows.text(&mut at, &model.tracks[of.track]);
        rows.text(&mut at, &set_label(model, *seat, set));
        rows.numbers(&mut at, &[*probability, bits(*probability), *uniform]);
        let known = [baseline.frequency, baseline.frequency_1, baseline.persistence];
        rows.numbers(&mut at, &known);
        rows.text(&mut at, &model.option_label(of.option(likeliest.0)));
        rows.numbers(&mut at, &[likeliest.1]);
    }
    rows.table("scores", "How likely every record of a seat was: one row per arm, round and seat.")
}

fn filtered(
    model: &Model,
    history: &History,
    layout: &Layout,
    scores: &[Score],
) -> Result<Table, TableError> {
    let mut rows = Rows::new(model, history).with(vec![
        Field::text("variable", "the name of the variable, as in trajectory.csv"),
        Field::number("mean", "its mean given the records up to the round"),
        Field::number("sd", "its standard deviation given them"),
        Field::number("q05", "its 5 % quantile"),
        Field::number("q25", "its 25 % quantile"),
        Field::number("median", "its median"),
        Field::number("q75", "its 75 % quantile"),
        Field::number("q95", "its 95 % quantile"),
    ]);
    for (score, row) in scores.iter().flat_map(|s| s.filtered.iter().map(move |row| (s, row))) {
        let Filtered { case, round, variable, mean, sd, quantiles } = row;
        let mut at = rows.key(&score.arm, *case, *round);
        rows.text(&mut at, &layout.variables[*variable]);
        rows.numbers(&mut at, &[*mean, *sd]);
        rows.numbers(&mut at, quantiles);
    }
    rows.table(
        "filtered",
        "Variables given the records up to each round: one row per arm, round and variable.",
    )
}

fn types(model: &Model, history: &History, scores: &[Score]) -> Result<Table, TableError> {
    let mut rows = Rows::new(model, history).with(vec![
        Field::text("actor", "whose type it is"),
        Field::text("type", "the type"),
        Field::text("observer", "who believes so; empty: what the record says"),
        Field::number("probability", "how likely the type is, or what the observer believes")
            .with_unit("probability"),
    ]);
    for (score, row) in scores.iter().flat_map(|s| s.types.iter().map(move |row| (s, row))) {
        let nobody = (None, row.probability);
        let believed = row.beliefs.iter().map(|(observer, p)| (Some(*observer), *p));
        for (observer, p) in std::iter::once(nobody).chain(believed) {
            let mut at = rows.key(&score.arm, row.case, row.round);
            rows.text(&mut at, &model.names.actors[row.actor]);
            rows.text(&mut at, &model.names.types[row.actor][row.kind]);
            let name = observer.map_or("", |observer| &model.names.actors[observer]);
            rows.text(&mut at, name);
            rows.numbers(&mut at, &[p]);
        }
    }
    rows.table(
        "types",
        "Private types given the records up to each round, beside what observers believe: one row \
         per arm, round, type and observer.",
    )
}

fn calibration(scores: &[Score]) -> Result<Table, TableError> {
    let fields = vec![
        Field::text("arm", "`base`, or the name of the variant"),
        Field::number("from", "predicted probabilities from here"),
        Field::number("to", "up to here"),
        Field::integer("n", "how many options of seats whose move is known had one"),
        Field::number("predicted", "their mean probability; empty without any"),
        Field::number("happened", "the share of them that was played; empty without any"),
    ];
    let bins = || scores.iter().flat_map(|s| s.calibration.iter().enumerate().map(move |b| (s, b)));
    let number = |of: &dyn Fn(usize, &super::Bin) -> f64| {
        Cells::Number(bins().map(|(_, (at, bin))| of(at, bin)).collect())
    };
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let cells = vec![
        Cells::Text(bins().map(|(score, _)| score.arm.clone()).collect()),
        number(&|at, _| at as f64 / 10.0),
        number(&|at, _| (at + 1) as f64 / 10.0),
        Cells::Integer(bins().map(|(_, (_, bin))| count(bin.count)).collect()),
        number(&|_, bin| bin.predicted / bin.count as f64),
        number(&|_, bin| bin.played as f64 / bin.count as f64),
    ];
    let about = "Predicted probabilities against what was played: one row per arm and tenth.";
    Table::new(&Schema::new("calibration", about, fields)?, cells)
}

fn foresight(model: &Model, history: &History, scores: &[Score]) -> Result<Table, TableError> {
    let p = |name: &str, meaning: &str| Field::number(name, meaning).with_unit("probability");
    let mut rows = Rows::new(model, history).with(vec![
        Field::integer("ahead", "within how many rounds after it").with_unit("rounds"),
        Field::text("actor", "whose move it is"),
        Field::text("track", "on which track"),
        Field::text("move", "the move"),
        p("probability", "how likely it was that it is made at least once"),
        p("uniform", "the same for uniform draws from what could be played"),
        p("frequency", "from the seat's own past counts, each option starting at 1/2"),
        p("frequency_1", "from the same counts, each option starting at 1 over their number"),
        p("persistence", "by the chain of what was done last"),
        Field::integer("happened", "1 if it was made, else 0"),
    ]);
    let all = scores.iter().flat_map(|s| s.foresight.iter().map(move |row| (s, row)));
    for (score, row) in all {
        let mut at = rows.key(&score.arm, row.case, row.origin);
        let of = &model.seats[row.seat];
        rows.integer(&mut at, i64::from(row.ahead));
        rows.text(&mut at, &model.names.actors[of.actor]);
        rows.text(&mut at, &model.tracks[of.track]);
        rows.text(&mut at, &model.names.moves[row.action].name);
        let known = [row.baseline.frequency, row.baseline.frequency_1, row.baseline.persistence];
        rows.numbers(&mut at, &[row.probability, row.uniform]);
        rows.numbers(&mut at, &known);
        rows.integer(&mut at, i64::from(row.happened));
    }
    rows.table(
        "foresight",
        "Forecasts from earlier rounds and what followed: one row per arm, origin (`round`), reach \
         and move.",
    )
}

/// The table `loglik` of some arms, each with its cases.
///
/// # Errors
/// [`TableError`] never.
pub fn loglik<'a>(
    model: &Model,
    history: &History,
    arms: impl Iterator<Item = (&'a str, &'a [Likelihood])>,
) -> Result<Table, TableError> {
    let mut rows = Rows::new(model, history).with(vec![
        Field::number("increment", "what the round adds to the log likelihood; empty: impossible")
            .with_unit("nats"),
        Field::number("ess", "the effective number of particles, as a mean over filters"),
        Field::integer("resampled", "how many filters were resampled after the round"),
    ]);
    for (arm, cases) in arms {
        for (case, found) in cases.iter().enumerate() {
            let turns = found.rounds.iter().zip(found.increments());
            for (number, (turn, increment)) in turns.enumerate() {
                let mut at = rows.key(arm, case, number as u32 + 1);
                let increment = if increment.is_finite() { increment } else { f64::NAN };
                rows.numbers(&mut at, &[increment, turn.effective]);
                rows.integer(&mut at, turn.resampled as i64);
            }
        }
    }
    rows.table("loglik", "The log likelihood round by round: one row per arm and round.")
}
