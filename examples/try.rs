use detente::solve::{Game, Player, logit, never};
use std::time::Instant;
fn read(path: &str) -> Game {
    let t = std::fs::read_to_string(path).unwrap();
    let open: Vec<usize> = t.match_indices('{').map(|x| x.0).collect();
    let close: Vec<usize> = t.match_indices('}').map(|x| x.0).collect();
    let sizes: Vec<usize> = t[open[1]+1..close[1]].split_whitespace().map(|x| x.parse().unwrap()).collect();
    let pay: Vec<f64> = t[close[1]+1..].split_whitespace().map(|x| x.parse().unwrap()).collect();
    let players = sizes.iter().map(|n| Player{name:"p".into(), strategies:(0..*n).map(|s| s.to_string()).collect()}).collect();
    Game::new(path, players, pay).unwrap()
}
#[allow(clippy::disallowed_methods)]
fn main() {
    let dir = "/work/shared/reference/games/";
    let sol: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(format!("{dir}solutions.json")).unwrap()).unwrap();
    let only = std::env::args().nth(1);
    for (name, s) in sol.as_object().unwrap() {
        if only.as_ref().is_some_and(|o| o != name) { continue; }
        let game = read(&format!("{dir}{name}.nfg"));
        for scaled in [false, true] {
            let q: Vec<&serde_json::Value> = s["qre"].as_array().unwrap().iter().filter(|q| q["scaled_by_range"] == scaled).collect();
            let prec: Vec<f64> = q.iter().map(|q| q["precision"].as_f64().unwrap()).collect();
            let unit = logit::Unit::Payoff;
            let t0 = Instant::now();
            let b = logit::branch(&game, &prec, unit, &never).unwrap();
            let t = t0.elapsed().as_secs_f64()*1e3;
            let mut worst = 0.0f64; let mut res = 0.0f64;
            for (p, q) in b.points.iter().zip(&q) {
                res = res.max(p.residual);
                for (a, e) in p.profile.iter().flatten().zip(q["profile"].as_array().unwrap().iter().flat_map(|r| r.as_array().unwrap())) {
                    let d = (a - e.as_f64().unwrap()).abs();
                    if d > 1e-6 { println!("   {} at {}: {} {}", name, p.precision, a, e); }
                    worst = worst.max(d);
                }
            }
            println!("{name:30} {scaled} {}/{} worst {worst:.1e} res {res:.1e} {:?} steps {} {t:.2} ms {:?}", b.points.len(), prec.len(), b.stop, b.steps, b.landmarks);
        }
        let t0 = Instant::now();
        let l = logit::limit(&game, &never);
        println!("   limit {:?} prec {:.1e} regret {:.1e} {:.2} ms {:?} {:?}", l.stop, l.precision, l.equilibrium.regret, t0.elapsed().as_secs_f64()*1e3, l.notes, l.equilibrium.profile.iter().map(|p| p.iter().map(|x| format!("{x:.4}")).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>());
    }
}
