//! Postures against postures, as text and JSON.

use serde_json::json;

use crate::number::{Scale, at_most, count, percent, rate, short};
use crate::view::meta::{Game, Player, Postures, Standing, StopReason, Verdict};

/// How many joint postures of a kind the text names.
const NAMED: usize = 8;

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
    text.push_str(&format!(
        "\nNash equilibria of mean utilities, ± a standard error ({})\n",
        verdict.stop.as_str()
    ));
    if verdict.equilibria.is_empty() {
        text.push_str("   none was found\n");
    }
    for (number, standing) in verdict.equilibria.iter().enumerate() {
        text.push_str(&format!("{}. ", number + 1));
        standing_text(game, verdict, standing, &mut text);
    }
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
    if verdict.candidates.is_empty() {
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
    text.push_str(&format!(
        "   utility {}\n   stands in {} of resamples; regret there {} in 95 %\n",
        utilities.join(", "),
        percent(*stands),
        at_most(*regret)
    ));
}

/// For programs: one object.
pub fn json(page: &Postures) -> String {
    format!("{}\n", json!(page))
}
