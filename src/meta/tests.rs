use super::*;
use crate::experiment::Unwatched;
use crate::scenario;
use crate::solve::never;

/// Two firms with two postures each: policies that play one move for sure, in a prisoners' dilemma
/// of two rounds; the utility of a posture is known without simulation.
const DILEMMA: &str = r#"
format = 1
[scenario]
name = "dilemma"
title = "Postures in a prisoners' dilemma"
rounds = 2
[actors]
A = { name = "Ana" }
B = { name = "Ben" }
[payoffs.gain]
A = "3 * chose[B, give] - chose[A, give]"
B = "3 * chose[A, give] - chose[B, give]"
[weights]
gain = 1
[moves.give]
by = "actors"
[policies.kind]
play = [{ move = "give" }]
[policies.cold]
play = [{ move = "hold" }]
[decision]
precision = 1
[outcomes]
given = { total = "chose[A, give]" }
[postures.A]
kind = { policy = "kind" }
cold = { policy = "cold" }
[postures.B]
kind = { policy = "kind" }
cold = { policy = "cold" }
free = {}
"#;

fn spec<'a>(model: &'a Model, runs: u64, budget: u64) -> MetaSpec<'a> {
    MetaSpec {
        model,
        source: DILEMMA,
        variant: None,
        changes: Vec::new(),
        rounds: None,
        runs,
        budget,
        seed: Seed(5),
        threads: Some(2),
        memory: Default::default(),
    }
}

fn loaded(text: &str) -> Model {
    let checked = scenario::load(text.as_bytes());
    checked.value.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

#[test]
fn utilities_of_sure_postures_are_payoffs_summed_over_rounds() {
    let model = loaded(DILEMMA);
    let explored = explore(&spec(&model, 1, 10_000), &Unwatched).expect("played");
    assert_eq!(explored.enough, StopReason::Settled);
    assert_eq!((explored.sample.profiles(), explored.sample.runs(0)), (6, 256));
    let game = explored.game("dilemma").expect("a game");
    // A's postures change fastest: (kind, kind), (cold, kind), (kind, cold), (cold, cold).
    assert_eq!(game.payoffs_of(0)[..4], [4.0, 6.0, -2.0, 0.0]);
    assert_eq!(game.payoffs_of(1)[..4], [4.0, -2.0, 6.0, 0.0]);
    // B as the file has it gives with probability 1 / (1 + e) a round.
    let gives = 2.0 / (1.0 + std::f64::consts::E);
    let errors = explored.sample.standard_errors();
    for (profile, a) in [(4, -2.0), (5, 0.0)] {
        let [mean, se] = [game.payoffs_of(0)[profile], errors[2 * profile]];
        assert!((mean - a - 3.0 * gives).abs() < 4.0 * se && se > 0.0, "{mean} {se}");
    }
}

#[test]
fn mutual_coldness_is_the_only_equilibrium_in_every_resample() {
    let model = loaded(DILEMMA);
    let explored = explore(&spec(&model, 256, 10_000), &Unwatched).expect("played");
    let found = verdict(&explored, "dilemma", Seed(5), &never).expect("solved");
    assert_eq!(found.equilibria.len(), 1, "{:?}", found.equilibria);
    let standing = &found.equilibria[0];
    assert_eq!(standing.equilibrium.profile, [vec![0.0, 1.0], vec![0.0, 1.0, 0.0]]);
    assert_eq!((standing.share, standing.regret), (1.0, 0.0));
    assert_eq!(found.limit.equilibrium.profile, standing.equilibrium.profile);
    let [only] = found.candidates[..] else { panic!("{:?}", found.candidates) };
    assert_eq!((only.profile, only.share), (3, 1.0));
    assert!(found.ranking[3] > 1.0 - 1e-12, "{:?}", found.ranking);
    assert_eq!(found.responses.len(), PRECISIONS.len());
    let tables = tables(&explored, &found).expect("tables");
    assert_eq!(tables.iter().map(|t| t.rows()).collect::<Vec<_>>(), [6, 35, 6]);
}

#[test]
fn a_stop_keeps_the_game_and_what_is_known_of_it() {
    let model = loaded(DILEMMA);
    let explored = explore(&spec(&model, 256, 10_000), &Unwatched).expect("played");
    let found = verdict(&explored, "dilemma", Seed(5), &|| true).expect("a game");
    assert_eq!((found.resamples, found.game.profiles()), (0, 6));
    assert!(found.notes.iter().any(|note| note.contains("0 of 400 resamples")), "{found:?}");
    assert!(found.candidates.is_empty() && found.limit.share.is_nan());
    let tables = tables(&explored, &found).expect("tables");
    assert_eq!(tables[0].rows(), 6);
    // half of the way
    let asked = std::cell::Cell::new(0);
    let halt = || {
        asked.set(asked.get() + 1);
        asked.get() > 100
    };
    let found = verdict(&explored, "dilemma", Seed(5), &halt).expect("a game");
    assert_eq!((found.resamples, found.candidates[0].share), (100, 1.0));
}

#[test]
fn results_do_not_depend_on_threads() {
    let model = loaded(DILEMMA);
    let one = MetaSpec { threads: Some(1), ..spec(&model, 300, 10_000) };
    let found = [one.clone(), MetaSpec { threads: Some(3), ..one }]
        .map(|spec| explore(&spec, &Unwatched).expect("played").sample);
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0].runs(0), 512);
}

#[test]
fn what_is_in_doubt_gets_more_runs_until_the_budget_is_spent() {
    // Two postures of A that are worth the same on average, each with a coin of its own.
    const EVENTS: &str = "[events]\nheads.probability = 0.5\ntails.probability = 0.5\n";
    let coin = DILEMMA
        .replace(
            "A = \"3 * chose[B, give] - chose[A, give]\"",
            "A = \"if(chose[A, give], happened[heads], happened[tails])\"",
        )
        .replace("[policies.kind]", &format!("{EVENTS}[policies.kind]"))
        .replace("free = {}", "");
    let model = loaded(&coin);
    let played = |seed: u64| {
        let spec = MetaSpec { seed: Seed(seed), ..spec(&model, 256, 6_000) };
        explore(&spec, &Unwatched).expect("played")
    };
    let all: Vec<Explored> = (1..=6).map(played).collect();
    assert!(all.iter().all(|explored| explored.sample.total() <= 6_000));
    let added = |explored: &&Explored| explored.sample.total() > 4 * 256;
    let Some(some) = all.iter().find(added) else { panic!("no seed leaves a doubt") };
    // Whether A's postures are equilibria is in doubt while B is cold; the best of B is clear.
    let runs: Vec<u64> = (0..4).map(|profile| some.sample.runs(profile)).collect();
    assert!(runs[2] > 256 && runs[3] > 256, "{runs:?}");
    assert!(all.iter().any(|explored| explored.enough == StopReason::Budget));
}

#[test]
fn what_cannot_be_played_is_said() {
    let none = DILEMMA.split("[postures.A]").next().expect("a start");
    let model = loaded(none);
    let error = explore(&spec(&model, 256, 10_000), &Unwatched).expect_err("nothing to play");
    assert!(matches!(error, MetaError::NoPostures));
    let model = loaded(DILEMMA);
    let error = explore(&spec(&model, 256, 1_000), &Unwatched).expect_err("too large");
    assert!(matches!(error, MetaError::TooLarge { profiles: 6, most: 3 }), "{error}");
}
