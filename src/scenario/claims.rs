//! `[claims]` and `[experiments]`: what is tested and what is swept.

mod parts;
mod sides;

use sides::Sides;

use super::build::Build;
use super::desk::{Fields, clip};
use super::draft::{Draft, texts};
use super::limits::{MAX_ENTRIES, section};
use super::settings::paths;
use super::tree::{Entry, Item, Table, Value};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::expr::Source;
use crate::model::{Claim, Experiment, Outcome, Statics, Way};

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
                claim.way = Way::Statics(Statics { side, rises: *rises, key, cells, range });
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
            if let Some(test) = side.test(source, self.desk) {
                claim.way = Way::Test(test);
            }
        }
        if let Some(source) = unchecked.and_then(|e| self.desk.source(&e.item, "unchecked")) {
            if source.text().trim().is_empty() {
                let text = "`unchecked` says why the claim cannot be tested here";
                self.desk.error(Code::BadValue, source.whole(), text);
            }
            claim.way = Way::Unchecked(source.text().to_string());
        }
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
            let points = fields.take("points").and_then(|e| self.desk.whole(e, 1, 100_000_000));
            let runs = fields.take("runs").and_then(|e| self.desk.whole(e, 1, 100_000_000));
            for item in vary.and_then(|e| self.desk.list(e)).unwrap_or_default() {
                if let Some(source) = self.desk.source(item, "vary") {
                    self.varied(source, draft);
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
            let text = format!("there is no design `{}`", clip(source.text()));
            let known = DESIGNS.iter().map(|(w, _)| *w);
            let help = nearest(source.text(), known.clone()).unwrap_or_else(|| {
                format!("the designs are {}", known.collect::<Vec<_>>().join(", "))
            });
            let diagnostic = Diagnostic::new(Code::Experiment, source.whole(), text).help(help);
            self.desk.report.push(diagnostic);
        }
        found
    }

    /// `name = lo:hi:n` or `name = a, b, c`.
    fn varied(&mut self, source: &Source, draft: &Draft) {
        let text = source.text();
        let help = "the form is `name = lo:hi:n` or `name = a, b, c`";
        let Some(at) = text.find('=') else {
            let diagnostic =
                Diagnostic::new(Code::Experiment, source.whole(), "nothing is varied here");
            self.desk.report.push(diagnostic.help(help));
            return;
        };
        let (key, values) = (trimmed(source, 0, at), trimmed(source, at + 1, text.len()));
        self.desk.mention(key.text());
        if key.text() == "variant" {
            for value in super::keys::split(&values) {
                let known = draft.variants.iter().map(String::as_str).chain(["base"]);
                if !known.clone().any(|v| v == value.text) {
                    self.desk.unknown("variant", &clip(&value.text), value.span, known);
                }
            }
            return;
        }
        let pieces: Vec<&str> = values.text().split(':').map(str::trim).collect();
        if let [lo, hi, count] = pieces.as_slice() {
            let ends = (lo.parse::<f64>(), hi.parse::<f64>());
            let count = count.parse::<u64>().ok().filter(|n| (2..=1_000_000).contains(n));
            let fine = matches!(ends, (Ok(a), Ok(b)) if a.is_finite() && b.is_finite() && a < b);
            if !fine || count.is_none() {
                let text = format!("`{}` is not a range of values", clip(values.text()));
                self.desk.report.push(
                    Diagnostic::new(Code::Experiment, values.whole(), text)
                        .help("`lo:hi:n` has lo below hi and n at least 2"),
                );
            }
            for end in [lo, hi] {
                self.varied_key(&key, end.parse().ok().map_or(Value::Date, Value::Number), &values);
            }
            return;
        }
        if pieces.len() != 1 || values.text().is_empty() {
            let text = format!("`{}` is not a list of values", clip(values.text()));
            let diagnostic = Diagnostic::new(Code::Experiment, values.whole(), text);
            self.desk.report.push(diagnostic.help(help));
            return;
        }
        for value in super::keys::split(&values) {
            let inner = Source::verbatim(value.text.clone(), value.span.start);
            self.varied_key(&key, plain(&inner), &inner);
        }
    }

    /// Checks that a key of `vary` can be set to a value.
    fn varied_key(&mut self, key: &Source, value: Value, place: &Source) {
        let value = if matches!(value, Value::Date) { Value::Number(0.0) } else { value };
        let entry = Entry { key: key.clone(), item: Item { value, span: place.whole() } };
        for path in paths(&entry) {
            self.change(&path);
        }
    }
}

fn trimmed(source: &Source, start: usize, end: usize) -> Source {
    let text = source.text().get(start..end).unwrap_or_default();
    let front = text.len() - text.trim_start().len();
    let back = text.trim_end().len().max(front);
    source.slice(start + front, start + back)
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
