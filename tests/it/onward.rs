//! What decides whether a run goes on counts once in what actors imagine beyond it.

use detente::model::{ActorId, Arm, Exactness, Model, Simulation, anticipated};
use detente::reference::trace;
use detente::rng::Seed;

use crate::agreement::compare;

/// A crisis in three moves: `later` says when the second and the third can be made.
fn crisis(later: [&str; 2], decision: &str) -> Model {
    let text = format!(
        r#"format = 1
[scenario]
name = "crisis"
rounds = 3
stop_when = "round == 1 and chose[CHL, hold] or round == 2 and chose[DEF, hold]"
[actors]
CHL = "Challenger"
DEF = "Defender"
[payoffs.stakes]
CHL = """if(round == 2, chose[DEF, hold],
  if(round == 3, -0.6 * chose[CHL, hold] - 0.4 * chose[CHL, fight], 0))"""
DEF = """if(round == 2, -chose[DEF, hold],
  if(round == 3, 0.5 * chose[CHL, hold] - 0.8 * chose[CHL, fight], 0))"""
[weights]
stakes = 1
[moves.challenge]
by = ["CHL"]
when = "round == 1"
[moves.resist]
by = ["DEF"]
when = "{}"
[moves.fight]
by = ["CHL"]
when = "{}"
[decision]
precision = 2
foresight = 3
{decision}
"#,
        later[0], later[1]
    );
    load(&text)
}

fn load(text: &str) -> Model {
    let checked = detente::scenario::load(text.as_bytes());
    checked.value.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// By round, the probability of each option of each seat, in the first run that is played to the
/// last.
fn choices(model: &Model) -> Vec<f64> {
    let arm = Arm::new(model, None, &[]).expect("an arm");
    let game = Simulation { model, arm: &arm, seed: Seed(5) };
    let all = (0..200).map(|run| trace(&game, run));
    let whole = all.into_iter().find(|told| told.rounds.len() == 3).expect("a whole run");
    let seats = whole.rounds.iter().flat_map(|round| &round.seats);
    seats.flat_map(|seat| seat.options.iter().map(|option| option.probability)).collect()
}

fn verdict(model: &Model) -> Exactness {
    let arm = Arm::new(model, None, &[]).expect("an arm");
    anticipated(model, &arm)[ActorId::new(0)][0].clone()
}

#[test]
fn three_writings_of_one_game_give_the_same_choices() {
    let by_choice = ["chose_last[CHL, challenge]", "chose_last[DEF, resist]"];
    let exact = crisis(by_choice, "anticipation = \"exact\"");
    let wanted = choices(&exact);
    // backward induction by hand: fight with 1 / (1 + e^(2 (0.4 - 0.6))), resist, challenge
    let logistic = detente::math::logistic;
    let fight = logistic(2.0 * 0.2);
    let [c, d] = [-0.4 * fight - 0.6 * (1.0 - fight), -0.8 * fight + 0.5 * (1.0 - fight)];
    let resist = logistic(2.0 * (d + 1.0));
    let challenge = logistic(2.0 * (resist * c + 1.0 - resist));
    assert!((wanted[0] - challenge).abs() < 1e-12, "{} {challenge}", wanted[0]);
    for later in [by_choice, ["round == 2", "round == 3"]] {
        let model = crisis(later, "");
        let found = choices(&model);
        assert_eq!(found.len(), wanted.len());
        for (one, other) in found.iter().zip(&wanted) {
            assert!((one - other).abs() < 1e-12, "{later:?}: {found:?}, not {wanted:?}");
        }
        assert_eq!(verdict(&model), Exactness::Exact, "{later:?}");
        assert_eq!(compare(&model, None, 67), Ok(0));
    }
    assert_eq!(compare(&exact, None, 67), Ok(0));
}

/// A game that two may leave at once, or an event may end; `read` is the payoff, `end` what ends
/// it.
fn shared(end: &str, event: &str, read: &str) -> Model {
    let text = format!(
        r#"format = 1
[scenario]
name = "shared"
rounds = 4
{end}
[actors]
A = "A"
B = "B"
[state.trust]
range = [0, 1]
initial = 0.5
[payoffs.gain]
default = "{read}"
[weights]
gain = 1
[moves.stay]
by = "actors"
effects = ["trust += 0.1"]
[moves.leave]
by = "actors"
[events.quake]
probability = 0.2
{event}
[decision]
precision = 1
foresight = 3
"#
    );
    load(&text)
}

#[test]
fn what_cannot_be_taken_as_given_is_called_approximate() {
    let both = "stop_when = \"chose[A, leave] or chose[B, leave]\"";
    let one = "stop_when = \"chose[B, leave]\"";
    let kept = "ends = true\neffects = [\"trust = 0\"]";
    for (end, event, read, same) in [
        (both, "", "chose_last[B, stay]", false),
        (both, "", "chose[B, stay]", true),
        (one, "", "chose_last[B, stay]", true),
        ("", "ends = true", "1 - happened_last[quake]", true),
        ("", kept, "trust", true),
        (one, "ends = true", "trust", false),
    ] {
        let model = shared(end, event, read);
        match verdict(&model) {
            Exactness::Approximate(why) if !same => {
                assert!(why.reason.starts_with("decides whether the run goes on"), "{why:?}");
                assert!(why.second.is_some());
            }
            other => assert!(same && !matches!(other, Exactness::Approximate(_)), "{other:?}"),
        }
        assert_eq!(compare(&model, None, 67), Ok(0), "{end} {event} {read}");
    }
}

#[test]
fn an_event_that_ends_the_run_has_not_happened_where_it_goes_on() {
    // the run goes on with probability 0.8, and then there was no quake: 0.8, not 0.8 times 0.8
    let model = shared("", "ends = true", "if(round == 2, 1 - happened_last[quake], 0)");
    let arm = Arm::new(&model, None, &[]).expect("an arm");
    let told = trace(&Simulation { model: &model, arm: &arm, seed: Seed(5) }, 0);
    for option in &told.rounds[0].seats[0].options {
        assert!((option.later - 0.8).abs() < 1e-12, "{}", option.later);
    }
}
