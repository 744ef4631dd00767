//! A transcript for readers.

use crate::number::{change, percent, rate, short};
use crate::render::page::{WIDTH, grid, wrap};
use crate::view::trace::{Moved, OptionTrace, Round, Seat, Step, Transcript, weighed};

/// State cells shown per round.
const CELLS: usize = 12;
/// Options closer than this in probability count as equally likely.
const TIE: f64 = 1e-9;
/// A difference below this is what rounding leaves of none.
const ROUNDING: f64 = 1e-12;

/// The whole run.
pub fn transcript(told: &Transcript) -> String {
    let mut out = wrap(&format!("{}: {}", told.scenario, told.title), "", "  ", WIDTH);
    let head = format!(
        "arm {}, seed {}, run {}, at most {} rounds",
        told.arm, told.seed, told.run, told.most_rounds
    );
    out += &wrap(&head, "", "  ", WIDTH);
    if !told.true_types.is_empty() {
        let list: Vec<String> = told.true_types.iter().map(|(a, k)| format!("{a} {k}")).collect();
        out += &wrap(&format!("true types: {}", list.join(", ")), "", "  ", WIDTH);
    }
    out += &choosing(told);
    out += &how_to_read(told);
    let most = if told.one_round { usize::MAX } else { CELLS };
    for round in &told.rounds {
        let (name, number) = (&round.label, round.number.to_string());
        let head = if *name == number { number } else { format!("{number} ({name})") };
        out += &format!("\nROUND {head}\n");
        for seat in &round.seats {
            out += &one_seat(&told.components, seat);
        }
        out += &what_changed(round, most);
        out += &payoffs(&told.components, round);
    }
    if !told.outcomes.is_empty() && !told.one_round {
        out += "\nOUTCOMES\n";
        let rows = told.outcomes.iter().map(|(name, value)| vec![name.clone(), short(*value)]);
        out += &grid(&["outcome", "value"], &rows.collect::<Vec<_>>(), 1, "  ", WIDTH);
    }
    if let Some(failure) = &told.failure {
        let text = format!(
            "FAILED in round {}: {} ({}:{}:{})",
            failure.round, failure.reason, failure.file, failure.line, failure.column
        );
        out += &format!("\n{}", wrap(&text, "", "  ", WIDTH));
    }
    out
}

/// How the actors choose: what their probabilities follow from.
fn choosing(told: &Transcript) -> String {
    let rows = told.choosing.iter().map(|m| {
        let precision = m.precision.map_or("-".to_string(), short);
        let foresight = m.foresight.clone();
        vec![m.actor.clone(), m.rule.word().to_string(), precision, m.depth(), foresight]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let head = ["actor", "rule", "precision", "reasoning", "foresight"];
    format!("\nHOW ACTORS CHOOSE\n{}", grid(&head, &rows, head.len(), "  ", WIDTH))
}

/// What arrows, columns and brackets mean.
fn how_to_read(told: &Transcript) -> String {
    let options = || told.rounds.iter().flat_map(|r| &r.seats).flat_map(|s| weighed(&s.told));
    if options().next().is_none() {
        return String::new();
    }
    let later = options().any(|o| o.later != 0.0);
    let sum = if later { " and `later`, the discounted rounds after it" } else { "" };
    let own = match told.tracks {
        0 | 1 => "",
        _ => ", and the actor itself on its other tracks,",
    };
    let nested = match told.choosing.iter().any(|m| m.rule.word() == "nested_logit") {
        true => " Under nested logit that holds within a nest, with precision / mu.",
        false => "",
    };
    let lines = [
        "`->` marks what was chosen, `played` how likely that was before the draw. Under logit an \
         option that is better by d in utility is exp(precision × d) times as likely."
            .to_string()
            + nested,
        format!(
            "`utility` is what the actor expects of an option, the sum of the columns to its \
             right: each payoff component (weight × payoff, less the cost of the option){sum}. In \
             brackets: how much better (+) or worse (-) than `hold`, or than the mean of all \
             options where `hold` is not weighed."
        ),
        format!(
            "All choose at once: an option is weighed against what everybody else{own} is expected \
             to do."
        ),
        "`Payoffs` are what a round brought in fact: components before weight and cost, utility \
         after both."
            .to_string(),
    ];
    let text = lines.iter().map(|line| wrap(line, "  ", "    ", WIDTH)).collect::<String>();
    format!("\nHOW TO READ\n{text}")
}

/// A difference; none where it is what rounding leaves.
fn step(value: f64) -> String {
    change(if value.abs() < ROUNDING { 0.0 } else { value })
}

fn one_seat(components: &[String], shown: &Seat) -> String {
    let Seat { name, told: seat, yardstick: stick } = shown;
    let mut head = format!("{} ({}), {}", name, seat.actor, seat.track);
    if !seat.actor_type.is_empty() {
        head += &format!(", type {}", seat.actor_type);
    }
    let open = seat.options.iter().filter(|o| o.available).count();
    let Some(chosen) = seat.options.get(seat.chosen) else { return String::new() };
    if open < 2 {
        return format!("\n  {head}: only `{}`\n", chosen.label);
    }
    let mut out = format!("\n  {head}\n");
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
        if let Some(stick) = stick {
            let both = |x: f64, base: f64| format!("{} ({})", rate(x), step(x - base));
            row.push(both(option.utility, stick.utility));
            row.extend(option.parts.iter().zip(&stick.parts).map(|(x, base)| both(*x, *base)));
            row.extend(later.then(|| both(option.later, stick.later)));
        }
        rows.push(row);
    }
    out += &grid(&columns, &rows, columns.len(), "    ", WIDTH);
    out + &wrap(&sentence(components, shown), "    ", "      ", WIDTH)
}

/// Why an actor chose what it chose, in one or two sentences.
fn sentence(components: &[String], shown: &Seat) -> String {
    let Seat { name, told: seat, yardstick: stick } = shown;
    let Some(chosen) = seat.options.get(seat.chosen) else { return String::new() };
    let likely = |o: &OptionTrace| format!("`{}` ({})", o.label, percent(o.probability));
    let start = format!("{name} chose {}", likely(chosen));
    let others =
        seat.options.iter().enumerate().filter(|(at, o)| *at != seat.chosen && o.available);
    let next =
        others.map(|(_, o)| o).reduce(|a, b| if b.probability > a.probability { b } else { a });
    let Some(next) = next else { return start + "." };
    let drawn = next.probability > chosen.probability + TIE;
    let start = match drawn {
        true => format!("{start}, drawn by chance; likeliest was {}", likely(next)),
        false => format!("{start}; nothing was likelier"),
    };
    let Some(stick) = stick else {
        return start + ". Its rule weighs no payoffs.";
    };
    let weighed = |o: &OptionTrace| o.utility.is_finite();
    if drawn || (stick.hold && chosen.action == "hold") {
        // what spoke for or against the nearest alternative
        if !weighed(next) || !weighed(chosen) {
            return start + ".";
        }
        let base = (&chosen.parts[..], chosen.later);
        let list = differences(components, (&next.parts[..], next.later), base);
        let gap = next.utility - chosen.utility;
        let word = if gap > 0.0 { "better" } else { "worse" };
        let start = match drawn {
            true => start,
            false => format!("{start}; next was {}", likely(next)),
        };
        return match list.as_str() {
            "" => start + ", worth as much.",
            _ => format!("{start}, {word} by {}: {list}.", rate(gap.abs())),
        };
    }
    let base = if stick.hold { "holding" } else { "the mean of its options" };
    let list = differences(components, (&chosen.parts, chosen.later), (&stick.parts, stick.later));
    match list.as_str() {
        "" => format!("{start}; it was worth as much as {base}."),
        _ => format!("{start}. Against {base}: {list}."),
    }
}

/// By how much the first is better or worse than the second, by component, the largest first.
fn differences(components: &[String], one: (&[f64], f64), other: (&[f64], f64)) -> String {
    let parts = components.iter().map(String::as_str).zip(one.0.iter().zip(other.0));
    let mut parts: Vec<(&str, f64)> = parts.map(|(c, (x, base))| (c, x - base)).collect();
    parts.push(("later rounds", one.1 - other.1));
    parts.retain(|(_, x)| x.abs() >= ROUNDING);
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let list: Vec<String> = parts.iter().map(|(c, x)| format!("{} {c}", step(*x))).collect();
    list.join(", ")
}

fn what_changed(round: &Round, most: usize) -> String {
    let mut out = String::new();
    let mut steps: Vec<&Step> = round.cells.iter().collect();
    steps.sort_by(|a, b| b.size.total_cmp(&a.size));
    if !steps.is_empty() {
        out += "\n  What changed\n";
        let rows: Vec<Vec<String>> = steps.iter().take(most).map(|s| arrow(&s.moved)).collect();
        out += &grid(&["cell", "before", "after", "step"], &rows, 1, "    ", WIDTH);
        if steps.len() > most {
            let left = steps.len() - most;
            out += &format!("    and {left} more; --round {} shows all\n", round.number);
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
    if !round.beliefs.is_empty() {
        out += "\n  Beliefs\n";
        let rows: Vec<Vec<String>> = round.beliefs.iter().map(arrow).collect();
        out += &grid(&["belief", "before", "after", "step"], &rows, 1, "    ", WIDTH);
    }
    out
}

fn arrow(moved: &Moved) -> Vec<String> {
    let by = step(moved.after - moved.before);
    vec![moved.label.clone(), short(moved.before), short(moved.after), by]
}

fn payoffs(components: &[String], round: &Round) -> String {
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
