//! The tables that `run` prints: one per arm.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use detente::experiment::Report;
use detente::model::Model;
use detente::number::{count, fixed, places, three};
use detente::stats::{Interval, Method};
use detente::summary::{ArmResult, Difference, OutcomeResult, OutcomeScale, Taken};

/// A histogram takes so many characters at most.
const SPARK: usize = 10;
/// Heights of its bars.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What the tables show.
#[derive(Debug)]
pub struct Shown {
    /// Outcomes by number among those of the results, in this order.
    pub outcomes: Vec<usize>,
    /// The seed.
    pub seed: u64,
    /// The greatest number of rounds of any arm.
    pub rounds: u32,
    /// Whether results are written to files too.
    pub files: bool,
    /// Whether they hold every run.
    pub per_run: bool,
}

/// Everything `run` prints about finished runs.
pub fn tabulate(model: &Model, report: &Report, shown: &Shown) -> String {
    let about = &model.about;
    let colon = if about.title.is_empty() { "" } else { ": " };
    let mut text = format!("{}{colon}{}\n", about.name, about.title);
    let unit = if about.round.is_empty() { "round" } else { &about.round };
    let lines = lines(report, shown);
    text.push_str(&format!(
        "{}, {} each, {}, seed {}; brackets are 95 % intervals\n",
        count(report.results.arms.len() as u64, "arm"),
        count(report.runs, "run"),
        count(u64::from(shown.rounds), unit),
        shown.seed,
    ));
    for (number, arm) in report.results.arms.iter().enumerate() {
        text.push_str(&format!("\n{}\n", heading(model, &arm.name)));
        let compared = number != report.results.versus;
        text.push_str(&table(report, arm, compared, &lines));
    }
    text.push('\n');
    text.push_str(&rest(report, shown));
    text.push_str(&legend(report, &lines));
    for note in notes(report, &lines) {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

/// The outcomes of the tables' lines by number. Where a `first` has no value in some run of some
/// arm, two lines follow it that lose no run.
fn lines(report: &Report, shown: &Shown) -> Vec<usize> {
    let mut lines = Vec::with_capacity(shown.outcomes.len());
    for number in shown.outcomes.iter().copied() {
        lines.push(number);
        if empty(report, number).next().is_some() {
            let made = |scale: &OutcomeScale| match scale.taken {
                Taken::AsItIs(_) => false,
                Taken::Ever(of) | Taken::Restricted(of) => of == number,
            };
            let scales = report.results.outcomes.iter().enumerate();
            let more = scales.filter(|(_, scale)| made(scale)).map(|(number, _)| number);
            lines.extend(more.filter(|number| !shown.outcomes.contains(number)));
        }
    }
    lines
}

/// The arms in which an outcome has no value in some runs that did not fail, and in how many.
fn empty(report: &Report, number: usize) -> impl Iterator<Item = (&str, u64)> {
    report.results.arms.iter().filter_map(move |arm| {
        // failed runs are reported on their own
        let left = arm.outcomes.get(number)?.left_out.saturating_sub(arm.failed);
        (left > 0).then_some((arm.name.as_str(), left))
    })
}

/// How many outcomes are not shown, and how to see them.
fn rest(report: &Report, shown: &Shown) -> String {
    let scales = report.results.outcomes.iter().enumerate();
    let own = scales.filter(|(_, scale)| matches!(scale.taken, Taken::AsItIs(_)));
    let left = own.filter(|(number, _)| !shown.outcomes.contains(number)).count();
    if left == 0 {
        return String::new();
    }
    let place = match (shown.files, shown.per_run) {
        (true, true) => " in outcomes.csv and summary.csv",
        (true, false) => " in summary.csv",
        (false, _) => "",
    };
    let more = count(left as u64, "more outcome");
    format!("{more}{place}; --outcomes shows all, --outcomes NAME,NAME those named\n\n")
}

/// What the outcomes shown mean, where the file says so.
fn legend(report: &Report, lines: &[usize]) -> String {
    let all = report.results.outcomes.iter().zip(&report.titles);
    let all: Vec<(&OutcomeScale, &String)> = all.collect();
    let titled = lines.iter().filter_map(|number| all.get(*number).copied());
    let titled: Vec<_> = titled.filter(|(_, title)| !title.is_empty()).collect();
    let width = titled.iter().map(|(scale, _)| scale.name.chars().count()).max().unwrap_or(0);
    let line =
        |(scale, title): (&OutcomeScale, &String)| format!("{:width$}  {title}\n", scale.name);
    let mut text: String = titled.into_iter().map(line).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn heading(model: &Model, arm: &str) -> String {
    match model.variant(arm) {
        Some(variant) if !variant.title.is_empty() => format!("{arm}: {}", variant.title),
        _ => arm.to_string(),
    }
}

/// The table of an arm, as wide as it needs to be: names and numbers are not broken.
fn table(report: &Report, arm: &ArmResult, compared: bool, lines: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    let mut header = vec!["outcome", "mean", "", "q25", "median", "q75", "histogram"];
    let results = &report.results;
    let other = results.arms.get(results.versus).map_or("base", |arm| arm.name.as_str());
    let minus = format!("minus {other}");
    if compared {
        header.insert(3, &minus);
    }
    table.set_header(header.iter().map(|h| (*h).to_string()).collect::<Vec<_>>());
    for number in lines {
        let scale = report.results.outcomes.get(*number);
        if let (Some(scale), Some(result)) = (scale, arm.outcomes.get(*number)) {
            table.add_row(row(scale, result, compared));
        }
    }
    let last = header.len() - 1;
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if number == 0 { 2 } else { 0 }, if number == last { 0 } else { 2 }));
        let right =
            header.get(number).is_some_and(|h| ["mean", "q25", "median", "q75"].contains(h));
        column.set_cell_alignment(if right { CellAlignment::Right } else { CellAlignment::Left });
    }
    table.lines().map(|line| line.trim_end().to_string() + "\n").collect()
}

fn row(scale: &OutcomeScale, result: &OutcomeResult, compared: bool) -> Vec<String> {
    if result.n == 0 {
        let mut row = vec![scale.name.clone(), "no value".to_string()];
        row.resize(if compared { 8 } else { 7 }, String::new());
        return row;
    }
    let (mean, brackets) = estimate(result.mean, &result.interval);
    let mut row = vec![scale.name.clone(), mean, brackets];
    if compared {
        row.push(result.difference.as_ref().map_or_else(String::new, difference));
    }
    row.extend([result.q25, result.median, result.q75].map(three));
    row.push(spark(&result.histogram));
    row
}

/// A paired difference: `+0.31 [0.28, 0.34]`, and of how many pairs if some have an empty side.
fn difference(found: &Difference) -> String {
    if found.n == 0 || found.mean.is_nan() {
        return "no pairs".to_string();
    }
    let (mean, brackets) = estimate(found.mean, &found.interval);
    let sign = if found.mean > 0.0 && !mean.starts_with('-') { "+" } else { "" };
    let pairs = match found.left_out {
        0 => String::new(),
        _ => format!(" of {}", count(found.n, "pair")),
    };
    format!("{sign}{mean} {brackets}{pairs}")
}

/// A number and its interval in brackets: `exact` where no draw reaches it, `none` where there is
/// no interval.
fn estimate(value: f64, interval: &Interval) -> (String, String) {
    let places = places((interval.hi - interval.lo) / 2.0, value);
    let ends = match interval.method {
        Method::Exact => "exact".to_string(),
        Method::None => "[none]".to_string(),
        _ => format!("[{}, {}]", fixed(interval.lo, places), fixed(interval.hi, places)),
    };
    (fixed(value, places), ends)
}

/// Counts as a row of bars; neighbouring bins are joined until they fit. An empty bin is a space.
fn spark(counts: &[u64]) -> String {
    let join = counts.len().div_ceil(SPARK).max(1);
    let joined: Vec<u64> = counts.chunks(join).map(|part| part.iter().sum()).collect();
    let most = joined.iter().copied().max().unwrap_or(0).max(1);
    let bar = |count: &u64| match count {
        0 => ' ',
        n => BARS[((n * 8).div_ceil(most) as usize - 1).min(7)],
    };
    joined.iter().map(bar).collect()
}

/// What a reader of the tables has to know.
fn notes(report: &Report, lines: &[usize]) -> Vec<String> {
    let mut notes = Vec::new();
    let results = &report.results;
    let mut conditional = Vec::new();
    for number in lines.iter().copied() {
        let Some(scale) = results.outcomes.get(number) else { continue };
        let empty = empty(report, number).map(|(arm, left)| format!("{left} in {arm}"));
        let empty: Vec<String> = empty.collect();
        if !empty.is_empty() {
            let of = count(report.runs, "run");
            notes.push(format!("`{}` is empty in some of {of}: {}", scale.name, empty.join(", ")));
            conditional.push(scale.name.as_str());
        }
    }
    let some = |number: &usize| {
        let differences =
            results.arms.iter().filter_map(|arm| arm.outcomes.get(*number)?.difference);
        differences.into_iter().any(|found| found.n > 0 && found.left_out > 0)
    };
    if lines.iter().any(some) {
        notes.push(pairs(&conditional, report.failed > 0));
    }
    if report.clamped > 0 {
        let times = count(report.clamped, "time");
        notes.push(format!("{times} a probability of an event was moved into [0, 1]"));
    }
    if report.unconverged > 0 {
        notes.push(format!(
            "{} of equilibrium play did not converge (greatest residual {})",
            count(report.unconverged, "round"),
            three(report.residual)
        ));
    }
    notes
}

/// What a difference of some pairs says, and where those are that lose no run; `conditional` are
/// the outcomes that are empty in some runs, and some runs may have `failed`.
fn pairs(conditional: &[&str], failed: bool) -> String {
    let lost = "differences of so many pairs compare only runs in which both arms have a value";
    let all = match conditional {
        [] => return lost.to_string(),
        [one] => format!("`{one}:ever` and `{one}:restricted`"),
        _ => "the lines `:ever` and `:restricted`".to_string(),
    };
    format!("{lost}; {all} lose none{}", if failed { " but those that failed" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_the_shape() {
        assert_eq!(spark(&[0, 1, 8, 4]), " ▁█▄");
        assert_eq!(spark(&[3; 30]), "██████████");
        assert_eq!(spark(&[]), "");
        assert_eq!(spark(&[u64::from(u32::MAX), 1]), "█▁");
    }
}
