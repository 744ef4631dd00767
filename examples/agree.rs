use detente::{engine, model::Arm, plan::Plan, reference, rng::Seed, scenario};
fn main() {
    let runs: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    for path in std::env::args().skip(2) {
        let bytes = std::fs::read(&path).unwrap();
        let Some(model) = scenario::load(&bytes).value else {
            println!("{path}: does not load");
            continue;
        };
        let mut arms = vec![None];
        arms.extend(model.variants.iter().map(|v| Some(v.name.as_str())));
        for variant in arms {
            let arm = Arm::new(&model, variant, &[]).unwrap();
            let t = std::time::Instant::now();
            let plan = Plan::new(&model, &arm);
            let planned = t.elapsed();
            let layout = reference::layout(&model, arm.rounds);
            let game = reference::Game { model: &model, arm: &arm, seed: Seed(1) };
            let t = std::time::Instant::now();
            let ours = engine::play(&plan, engine::Vectors::best(), Seed(1), &layout, 0, runs);
            let fast = t.elapsed();
            let t = std::time::Instant::now();
            let theirs = if std::env::var("FAST").is_ok() {
                engine::play(&plan, engine::Vectors::best(), Seed(1), &layout, 0, runs)
            } else {
                reference::play(&game, &layout, 0, runs)
            };
            let slow = t.elapsed();
            let same = |a: &[f64], b: &[f64]| {
                a.iter()
                    .zip(b)
                    .position(|(x, y)| x.to_bits() != y.to_bits() && !(x.is_nan() && y.is_nan()))
            };
            let v = same(&ours.variables, &theirs.variables);
            let o = same(&ours.outcomes, &theirs.outcomes);
            let c = ours.choices.iter().zip(&theirs.choices).position(|(a, b)| a != b);
            let f = ours.failures.len() == theirs.failures.len()
                && ours
                    .failures
                    .iter()
                    .zip(&theirs.failures)
                    .all(|(a, b)| a.run == b.run && a.round == b.round);
            let ok = v.is_none()
                && o.is_none()
                && c.is_none()
                && f
                && ours.played == theirs.played
                && ours.clamped == theirs.clamped
                && ours.unconverged == theirs.unconverged
                && ours.residual == theirs.residual;
            println!(
                "{} {path} {} plan {planned:.1?} instr {} + {} cols {} ours {fast:.1?} theirs {slow:.1?} ratio {:.1} failures {}",
                if ok { "ok  " } else { "DIFF" },
                arm.name,
                plan.deliberate.tape.instructions.len(),
                plan.transition.tape.instructions.len(),
                plan.deliberate.tape.columns,
                slow.as_secs_f64() / fast.as_secs_f64(),
                theirs.failures.len()
            );
            if let Some(at) = v {
                let r = ours.runs;
                let run = at % r;
                let var = at / r % layout.variables.len();
                let round = at / r / layout.variables.len();
                println!(
                    "   round {} run {run} {}: {} {}",
                    round + 1,
                    layout.variables[var],
                    ours.variables[at],
                    theirs.variables[at]
                );
            }
            if let Some(at) = c {
                let r = ours.runs;
                println!(
                    "   choice round {} seat {} run {}: {} {}",
                    at / r / layout.seats + 1,
                    at / r % layout.seats,
                    at % r,
                    ours.choices[at],
                    theirs.choices[at]
                );
            }
            if let Some(at) = o {
                println!(
                    "   outcome {} : {} {}",
                    layout.outcomes[at / ours.runs],
                    ours.outcomes[at],
                    theirs.outcomes[at]
                );
            }
            if !f {
                println!(
                    "   failures {:?} {:?}",
                    &ours.failures[..ours.failures.len().min(2)],
                    &theirs.failures[..theirs.failures.len().min(2)]
                );
            }
        }
    }
}
