//! Postures against postures, as text and JSON.

use serde_json::json;

use super::page::{WIDTH, grid, wrap};
use crate::number::{Scale, at_most, count, percent, rate, short};
use crate::view::meta::{Game, Player, Postures, Standing, StopReason, Verdict};

/// How many joint postures of a kind the text names.
const NAMED: usize = 8;
/// So many equilibria are shown.
const SHOWN: usize = 5;
/// So many rows of the table of utilities are shown.
const ROWS: usize = 16;

/// `CHN embrace, PRK calm`.
fn joint(game: &Game, profile: usize) -> String {
    let strategies = game.strategies(profile);
    let pairs = game.players().iter().zip(strategies);
    let words = pairs.map(|(player, s)| format!("{} {}", player.name, player.strategies[s]));
    words.collect::<Vec<_>>().join(", ")
}

/// For a terminal.
pub fn text(page: &Postures) -> String {
    let (verdict, explored) = (page.verdict(), page.explored());
    let game = &verdict.game;
    let mut text = format!(
        "{}: {}, {} in all, {}\n",
        game.title,
        count(game.profiles() as u64, "joint posture"),
        count(explored.sample.total(), "run"),
        match explored.enough {
            StopReason::Settled => "it is settled which are equilibria",
            StopReason::Budget => "the budget is spent before all is settled",
            StopReason::Stopped => "stopped",
        }
    );
    for player in game.players() {
        text.push_str(&format!("   {}: {}\n", player.name, player.strategies.join(", ")));
    }
    if explored.failed > 0 {
        text.push_str(&format!("   {} runs failed and are left out\n", explored.failed));
    }
    payoffs(game, verdict, &mut text);
    means(game, &mut text);
    text.push_str(&format!(
        "\nNash equilibria of mean utilities, ± a standard error ({})\n",
        verdict.stop.as_str()
    ));
    if verdict.equilibria.is_empty() {
        text.push_str("   none was found\n");
    }
    equilibria(game, verdict, &mut text);
    text.push_str("\nEnd of the logit branch\n   ");
    standing_text(game, verdict, &verdict.limit, &mut text);
    text.push_str(
        "\nLogit equilibria (precision times 1 / largest range of utilities of an actor)\n",
    );
    for point in &verdict.responses {
        let mixes = game.players().iter().zip(&point.profile);
        let mixes: Vec<String> = mixes
            .map(|(player, mix)| format!("{} {}", player.name, mix_text(player, mix)))
            .collect();
        text.push_str(&format!("   {:>5}: {}\n", short(point.precision), mixes.join("; ")));
    }
    text.push_str("\nJoint postures that are equilibria in resamples\n");
    if verdict.resamples == 0 {
        text.push_str("   not looked at\n");
    } else if verdict.candidates.is_empty() {
        text.push_str("   none in at least 5 %\n");
    }
    for candidate in verdict.candidates.iter().take(NAMED) {
        let name = joint(game, candidate.profile);
        text.push_str(&format!("   {:>5}  {name}\n", percent(candidate.share)));
    }
    if !verdict.ranking.is_empty() {
        text.push_str("\nalpha-rank, strong selection\n");
        let mut order: Vec<usize> = (0..verdict.ranking.len()).collect();
        order.sort_by(|a, b| verdict.ranking[*b].total_cmp(&verdict.ranking[*a]));
        for profile in order.into_iter().take(NAMED).filter(|p| verdict.ranking[*p] >= 0.005) {
            let name = joint(game, profile);
            text.push_str(&format!("   {:>5}  {name}\n", percent(verdict.ranking[profile])));
        }
    }
    for note in &verdict.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

/// The first equilibria.
fn equilibria(game: &Game, verdict: &Verdict, text: &mut String) {
    for (number, standing) in verdict.equilibria.iter().take(SHOWN).enumerate() {
        text.push_str(&format!("{}. ", number + 1));
        standing_text(game, verdict, standing, text);
    }
    if verdict.equilibria.len() > SHOWN {
        let more = verdict.equilibria.len() - SHOWN;
        text.push_str(&format!("   and {more} more; --out writes all into equilibria.csv\n"));
    }
}

/// The table of mean utilities: a joint posture a row.
fn payoffs(game: &Game, verdict: &Verdict, text: &mut String) {
    let players = game.players();
    text.push_str("\nMean utilities, \u{b1} a standard error\n");
    let row = |profile: usize| {
        let cell = |at: usize| {
            let (payoff, error) =
                (game.payoff(profile, at), verdict.errors[profile * players.len() + at]);
            let scale = Scale::of(payoff, error);
            format!("{} \u{b1} {}", scale.show(payoff), scale.show(error))
        };
        let mut cells = vec![joint(game, profile)];
        cells.extend((0..players.len()).map(cell));
        cells
    };
    let rows: Vec<Vec<String>> = (0..game.profiles().min(ROWS)).map(row).collect();
    let mut head = vec!["joint posture"];
    head.extend(players.iter().map(|player| player.name.as_str()));
    text.push_str(&grid(&head, &rows, 0, "  ", WIDTH));
    if game.profiles() > ROWS {
        let more = game.profiles() - ROWS;
        text.push_str(&format!("   and {more} more; --out writes all into payoffs.csv\n"));
    }
}

/// The postures of each actor by their mean over all joint postures of the others.
fn means(game: &Game, text: &mut String) {
    text.push_str("\nPostures by mean utility, others' postures weighed alike\n");
    for (at, player) in game.players().iter().enumerate() {
        let mut sums = vec![(0.0, 0.0); player.strategies.len()];
        for profile in 0..game.profiles() {
            let (sum, count) = &mut sums[game.strategies(profile)[at]];
            *sum += game.payoff(profile, at);
            *count += 1.0;
        }
        let mut order: Vec<(usize, f64)> =
            sums.iter().map(|(sum, count)| sum / count).enumerate().collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        let shown: Vec<String> = order
            .iter()
            .map(|(k, mean)| format!("{} {}", player.strategies[*k], short(*mean)))
            .collect();
        let line = format!("{}: {}", player.name, shown.join(", "));
        text.push_str(&wrap(&line, "   ", "      ", WIDTH));
    }
}

/// What is played, `embrace 0.25, distance 0.75`.
fn mix_text(player: &Player, mix: &[f64]) -> String {
    let played = player.strategies.iter().zip(mix).filter(|(_, p)| **p >= 0.0005);
    let one = |(name, p): (&String, &f64)| match *p {
        p if p > 0.9995 => name.clone(),
        p => format!("{name} {}", rate(p)),
    };
    played.map(one).collect::<Vec<_>>().join(", ")
}

fn standing_text(game: &Game, verdict: &Verdict, standing: &Standing, text: &mut String) {
    let Standing { equilibrium, share: stands, regret } = standing;
    let mixes = game.players().iter().zip(&equilibrium.profile);
    let mixes: Vec<String> =
        mixes.map(|(player, mix)| format!("{} {}", player.name, mix_text(player, mix))).collect();
    text.push_str(&format!("{}\n", mixes.join("; ")));
    let sure = equilibrium.profile.iter().flatten().all(|p| *p == 0.0 || *p == 1.0);
    let of = |(at, player): (usize, &Player)| {
        let payoff = equilibrium.payoffs[at];
        if !sure {
            return format!("{} {}", player.name, short(payoff));
        }
        let played = |mix: &Vec<f64>| mix.iter().position(|p| *p == 1.0).unwrap_or(0);
        let strategies: Vec<usize> = equilibrium.profile.iter().map(played).collect();
        let error = verdict.errors[game.index(&strategies) * game.players().len() + at];
        let scale = Scale::of(payoff, error);
        format!("{} {} ± {}", player.name, scale.show(payoff), scale.show(error))
    };
    let utilities: Vec<String> = game.players().iter().enumerate().map(of).collect();
    let fares = match stands.is_nan() {
        true => "not resampled".to_string(),
        false => format!(
            "stands in {} of resamples; regret there {} in 95 %",
            percent(*stands),
            at_most(*regret)
        ),
    };
    text.push_str(&format!("   utility {}\n   {fares}\n", utilities.join(", ")));
}

/// For programs: one object.
pub fn json(page: &Postures) -> String {
    format!("{}\n", json!(page))
}
