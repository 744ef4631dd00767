//! Claims and how firmly they stand; what a setting does to them.

use super::data::{column, in_words, rows_of};
use super::differences::{apart, told};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, SMALL, Sheet, WIDTH, rhomb};
use super::style::{axis, cut, dim, filled, rect, words};
use super::{Cell, Figure, Source, Wanted};
use crate::markup::el;
use crate::number::{Scale as Digits, count, percent, short};

/// The room for a claim.
const TALL: f64 = 22.0;
/// Where things stand: names, the interval, numbers, the robust share.
const NAMES: f64 = 300.0;
const FOREST: f64 = 250.0;

/// A claim that was tested.
struct Row<'a> {
    claim: &'a str,
    verdict: &'a str,
    comparison: &'a str,
    threshold: f64,
    value: (f64, f64, f64),
    placebo: f64,
    robust: Option<[f64; 3]>,
}

impl Row<'_> {
    /// 1 where the claimed side lies above the threshold, -1 where below.
    fn side(&self) -> f64 {
        if self.comparison.starts_with('<') { -1.0 } else { 1.0 }
    }

    /// How far a value lies on the claimed side.
    fn beyond(&self, value: f64) -> f64 {
        (value - self.threshold) * self.side()
    }

    /// The greatest distance of what is drawn in the row.
    fn reach(&self) -> f64 {
        let (value, lo, hi) = self.value;
        let all = [value, lo, hi, self.placebo].map(|v| self.beyond(v).abs());
        let most = all.into_iter().filter(|d| d.is_finite());
        most.fold(0.0, |most, d| if d > most { d } else { most })
    }
}

/// The figure: every row on a scale of its own, with the threshold in the middle.
pub fn claims(source: &Source, _: &Wanted) -> Option<Figure> {
    let (table, rows, _) = rows_of(source, "claims")?;
    let robust = robust(source);
    let all = gathered(table, &rows, &robust);
    let tested: Vec<&Row<'_>> = all.iter().filter(|row| row.value.0.is_finite()).collect();
    if tested.is_empty() {
        return None;
    }
    let says = "Each row is a claim on its own scale: the line in the middle is its threshold, the \
                right half is the claimed side. A claim stands if its whole interval lies right of \
                the line. A rhomb is what the same runs give when every actor chooses at random.";
    let mut sheet = Sheet::new("claims", "Which claims stand", says);
    let mut keys = vec![
        Key::new(Mark::Dot, 3, "supported"),
        Key::new(Mark::Dot, 2, "contradicted"),
        Key::new(Mark::Dot, 7, "inconclusive"),
        Key::new(Mark::Placebo, 7, "at random"),
    ];
    if !robust.is_empty() {
        keys.push(Key::new(Mark::Area, 3, "share of assumptions where it holds"));
        keys.push(Key::new(Mark::Area, 2, "where the opposite holds"));
    }
    sheet.legend(&keys);
    sheet.columns(&[
        "claim",
        "verdict",
        "statistic",
        "lo",
        "hi",
        "needs",
        "threshold",
        "at random",
        "holds at",
        "opposite at",
        "no effect seen at",
    ]);
    for row in &tested {
        let (value, lo, hi) = row.value;
        let cells = [row.claim.into(), row.verdict.into(), value.into(), lo.into(), hi.into()];
        let test = [row.comparison.into(), row.threshold.into(), row.placebo.into()];
        let shares = row.robust.unwrap_or([f64::NAN; 3]).map(Cell::from);
        sheet.row(cells.into_iter().chain(test).chain(shares).collect());
    }
    forest(&mut sheet, &tested, !robust.is_empty());
    let left = all.len() - tested.len();
    if left > 0 {
        sheet.note(format!("{} without a test or a number.", count(left as u64, "claim")));
    }
    Some(sheet.finish(&source.about, &source.about.runs()))
}

/// Shares over assumptions by claim: supported, contradicted, neither.
fn robust(source: &Source) -> Vec<(&str, [f64; 3])> {
    let Some((table, rows, _)) = rows_of(source, "robust") else { return Vec::new() };
    let of = ["supported", "contradicted", "no_effect_seen"].map(|name| column(table, name));
    let claim = column(table, "claim");
    rows.into_iter().map(|row| (claim.text(row), of.map(|column| column.number(row)))).collect()
}

/// Claims, the supported ones first, in each group those that lie farthest.
fn gathered<'a>(
    table: &'a crate::table::Table,
    rows: &[usize],
    robust: &[(&str, [f64; 3])],
) -> Vec<Row<'a>> {
    let words = ["claim", "verdict", "comparison"].map(|name| column(table, name));
    let numbers = ["threshold", "statistic", "lo", "hi", "placebo_statistic"];
    let numbers = numbers.map(|name| column(table, name));
    let row = |row: &usize| {
        let [claim, verdict, comparison] = words.map(|column| column.text(*row));
        let [threshold, value, lo, hi, placebo] = numbers.map(|column| column.number(*row));
        let robust = robust.iter().find(|(name, _)| *name == claim).map(|(_, shares)| *shares);
        let value = (value, lo, hi);
        Row { claim, verdict, comparison, threshold, value, placebo, robust }
    };
    let mut all: Vec<Row<'a>> = rows.iter().map(row).collect();
    let rank = |row: &Row<'_>| match row.verdict {
        "supported" => 0,
        "contradicted" => 1,
        "inconclusive" => 2,
        _ => 3,
    };
    // stable: in each group the order of the file
    all.sort_by_key(rank);
    all
}

fn forest(sheet: &mut Sheet, tested: &[&Row<'_>], robust: bool) {
    let (left, right) = (EDGE + NAMES, EDGE + NAMES + FOREST);
    let middle = (left + right) / 2.0;
    let above = sheet.y + 10.0;
    let tall = TALL * tested.len() as f64;
    let shade = filled(rect(middle, above, right, above + tall), 3).with("fill-opacity", "0.07");
    sheet.draw(shade);
    sheet.draw(axis(middle, above, middle, above + tall).with("stroke-width", "1.4"));
    let head = |x: f64, text: &str| dim(x, above - 5.0, 10.5, text);
    sheet.draw(head(middle + 6.0, "claimed side"));
    sheet.draw(head(middle - 6.0, "other side").with("text-anchor", "end"));
    sheet.draw(head(right + 14.0, "statistic [95 %] and what it needs"));
    if robust {
        sheet.draw(head(WIDTH - EDGE - 110.0, "over assumptions"));
    }
    for (k, row) in tested.iter().enumerate() {
        let top = above + TALL * k as f64;
        let y = top + TALL / 2.0;
        let reach = if row.reach() > 0.0 { 1.06 * row.reach() } else { 1.0 };
        let x = Scale { from: -reach, to: reach, start: 0.0, end: 1.0, share: false };
        let frame = (left, top, right, top + TALL);
        let mut panel = Panel::new(frame, x, Scale::holding([0.0, 1.0]));
        let label = cut(&in_words(row.claim), SMALL, NAMES - 14.0);
        panel.beside(words(EDGE, y + 4.0, SMALL, label).child(el("title").text(row.claim)));
        let (value, lo, hi) = row.value;
        let told = test(row);
        let at = (row.beyond(value), row.beyond(lo), row.beyond(hi));
        if row.placebo.is_finite() {
            panel.mark(rhomb(panel.x.at(row.beyond(row.placebo)), y));
        }
        panel.dot(at, y, verdict_colour(row.verdict), &format!("{}: {told}", row.verdict));
        panel.beside(words(right + 14.0, y + 4.0, 10.5, cut(&told, 10.5, 246.0)));
        sheet.draw_all(panel.done());
        if let Some(shares) = row.robust {
            bar(sheet, shares, y);
        }
    }
    sheet.y = above + tall + 4.0;
}

/// A statistic, its interval and what it is compared with.
fn test(row: &Row<'_>) -> String {
    let (value, lo, hi) = row.value;
    let digits = Digits::of(value, (hi - lo) / 2.0);
    let interval = match lo.is_finite() && hi.is_finite() {
        true => format!(" {}", digits.interval(lo, hi)),
        false => String::new(),
    };
    let sign = row.comparison.replace("<=", "≤").replace(">=", "≥");
    format!("{}{interval} {sign} {}", digits.show(value), short(row.threshold))
}

/// The shares over assumptions as a bar.
fn bar(sheet: &mut Sheet, [supported, contradicted, _]: [f64; 3], y: f64) {
    let scale = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0, share: true };
    let frame = (WIDTH - EDGE - 110.0, y - 6.0, WIDTH - EDGE - 44.0, y + 6.0);
    let mut panel = Panel::new(frame, scale, Scale::holding([0.0, 1.0]));
    let (start, end) = (panel.x.start, panel.x.end);
    let ground = rect(start, y - 6.0, end, y + 6.0).with("class", "wash").with("fill", "#e3e3e3");
    panel.beside(ground);
    panel.mark(filled(rect(start, y - 6.0, panel.x.at(supported), y + 6.0), 3));
    panel.mark(filled(rect(panel.x.at(1.0 - contradicted), y - 6.0, end, y + 6.0), 2));
    panel.beside(words(end + 6.0, y + 4.0, 10.5, percent(supported)));
    sheet.draw_all(panel.done());
}

/// The colour of a verdict.
fn verdict_colour(verdict: &str) -> usize {
    match verdict {
        "supported" => 3,
        "contradicted" => 2,
        _ => 7,
    }
}

/// The figure of switches: what each setting adds to the statistic of each claim.
pub fn switches(source: &Source, _: &Wanted) -> Option<Figure> {
    let (table, rows, _) = rows_of(source, "switches")?;
    let [switch, claim, before, after] =
        ["switch", "claim", "verdict", "switched_verdict"].map(|name| column(table, name));
    let of = ["change", "lo", "hi"].map(|name| column(table, name));
    let moved = column(table, "moved");
    let shown = |row: &usize| moved.number(*row) == 1.0 || before.text(*row) != after.text(*row);
    let drawn: Vec<usize> = rows.iter().copied().filter(shown).collect();
    let says = "What a setting adds to the statistic of a claim, run by run, with its 95 % \
                interval: only claims that it moves or whose verdict it changes.";
    let mut sheet = Sheet::new("switches", "What claims rest on", says);
    sheet.columns(&["setting", "claim", "verdict", "with the setting", "change", "lo", "hi"]);
    let names = super::data::different(switch, &drawn);
    for name in names {
        let own: Vec<usize> =
            drawn.iter().copied().filter(|row| switch.text(*row) == name).collect();
        let above = sheet.y + 22.0;
        let tall = 20.0 * own.len() as f64;
        let values = own.iter().flat_map(|row| of.map(|column| column.number(*row)));
        let x = Scale::holding(values).with(0.0);
        let frame = (EDGE + NAMES, above, EDGE + NAMES + 300.0, above + tall);
        let mut panel = Panel::new(frame, x, Scale::holding([0.0, 1.0]));
        panel.title(name, "");
        panel.axis_x(&panel.x.ticks(5), "", true);
        let zero = panel.x.at(0.0);
        panel.beside(axis(zero, above, zero, above + tall).with("stroke-width", "1.6"));
        for (k, row) in own.into_iter().enumerate() {
            let y = above + 20.0 * k as f64 + 10.0;
            let [change, lo, hi] = of.map(|column| column.number(row));
            let value = (change, lo, hi);
            let verdicts = match before.text(row) == after.text(row) {
                true => before.text(row).to_string(),
                false => format!("{} → {}", before.text(row), after.text(row)),
            };
            let text = format!("{} {verdicts}", told(value));
            panel.dot(value, y, if apart(value) { 1 } else { 7 }, &text);
            let label = cut(&in_words(claim.text(row)), SMALL, NAMES - 12.0);
            panel.beside(words(EDGE, y + 4.0, SMALL, label));
            panel.beside(words(EDGE + NAMES + 312.0, y + 4.0, 10.5, text));
            let names = [name, claim.text(row), before.text(row), after.text(row)];
            let cells = names.into_iter().map(Cell::from);
            sheet.row(cells.chain([change, lo, hi].map(Cell::from)).collect());
        }
        sheet.draw_all(panel.done());
        sheet.y = above + tall + 24.0;
    }
    let rest = rows.len() - drawn.len();
    let pairs = count(rest as u64, "pair");
    sheet.note(format!("{pairs} of a setting and a claim in which nothing moves are left out."));
    Some(sheet.finish(&source.about, &source.about.runs()))
}
