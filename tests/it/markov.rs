//! Games without a last round: the stationary equilibrium, and what refuses to have one.

use detente::diagnostic::Code;
use detente::engine::{self, Vectors};
use detente::model::{Arm, LongRun, MarkovError, Model, SeatId, Simulation};
use detente::plan::{Budget, Plan};
use detente::record::Layout;
use detente::reference::{self, trace};
use detente::rng::{Seed, Sequence};

use crate::agreement::compare;

/// A game of two with parts to fill in.
fn text(state: &str, rest: &str, decision: &str) -> String {
    format!(
        r#"format = 1
[scenario]
name = "endless"
rounds = 6
[actors]
A = "A"
B = "B"
[groups]
both = ["A", "B"]
[state.war]
kind = "flag"
initial = 0
{state}
[weights]
gain = 1
[moves.push]
by = "both"
when = "not war"
cost = {{ gain = 0.2 }}
effects = ["war = 1"]
[moves.yield]
by = "both"
when = "war"
effects = ["war = 0"]
{rest}
[decision]
precision = 2
reasoning = "equilibrium"
anticipation = "exact"
foresight = "stationary"
discount = 0.8
{decision}
"#
    )
}

const PLAIN: &str =
    "[payoffs.gain]\nA = \"1 - 2 * war + chose[A, push]\"\nB = \"-war + 0.5 * chose[B, push]\"";

fn load(text: &str) -> Model {
    let checked = detente::scenario::load(text.as_bytes());
    checked.value.unwrap_or_else(|| panic!("{:?}\n{text}", checked.diagnostics))
}

/// Made of parts by chance: memory of moves, events that end, happen once or last, counters, other
/// rules than logit, a second track.
fn made(number: u64) -> String {
    let mut words = Sequence::new(Seed(number), Sequence::TRIALS);
    let mut one = |list: &[&'static str]| list[words.below(list.len() as u64) as usize];
    let state = one(&[
        "",
        "[state.level]\nrange = [0, 3]\ninitial = 1",
        "[state.level]\nrange = [0, 3]\ninitial = 1\n[dynamics]\nlevel = \"min(3, level + war)\"",
        "[state.level]\ninitial = 0\n[state.shelf]\nof = \"size\"\ninitial = 0\n\
         [sets]\nsize = { from = 0, to = 0.5, steps = 2 }\n\
         [dynamics]\nlevel = \"war + sum(z in size: z * shelf[z])\"",
    ]);
    let (level, sets) = (!state.is_empty(), state.contains("shelf"));
    let payoff = match (level, one(&["plain", "memory"])) {
        (true, _) => {
            "[payoffs.gain]\nA = \"level - war + 0.3 * chose[A, push]\"\nB = \"-level * war\""
        }
        (_, "memory") => {
            "[payoffs.gain]\nA = \"-war + chose_last[B, push]\"\n\
             B = \"0.4 * chose[B, push] - 2 * war * chose_last[A, push]\""
        }
        _ => PLAIN,
    };
    let event = one(&[
        "",
        "[events.truce]\nprobability = 0.3\nwhen = \"war\"\neffects = [\"war = 0\"]",
        "[events.crash]\nprobability = \"0.1 + 0.1 * war\"\nends = true",
        "[events.shock]\nprobability = 0.2\nonce = true\neffects = [\"war = 1\"]",
        "[events.echo]\nprobability = \"0.2 + 0.3 * happened_last[echo]\"\neffects = [\"war = 1\"]",
    ]);
    let track = match (level, one(&["", "[moves.build]\nby = [\"A\"]\ntrack = \"home\""])) {
        (true, "") if sets => {
            "[moves.put]\nby = [\"A\"]\ntoward = \"size\"\ncost = { gain = \"target\" }\n\
             effects = [\"shelf[target] = 1\"]"
        }
        (true, "") => "[moves.dig]\nby = [\"B\"]\neffects = [\"level -= 1\"]",
        (_, track) => track,
    };
    let decision = one(&[
        "",
        "[decision.B]\nrule = \"best_response\"",
        "[decision.B]\nrule = \"random\"",
        "level0 = \"moves\"",
        "[decision.A]\nprecision = 0.5",
        "[decision.A]\ntracks = \"joint\"",
        "rule = \"nested_logit\"\nmu = 0.4",
    ]);
    text(state, &format!("{payoff}\n{event}\n{track}"), decision)
}

/// What differs between runs that are traced and runs that the engine plays.
fn traced(model: &Model, arm: &Arm, runs: u64) -> Result<(), String> {
    let layout = Layout::of(model, std::slice::from_ref(arm));
    let game = Simulation { model, arm, seed: Seed(5) };
    let plan = Plan::new(model, arm, Budget::default()).expect("a plan");
    let block = engine::play(&plan, Vectors::best(), game.seed, &layout, 0, runs as usize);
    for run in 0..runs {
        let told = trace(&game, run);
        if told.rounds.len() != block.played[run as usize] as usize {
            return Err(format!("run {run} has {} rounds", told.rounds.len()));
        }
        for round in &told.rounds {
            for ((id, seat), own) in model.seats.enumerate().zip(&round.seats) {
                let all = block.choice(&layout, round.round as usize - 1, id);
                let played = all[run as usize];
                if usize::from(played) != seat.option(own.chosen).index() {
                    return Err(format!("run {run}, round {}: {played}", round.round));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn engine_and_interpreter_agree_on_endless_games() {
    let (mut whole, mut unsolved, mut later) = (0, 0, [0; 3]);
    for number in 1..80 {
        let text = made(number);
        let model = load(&text);
        let arm = Arm::new(&model, None, &[]).expect("an arm");
        match reference::markov(&model, &arm, &|| false) {
            Err(MarkovError::Residual(_)) => unsolved += 1,
            Err(error) => panic!("{error}: {text}"),
            Ok(found) => {
                assert!(found.residual <= 1e-10 && found.numbers.len() > 1, "{text}");
                assert_eq!(compare(&model, None, 9), Ok(0), "{text}");
                assert_eq!(traced(&model, &arm, 3), Ok(()), "{text}");
                let words = ["[sets]", "joint", "nested_logit"];
                for (count, word) in later.iter_mut().zip(words) {
                    *count += usize::from(text.contains(word));
                }
                whole += 1;
            }
        }
        if whole >= 12 && !later.contains(&0) {
            break;
        }
    }
    assert!(whole >= 12 && 2 * unsolved < whole && !later.contains(&0), "{whole} {unsolved}");
}

/// What an option is worth is what it brings now and 0.8 times what the state after it is worth;
/// mixes are those of the table, in the last round as in the first.
#[test]
fn choices_follow_the_values_of_states() {
    let model = load(&text("", PLAIN, ""));
    let arm = Arm::new(&model, None, &[]).expect("an arm");
    let found = reference::markov(&model, &arm, &|| false).expect("an equilibrium");
    let [peace, war] = [0.0_f64, 1.0].map(|x| found.states[[x.to_bits()].as_slice()]);
    let told = trace(&Simulation { model: &model, arm: &arm, seed: Seed(5) }, 0);
    for round in &told.rounds {
        let state = if round.cells[0].before == 0.0 { peace } else { war };
        for (seat, own) in model.seats.iter().zip(&round.seats) {
            for (option, told) in seat.options().zip(&own.options) {
                let mix = found.mixes[state][option.index()];
                assert!((told.probability - mix).abs() < 1e-9);
            }
        }
    }
    // A holds in peace: war follows if B pushes
    let push = found.mixes[peace][model.seats[SeatId::new(1)].first.index()];
    let later = |state: usize| found.values[state][0];
    let worth = push * (-1.0 + 0.8 * later(war)) + (1.0 - push) * (1.0 + 0.8 * later(peace));
    let hold = &told.rounds[0].seats[0].options.last().expect("hold");
    assert!((hold.utility - worth).abs() < 1e-9, "{} {worth}", hold.utility);
    // the long run is where a step leads back to
    let LongRun { shares, ended, .. } = found.long_run();
    let after = |to: usize| -> f64 {
        let ways = found.next.iter().zip(&shares);
        ways.map(|(ways, share)| {
            share * ways.iter().filter(|(n, _)| *n == to).map(|(_, p)| p).sum::<f64>()
        })
        .sum()
    };
    assert!(ended.abs() < 1e-9 && (after(war) - shares[war]).abs() < 1e-9);
}

/// Where every run ends, shares are of the rounds until then: v = first + v P, by elimination.
#[test]
fn games_that_end_spend_their_rounds_before() {
    let crash = format!("{PLAIN}\n[events.crash]\nprobability = \"0.1 + 0.1 * war\"\nends = true");
    let model = load(&text("", &crash, ""));
    let arm = Arm::new(&model, None, &[]).expect("an arm");
    let found = reference::markov(&model, &arm, &|| false).expect("an equilibrium");
    let LongRun { shares, ended, drift } = found.long_run();
    assert!(ended > 1.0 - 1e-9 && drift <= 1e-13 && found.numbers.len() == 2);
    let way = |from: usize, to: usize| -> f64 {
        found.next[from].iter().filter(|(n, _)| *n == to).map(|(_, p)| p).sum()
    };
    // (1 - a) v0 - c v1 = 1 and -b v0 + (1 - d) v1 = 0
    let (a, b, c, d) = (way(0, 0), way(0, 1), way(1, 0), way(1, 1));
    let second = b / (1.0 - d);
    let first = 1.0 / (1.0 - a - c * second);
    assert!(first > 1.0 && b > 0.0 && c > 0.0);
    assert!((shares[0] - first / (first + first * second)).abs() < 1e-9, "{shares:?}");
}

#[test]
fn what_has_no_finite_stationary_game_is_refused() {
    let codes = |text: &str| {
        let checked = detente::scenario::load(text.as_bytes());
        checked.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>()
    };
    let wrong = |state: &str, rest: &str, decision: &str| {
        assert!(codes(&text(state, rest, decision)).contains(&Code::Decision), "{rest} {decision}");
    };
    wrong("", PLAIN, "[decision.B]\nforesight = 2");
    wrong("", PLAIN, "[decision.B]\nanticipation = \"mean\"");
    wrong("", PLAIN, "[decision.B]\nreasoning = 1");
    wrong("", PLAIN, "[decision.B]\ndiscount = 1");
    wrong("", PLAIN, "level0 = \"last\"");
    wrong("", &PLAIN.replace("- 2 * war", "- round * war"), "");
    let drawn = "[state.level]\ninitial = 0\n[dynamics]\nlevel = \"level + normal(0, 1)\"";
    wrong(drawn, &PLAIN.replace("- 2 * war", "- level"), "");
    let typed = "[types.A]\nbold = { prior = 0.5 }\nshy = { prior = 0.5 }";
    wrong(typed, PLAIN, "");
    // what nobody's future depends on may be anything
    assert!(!codes(&text(drawn, PLAIN, "")).contains(&Code::Decision));
    // a counter without end has too many states
    let counter = "[state.level]\ninitial = 0\n[dynamics]\nlevel = \"level + 1\"";
    let model = load(&text(counter, &PLAIN.replace("- 2 * war", "- level / 1e6"), ""));
    let arm = Arm::new(&model, None, &[]).expect("an arm");
    let found = reference::markov(&model, &arm, &|| false);
    assert_eq!(found.map(|_| ()), Err(MarkovError::States));
}
