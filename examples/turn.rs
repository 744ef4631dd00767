use detente::solve::{Game, Player, logit, never};
fn main() {
    let mut state: u64 = 1;
    let mut next = || { state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); ((state >> 33) % 10) as f64 };
    let mut found = 0; let mut bad = 0; let mut steps = 0; let mut landmarks = 0;
    for trial in 0..20000 {
        let sizes: &[usize] = match trial % 4 { 0 => &[2,2], 1 => &[3,3], 2 => &[2,2,2], _ => &[4,3] };
        let n: usize = sizes.iter().product::<usize>() * sizes.len();
        let pay: Vec<f64> = (0..n).map(|_| next()).collect();
        let players = sizes.iter().map(|n| Player{name:"p".into(), strategies:(0..*n).map(|s| s.to_string()).collect()}).collect();
        let g = Game::new("g", players, pay.clone()).unwrap();
        let l = logit::limit(&g, &never);
        landmarks += l.landmarks.len();
        if l.stop != detente::solve::Stop::Converged { bad += 1; if bad < 12 { println!("{trial} {sizes:?} {pay:?} {:?} {} {:e} {:?}", l.stop, l.precision, l.equilibrium.regret, l.landmarks); } }
        if l.landmarks.iter().any(|x| x.feature == logit::Feature::Turning) { found += 1; if found < 8 { println!("{trial} {sizes:?} {pay:?} {:?}", l.landmarks); } }
        steps += 1;
    }
    println!("turning {found} bad {bad} of {steps} landmarks {landmarks}");
}
