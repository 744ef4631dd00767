//! Engine and interpreter agree about ways to choose that the older generator does not know: its
//! scenarios, with lines changed by a sequence of their own. (That generator stays as it is: the
//! numbers of `oracle` are those of its texts.)

use detente::model::{Arm, Rule};
use detente::rng::{Seed, Sequence};
use detente::scenario;

use crate::agreement::{compare, load};
use crate::generate::Made;
use crate::support::full;

/// A made-up scenario whose actors choose in newer ways.
fn text(number: u64) -> String {
    let mut words = Sequence::new(Seed(number + (1 << 32)), Sequence::TRIALS);
    let mut text = Made::scenario(number);
    let mut put = |one_in: u64, old: &str, new: &str| {
        if words.below(one_in) == 0 {
            text = text.replacen(old, new, 1);
        }
    };
    let nested = "rule = \"nested_logit\"\nprecision = \"lambda * 1.5\"";
    let precision = "precision = \"lambda * 1.5\"";
    put(2, precision, &format!("{nested}\nmu = \"0.1 + 0.9 * p\""));
    put(2, precision, &format!("{nested}\nmu = {{ default = 0.6, m0 = \"p\" }}"));
    put(
        2,
        precision,
        &format!("{nested}\nnests = \"tags\"\nmu = {{ \"#loud\" = 0.4, default = 1 }}"),
    );
    put(2, "move = \"m0\" }", "move = \"m0\", share = \"p\" }");
    put(2, "move = \"shout\" }", "move = \"shout\", share = \"1/3\" }");
    let pairs = "[moves.pair_up]\nby = [\"AAA\", \"BBB\"]\ntoward = [\"pair\", \"actors\"]\n\
                 cost = { gain = \"0.1 * b[target2]\" }\n\
                 effects = [\"c[target2, self] += 0.2\", \"a += chose[AAA, pair_up, BBB]\"]\n";
    put(2, "[moves.shout]", &format!("{pairs}[moves.shout]"));
    if words.below(2) == 0 {
        text = text.replace("track = \"second\"", "track = \"second\"\nstage = 2");
        let answer = "[moves.answer]\nby = [\"BBB\"]\ntrack = \"third\"\nstage = 4\n\
                      when = \"chose[AAA, shout] or b[BBB] < 0.5\"\n\
                      cost = { gain = \"0.2 * chose[AAA, #loud] + 0.1 * chose[AAA, hold]\" }\n\
                      effects = [\"a += 0.1 * chose[AAA, shout]\"]\n";
        text = text.replacen("[moves.shout]", &format!("{answer}[moves.shout]"), 1);
    }
    text
}

#[test]
fn on_generated_choices() {
    let wanted: usize = if full() { 1_000 } else { 25 };
    let (mut covered, mut nested, mut number) = (0, 0, 0);
    while covered < wanted {
        number += 1;
        assert!(number < 20 * wanted as u64, "too many are refused");
        let Ok(model) = load(&text(number)) else { continue };
        let arm = Arm::new(&model, None, &[]).expect("an arm");
        if scenario::imagined_rounds(&model, &arm) > 2e3 {
            continue;
        }
        let found = compare(&model, None, 9);
        assert!(found.is_ok(), "{found:?} in\n{}", text(number));
        covered += 1;
        nested += usize::from(arm.decisions.iter().any(|d| d.rule == Rule::NestedLogit));
    }
    assert!(nested > wanted / 4, "{nested}");
}
