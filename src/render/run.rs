//! Finished runs as tables for a terminal: one per arm.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::page::grid;
use crate::number::{Scale, count, percent, short, signed};
use crate::view::run::{
    Arm, Difference, Files, Interval, Line, Method, Note, Page, Shared, Side, Uncertain,
};

/// A histogram takes so many characters at most.
const SPARK: usize = 10;
/// How many names of a kind a note shows.
const NAMED: usize = 8;
/// Heights of its bars.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Everything `run` prints about finished runs.
pub fn text(page: &Page) -> String {
    let colon = if page.title.is_empty() { "" } else { ": " };
    let mut text = format!("{}{colon}{}\n", page.name, page.title);
    text.push_str(&format!(
        "{}, {} each, {}, seed {}; brackets are 95 % intervals\n",
        count(page.arms.len() as u64, "arm"),
        count(page.runs, "run"),
        count(u64::from(page.rounds), &page.round),
        page.seed,
    ));
    for arm in &page.arms {
        let colon = if arm.title.is_empty() { "" } else { ": " };
        text.push_str(&format!("\n{}{colon}{}\n", arm.name, arm.title));
        text.push_str(&table(arm, &page.versus));
    }
    text.push_str(&page.uncertain.as_ref().map_or_else(String::new, uncertain));
    text.push('\n');
    text.push_str(&rest(page));
    text.push_str(&legend(page));
    for note in &page.notes {
        text.push_str(&format!("note: {}\n", told(note, page.runs)));
    }
    text
}

/// Both readings side by side: at these numbers, and over others.
fn uncertain(of: &Uncertain) -> String {
    let what = if of.drawn { "draws" } else { "declared ranges" };
    let mut text = format!(
        "\nover {what}: {} of {} each; of the variance, what assumptions make and luck the rest\n",
        count(of.points, "point"),
        count(of.runs, "run"),
    );
    if of.failed > 0 {
        let failed = count(of.failed, "run");
        text.push_str(&format!("{failed} failed or could not be played, and are left out\n"));
    }
    let over = format!("over {what}");
    let head = ["", "at these numbers", "sd", &over, "sd", "5 % to 95 %", "assumptions"];
    for (arm, sides) in &of.arms {
        let rows: Vec<Vec<String>> = sides.iter().map(side).collect();
        text.push_str(&format!("\n{arm}\n"));
        text.push_str(&grid(&head, &rows, 7, "  ", 200));
    }
    text
}

fn side(of: &Side) -> Vec<String> {
    let mean = |mean: f64, (lo, hi): (f64, f64)| match mean.is_finite() {
        false => "no value".to_string(),
        true if hi <= lo || hi.is_nan() || lo.is_nan() => short(mean),
        true => {
            let scale = Scale::of(mean, (hi - lo) / 2.0);
            format!("{} {}", scale.show(mean), scale.interval(lo, hi))
        }
    };
    let number = |x: f64| if x.is_finite() { short(x) } else { String::new() };
    let (here, ends, sd) = of.here;
    let [least, .., most] = of.quantiles;
    vec![
        of.name.clone(),
        mean(here, ends),
        number(sd),
        mean(of.mean, of.interval),
        number(of.sd),
        format!("{} to {}", number(least), number(most)),
        of.assumptions.map_or_else(String::new, percent),
    ]
}

/// How many outcomes are not shown, and how to see them.
fn rest(page: &Page) -> String {
    if page.unseen == 0 {
        return String::new();
    }
    let place = match page.files {
        Files::EveryRun => " in outcomes.csv and summary.csv",
        Files::Estimates => " in summary.csv",
        Files::Nothing => "",
    };
    let more = count(page.unseen as u64, "more outcome");
    format!("{more}{place}; --outcomes shows all, --outcomes NAME,NAME those named\n\n")
}

/// What the outcomes shown mean, where the file says so.
fn legend(page: &Page) -> String {
    let width = page.legend.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, title): &(String, String)| format!("{name:width$}  {title}\n");
    let mut text: String = page.legend.iter().map(line).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The table of an arm, as wide as it needs to be: names and numbers are not broken.
fn table(arm: &Arm, versus: &str) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    let mut header = vec!["outcome", "mean", "", "q25", "median", "q75", "histogram"];
    let minus = format!("minus {versus}");
    if arm.compared {
        header.insert(3, &minus);
    }
    table.set_header(header.iter().map(|h| (*h).to_string()).collect::<Vec<_>>());
    for line in &arm.lines {
        table.add_row(row(line, arm.compared));
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

fn row(line: &Line, compared: bool) -> Vec<String> {
    let Some(found) = &line.estimates else {
        let mut row = vec![line.name.clone(), "no value".to_string()];
        row.resize(if compared { 8 } else { 7 }, String::new());
        return row;
    };
    let (mean, brackets) = estimate(found.mean, &found.interval);
    let mut row = vec![line.name.clone(), mean, brackets];
    if compared {
        row.push(found.difference.as_ref().map_or_else(String::new, difference));
    }
    row.extend(found.quartiles.map(short));
    row.push(spark(&found.histogram));
    row
}

/// A paired difference: `+0.31 [0.28, 0.34]`, and of how many pairs if some have an empty side.
fn difference(found: &Difference) -> String {
    if found.n == 0 || found.mean.is_nan() {
        return "no pairs".to_string();
    }
    let (mean, brackets) = estimate(found.mean, &found.interval);
    let pairs = match found.left_out {
        0 => String::new(),
        _ => format!(" of {}", count(found.n, "pair")),
    };
    format!("{} {brackets}{pairs}", signed(mean))
}

/// A number and its interval in brackets: `exact` where no draw reaches it, `none` where there is
/// no interval.
fn estimate(value: f64, interval: &Interval) -> (String, String) {
    let scale = Scale::of(value, (interval.hi - interval.lo) / 2.0);
    let ends = match interval.method {
        Method::Exact => "exact".to_string(),
        Method::None => "[none]".to_string(),
        _ => scale.interval(interval.lo, interval.hi),
    };
    (scale.show(value), ends)
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

fn told(note: &Note, runs: u64) -> String {
    match note {
        Note::Empty { outcome, arms } => {
            let of = count(runs, "run");
            let arms: Vec<String> = arms.iter().map(|(arm, n)| format!("{n} in {arm}")).collect();
            format!("`{outcome}` is empty in some of {of}: {}", arms.join(", "))
        }
        Note::Against { scenario, shared } => against(scenario, shared),
        Note::Pairs { conditional, failed } => pairs(conditional, *failed),
        Note::Clamped(n) => {
            let times = count(*n, "time");
            format!("{times} a probability of an event was moved into [0, 1]")
        }
        Note::Stationary(text) => text.clone(),
        Note::Unconverged { rounds, residual } => format!(
            "{} of equilibrium play did not converge (greatest residual {})",
            count(*rounds, "round"),
            short(*residual)
        ),
    }
}

/// What another scenario has in common, and what not.
fn against(scenario: &str, shared: &Shared) -> String {
    let mut text = format!(
        "`against` is {scenario}; both measure {}, and differences are taken run by run",
        count(shared.outcomes.len() as u64, "outcome")
    );
    let lists = [
        ("only this scenario measures", &shared.own),
        ("only the other measures", &shared.other),
        ("the two take over rounds in different ways", &shared.differing),
        ("other random numbers than in the other scenario have", &shared.moved),
    ];
    for (what, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
        let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
        let more = match names.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.push_str(&format!("; {what} {}{more}", shown.join(", ")));
    }
    text
}

/// What a difference of some pairs says, and where those are that lose no run; `conditional` are
/// the outcomes that are empty in some runs, and some runs may have `failed`.
fn pairs(conditional: &[String], failed: bool) -> String {
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
