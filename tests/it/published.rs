//! Published models in the language, held to the numbers of their papers and of other programs.

use detente::solve::never;
use detente::solve::stability::Stability;
use detente::{Meta, Scenario};
use serde_json::Value;

use super::support::root;

#[test]
fn models_give_the_numbers_of_their_papers() {
    super::known_numbers::all("scenarios/published", "tests/published");
}

/// Where each of nine states is stable for each of three decision makers, and for all.
#[test]
fn elmira_is_stable_where_the_book_says() {
    let text = std::fs::read_to_string(root().join("tests/published/elmira.json"));
    let known: Value = serde_json::from_str(&text.expect("the table")).expect("JSON");
    let scenario = Scenario::open(root().join("scenarios/published/elmira.toml")).expect("sound");
    let arm = scenario.arm(None, &[]).expect("an arm");
    let model = scenario.graph_model(&arm, &never).expect("a graph model");
    let found = model.stability(&never).expect("nobody stops it");
    assert_eq!((model.start, found.len()), (0, 9));
    let signs = |stable: Stability| {
        let held = stable.concepts().into_iter().filter(|(_, holds)| *holds);
        Value::from(held.map(|(sign, _)| sign).collect::<Vec<&str>>())
    };
    for (state, of_state) in found.iter().enumerate() {
        let row = &known["stable"][(state + 1).to_string()];
        for (player, stable) in model.players.iter().zip(of_state) {
            assert_eq!(signs(*stable), row[player], "{player} in state {}", state + 1);
        }
    }
    for (number, sign) in ["R", "GMR", "SMR", "SEQ"].into_iter().enumerate() {
        let all = |state: &usize| found[state - 1].iter().all(|s| s.concepts()[number].1);
        let states: Vec<usize> = (1..=9).filter(all).collect();
        assert_eq!(Value::from(states), known["equilibria"][sign], "{sign}");
    }
}

/// Every pairing of eight strategies, at ten turns and at two hundred.
#[test]
fn the_tournament_has_the_scores_of_another_program() {
    let text = std::fs::read_to_string(root().join("tests/published/tournament.json"));
    let known: Value = serde_json::from_str(&text.expect("the scores")).expect("JSON");
    let path = root().join("scenarios/published/tournament.toml");
    let scenario = Scenario::open(path).expect("a sound scenario");
    let names = known["strategies"].as_array().expect("names");
    let turns = known["turns"].as_object().expect("tables by number of turns");
    assert_eq!(turns.len(), 2);
    for (turns, table) in turns {
        let rounds = turns.parse().expect("a number");
        let found = scenario.meta(&Meta::new().runs(1).rounds(rounds)).expect("it can be played");
        let game = &found.verdict().game;
        let scores = game.payoffs_of(0);
        assert_eq!(scores.len(), names.len() * names.len());
        for (row, line) in table.as_array().expect("rows").iter().enumerate() {
            for (column, score) in line.as_array().expect("scores").iter().enumerate() {
                // the first player's strategies vary fastest
                let mine = scores[column * names.len() + row];
                let other = game.payoffs_of(1)[row * names.len() + column];
                let place = format!("{} against {}, {turns}", names[row], names[column]);
                assert_eq!(Some(mine), score.as_f64(), "{place}");
                assert_eq!(Some(other), score.as_f64(), "{place}, from the other side");
            }
        }
    }
}
