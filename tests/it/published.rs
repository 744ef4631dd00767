//! Published models in the language, held to the numbers of their papers and of other programs.

use detente::{Meta, Scenario};
use serde_json::Value;

use super::support::root;

#[test]
fn models_give_the_numbers_of_their_papers() {
    super::known_numbers::all("scenarios/published", "tests/published");
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
