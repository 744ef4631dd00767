//! `[claims]` and `[experiments]`: what is tested and what is swept.

mod parts;
mod sides;

use sides::Sides;

use super::build::Build;
use super::draft::{Draft, texts};
use super::limits::{MAX_ENTRIES, section};
use super::read_context::{Fields, short};
use super::settings::paths;
use super::tree::{Entry, Item, Table, Value};
use super::vary::{self, Values};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::expr::{Comparison, Source};
use crate::model::limits::{POINTS, RUNS};
use crate::model::{Claim, ClaimTest, Experiment, Outcome, Statics};

/// The designs of an experiment.
const DESIGNS: &[(&str, &str)] =
    &[("grid", "grid"), ("lhs", "lhs"), ("sobol", "sobol"), ("random", "random")];

impl Build<'_, '_> {
    /// All claims; `outcomes` are those of the file.
    pub fn claims(&mut self, root: &Table, draft: &Draft, outcomes: &[Outcome]) -> Vec<Claim> {
        let mut all = Vec::new();
        for entry in section(root, "claims", MAX_ENTRIES, self.desk) {
            self.desk.identifier(&entry.key, "a claim", true);
            let Some(table) = self.desk.table(entry) else { continue };
            let what = format!("the claim `{}`", entry.name());
            let mut fields = Fields::new(table, entry.place(), what);
            let says = fields.need("says", self.desk);
            let mut claim = Claim {
                name: entry.name().to_string(),
                says: self.desk.text(says),
                source: self.desk.citation(fields.take("source"), &draft.citable),
                place: self.desk.text(fields.take("where")),
                note: self.desk.text(fields.take("note")),
                ledger: self.desk.text(fields.take("ledger")),
                span: entry.place(),
                ..Claim::default()
            };
            claim.represented_by = self.represented(fields.take("represented_by"), draft);
            claim.rests_on = self.rests_on(fields.take("rests_on"));
            self.way(&mut fields, draft, outcomes, &mut claim);
            fields.finish(self.desk);
            all.push(claim);
        }
        all
    }

    /// The one way in which a claim is tested.
    fn way(&mut self, fields: &mut Fields, draft: &Draft, outcomes: &[Outcome], claim: &mut Claim) {
        let test = fields.take("test");
        let statistic = fields.take("statistic");
        let directions = [(true, fields.take("rises_with")), (false, fields.take("falls_with"))];
        let unchecked = fields.take("unchecked");
        let within = fields.take("within");
        let ways = [test, statistic, unchecked];
        let mut given = ways.into_iter().flatten();
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            let text = "a claim is tested in one way";
            self.desk.report.push(
                Diagnostic::new(Code::Claim, second.place(), text)
                    .label(first.place(), "the first")
                    .help("give one of `test`, `statistic` and `unchecked`"),
            );
            return;
        }
        if let (Some(entry), None) = (within, test) {
            let text =
                "`within` says how close the sides of a `test` have to be, and there is none";
            self.desk.error(Code::Claim, entry.place(), text);
        }
        let side = Sides { draft, outcomes };
        let directions: Vec<_> =
            directions.into_iter().filter_map(|(rises, e)| e.map(|e| (rises, e))).collect();
        if let Some(entry) = statistic {
            let Some(source) = self.desk.source(&entry.item, "statistic") else { return };
            let found = side.statistic(source, self.desk);
            let [(rises, with)] = directions.as_slice() else {
                let text = "a statistic is said to rise or to fall with one parameter";
                self.desk.report.push(
                    Diagnostic::new(Code::Claim, entry.place(), text)
                        .help("give one of `rises_with` and `falls_with`"),
                );
                return;
            };
            let Some((key, cells, range)) = self.over(with, draft) else { return };
            let word = if *rises { "rises with" } else { "falls with" };
            claim.written = format!("{} {word} {key} = {}:{}", source.text(), range.0, range.1);
            if let Some(side) = found {
                claim.way = ClaimTest::Statics(Statics { side, rises: *rises, key, cells, range });
            }
            return;
        }
        if let Some((_, with)) = directions.first() {
            let text = format!("`{}` says with what, and nothing says what moves", with.name());
            self.desk.report.push(
                Diagnostic::new(Code::Claim, with.place(), text)
                    .help("add `statistic = \"mean(x)\"`"),
            );
        }
        if let Some(source) = test.and_then(|e| self.desk.source(&e.item, "test")) {
            claim.written = source.text().to_string();
            if let Some(mut test) = side.test(source, self.desk) {
                test.within = within.and_then(|entry| self.within(entry, test.how));
                claim.way = ClaimTest::Test(test);
            }
        }
        if let Some(source) = unchecked.and_then(|e| self.desk.source(&e.item, "unchecked")) {
            if source.text().trim().is_empty() {
                let text = "`unchecked` says why the claim cannot be tested here";
                self.desk.error(Code::BadValue, source.whole(), text);
            }
            claim.way = ClaimTest::Unchecked(source.text().to_string());
        }
    }

    /// How far apart the sides of a test may be: a number above 0, for comparisons that hold at
    /// equality.
    fn within(&mut self, entry: &Entry, how: Comparison) -> Option<f64> {
        let number = self.desk.number(&entry.item, "within")?;
        if !(number > 0.0 && number.is_finite()) {
            let text = format!("`within` is a number above 0, found {number}");
            self.desk.error(Code::BadValue, entry.item.span, text);
            return None;
        }
        if matches!(how, Comparison::Less | Comparison::Greater) {
            let sign = how.sign();
            let text = format!("`{sign}` leaves out equality, so that `within` means nothing");
            self.desk.report.push(
                Diagnostic::new(Code::Claim, entry.place(), text)
                    .help("use `==`, `!=`, `<=` or `>=`, or leave out `within`"),
            );
            return None;
        }
        Some(number)
    }

    pub fn experiments(&mut self, root: &Table, draft: &Draft) -> Vec<Experiment> {
        let mut all = Vec::new();
        for entry in section(root, "experiments", MAX_ENTRIES, self.desk) {
            self.desk.identifier(&entry.key, "an experiment", true);
            let Some(table) = self.desk.table(entry) else { continue };
            let what = format!("the experiment `{}`", entry.name());
            let mut fields = Fields::new(table, entry.place(), what);
            self.desk.text(fields.take("title"));
            self.desk.text(fields.take("note"));
            let vary = fields.take("vary");
            let uncertain =
                fields.take("uncertain").and_then(|e| self.desk.flag(e)).unwrap_or(false);
            let design = fields.take("design");
            let design = match design {
                Some(e) => self.experiment_word(&e.item),
                None if uncertain => Some("sobol"),
                None => Some("grid"),
            };
            let points = fields.take("points").and_then(|e| self.desk.limited(e, POINTS));
            let runs = fields.take("runs").and_then(|e| self.desk.limited(e, RUNS));
            for item in vary.and_then(|e| self.desk.list(e)).unwrap_or_default() {
                if let Some(source) = self.desk.source(item, "vary") {
                    self.varied(source, draft, design == Some("grid"));
                }
            }
            let vary = texts(vary, self.desk);
            if vary.is_empty() && !uncertain {
                let text = format!("the experiment `{}` varies nothing", entry.name());
                self.desk.report.push(
                    Diagnostic::new(Code::Experiment, entry.place(), text)
                        .help("give `vary = [\"name = lo:hi:n\"]` or `uncertain = true`"),
                );
            }
            fields.finish(self.desk);
            all.push(Experiment {
                name: entry.name().to_string(),
                vary,
                uncertain,
                design: design.unwrap_or("grid").to_string(),
                points,
                runs,
                span: entry.place(),
            });
        }
        all
    }

    fn experiment_word(&mut self, item: &Item) -> Option<&'static str> {
        let source = self.desk.source(item, "design")?;
        let found = DESIGNS.iter().find(|(w, _)| *w == source.text()).map(|(_, d)| *d);
        if found.is_none() {
            let text = format!("there is no design `{}`", short(source.text()));
            let known = DESIGNS.iter().map(|(w, _)| *w);
            let help = nearest(source.text(), known.clone()).unwrap_or_else(|| {
                format!("the designs are {}", known.collect::<Vec<_>>().join(", "))
            });
            let diagnostic = Diagnostic::new(Code::Experiment, source.whole(), text).help(help);
            self.desk.report.push(diagnostic);
        }
        found
    }

    /// One thing that varies: each end of a range and each value of a list can be set.
    fn varied(&mut self, source: &Source, draft: &Draft, grid: bool) {
        let written = match vary::read(source) {
            Ok(written) => written,
            Err(diagnostic) => {
                self.desk.report.push(diagnostic);
                return;
            }
        };
        self.desk.mention(written.key.text());
        if written.key.text() == "variant" {
            for value in &written.words {
                let known = draft.variants.iter().map(String::as_str).chain(["base"]);
                if !known.clone().any(|v| v == value.text) {
                    self.desk.unknown("variant", &short(&value.text), value.span, known);
                }
            }
            return;
        }
        if let (true, Values::Range { count: None, .. }) = (grid, &written.values) {
            let text = "a grid needs to know how many values a range has";
            let wrong = Diagnostic::new(Code::Experiment, written.place.whole(), text);
            self.desk.report.push(wrong.help("write `lo:hi:n`, or take the design sobol or lhs"));
        }
        for value in &written.words {
            let inner = Source::verbatim(value.text.clone(), value.span.start);
            let place = match written.values {
                Values::Range { .. } => &written.place,
                Values::List(_) => &inner,
            };
            self.varied_key(&written.key, plain(&inner), place);
        }
    }

    /// Checks that a key of `vary` can be set to a value.
    fn varied_key(&mut self, key: &Source, value: Value, place: &Source) {
        let entry = Entry { key: key.clone(), item: Item { value, span: place.whole() } };
        for path in paths(&entry) {
            self.change(&path);
        }
    }
}

/// The value that a text on a command line stands for: a number, a truth value, or a text.
pub(super) fn plain(source: &Source) -> Value {
    match source.text().trim() {
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        text => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => Value::Text(source.clone()),
        },
    }
}
