//! Engine and interpreter agree about ways to choose that the older generator does not know: its
//! scenarios, with lines changed by a sequence of their own. (That generator stays as it is: the
//! numbers of `oracle` are those of its texts.)

use detente::model::{Arm, Rule};
use detente::rng::{Seed, Sequence};
use detente::scenario;

use crate::agreement::{compare, load};
use crate::generate::Made;
use crate::support::full;

/// A made-up scenario, to be changed.
struct Changed {
    words: Sequence,
    text: String,
}

impl Changed {
    fn one_in(&mut self, count: u64) -> bool {
        self.words.below(count) == 0
    }

    /// Replaces a text where it first stands, every other time.
    fn perhaps(&mut self, old: &str, new: &str) {
        if self.one_in(2) {
            self.text = self.text.replacen(old, new, 1);
        }
    }

    fn nests(&mut self) {
        let precision = "precision = \"lambda * 1.5\"";
        let kinds = [
            "mu = \"0.1 + 0.9 * p\"",
            "mu = { default = 0.6, m0 = \"p\" }",
            "nests = \"tags\"\nmu = { \"#loud\" = 0.4, default = 1 }",
            "mu = 1",
        ];
        let kind = kinds[self.words.below(4) as usize];
        let rule = format!("rule = \"nested_logit\"\n{precision}\n{kind}");
        self.text = self.text.replacen(precision, &rule, 1);
    }

    fn stages(&mut self) {
        self.text = self.text.replace("track = \"second\"", "track = \"second\"\nstage = 2");
        let answer = "[moves.answer]\nby = [\"BBB\"]\ntrack = \"third\"\nstage = 4\n\
                      when = \"chose[AAA, shout] or b[BBB] < 0.5\"\n\
                      cost = { gain = \"0.2 * chose[AAA, #loud] + 0.1 * chose[AAA, hold]\" }\n\
                      effects = [\"a += 0.1 * chose[AAA, shout]\"]\n";
        self.text = self.text.replacen("[moves.shout]", &format!("{answer}[moves.shout]"), 1);
    }

    fn together(&mut self) {
        let held = "[constraints.means]\nby = \"actors\"\n\
                    require = \"chose[self, m0] + chose[self, shout] <= 2 * b[self]\"\n\
                    [decision]\ntracks = \"joint\"\n";
        let held = if self.one_in(4) { "[decision]\ntracks = \"joint\"\n" } else { held };
        self.text = self.text.replacen("[decision]\n", held, 1);
    }
}

/// A made-up scenario whose actors choose in newer ways.
fn text(number: u64) -> String {
    let words = Sequence::new(Seed(number + (1 << 32)), Sequence::TRIALS);
    let mut changed = Changed { words, text: Made::scenario(number) };
    match changed.words.below(5) {
        0 => changed.nests(),
        1 => changed.together(),
        2 => {
            changed.nests();
            changed.stages();
        }
        _ => changed.stages(),
    }
    changed.perhaps("move = \"m0\" }", "move = \"m0\", share = \"p\" }");
    changed.perhaps("move = \"shout\" }", "move = \"shout\", share = \"1/3\" }");
    let pairs = "[moves.pair_up]\nby = [\"AAA\", \"BBB\"]\ntoward = [\"pair\", \"actors\"]\n\
                 cost = { gain = \"0.1 * b[target2]\" }\n\
                 effects = [\"c[target2, self] += 0.2\", \"a += chose[AAA, pair_up, BBB]\"]\n";
    changed.perhaps("[moves.shout]", &format!("{pairs}[moves.shout]"));
    changed.text
}

#[test]
fn on_generated_choices() {
    let wanted: usize = if full() { 1_000 } else { 40 };
    let (mut covered, mut number) = (0, 0_u64);
    let (mut nested, mut staged, mut joint, mut pairs) = (0, 0, 0, 0);
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
        staged += usize::from(model.stages() > 1);
        joint += usize::from(model.seats.iter().any(|seat| seat.joint));
        let two =
            |choice: &detente::model::Choice| choice.acts.iter().any(|a| a.targets.len() == 2);
        pairs += usize::from(model.options.iter().any(two));
    }
    let seen = [nested, staged, joint, pairs];
    assert!(seen.iter().all(|count| *count > wanted / 10), "{seen:?}");
}
