//! Solvers on random games: how long all equilibria, one equilibrium and the logit branch take.
//!
//! With a folder as argument the games are written there as `.nfg`, for other programs
//! (`benches/gambit.py`).

#![expect(clippy::disallowed_methods, reason = "benchmarks read the clock")]

use std::path::PathBuf;
use std::time::Instant;

use detente::rng::{Seed, Sequence};
use detente::solve::{Found, Game, Player, bimatrix, logit, many, never, nfg};

/// Games of each size.
const GAMES: u64 = 5;

/// A game with whole payoffs between -100 and 100.
fn random(sizes: &[usize], number: u64) -> Game {
    let mut words = Sequence::new(Seed(number), Sequence::TRIALS);
    let player = |(at, n): (usize, &usize)| Player {
        name: format!("P{}", at + 1),
        strategies: (1..=*n).map(|s| s.to_string()).collect(),
    };
    let count = sizes.len() * sizes.iter().product::<usize>();
    let payoffs = (0..count).map(|_| words.below(201) as f64 - 100.0).collect();
    let players = sizes.iter().enumerate().map(player).collect();
    Game::new(name(sizes, number), players, payoffs).expect("a valid game")
}

fn name(sizes: &[usize], number: u64) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    format!("{}-{number}", sizes.join("x"))
}

/// Milliseconds, and what came of it.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let found = work();
    (start.elapsed().as_secs_f64() * 1e3, found)
}

/// Least, middle and greatest.
fn spread(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    format!("{:9.2} {:9.2} {:9.2}", times[0], times[times.len() / 2], times[times.len() - 1])
}

fn main() {
    let folder = std::env::args().skip(1).find(|a| !a.starts_with('-')).map(PathBuf::from);
    let write = |game: &Game| {
        if let Some(folder) = &folder {
            let path = folder.join(format!("{}.nfg", game.title));
            std::fs::write(path, nfg::write(game)).expect("the folder can be written");
        }
    };
    println!("milliseconds: least, middle, greatest of {GAMES} games; number of equilibria");
    for n in [4, 6, 8, 10, 12] {
        let games: Vec<Game> = (0..GAMES).map(|k| random(&[n, n], k)).collect();
        games.iter().for_each(write);
        let (mut all, mut pairs, mut paths, mut counts) = (vec![], vec![], vec![], vec![]);
        for game in &games {
            let (time, found) = timed(|| bimatrix::vertex_enumeration(game, &never));
            let found = found.expect("two players").equilibria.len();
            all.push(time);
            let (time, same) = timed(|| bimatrix::support_enumeration(game, &never));
            let same = same.expect("two players");
            counts.push(format!("{found}/{}", same.equilibria.len()));
            pairs.push(time);
            let (time, one) = timed(|| bimatrix::lemke_howson(game, Some(0), &never));
            assert_eq!(one.expect("two players").equilibria.len(), 1);
            paths.push(time);
        }
        println!("{n:2} x {n:<2} vertices     {}   {}", spread(all), counts.join(" "));
        println!("        supports     {}", spread(pairs));
        println!("        Lemke-Howson {}", spread(paths));
    }
    for sizes in [&[2, 2, 2][..], &[3, 3, 3], &[2; 4], &[2; 6], &[4; 4], &[3; 6]] {
        let games: Vec<Game> = (0..GAMES).map(|k| random(sizes, k)).collect();
        games.iter().for_each(write);
        let label = name(sizes, 0).trim_end_matches("-0").to_string();
        if sizes.len() < 6 && many::supports(&games[0]) < 1000.0 {
            let found: Vec<_> = games.iter().map(|g| timed(|| many::all_nash(g, &never))).collect();
            let of = |f: &Found| format!("{} {}", f.equilibria.len(), f.stop.as_str());
            let counts: Vec<String> = found.iter().map(|f| of(&f.1)).collect();
            let times = spread(found.iter().map(|f| f.0).collect());
            println!("{label:12} all   {times}   {}", counts.join(", "));
        }
        let ends: Vec<_> = games.iter().map(|g| timed(|| logit::limit(g, &never))).collect();
        let stops: Vec<&str> = ends.iter().map(|e| e.1.stop.as_str()).collect();
        let times = spread(ends.iter().map(|e| e.0).collect());
        println!("{label:12} logit {times}   {}", stops.join(", "));
    }
}
