//! The engine, the interpreter and the solvers play the same game.

use std::fmt::Write as _;
use std::slice::from_ref;

use detente::engine::{self, Vectors};
use detente::model::{ActorId, Arm, Model, SeatId, Simulation};
use detente::plan::{Budget, Plan};
use detente::record::Layout;
use detente::reference::{self, StageError, StageGame, Wanted, stage};
use detente::rng::{Seed, Sequence};
use detente::scenario;
use detente::solve::logit::{self, Unit};
use detente::solve::{Game, Player, never};

const ACTORS: [&str; 3] = ["AAA", "BBB", "CCC"];

/// Numbers of strategies and payoffs between -1 and 1 of a made-up game.
fn made(number: u64) -> Game {
    let mut words = Sequence::new(Seed(number), Sequence::TRIALS);
    let players: Vec<Player> = ACTORS[..2 + words.below(2) as usize]
        .iter()
        .map(|name| {
            let count = 2 + words.below(2) as usize;
            let strategies = (0..count).map(|s| format!("{}_{s}", name.to_lowercase()));
            Player { name: name.to_string(), strategies: strategies.collect() }
        })
        .collect();
    let count: usize = players.iter().map(|p| p.strategies.len()).product();
    let payoffs = (0..count * players.len()).map(|_| words.below(201) as f64 / 100.0 - 1.0);
    let payoffs: Vec<f64> = payoffs.collect();
    Game::new("made", players, payoffs).expect("a valid game")
}

/// The game as a scenario of one round in which everybody seeks equilibrium.
fn written(game: &Game, precision: f64) -> String {
    let mut text = String::from(
        "format = 1\n[scenario]\nname = \"made\"\ntitle = \"Made up\"\nrounds = 1\n[actors]\n",
    );
    for player in game.players() {
        let _ = writeln!(text, "{0} = {{ name = \"{0}\" }}", player.name);
    }
    text.push_str("[payoffs.points]\n");
    for (number, player) in game.players().iter().enumerate() {
        let term = |profile: usize| {
            let played = game.strategies(profile).into_iter().zip(game.players());
            let chosen = played.map(|(s, p)| format!("chose[{}, {}]", p.name, p.strategies[s]));
            let chosen: Vec<String> = chosen.collect();
            format!("({}) * {}", game.payoff(profile, number), chosen.join(" * "))
        };
        let terms: Vec<String> = (0..game.profiles()).map(term).collect();
        let _ = writeln!(text, "{} = \"{}\"", player.name, terms.join(" + "));
    }
    text.push_str("[weights]\npoints = 1\n");
    for player in game.players() {
        for strategy in &player.strategies {
            let _ = writeln!(text, "[moves.{strategy}]\nby = [\"{}\"]", player.name);
        }
    }
    let _ = writeln!(
        text,
        "[decision]\nrule = \"logit\"\nprecision = {precision}\nreasoning = \"equilibrium\"\n\
         hold = false\n[outcomes]\nearned = {{ total = \"payoff[AAA, points]\" }}"
    );
    text
}

fn load(text: &str) -> Model {
    let checked = scenario::load(text.as_bytes());
    checked.value.unwrap_or_else(|| panic!("{:?}\n{text}", checked.diagnostics))
}

fn first_round(game: &Simulation) -> StageGame {
    let wanted = Wanted { run: 0, round: 1, actors: &[], limit: 10_000 };
    stage(game, &wanted, &|| false).expect("a stage game")
}

/// At this precision replies to payoffs of range 2 are a contraction for two and three players, so
/// that there is exactly one logit equilibrium.
const PRECISION: f64 = 0.45;
/// So many runs are played; a share may be off by 5.5 standard errors, which one comparison in 25
/// million is by chance.
const RUNS: usize = 40_000;

#[test]
fn the_engine_plays_the_logit_equilibrium_of_the_stage_game() {
    for number in 0..12 {
        let game = made(number);
        let model = load(&written(&game, PRECISION));
        let arm = Arm::new(&model, None, &[]).expect("a valid arm");
        let played = Simulation { model: &model, arm: &arm, seed: Seed(7) };
        let found = first_round(&played);
        assert_eq!(found.players.len(), game.players().len());
        for (at, payoff) in found.payoffs.iter().enumerate() {
            let count = game.players().len();
            assert!((payoff - game.payoff(at / count, at % count)).abs() < 1e-12);
        }
        let branch = logit::branch(&game, &[PRECISION], Unit::Payoff, &never).expect("a precision");
        let expected = &branch.points[0].profile;
        let told = reference::trace(&played, 0);
        let layout = Layout::of(&model, from_ref(&arm));
        let plan = Plan::new(&model, &arm, Budget::default()).expect("a plan");
        let block = engine::play(&plan, Vectors::best(), Seed(7), &layout, 0, RUNS);
        for (seat, mix) in expected.iter().enumerate() {
            let known = &model.seats[SeatId::new(seat)];
            for (option, p) in mix.iter().enumerate() {
                let plain = told.rounds[0].seats[seat].options[option].probability;
                assert!((plain - p).abs() < 1e-8, "{number}: {plain} instead of {p}");
                let chosen = &block.choices[seat * RUNS..(seat + 1) * RUNS];
                let among_all = known.option(option).index();
                let count = chosen.iter().filter(|c| usize::from(**c) == among_all).count();
                let share = count as f64 / RUNS as f64;
                let error = (p * (1.0 - p) / RUNS as f64).sqrt();
                assert!((share - p).abs() < 5.5 * error, "{number}: {share} instead of {p}");
            }
        }
    }
}

#[test]
fn a_stage_game_is_played_by_those_who_are_named() {
    let game = (0..).map(made).find(|game| game.players().len() == 3).expect("a game of three");
    let model = load(&written(&game, PRECISION));
    let arm = Arm::new(&model, None, &[]).expect("a valid arm");
    let played = Simulation { model: &model, arm: &arm, seed: Seed(7) };
    let two = [2, 0].map(ActorId::new);
    let wanted = Wanted { run: 0, round: 1, actors: &two, limit: 10_000 };
    let found = stage(&played, &wanted, &|| false).expect("a stage game");
    assert_eq!(found.players.iter().map(|p| p.actor).collect::<Vec<_>>(), two);
    // The one who does not play keeps to its equilibrium mix.
    let told = reference::trace(&played, 0);
    let third: Vec<f64> = told.rounds[0].seats[1].options.iter().map(|o| o.probability).collect();
    let sizes = game.sizes();
    for c in 0..sizes[2] {
        for a in 0..sizes[0] {
            let at = (a * sizes[2] + c) * 2;
            for (number, actor) in [2, 0].into_iter().enumerate() {
                let of = |b: usize| third[b] * game.payoff(game.index(&[a, b, c]), actor);
                let expected: f64 = (0..sizes[1]).map(of).sum();
                assert!((found.payoffs[at + number] - expected).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn what_is_no_stage_game_is_refused() {
    let model = load(&written(&made(1), PRECISION));
    let arm = Arm::new(&model, None, &[]).expect("a valid arm");
    let played = Simulation { model: &model, arm: &arm, seed: Seed(7) };
    let wanted = Wanted { run: 0, round: 1, actors: &[], limit: 10_000 };
    let refused = |wanted: &Wanted, stop: bool| stage(&played, wanted, &|| stop).err();
    assert_eq!(refused(&Wanted { round: 2, ..wanted }, false), Some(StageError::Ended(1)));
    let sizes = made(1).sizes();
    let count = sizes.len() * sizes.iter().product::<usize>();
    let small = Wanted { limit: count - 1, ..wanted };
    assert_eq!(refused(&small, false), Some(StageError::TooLarge(Some(count), sizes)));
    assert_eq!(refused(&wanted, true), Some(StageError::Stopped));
}
