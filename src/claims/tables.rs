//! What came of claims, as tables for files.

use super::{Estimate, Judged, NAMED, Region, Report, RobustReport, SwitchReport, Tested};
use crate::experiment::Value;
use crate::model::Model;
use crate::stats::{Z95, wilson};
use crate::table::{Cells, Column, Field, Table, TableError};

/// A table while its rows are collected: columns of one kind each, in order.
struct Rows {
    columns: Vec<Column>,
    at: usize,
}

impl Rows {
    fn new(fields: Vec<Field>) -> Rows {
        let column = |field: Field| {
            let cells = Cells::empty(field.kind);
            Column::new(field, cells)
        };
        Rows { columns: fields.into_iter().map(column).collect(), at: 0 }
    }

    /// The next cell of the row; a cell of another kind than its column's is caught by the table.
    fn put(&mut self, cell: Cell) {
        let at = self.at % self.columns.len().max(1);
        self.at += 1;
        match (&mut self.columns[at].cells, cell) {
            (Cells::Text(list), Cell::Text(text)) => list.push(text),
            (Cells::Number(list), Cell::Number(number)) => list.push(number),
            (Cells::Integer(list), Cell::Integer(number)) => list.push(number),
            (Cells::Truth(list), Cell::Truth(truth)) => list.push(truth),
            _ => {}
        }
    }

    fn row(&mut self, cells: Vec<Cell>) {
        cells.into_iter().for_each(|cell| self.put(cell));
    }

    fn table(self, name: &str, description: &str) -> Result<Table, TableError> {
        Table::of(name, description, self.columns)
    }
}

enum Cell {
    Text(String),
    Number(f64),
    Integer(i64),
    Truth(Option<bool>),
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_string())
}

fn integer(n: u64) -> Cell {
    Cell::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}

/// `claims.csv`: one row per claim.
///
/// # Errors
/// None that a caller can cause.
pub fn claims(model: &Model, report: &Report) -> Result<Table, TableError> {
    let mut rows = Rows::new(vec![
        Field::text("claim", "the claim's name"),
        Field::text("ledger", "the statement of a list that the claim is one test of"),
        Field::text("verdict", "supported, contradicted, inconclusive or unchecked"),
        Field::number(
            "statistic",
            "the statistic that is compared; of comparative statics the \
                                    least-squares change over the range",
        ),
        Field::number("lo", "lower end of its 95 % interval"),
        Field::number("hi", "upper end"),
        Field::text(
            "interval",
            "how lo and hi were made: exact, wilson, tango, t, bca, order or none",
        ),
        Field::truth("sparse", "whether few runs differ from the others"),
        Field::number("threshold", "with what it is compared"),
        Field::number(
            "within",
            "how far from the threshold counts as equal to it; empty if unsaid",
        ),
        Field::integer("n", "runs the statistic rests on; the least of several statistics"),
        Field::integer("n_left_out", "runs in which an outcome it reads is empty"),
        Field::text("placebo_verdict", "the verdict if every seat plays at random"),
        Field::number("placebo_statistic", "the statistic if every seat plays at random"),
        Field::number("placebo_lo", "lower end of its 95 % interval"),
        Field::number("placebo_hi", "upper end"),
        Field::number("strategic", "statistic less placebo_statistic, paired run by run"),
        Field::number("strategic_lo", "lower end of its 95 % interval"),
        Field::number("strategic_hi", "upper end"),
        Field::text("comparison", "how statistic and threshold are compared"),
        Field::text("method", "test, statics (a statistic over a parameter's range) or unchecked"),
        Field::text("test", "the test as it is written"),
        Field::text("source", "the key of the source"),
        Field::text("where", "the place in the source"),
        Field::text("says", "the statement in plain words"),
        Field::text("note", "the file's remark"),
        Field::text("reason", "why it is unchecked or inconclusive, and what else to know"),
        Field::text("steps", "of comparative statics: the values over the range"),
        Field::text("represented_by", "the parts of the scenario that stand for it"),
    ]);
    for judged in &report.claims {
        rows.row(claim_row(model, judged));
    }
    rows.table("claims", "Claims and their verdicts: one row per claim.")
}

fn claim_row(model: &Model, judged: &Judged) -> Vec<Cell> {
    let claim = &model.claims[judged.claim];
    let tested = judged.tested.as_ref();
    let number = |get: fn(&Tested) -> f64| Cell::Number(tested.map_or(f64::NAN, get));
    let count = |get: fn(&Tested) -> u64| integer(tested.map_or(0, get));
    let placebo = tested.map_or("", |t| t.placebo.verdict.word());
    let mut reason = judged.reason.clone();
    let mut steps = Vec::new();
    if let Some(tested) = tested {
        reason.clone_from(&tested.real.reason);
        steps.extend(tested.real.steps.iter().map(f64::to_string));
    }
    vec![
        text(&claim.name),
        text(&claim.ledger),
        text(judged.verdict().word()),
        number(|t| t.real.estimate.value),
        number(|t| t.real.estimate.lo),
        number(|t| t.real.estimate.hi),
        text(tested.map_or("", |t| t.real.estimate.method.word())),
        Cell::Truth(tested.map(|t| t.real.estimate.sparse)),
        number(|t| t.threshold),
        number(|t| t.within.unwrap_or(f64::NAN)),
        count(|t| t.real.n),
        count(|t| t.real.left_out),
        text(placebo),
        number(|t| t.placebo.estimate.value),
        number(|t| t.placebo.estimate.lo),
        number(|t| t.placebo.estimate.hi),
        number(|t| t.strategic.value),
        number(|t| t.strategic.lo),
        number(|t| t.strategic.hi),
        text(tested.map_or("", |t| t.how.sign())),
        text(judged.method.word()),
        text(&claim.written),
        text(&claim.source),
        text(&claim.place),
        text(&claim.says),
        text(&claim.note),
        Cell::Text(reason),
        Cell::Text(steps.join("; ")),
        Cell::Text(claim.represented_by.join("; ")),
    ]
}

/// `switches.csv`: one row per switch and tested claim.
///
/// # Errors
/// None that a caller can cause.
pub fn switches(model: &Model, report: &SwitchReport) -> Result<Table, TableError> {
    let mut rows = Rows::new(vec![
        Field::text("switch", "what is set"),
        Field::text("claim", "the claim's name"),
        Field::truth("rests_on", "whether the file says that the claim rests on it"),
        Field::truth("moved", "whether the interval of the change leaves out 0"),
        Field::text("verdict", "the verdict as things are"),
        Field::text("switched_verdict", "the verdict under the switch"),
        Field::number("statistic", "the statistic as things are"),
        Field::number("switched_statistic", "the statistic under the switch"),
        Field::number("change", "switched_statistic less statistic, paired run by run"),
        Field::number("lo", "lower end of the 95 % interval of the change"),
        Field::number("hi", "upper end"),
        Field::integer("n_left_out", "runs under the switch in which an outcome it reads is empty"),
    ]);
    for (switch, claims) in &report.switches {
        for moved in claims {
            rows.row(vec![
                text(switch),
                text(&model.claims[moved.claim].name),
                Cell::Truth(Some(moved.rests)),
                Cell::Truth(Some(moved.moved())),
                text(moved.before.verdict.word()),
                text(moved.after.verdict.word()),
                Cell::Number(moved.before.estimate.value),
                Cell::Number(moved.after.estimate.value),
                Cell::Number(moved.change.value),
                Cell::Number(moved.change.lo),
                Cell::Number(moved.change.hi),
                integer(moved.after.left_out),
            ]);
        }
    }
    rows.table("switches", "What settings do to claims: one row per switch and tested claim.")
}

/// `robust.csv`: one row per tested claim. Intervals of shares are Wilson's, over points.
///
/// # Errors
/// None that a caller can cause.
pub fn robust(model: &Model, report: &RobustReport) -> Result<Table, TableError> {
    let mut fields = vec![
        Field::text("claim", "the claim's name"),
        Field::integer("points", "points of the declared ranges at which it was judged"),
    ];
    for (name, meaning) in [
        ("supported", "the share of points at which it is supported"),
        ("contradicted", "the share at which it holds the other way round"),
        ("no_effect_seen", "the share at which the runs show an effect neither way"),
    ] {
        fields.push(Field::number(name, meaning));
        fields.push(Field::number(format!("{name}_lo"), "lower end of its 95 % interval"));
        fields.push(Field::number(format!("{name}_hi"), "upper end"));
    }
    fields.extend([
        Field::number(
            "detectable",
            "half of the width of the interval at the median of the points without an effect: the \
             smallest distance from the threshold that the runs could have shown",
        ),
        Field::integer(
            "parameters",
            "how many of the parameters that vary are read by formulas that lead to what it reads",
        ),
        Field::number("luck", "the share of luck in the variance of a run over the ranges"),
    ]);
    for place in 1..=NAMED {
        let named = |name: &str| format!("{name}_{place}");
        let order = ["most", "second most", "third most"].get(place - 1).unwrap_or(&"next");
        let meaning = format!("the parameter that carries the claim {order}");
        fields.push(Field::text(named("parameter"), meaning));
        let meaning = "its share in the variance of the mean distance from the threshold (Shapley)";
        fields.push(Field::number(named("share"), meaning));
        fields.push(Field::number(named("lo"), "lower end of its 95 % interval"));
        fields.push(Field::number(named("hi"), "upper end"));
    }
    fields.push(Field::text("no_carrier", "why no parameter is named"));
    let mut rows = Rows::new(fields);
    for claim in &report.claims {
        let points = claim.supported + claim.contradicted + claim.unseen;
        let mut cells = vec![text(&model.claims[claim.claim].name), integer(points)];
        for n in [claim.supported, claim.contradicted, claim.unseen] {
            let (lo, hi) = wilson(n, points, Z95);
            cells.extend([n as f64 / points as f64, lo, hi].map(Cell::Number));
        }
        cells.push(Cell::Number(claim.detectable));
        cells.push(integer(claim.reads.iter().filter(|read| **read).count() as u64));
        cells.push(Cell::Number(claim.carried.luck));
        for place in 0..NAMED {
            let found = claim.carried.carriers.get(place);
            let number = |x: Option<f64>| Cell::Number(x.unwrap_or(f64::NAN));
            cells.push(text(found.map_or("", |c| &c.parameter)));
            cells.push(number(found.map(|c| c.share)));
            cells.extend([number(found.map(|c| c.lo)), number(found.map(|c| c.hi))]);
        }
        cells.push(text(&claim.carried.why));
        rows.row(cells);
    }
    rows.table("robust", "Claims over all declared ranges at once: one row per tested claim.")
}

/// `robust-boxes.csv`: one row per limit of a box in which a claim is mostly contradicted.
///
/// # Errors
/// None that a caller can cause.
pub fn robust_boxes(model: &Model, report: &RobustReport) -> Result<Table, TableError> {
    let mut rows = Rows::new(vec![
        Field::text("claim", "the claim's name"),
        Field::text("parameter", "what is limited"),
        Field::text("end", "which end: at least or at most"),
        Field::number("value", "the limit, which is inside"),
        Field::number("quasi_p", "binomial test of the box against the box without the limit"),
        Field::number("coverage", "share of the contradicted points that the box holds"),
        Field::number("density", "share of the box's points that are contradicted"),
        Field::number("held_coverage", "coverage among the points that did not find the box"),
        Field::number("held_density", "density among the points that did not find the box"),
        Field::number("held_lower", "lower end of its 95 % interval (Wilson)"),
    ]);
    for claim in &report.claims {
        for (region, limit) in
            claim.region.iter().flat_map(|r| r.limits.iter().map(move |limit| (r, limit)))
        {
            let mut cells = vec![
                text(&model.claims[claim.claim].name),
                text(&limit.parameter),
                text(if limit.upper { "at most" } else { "at least" }),
            ];
            let Region { coverage, density, held_coverage, held_density, held_lower, .. } = region;
            cells.extend([limit.value, limit.quasi_p].map(Cell::Number));
            let shares = [coverage, density, held_coverage, held_density, held_lower];
            cells.extend(shares.map(|x| Cell::Number(*x)));
            rows.row(cells);
        }
    }
    let text = "Where claims are mostly contradicted: one row per limit of a box of the ranges.";
    rows.table("robust-boxes", text)
}

/// `robust-points.csv`: one row per point.
///
/// # Errors
/// None that a caller can cause.
pub fn robust_points(model: &Model, report: &RobustReport) -> Result<Table, TableError> {
    let mut fields = vec![Field::integer("point", "the number of the point, from 0")];
    let textual = |axis: usize| {
        report.sheet.iter().any(|row| matches!(row.values.get(axis), Some(Value::Text(_))))
    };
    for (number, axis) in report.axes.iter().enumerate() {
        let meaning = "what varies, at this point";
        fields.push(match textual(number) {
            true => Field::text(axis, meaning),
            false => Field::number(axis, meaning),
        });
    }
    for claim in &report.claims {
        let name = &model.claims[claim.claim].name;
        let meaning = "the statistic of the claim at this point";
        fields.push(Field::number(format!("statistic[{name}]"), meaning));
        fields.push(Field::number(format!("lo[{name}]"), "lower end of its 95 % interval"));
        fields.push(Field::number(format!("hi[{name}]"), "upper end"));
        let meaning = "supported, contradicted or inconclusive";
        fields.push(Field::text(format!("verdict[{name}]"), meaning));
    }
    let mut rows = Rows::new(fields);
    for row in &report.sheet {
        let mut cells = vec![integer(row.point)];
        cells.extend(row.values.iter().enumerate().map(|(axis, value)| match value {
            value if textual(axis) => Cell::Text(value.to_string()),
            Value::Number(number) => Cell::Number(*number),
            Value::Text(_) => Cell::Number(f64::NAN),
        }));
        for (estimate, verdict) in &row.claims {
            let Estimate { value, lo, hi, .. } = *estimate;
            cells.extend([value, lo, hi].map(Cell::Number));
            cells.push(text(verdict.word()));
        }
        rows.row(cells);
    }
    let text = "Claims at every point of the declared ranges that was played: one row per point.";
    rows.table("robust-points", text)
}
