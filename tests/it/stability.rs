//! How a scenario is read as a graph model, and what cannot be.

use detente::solve::never;
use detente::solve::stability::Stability;
use detente::{Error, GraphModel, Scenario};

/// Two neighbours who may arm and disarm: arming alone is worth 4, armed peace 2, peace without
/// arms 3, being the only one without arms 1. The example of `docs/method.md`.
const NEIGHBOURS: &str = r#"format = 1

[scenario]
name   = "neighbours"
rounds = 4

[actors]
NORTH = { name = "Northland" }
SOUTH = { name = "Southland" }

[state.armed]
of      = "actor"
kind    = "flag"
initial = 0

[payoffs.safety]
default = "sum(j in others: if(armed[self], if(armed[j], 2, 4), if(armed[j], 1, 3)))"

[weights]
safety = 1

[moves.arm]
by      = "actors"
when    = "not armed[self]"
effects = ["armed[self] = 1"]

[moves.disarm]
by      = "actors"
when    = "armed[self]"
effects = ["armed[self] = 0"]

[decision]
precision = 1

[outcomes]
arms = { final = "armed[NORTH] + armed[SOUTH]" }
"#;

fn graph(text: &str) -> Result<GraphModel, Error> {
    let scenario = Scenario::parse(text).unwrap_or_else(|list| panic!("{list:?}\n{text}"));
    scenario.graph_model(&scenario.arm(None, &[]).expect("an arm"), &never)
}

fn good(text: &str) -> GraphModel {
    graph(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// By state, where each player can move to, states from 1.
fn moves(model: &GraphModel) -> Vec<Vec<Vec<usize>>> {
    let to = |player, state| model.graph.moves(player, state).iter().map(|to| to + 1).collect();
    let players = 0..model.players.len();
    (0..model.states.len())
        .map(|state| players.clone().map(|player| to(player, state)).collect())
        .collect()
}

/// The states, from 1, that are stable for all: R, GMR, SMR, SEQ.
fn equilibria(model: &GraphModel) -> [Vec<usize>; 4] {
    let found = model.stability(&never).expect("nobody stops it");
    let all = found.iter().map(|of| of.iter().copied().reduce(Stability::and).expect("players"));
    let all: Vec<Stability> = all.collect();
    [0, 1, 2, 3].map(|concept| {
        (1..=all.len()).filter(|state| all[state - 1].concepts()[concept].1).collect()
    })
}

/// The text with one part in the place of another, which is there.
fn with(text: &str, part: &str, other: &str) -> String {
    assert!(text.contains(part), "{part}");
    text.replacen(part, other, 1)
}

#[test]
fn the_example_of_the_method_page() {
    let model = good(NEIGHBOURS);
    let labels: Vec<&str> = model.cells.iter().map(|cell| cell.label.as_str()).collect();
    assert_eq!(labels, ["armed[NORTH]", "armed[SOUTH]"]);
    assert_eq!(model.states, [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
    assert_eq!(model.start, 0);
    let to = [[[2], [3]], [[1], [4]], [[4], [1]], [[3], [2]]];
    assert_eq!(moves(&model), to.map(|row| row.map(Vec::from).to_vec()));
    let north = [0, 1, 2, 3].map(|state| model.graph.payoff(0, state));
    assert_eq!(north, [3.0, 4.0, 1.0, 2.0]);
    let [nash, gmr, smr, seq] = equilibria(&model);
    assert_eq!((nash, gmr, smr, seq), (vec![4], vec![1, 4], vec![1, 4], vec![1, 4]));
}

#[test]
fn what_cannot_be_taken_back_is_a_move_in_one_direction() {
    let (before, after) = NEIGHBOURS.split_once("[moves.disarm]").expect("a move");
    let rest = after.split_once("[decision]").expect("a section").1;
    let model = good(&format!("{before}[decision]{rest}"));
    let to = [[vec![2], vec![3]], [vec![], vec![4]], [vec![4], vec![]], [vec![], vec![]]];
    assert_eq!(moves(&model), to.map(Vec::from));
    // who begins can be answered with arms, from which there is no way back
    assert_eq!(equilibria(&model), [vec![4], vec![1, 4], vec![1, 4], vec![1, 4]]);
}

#[test]
fn nobody_moves_where_the_run_has_ended() {
    let ends = with(NEIGHBOURS, "rounds = 4", "rounds = 1\nstop_when = \"armed[NORTH]\"");
    let model = good(&ends);
    let to = [[vec![2], vec![3]], [vec![], vec![]], [vec![4], vec![1]], [vec![], vec![]]];
    assert_eq!(moves(&model), to.map(Vec::from));
}

#[test]
fn an_actor_moves_on_all_its_tracks_at_once() {
    let track = "[moves.fortify]\nby = [\"NORTH\"]\ntrack = \"walls\"\nwhen = \"not walls\"\n\
                 effects = [\"walls = 1\"]\n[state.walls]\nkind = \"flag\"\ninitial = 0\n\n\
                 [decision]";
    let model = good(&with(NEIGHBOURS, "[decision]", track));
    assert_eq!(model.states.len(), 8);
    // arms, walls, or both
    assert_eq!(moves(&model)[0], [vec![2, 5, 6], vec![3]]);
    assert_eq!(moves(&model)[7], [vec![7], vec![6]]);
}

#[test]
fn effects_are_those_of_a_round_in_which_all_others_hold() {
    let bold = with(NEIGHBOURS, "armed[self] = 1", "armed[self] = chose[target, hold]");
    let bold = with(
        &bold,
        "when    = \"not armed[self]\"",
        "toward = \"others\"\nwhen = \"not armed[self]\"",
    );
    assert_eq!(moves(&good(&bold)), moves(&good(NEIGHBOURS)));
    // what follows of itself in the round of a move is part of the state that it leads to
    let worry = "[state.worry]\ninitial = 0\n[dynamics]\nworry = \"armed[NORTH] + armed[SOUTH]\"\n\
                 [weights]";
    let model = good(&with(NEIGHBOURS, "[weights]", worry));
    let mut states = model.states.clone();
    states.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    assert_eq!(states, [[0.0, 0.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 2.0]]);
}

/// Three tenths up and down again, in steps that no double is equal to.
#[test]
fn what_rounding_leaves_is_no_state_of_its_own() {
    let amounts = with(NEIGHBOURS, "kind    = \"flag\"", "range = [0, 0.3]");
    let amounts = with(&amounts, "armed[self] = 1", "armed[self] += 0.1");
    let amounts = with(&amounts, "armed[self] = 0", "armed[self] -= 0.1");
    let amounts = with(&amounts, "not armed[self]", "armed[self] < 0.25");
    let amounts = with(&amounts, "when    = \"armed[self]\"", "when = \"armed[self] > 0.05\"");
    let payoff = "if(armed[self], if(armed[j], 2, 4), if(armed[j], 1, 3))";
    let model = good(&with(&amounts, payoff, "armed[self] - 2 * armed[j]"));
    assert_eq!(model.states.len(), 16);
    assert_eq!(equilibria(&model)[0], [16]);
}

#[test]
fn what_has_no_place_in_a_graph_model_is_refused_at_its_place() {
    let refused = |part: &str, other: &str, what: &str, place: &str| {
        let text = with(NEIGHBOURS, part, other);
        let Err(Error::Diagnostics(list)) = graph(&text) else { panic!("it is taken: {text}") };
        let shown = list.render(false);
        let wanted = format!("{what} cannot stand in a graph model");
        assert!(shown.contains(&wanted) && shown.contains(place), "{wanted}, {place}:\n{shown}");
        assert!(shown.contains("= help: "), "{shown}");
    };
    let event = "[events.alarm]\nprobability = 0.5\neffects = [\"armed[NORTH] = 1\"]\n[decision]";
    let types = "[types.NORTH]\na = { prior = 0.5, set = { fear = 1 } }\n\
                 b = { prior = 0.5, set = { fear = 2 } }\n[parameters]\n\
                 fear = { value = 1, range = [0, 2], source = \"assumed\" }\n[weights]";
    let cost = "effects = [\"armed[self] = 1\"]\ncost = { safety = 0.5 }";
    let staged = "[moves.watch]\nby = [\"NORTH\"]\ntrack = \"eyes\"\nstage = 2\n[decision]";
    let last = "not armed[self] and not chose_last[self, disarm]";
    for (part, other, what, place) in [
        ("[decision]", event, "an event", "[events.alarm]"),
        ("[decision]", staged, "a move in a later stage", "[moves.watch]"),
        ("[weights]", types, "private information", "[types.NORTH]"),
        ("effects = [\"armed[self] = 1\"]", cost, "a cost", "0.5"),
        ("armed[self] = 1", "armed[self] = bernoulli(0.5)", "a draw", "bernoulli(0.5)"),
        ("initial = 0", "initial = \"bernoulli(0.5)\"", "a draw", "[state.armed]"),
        ("not armed[self]", last, "`chose_last`", "chose_last[self, disarm]"),
        ("not armed[self]", "round < 3", "what changes with the round", "round < 3"),
        ("armed[j], 2, 4", "chose[j, arm], 2, 4", "`chose`", "chose[j, arm]"),
        ("rounds = 4", "rounds = 4\nstop_when = \"chose[NORTH, arm]\"", "`chose`", "stop_when"),
    ] {
        refused(part, other, what, place);
    }
    // what parameters and variants switch off is not there
    let off = with(NEIGHBOURS, "[decision]", &event.replace("0.5\n", "0\n"));
    assert_eq!(moves(&good(&off)), moves(&good(NEIGHBOURS)));
}

#[test]
fn definitions_are_looked_into() {
    let derived = "[derived]\nseason = \"mod(round, 2)\"\n[weights]";
    let text = with(NEIGHBOURS, "[weights]", derived);
    let text = with(&text, "not armed[self]", "not armed[self] and season == 1");
    let Err(Error::Diagnostics(list)) = graph(&text) else { panic!("it is taken") };
    assert!(list.render(false).contains("mod(round, 2)"), "{list:?}");
}

#[test]
fn states_that_are_none_are_refused_in_words() {
    let refused = |part: &str, other: &str, told: &str| {
        let text = with(NEIGHBOURS, part, other);
        let Err(Error::Request(shown)) = graph(&text) else { panic!("it is taken: {text}") };
        assert!(shown.contains(told), "{shown}");
    };
    let fades =
        "[dynamics]\n\"armed[i]\" = \"if(i == NORTH, 0.5 * armed[i], armed[i])\"\n[weights]";
    refused("[weights]", fades, "`armed[NORTH]` goes from 0.5 to 0.25 though nobody moves");
    refused("armed[self] = 1", "armed[self] = 0.5", "`arm` of NORTH is available with weight 0.5");
    let grows = with(NEIGHBOURS, "kind    = \"flag\"\n", "");
    let grows = with(&grows, "armed[self] = 1", "armed[self] += 1");
    let grows = with(&grows, "not armed[self]", "armed[self] >= 0");
    let grows = with(&grows, "when    = \"armed[self]\"", "when = \"armed[self] > 0\"");
    let text = with(&grows, "if(armed[self], if(armed[j], 2, 4), if(armed[j], 1, 3))", "armed[j]");
    let Err(Error::Request(shown)) = graph(&text) else { panic!("it is taken") };
    assert!(shown.contains("more than 5000 states"), "{shown}");
    let bad = with(NEIGHBOURS, "if(armed[j], 2, 4)", "1 / (1 - armed[self])");
    let Err(Error::Fault(shown)) = graph(&bad) else { panic!("it is taken") };
    assert!(shown.contains("`utility[NORTH]` is inf"), "{shown}");
}
