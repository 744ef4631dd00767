//! The flagship written by hand, a second time and without this program's rules, plays what the
//! engine plays.

#[allow(dead_code, reason = "what only the benchmark measures")]
#[path = "../../benches/twins/flagship.rs"]
mod flagship;

use std::slice::from_ref;

use crate::support::{full, load, root};
use detente::engine::{self, Vectors};
use detente::model::Arm;
use detente::plan::{Budget, Plan};
use detente::record::Layout;
use detente::rng::Seed;

/// Sums are taken in another order by hand, so a run in thousands may choose otherwise.
#[test]
fn the_engine_plays_the_flagship_as_written_by_hand() {
    let model = load(&root().join("benches/twins/flagship.toml")).expect("a valid scenario");
    let arm = Arm::new(&model, None, &[]).expect("an arm");
    let plan = Plan::new(&model, &arm, Budget::default()).expect("a plan");
    let layout = Layout::of(&model, from_ref(&arm)).outcomes_only();
    let slots = flagship::Slots::of(&model, &plan);
    let runs = if full() { 4096 } else { 256 };
    for seed in [1, 2] {
        let block = engine::play(&plan, Vectors::best(), Seed(seed), &layout, 0, runs);
        let column = |name: &str| {
            let at = layout.outcomes.iter().position(|o| o == name);
            block.outcome(at.expect("an outcome of the flagship"))
        };
        let columns = flagship::OUTCOMES.map(column);
        let theirs: Vec<flagship::Outcomes> =
            (0..runs).map(|run| columns.map(|column| column[run])).collect();
        let (alike, apart) = flagship::check(&slots, seed, 0, &theirs);
        println!("{alike} of {runs} runs alike, to {apart:.0e}");
        assert!(alike * 500 >= runs * 499, "seed {seed}: {alike} of {runs} runs alike");
    }
}
