//! Answers for people.

use super::notes;
use crate::number::{about, at_most, rate, short};
use crate::view::solve::{
    Correlated, Equilibrium, Fit, Found, Game, Learned, Mixed, Page, Ranking, Replicated, Response,
};

/// States of a stationary distribution that are shown.
const STATES: usize = 20;

/// The whole page.
pub fn page(page: &Page) -> String {
    let Page { game, answer, seconds } = page;
    let sizes: Vec<String> = game.sizes().iter().map(usize::to_string).collect();
    let names: Vec<&str> = game.players().iter().map(|p| p.name.as_str()).collect();
    let mut text = format!(
        "{}: {} ({} strategies)\n{} by {}, {} in {} s\n\n{}",
        game.title,
        names.join(", "),
        sizes.join(" x "),
        answer.concept.word(),
        answer.method,
        answer.stop.as_str(),
        about(*seconds),
        found(game, &answer.found)
    );
    for note in notes(page) {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

fn found(game: &Game, found: &Found) -> String {
    match found {
        Found::Equilibria(list) => equilibria_text(game, list),
        Found::Checked(given) => equilibria_text(game, std::slice::from_ref(given)).replacen(
            "1 equilibrium",
            "the profile",
            1,
        ),
        Found::Survivors { strategies, rounds } => survivors(game, strategies, *rounds),
        Found::Correlated { of, found } => correlated(game, of, found),
        Found::Responses(branch) if branch.points.is_empty() => {
            "no precision that was asked for was reached\n".to_string()
        }
        Found::Responses(branch) => branch.points.iter().map(|p| response_text(game, p)).collect(),
        Found::Fit(fit) => fitted(game, fit),
        Found::Learned(learned) => shares(game, learned),
        Found::Ranking { found, single } => ranking(game, found, *single),
        Found::Replicated(found) => replicated(game, found),
    }
}

fn survivors(game: &Game, left: &[Vec<usize>], rounds: usize) -> String {
    let word = if rounds == 1 { "round" } else { "rounds" };
    let mut text = format!("left after {rounds} {word}\n");
    for (player, strategies) in game.players().iter().zip(left) {
        let names = strategies.iter().map(|s| player.strategies[*s].as_str());
        let names: Vec<&str> = names.collect();
        text.push_str(&format!("   {}: {}\n", player.name, names.join(", ")));
    }
    text
}

fn correlated(game: &Game, of: &str, found: &Correlated) -> String {
    if found.distribution.is_empty() {
        return "no equilibrium was found\n".to_string();
    }
    let mut text = format!("{of} {}\n\n", short(found.value));
    for (profile, p) in found.distribution.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        text.push_str(&format!("   {}  {}\n", rate(*p), named(game, profile)));
    }
    let payoffs = game.players().iter().zip(&found.payoffs);
    let payoffs = payoffs.map(|(p, x)| format!("{} {}", p.name, short(*x)));
    text.push_str(&format!("\npayoffs: {}\n", payoffs.collect::<Vec<_>>().join(", ")));
    let residual = at_most(found.residual);
    text.push_str(&format!("residual {residual}, as a share of a player's payoffs' range\n"));
    text
}

fn fitted(game: &Game, found: &Fit) -> String {
    let estimate = &found.estimate;
    let upper = found.upper.map_or("no upper end".to_string(), short);
    let mut text = format!(
        "precision {}, 95 % interval {} to {upper}\nlog-likelihood {}; of chance {}; of the \
         frequencies themselves {}\n\n",
        short(estimate.precision),
        short(found.lower),
        short(found.log_likelihood),
        short(found.log_likelihood_of_chance),
        short(found.log_likelihood_of_frequencies),
    );
    text.push_str(&response_text(game, estimate));
    text
}

fn shares(game: &Game, found: &Learned) -> String {
    format!(
        "gap {} after {} rounds\n\n{}",
        at_most(found.gap),
        found.rounds,
        equilibria_text(game, std::slice::from_ref(&found.best)).replacen(
            "1 equilibrium",
            "shares",
            1
        )
    )
}

fn ranking(game: &Game, found: &Ranking, single: bool) -> String {
    let mut order: Vec<usize> = (0..found.distribution.len()).collect();
    order.sort_by(|a, b| found.distribution[*b].total_cmp(&found.distribution[*a]));
    let mut text = String::new();
    for state in order.into_iter().take(STATES) {
        let name = match single {
            true => game.players()[0].strategies[state].clone(),
            false => named(game, state),
        };
        text.push_str(&format!("   {}  {name}\n", rate(found.distribution[state])));
    }
    text + &format!("\nresidual {}\n", at_most(found.residual))
}

fn replicated(game: &Game, found: &Replicated) -> String {
    let part = |name: &str, e: &Equilibrium| {
        format!("{name}, regret {}\n{}", at_most(e.regret), mixes_text(game, &e.profile))
    };
    format!(
        "{}\n{}\nresidual {}\n",
        part(&format!("state at time {}", short(found.time)), &found.state),
        part("average over time", &found.average),
        at_most(found.residual)
    )
}

fn response_text(game: &Game, point: &Response) -> String {
    let mut text =
        format!("precision {}, residual {}\n", short(point.precision), at_most(point.residual));
    text.push_str(&mixes_text(game, &point.profile));
    text.push('\n');
    text
}

fn mixes_text(game: &Game, profile: &Mixed) -> String {
    let rows = game.players().iter().zip(profile);
    rows.map(|(p, mix)| format!("   {}: {}\n", p.name, mix_text(&p.strategies, mix))).collect()
}

/// The strategies of a profile by name.
fn named(game: &Game, profile: usize) -> String {
    let mixed = game.pure(&game.strategies(profile));
    let of = game.players().iter().zip(&mixed).map(|(p, mix)| mix_text(&p.strategies, mix));
    of.collect::<Vec<_>>().join(", ")
}

/// Equilibria for people: what is played with positive probability.
fn equilibria_text(game: &Game, list: &[Equilibrium]) -> String {
    let mut text = match list.len() {
        0 => "no equilibrium was found\n".to_string(),
        1 => "1 equilibrium\n".to_string(),
        count => format!("{count} equilibria\n"),
    };
    if !list.is_empty() {
        text.push_str(
            "regret: what a player could gain by deviating, as a share of its payoffs' range\n",
        );
    }
    for (number, equilibrium) in list.iter().enumerate() {
        text.push_str(&format!("\n{}. regret {}", number + 1, at_most(equilibrium.regret)));
        if equilibrium.gain > 0.0 {
            text.push_str(&format!(", a gain of {}", at_most(equilibrium.gain)));
        }
        text.push('\n');
        for (at, player) in game.players().iter().enumerate() {
            let mix = mix_text(&player.strategies, &equilibrium.profile[at]);
            let payoff = equilibrium.payoffs[at];
            text.push_str(&format!("   {}: {mix}; payoff {}\n", player.name, short(payoff)));
        }
    }
    text.push('\n');
    text
}

/// `stag 0.25, hare 0.75`, or the name alone where it is played for sure.
fn mix_text(names: &[String], mix: &[f64]) -> String {
    let played = names.iter().zip(mix).filter(|(_, p)| **p > 0.0);
    // A strategy called 1 is no probability.
    let is_number = |name: &str| name.parse::<f64>().is_ok();
    let one = |(name, p): (&String, &f64)| match *p {
        1.0 => name.clone(),
        p if is_number(name) => format!("\"{name}\" {}", rate(p)),
        p => format!("{name} {}", rate(p)),
    };
    played.map(one).collect::<Vec<_>>().join(", ")
}
