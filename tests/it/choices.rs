//! Engine and interpreter agree about ways to choose that the generator of `agreement` does not
//! know: its scenarios, with lines changed by a sequence of their own.

use std::rc::Rc;

use detente::diagnostic::Attached;
use detente::model::{Anticipation, Arm, Model, Rule};
use detente::rng::{Seed, Sequence};
use detente::scenario;

use crate::agreement::{compare, with_series};
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
                      cost = { gain = \"0.2 * chose[AAA, #loud] + 0.1 * heard[AAA]\" }\n\
                      effects = [\"a += 0.1 * chose[AAA, shout]\"]\n";
        self.text = self.text.replacen("[moves.shout]", &format!("{answer}[moves.shout]"), 1);
        let heard = "[derived]\n\"heard[i]\" = \"b[i] - chose[i, shout] - chose[i, hold]\"\n";
        self.text = self.text.replacen("[derived]\n", heard, 1);
    }

    /// Looks further ahead, by averages or by every branch.
    fn further(&mut self) {
        if !self.text.contains("poisson") && !self.text.contains("foresight") {
            self.perhaps("[decision]\n", "[decision]\nforesight = 2\n");
        }
        if !self.text.contains("anticipation") {
            self.perhaps("precision = \"lambda", "anticipation = \"exact\"\nprecision = \"lambda");
        }
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
    let mut changed = Changed { words, text: Made::in_full(number) };
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
    if changed.text.contains("CCC = ") {
        changed.perhaps("[moves.shout]", &format!("{pairs}[moves.shout]"));
    }
    let offer = "[moves.offer]\nby = \"pair\"\ntoward = [\"others\", \"size\"]\n\
                 cost = { pride = \"0.1 * abs(target2) * b[target]\" }\n\
                 effects = [\"u[target2] += 0.1\", \"a += chose[BBB, offer, AAA, 0.5]\"]\n";
    changed.perhaps("[moves.shout]", &format!("{offer}[moves.shout]"));
    changed.further();
    changed.text
}

/// Its model, every other time with series.
fn model(number: u64) -> Result<Model, String> {
    let (text, files) = match number % 2 {
        0 => with_series(&text(number), "hold"),
        _ => (text(number), Vec::new()),
    };
    let checked = scenario::load_with(text.as_bytes(), Rc::new(files)).checked;
    checked.value.ok_or_else(|| format!("{:?}", checked.diagnostics))
}

#[test]
fn on_generated_choices() {
    let wanted: usize = if full() { 3_000 } else { 40 };
    let (mut covered, mut refused, mut number, mut seen) = (0, 0, 0_u64, [0; 6]);
    while covered < wanted {
        number += 1;
        let model = match model(number) {
            Ok(model) => model,
            Err(why) => {
                refused += 1;
                assert!(refused < 40 + 2 * covered, "too many are refused: {why}");
                continue;
            }
        };
        let arm = Arm::new(&model, None, &[]).expect("an arm");
        if scenario::imagined_rounds(&model, &arm) > 2e3 {
            continue;
        }
        let found = compare(&model, None, 9);
        assert!(found.is_ok(), "{found:?} in\n{}", text(number));
        covered += 1;
        let mut acts = model.options.iter().flat_map(|option| &option.acts);
        let features = [
            arm.decisions.iter().any(|d| d.rule == Rule::NestedLogit),
            model.stages() > 1,
            model.seats.iter().any(|seat| seat.joint),
            acts.any(|act| act.targets.len() == 2),
            arm.decisions.iter().any(|d| d.foresight > 1),
            arm.decisions.iter().any(|d| d.anticipation == Anticipation::Exact),
        ];
        for (count, has) in seen.iter_mut().zip(features) {
            *count += usize::from(has);
        }
    }
    assert!(seen.iter().all(|count| *count > wanted / 20), "{seen:?}");
}

/// A bid of a part of a sum, an answer that reads it and an event, in which what is chosen may end
/// the run. `decision` says how all choose, `fret` when the watcher does; the sum changes with the
/// rounds.
fn bargaining(fret: &str, decision: &str) -> Model {
    let text = BARGAINING.replace("FRET", fret).replace("DECISION", decision);
    let series = "round,value\n1,1\n2,1.5\n3,0.7\n".to_string();
    let file = Attached { name: "size.csv".into(), text: series.into() };
    let checked = scenario::load_with(text.as_bytes(), Rc::new(vec![file])).checked;
    checked.value.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// Its text, with words for what differs.
const BARGAINING: &str = r#"format = 1
[scenario]
name = "bargaining"
rounds = 2
stop_when = "chose[BBB, accept]"
[actors]
AAA = "Bidder"
BBB = "Answerer"
CCC = "Watcher"
[sets]
share = [0.3, 0.8]
[series.size]
file = "size.csv"
[parameters]
patience = 1
[state.ill]
of = "actor"
range = [0, 1]
initial = 0.3
[derived]
asked = "sum(x in share: x * (chose[AAA, bid, x] + chose[AAA, press, BBB, x]))"
[types.AAA]
eager = { prior = 0.6, set = { patience = 2 } }
calm = { prior = 0.4 }
[payoffs.sum]
AAA = "size * patience * asked * chose[BBB, accept] - 0.1 * ill[self]"
BBB = "size * (1 - asked) * chose[BBB, accept] - ill[AAA] + 0.2 * belief[BBB, AAA, eager]"
CCC = "ill[AAA] - 0.5 * happened[rain]"
[weights]
sum = 1
[moves.bid]
by = ["AAA"]
toward = "share"
effects = ["ill[BBB] += 0.2 * target"]
[moves.press]
by = ["AAA"]
toward = ["BBB", "share"]
when = "target2 > 0.4 and not chose_last[AAA, press, BBB, 0.8]"
cost = { sum = "0.1 * target2" }
effects = ["ill[target] += target2 * 0.3", "ill[CCC] = 0.5 * target2"]
[moves.watch]
by = ["AAA"]
track = "second"
cost = { sum = 0.05 }
effects = ["ill[self] -= 0.1"]
[moves.accept]
by = ["BBB"]
stage = 2
when = "asked > 0"
cost = { sum = "0.3 * asked + 0.1 * chose[AAA, watch]" }
[moves.fret]
by = ["CCC"]
FRET
effects = ["ill[AAA] += 0.1 * chose[BBB, hold] + 0.1 * asked"]
[events.rain]
probability = "0.2 + 0.3 * chose[BBB, hold]"
effects = ["ill[AAA] += 0.1"]
[decision]
precision = 2
DECISION
[outcomes]
ill = { final = "ill[AAA] + ill[BBB]" }
bids = { total = "asked" }
"#;

#[test]
fn on_stages_that_look_ahead() {
    let (soon, late) = (
        "stage = 2\nwhen = \"asked > 0.4\"",
        "stage = 3\nwhen = \"asked > 0.4 or chose[BBB, hold]\"",
    );
    for anticipation in ["mean", "exact"] {
        for (fret, how) in [
            (soon, "reasoning = 1\nforesight = 2"),
            (soon, "reasoning = 2\nforesight = 2\nlevel0 = \"last\""),
            (late, "foresight = 2\n[decision.BBB]\nforesight = 1\nanticipation = \"mean\""),
            (soon, "foresight = 2\n[decision.AAA]\ntracks = \"joint\""),
            (late, "reasoning = \"poisson(1)\"\n[decision.CCC]\nrule = \"best_response\""),
            (soon, "reasoning = \"equilibrium\"\n[decision.BBB]\nrule = \"random\""),
        ] {
            let decision = format!("anticipation = \"{anticipation}\"\n{how}");
            let model = bargaining(fret, &decision);
            assert_eq!(model.stages(), if fret == soon { 2 } else { 3 });
            let found = compare(&model, None, 2);
            assert!(found.is_ok(), "{found:?} with {fret} and {decision}");
        }
    }
}
