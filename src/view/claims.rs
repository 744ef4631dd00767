//! Claims and how they came out, whether they were just judged or were read from a folder.

use crate::claims::{Method, NAMED};
use crate::table::{Cells, Table};

pub use crate::claims::Verdict;

/// The note that says whether verdicts are adjusted for the number of claims.
pub const FAMILY_WISE: &str = "family_wise";
/// The note that says how the space of assumptions was explored.
pub const ROBUST: &str = "robust";
/// The note that says how many arms were played.
pub const ARMS: &str = "arms";
/// How the names of remarks begin.
pub const NOTE: &str = "note_";
/// The tables that are shown.
pub const TABLES: [&str; 4] = ["claims", "switches", "robust", "robust-boxes"];

/// What made the results.
#[derive(Debug, Clone)]
pub struct MadeBy {
    /// The scenario's name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// The seed.
    pub seed: u64,
    /// Runs of each arm.
    pub runs: u64,
    /// The command.
    pub command: String,
    /// Names and texts of what else there is to know.
    pub notes: Vec<(String, String)>,
}

/// Everything that is shown.
#[derive(Debug)]
pub struct Page {
    /// What made it.
    pub made_by: MadeBy,
    /// How many arms were played, those of the placebo among them.
    pub arms: Option<u64>,
    /// Whether verdicts are adjusted for the number of claims.
    pub family_wise: bool,
    /// How the space of assumptions was explored; empty if it was not.
    pub explored: String,
    /// Remarks for readers.
    pub remarks: Vec<String>,
    /// Every claim.
    pub claims: Vec<Claim>,
    /// What settings do to tested claims, by setting.
    pub switches: Vec<Switched>,
    /// Tested claims over all declared ranges.
    pub robust: Vec<Robust>,
    /// The same as tables, with all their columns.
    pub tables: Vec<Table>,
}

/// A number with its interval; all not-a-number where there is none.
#[derive(Debug, Clone, Copy)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end of its interval.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

impl Estimate {
    /// Whether it has an interval with two ends.
    pub fn is_bounded(&self) -> bool {
        self.lo.is_finite() && self.hi.is_finite()
    }

    /// Half of the width of the interval.
    pub fn reach(&self) -> f64 {
        (self.hi - self.lo) / 2.0
    }

    /// Whether the interval leaves out 0.
    pub fn is_not_zero(&self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }
}

/// A claim.
#[derive(Debug)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// The statement in plain words.
    pub says: String,
    /// The key of its source; may be empty.
    pub source: String,
    /// The place in the source; may be empty.
    pub place: String,
    /// The parts of the scenario that stand for it.
    pub represented_by: Vec<String>,
    /// Whether it has a test.
    pub has_test: bool,
    /// The test as it is written.
    pub test: String,
    /// How it came out.
    pub verdict: Verdict,
    /// Why it is unchecked or inconclusive, and what else to know; may be empty.
    pub reason: String,
    /// The statistic that is compared.
    pub statistic: Estimate,
    /// The sign by which it is compared.
    pub comparison: String,
    /// With what.
    pub threshold: f64,
    /// Of comparative statics: the values over the range.
    pub steps: Vec<f64>,
    /// The verdict if every seat plays at random; none for a claim without a test.
    pub placebo_verdict: Option<Verdict>,
    /// The statistic if every seat plays at random.
    pub placebo: f64,
    /// The statistic less that at random.
    pub strategic: Estimate,
}

impl Claim {
    /// Whether play at random gives the verdict too.
    pub fn same_at_random(&self) -> bool {
        self.placebo_verdict == Some(self.verdict)
    }
}

/// What a setting does to a claim.
#[derive(Debug)]
pub struct Switched {
    /// The setting.
    pub switch: String,
    /// The claim.
    pub claim: String,
    /// Whether the file says that the claim rests on it.
    pub rests_on: bool,
    /// Whether the interval of the change leaves out 0.
    pub moved: bool,
    /// The verdict as things are.
    pub before: Verdict,
    /// The verdict under the switch.
    pub after: Verdict,
    /// The statistic as things are.
    pub statistic: f64,
    /// What the switch adds to it.
    pub change: Estimate,
}

/// A claim over all declared ranges. Shares of points have Wilson's intervals.
#[derive(Debug)]
pub struct Robust {
    /// The claim.
    pub claim: String,
    /// The share of points at which it is supported.
    pub supported: Estimate,
    /// The share at which it holds the other way round.
    pub contradicted: Estimate,
    /// The share at which the runs show an effect neither way.
    pub no_effect_seen: Estimate,
    /// The smallest distance from the threshold that the runs could have shown.
    pub detectable: f64,
    /// The share of luck in the variance of a run.
    pub luck: f64,
    /// The parameters that carry it, the greatest first.
    pub carriers: Vec<Carrier>,
    /// Why there is none; may be empty.
    pub no_carrier: String,
    /// Where it is contradicted, if a box stands.
    pub region: Option<Region>,
}

/// A parameter that carries a claim.
#[derive(Debug)]
pub struct Carrier {
    /// The parameter.
    pub parameter: String,
    /// Its share in the variance of the mean distance from the threshold.
    pub share: Estimate,
}

/// A box in which a claim is mostly contradicted. All numbers but the limits are shares.
#[derive(Debug)]
pub struct Region {
    /// Parameters, whether the limit is an upper one, and the limit.
    pub limits: Vec<(String, bool, f64)>,
    /// The share of the contradicted points that it holds.
    pub coverage: f64,
    /// The share of its points that are contradicted.
    pub density: f64,
    /// The same among the points that did not find it.
    pub held_coverage: f64,
    /// The same among the points that did not find it.
    pub held_density: f64,
    /// The lower end of the interval of that.
    pub held_lower: f64,
}

impl Page {
    /// What is shown of the tables of a command, those of [`TABLES`].
    pub fn of(made_by: MadeBy, tables: &[Table]) -> Page {
        let named = |name: &&str| tables.iter().find(|t| t.schema().name() == *name).cloned();
        let tables: Vec<Table> = TABLES.iter().filter_map(named).collect();
        let rows = |name: &str| {
            let table = tables.iter().find(|t| t.schema().name() == name);
            let numbers = table.map_or(0..0, |t| 0..t.rows());
            numbers.filter_map(move |number| Some(Row { table: table?, number }))
        };
        let note = |name: &str| made_by.notes.iter().find(|(n, _)| n == name);
        let note = |name: &str| note(name).map_or("", |(_, text)| text.as_str());
        let remarks = made_by.notes.iter().filter(|(name, _)| name.starts_with(NOTE));
        Page {
            arms: note(ARMS).parse().ok(),
            family_wise: note(FAMILY_WISE) == "true",
            explored: note(ROBUST).to_string(),
            remarks: remarks.map(|(_, text)| text.clone()).collect(),
            claims: rows("claims").map(claim).collect(),
            switches: rows("switches").map(switched).collect(),
            robust: rows("robust")
                .map(|row| robust(row, rows("robust-boxes").collect::<Vec<_>>()))
                .collect(),
            tables,
            made_by,
        }
    }

    /// The same with these claims only.
    pub fn keep(self, names: &[&str]) -> Page {
        let tables: Vec<Table> = self.tables.iter().map(|table| kept(table, names)).collect();
        Page::of(self.made_by, &tables)
    }

    /// How the claims came out.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for claim in &self.claims {
            tally.claims += 1;
            match claim.verdict {
                Verdict::Supported => tally.supported += 1,
                Verdict::Contradicted => tally.contradicted += 1,
                Verdict::Inconclusive => tally.inconclusive += 1,
                Verdict::Unchecked => tally.unchecked += 1,
            }
            let shared = claim.verdict.decided() && claim.same_at_random();
            tally.shared += usize::from(shared);
            tally.strategic += usize::from(claim.strategic.is_not_zero());
        }
        tally
    }
}

/// A row of a table; columns that are not there are empty.
#[derive(Clone, Copy)]
struct Row<'t> {
    table: &'t Table,
    number: usize,
}

impl Row<'_> {
    fn text(self, name: &str) -> String {
        match self.table.column(name) {
            Some(Cells::Text(list)) => list.get(self.number).cloned().unwrap_or_default(),
            _ => String::new(),
        }
    }

    fn number(self, name: &str) -> f64 {
        match self.table.column(name) {
            Some(Cells::Number(list)) => list.get(self.number).copied().unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }

    fn truth(self, name: &str) -> bool {
        match self.table.column(name) {
            Some(Cells::Truth(list)) => list.get(self.number).copied().flatten().unwrap_or(false),
            _ => false,
        }
    }

    fn verdict(self, name: &str) -> Option<Verdict> {
        Verdict::named(&self.text(name))
    }

    fn estimate(self, value: &str, lo: &str, hi: &str) -> Estimate {
        Estimate { value: self.number(value), lo: self.number(lo), hi: self.number(hi) }
    }

    fn list(self, name: &str) -> Vec<String> {
        let text = self.text(name);
        text.split("; ").filter(|part| !part.is_empty()).map(str::to_string).collect()
    }
}

fn claim(row: Row<'_>) -> Claim {
    let steps = row.list("steps");
    Claim {
        name: row.text("claim"),
        says: row.text("says"),
        source: row.text("source"),
        place: row.text("where"),
        represented_by: row.list("represented_by"),
        has_test: row.text("method") != Method::Unchecked.word(),
        test: row.text("test"),
        verdict: row.verdict("verdict").unwrap_or(Verdict::Unchecked),
        reason: row.text("reason"),
        statistic: row.estimate("statistic", "lo", "hi"),
        comparison: row.text("comparison"),
        threshold: row.number("threshold"),
        steps: steps.iter().filter_map(|step| step.parse().ok()).collect(),
        placebo_verdict: row.verdict("placebo_verdict"),
        placebo: row.number("placebo_statistic"),
        strategic: row.estimate("strategic", "strategic_lo", "strategic_hi"),
    }
}

fn switched(row: Row<'_>) -> Switched {
    Switched {
        switch: row.text("switch"),
        claim: row.text("claim"),
        rests_on: row.truth("rests_on"),
        moved: row.truth("moved"),
        before: row.verdict("verdict").unwrap_or(Verdict::Unchecked),
        after: row.verdict("switched_verdict").unwrap_or(Verdict::Unchecked),
        statistic: row.number("statistic"),
        change: row.estimate("change", "lo", "hi"),
    }
}

fn robust(row: Row<'_>, boxes: Vec<Row<'_>>) -> Robust {
    let carrier = |place: usize| {
        let of = |name: &str| format!("{name}_{place}");
        let parameter = row.text(&of("parameter"));
        let share = row.estimate(&of("share"), &of("lo"), &of("hi"));
        (!parameter.is_empty()).then_some(Carrier { parameter, share })
    };
    let share = |name: &str| row.estimate(name, &format!("{name}_lo"), &format!("{name}_hi"));
    let claim = row.text("claim");
    let own = || boxes.iter().filter(|limit| limit.text("claim") == claim);
    let region = own().next().map(|first| Region {
        limits: own()
            .map(|l| (l.text("parameter"), l.text("end") == "at most", l.number("value")))
            .collect(),
        coverage: first.number("coverage"),
        density: first.number("density"),
        held_coverage: first.number("held_coverage"),
        held_density: first.number("held_density"),
        held_lower: first.number("held_lower"),
    });
    Robust {
        supported: share("supported"),
        contradicted: share("contradicted"),
        no_effect_seen: share("no_effect_seen"),
        detectable: row.number("detectable"),
        luck: row.number("luck"),
        carriers: (1..=NAMED).filter_map(carrier).collect(),
        no_carrier: row.text("no_carrier"),
        region,
        claim,
    }
}

/// The rows of these claims.
fn kept(table: &Table, names: &[&str]) -> Table {
    let row = |number| names.contains(&Row { table, number }.text("claim").as_str());
    let keep: Vec<usize> = (0..table.rows()).filter(|number| row(*number)).collect();
    fn of<T: Clone>(list: &[T], keep: &[usize]) -> Vec<T> {
        keep.iter().filter_map(|number| list.get(*number).cloned()).collect()
    }
    let columns = table.columns().map(|(_, cells)| match cells {
        Cells::Text(list) => Cells::Text(of(list, &keep)),
        Cells::Integer(list) => Cells::Integer(of(list, &keep)),
        Cells::Number(list) => Cells::Number(of(list, &keep)),
        Cells::Truth(list) => Cells::Truth(of(list, &keep)),
    });
    // invariant: columns are as many and of the same kinds, and all as long as `keep`
    Table::new(table.schema(), columns.collect()).unwrap_or_else(|_| table.clone())
}

/// How many claims came out how.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// All claims.
    pub claims: usize,
    /// Supported ones.
    pub supported: usize,
    /// Contradicted ones.
    pub contradicted: usize,
    /// Tested ones that the runs do not decide.
    pub inconclusive: usize,
    /// Untested ones.
    pub unchecked: usize,
    /// Decided ones with the same verdict at random.
    pub shared: usize,
    /// Tested ones whose strategic part is distinguishable from 0.
    pub strategic: usize,
}

impl Tally {
    /// How many were tested.
    pub fn tested(&self) -> usize {
        self.claims - self.unchecked
    }

    /// How many are decided.
    pub fn decided(&self) -> usize {
        self.supported + self.contradicted
    }
}
