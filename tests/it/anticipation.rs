//! Whether imagined rounds of weights and means give expectations: small scenarios with known
//! answers.

use detente::model::{ActorId, Arm, Exactness, anticipated};

/// A scenario of two actors who may push, with some sections to fill in.
fn verdict(rest: &str) -> Exactness {
    let text = format!(
        r#"format = 1
[scenario]
name = "small"
rounds = 2
[actors]
A = {{ name = "A" }}
B = {{ name = "B" }}
[decision]
precision = 1
[weights]
gain = 1
[moves.push]
by = "actors"
effects = ["x[self] += 0.1"]
{rest}"#
    );
    let checked = detente::scenario::load(text.as_bytes());
    let model = checked.value.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let arm = Arm::new(&model, None, &[]).expect("the base arm is sound");
    anticipated(&model, &arm)[ActorId::new(0)][0].clone()
}

const FREE: &str = "[state.x]\nof = \"actor\"\ninitial = 0\n";
const HELD: &str = "[state.x]\nof = \"actor\"\nrange = [0, 1]\ninitial = 0\n";

fn payoff(formula: &str) -> String {
    format!("[payoffs.gain]\ndefault = 0\nA = \"{formula}\"\n")
}

#[test]
fn sums_and_products_of_independent_choices_are_exact() {
    assert_eq!(verdict(&(FREE.to_string() + &payoff("x[A] + 2 * x[B]"))), Exactness::Exact);
    assert_eq!(verdict(&(FREE.to_string() + &payoff("x[A] * x[B]"))), Exactness::Exact);
    assert_eq!(verdict(&(FREE.to_string() + &payoff("exp(x[A]) * x[B]"))), Exactness::Exact);
}

#[test]
fn what_bends_an_uncertain_quantity_approximates() {
    for formula in ["x[B] * x[B]", "exp(x[B])", "1 / (1 + x[B])", "x[B] > 0.05", "x[B] ^ 2"] {
        let found = verdict(&(FREE.to_string() + &payoff(formula)));
        assert!(matches!(found, Exactness::Approximate(_)), "{formula}: {found:?}");
    }
}

#[test]
fn a_range_that_may_bind_is_named() {
    let found = verdict(&(HELD.to_string() + &payoff("x[A] + x[B]")));
    assert_eq!(found, Exactness::ExactUnlessClamped(vec!["x[B]".to_string()]));
}

#[test]
fn an_event_is_a_source_of_its_own() {
    let event = "[events.storm]\nprobability = 0.1\neffects = [\"x[B] -= 0.2\"]\n";
    let rest = FREE.to_string() + &payoff("x[B]") + event;
    assert_eq!(verdict(&rest), Exactness::Exact);
    let rest = FREE.to_string() + &payoff("x[B] * happened[storm]") + event;
    assert!(matches!(verdict(&rest), Exactness::Approximate(_)));
}
