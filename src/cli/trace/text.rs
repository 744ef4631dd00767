//! A transcript for readers.

use super::{label, moved, weighed, yardstick};
use crate::cli::Loaded;
use crate::cli::describe::page::{WIDTH, digits, grid, short, wrap};
use detente::model::Model;
use detente::reference::{Game, Moved, RoundTold, RunTold, SeatTold};
use detente::scenario::line_column;

/// State cells shown per round.
const CELLS: usize = 12;
/// Options closer than this in utility count as equally attractive.
const TIE: f64 = 1e-9;

/// The whole run.
pub fn transcript(loaded: &Loaded, game: &Game, told: &RunTold) -> String {
    let about = &game.model.about;
    let mut out = wrap(&format!("{}: {}", about.name, about.title), "", "  ", WIDTH);
    let head = format!(
        "arm {}, seed {}, run {}, at most {} rounds",
        game.arm.name, game.seed.0, told.run, game.arm.rounds
    );
    out += &wrap(&head, "", "  ", WIDTH);
    if !told.truth.is_empty() {
        let list: Vec<String> = told.truth.iter().map(|(a, k)| format!("{a} {k}")).collect();
        out += &wrap(&format!("true types: {}", list.join(", ")), "", "  ", WIDTH);
    }
    for round in &told.rounds {
        let name = label(&about.start, &about.round, round.round);
        let number = round.round.to_string();
        let head = if name == number { number } else { format!("{number} ({name})") };
        out += &format!("\nROUND {head}\n");
        for seat in &round.seats {
            out += &one_seat(game.model, &told.components, seat);
        }
        out += &what_changed(game.model, round);
        out += &payoffs(&told.components, round);
    }
    if !told.outcomes.is_empty() {
        out += "\nOUTCOMES\n";
        let rows = told.outcomes.iter().map(|(name, value)| vec![name.clone(), short(*value)]);
        out += &grid(&["outcome", "value"], &rows.collect::<Vec<_>>(), 1, "  ", WIDTH);
    }
    if let Some(failure) = &told.failure {
        let (line, column) = line_column(&loaded.text, failure.place);
        let text = format!(
            "FAILED in round {}: {} ({}:{line}:{column})",
            failure.round, failure.reason, loaded.label
        );
        out += &format!("\n{}", wrap(&text, "", "  ", WIDTH));
    }
    out
}

/// A number with its sign.
fn signed(value: f64) -> String {
    with_sign(value, 3)
}

/// The same in a narrow column.
fn steps(value: f64) -> String {
    with_sign(value, 2)
}

fn with_sign(value: f64, count: usize) -> String {
    // what rounding leaves of a difference that is none
    if value.abs() < 1e-12 {
        return "0".to_string();
    }
    let text = digits(value, count);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// A probability in per cent.
fn percent(probability: f64) -> String {
    format!("{} %", digits(100.0 * probability, 3))
}

fn one_seat(model: &Model, components: &[String], seat: &SeatTold) -> String {
    let place = model.names.actors.iter().position(|a| *a == seat.actor);
    let name = place.and_then(|p| model.actors.get(p)).unwrap_or(&seat.actor);
    let mut head = format!("{} ({}), {}", name, seat.actor, seat.track);
    if !seat.kind.is_empty() {
        head += &format!(", type {}", seat.kind);
    }
    let open = seat.options.iter().filter(|o| o.available).count();
    let Some(chosen) = seat.options.get(seat.chosen) else { return String::new() };
    if open < 2 {
        return format!("\n  {head}: only `{}`\n", chosen.label);
    }
    let mut out = format!("\n  {head}\n");
    let stick = yardstick(seat);
    let later = weighed(seat).any(|o| o.later != 0.0);
    let mut columns = vec!["", "option", "played"];
    if stick.is_some() {
        columns.push("utility");
        columns.extend(components.iter().map(String::as_str));
        columns.extend(later.then_some("later"));
    }
    let mut rows = Vec::new();
    for (at, option) in seat.options.iter().enumerate() {
        let mark = if at == seat.chosen { "->" } else { "" };
        let mut row = vec![mark.to_string(), option.label.clone()];
        if !option.available {
            row.push("not available".to_string());
            rows.push(row);
            continue;
        }
        row.push(percent(option.probability));
        if let Some(stick) = &stick {
            let both = |x: f64, base: f64| format!("{} ({})", digits(x, 3), steps(x - base));
            row.push(both(option.utility, stick.utility));
            row.extend(option.parts.iter().zip(&stick.parts).map(|(x, base)| both(*x, *base)));
            row.extend(later.then(|| both(option.later, stick.later)));
        }
        rows.push(row);
    }
    out += &grid(&columns, &rows, 3, "    ", WIDTH);
    out + &wrap(&sentence(name, components, seat), "    ", "      ", WIDTH)
}

/// Why an actor chose what it chose, in one sentence.
fn sentence(name: &str, components: &[String], seat: &SeatTold) -> String {
    let Some(chosen) = seat.options.get(seat.chosen) else { return String::new() };
    let start = format!("{name} chose `{}` ({})", chosen.label, percent(chosen.probability));
    let Some(stick) = yardstick(seat) else {
        return start + " by its rule, which weighs no payoffs.";
    };
    let base = if stick.hold { "holding" } else { "the mean of its options" };
    let parts = components.iter().map(String::as_str).zip(chosen.parts.iter().zip(&stick.parts));
    let mut parts: Vec<(&str, f64)> = parts.map(|(c, (x, base))| (c, x - base)).collect();
    parts.push(("later rounds", chosen.later - stick.later));
    parts.retain(|(_, x)| x.abs() >= 1e-12);
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let mut text = start;
    if stick.hold && chosen.action == "hold" {
        text += ", the yardstick";
    } else if parts.is_empty() {
        text += &format!(", worth as much as {base}");
    } else {
        let list: Vec<String> = parts.iter().map(|(c, x)| format!("{} {c}", signed(*x))).collect();
        text += &format!(": {} against {base}", list.join(", "));
    }
    let most = weighed(seat).map(|o| o.utility).fold(f64::NEG_INFINITY, f64::max);
    if chosen.utility >= most - TIE {
        return text + "; nothing was more attractive.";
    }
    match weighed(seat).find(|o| o.utility >= most - TIE) {
        Some(best) => {
            let gain = signed(best.utility - stick.utility);
            text + &format!("; the most attractive was `{}` ({gain}).", best.label)
        }
        None => text + ".",
    }
}

fn what_changed(model: &Model, round: &RoundTold) -> String {
    let mut out = String::new();
    let mut steps = moved(&round.cells);
    // how far a cell moved, as a share of its range where that is finite
    let size = |step: &Moved| {
        let cell = model.cells.iter().find(|c| c.label == step.label);
        let width = cell.map_or(f64::INFINITY, |c| c.range.1 - c.range.0);
        let distance = (step.after - step.before).abs();
        if width.is_finite() && width > 0.0 { distance / width } else { distance }
    };
    steps.sort_by(|a, b| size(b).total_cmp(&size(a)));
    if !steps.is_empty() {
        out += "\n  What changed\n";
        let rows: Vec<Vec<String>> = steps.iter().take(CELLS).map(|m| arrow(m)).collect();
        out += &grid(&["cell", "before", "after", "step"], &rows, 1, "    ", WIDTH);
        if steps.len() > CELLS {
            out += &format!("    and {} more\n", steps.len() - CELLS);
        }
    }
    if !round.hazards.is_empty() {
        out += "\n  Events\n";
        let rows = round.hazards.iter().map(|h| {
            let word = if h.happened { "happened" } else { "did not happen" };
            vec![h.label.clone(), percent(h.probability), word.to_string()]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        out += &grid(&["event", "probability", ""], &rows, 1, "    ", WIDTH);
    }
    let beliefs = moved(&round.beliefs);
    if !beliefs.is_empty() {
        out += "\n  Beliefs\n";
        let rows: Vec<Vec<String>> = beliefs.into_iter().map(arrow).collect();
        out += &grid(&["belief", "before", "after", "step"], &rows, 1, "    ", WIDTH);
    }
    out
}

fn arrow(step: &Moved) -> Vec<String> {
    let by = signed(step.after - step.before);
    vec![step.label.clone(), short(step.before), short(step.after), by]
}

fn payoffs(components: &[String], round: &RoundTold) -> String {
    let mut head = vec!["actor"];
    head.extend(components.iter().map(String::as_str));
    head.push("utility");
    let rows = round.payoffs.iter().map(|(actor, list, utility)| {
        let mut row = vec![actor.clone()];
        row.extend(list.iter().map(|x| short(*x)));
        row.push(short(*utility));
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    format!("\n  Payoffs\n{}", grid(&head, &rows, 1, "    ", WIDTH))
}
