//! The ladder: a model of which every size is known, as a scenario and by hand.
//!
//! 6 actors with 12 moves each and no `hold`, 40 state cells, every move's utility linear in all
//! cells, every move's effects on all cells, dynamics with decay, noise and clamping, 40 rounds,
//! logit choice at precision 2.

use std::fmt::Write as _;

pub const ACTORS: usize = 6;
pub const MOVES: usize = 12;
pub const CELLS: usize = 40;
pub const ROUNDS: usize = 40;
const PRECISION: f64 = 2.0;
const DECAY: f64 = 0.95;
const NOISE: f64 = 0.02;

/// Thousandths between -`most` and `most`, the same on every machine.
fn thousandths(number: usize, most: i64) -> f64 {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    (mixed as i64 % (2 * most + 1) - most) as f64 / 1000.0
}

fn cost(option: usize, cell: usize) -> f64 {
    thousandths(option * CELLS + cell, 300)
}

fn effect(option: usize, cell: usize) -> f64 {
    thousandths(1_000_000 + option * CELLS + cell, 40)
}

/// The ladder as a scenario.
pub fn scenario() -> String {
    let mut text = format!(
        "format = 1\n[scenario]\nname = \"ladder\"\ntitle = \"Ladder\"\nrounds = {ROUNDS}\n\
         [actors]\n"
    );
    for actor in 0..ACTORS {
        let _ = writeln!(text, "A{actor} = {{ name = \"Actor {actor}\" }}");
    }
    for cell in 0..CELLS {
        let _ = writeln!(text, "[state.x{cell}]\nrange = [-1, 1]\ninitial = 0");
    }
    text.push_str("[payoffs.gain]\ndefault = 0\n[weights]\ngain = 1\n[dynamics]\n");
    for cell in 0..CELLS {
        let _ = writeln!(text, "x{cell} = \"{DECAY} * x{cell} + normal(0, {NOISE})\"");
    }
    for option in 0..ACTORS * MOVES {
        let (actor, number) = (option / MOVES, option % MOVES);
        let terms: Vec<String> =
            (0..CELLS).map(|cell| format!("{} * x{cell}", cost(option, cell))).collect();
        let effects: Vec<String> =
            (0..CELLS).map(|cell| format!("\"x{cell} += {}\"", effect(option, cell))).collect();
        let _ = writeln!(
            text,
            "[moves.m{actor}_{number}]\nby = [\"A{actor}\"]\ncost = {{ gain = \"{}\" }}\n\
             effects = [{}]",
            terms.join(" + "),
            effects.join(", ")
        );
    }
    let _ = writeln!(text, "[decision]\nprecision = {PRECISION}\nhold = false\n[outcomes]");
    text.push_str("first = { final = \"x0\" }\nlast = { final = \"x39\" }\n");
    text.push_str("mean = { mean = \"x7\" }\npicked = { total = \"chose[A0, m0_3]\" }\n");
    text
}

/// xoshiro256++ (Blackman and Vigna 2021), what a scalar program would use.
struct Generator([u64; 4]);

impl Generator {
    fn new(seed: u64) -> Self {
        let mut state = seed;
        Generator(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let x = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        }))
    }

    #[inline]
    fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    #[inline]
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }
}

/// The tables of the ladder written by hand, options side by side.
pub struct Ladder {
    /// By actor, cell and move.
    costs: Vec<[[f64; MOVES]; CELLS]>,
    /// By option and cell.
    effects: Vec<[f64; CELLS]>,
    normal: Ziggurat,
}

/// Sums over runs of the scenario's outcomes, in its order.
pub type Sums = [f64; 4];

impl Ladder {
    pub fn new() -> Self {
        let table = |actor: usize| -> [[f64; MOVES]; CELLS] {
            std::array::from_fn(|cell| {
                std::array::from_fn(|number| cost(actor * MOVES + number, cell))
            })
        };
        let effects = (0..ACTORS * MOVES).map(|o| std::array::from_fn(|cell| effect(o, cell)));
        Ladder {
            costs: (0..ACTORS).map(table).collect(),
            effects: effects.collect(),
            normal: Ziggurat::new(),
        }
    }

    /// Plays runs one after the other.
    pub fn play(&self, seed: u64, runs: usize) -> Sums {
        let mut sums = [0.0; 4];
        for run in 0..runs {
            let found =
                self.run(&mut Generator::new(seed.wrapping_mul(31).wrapping_add(run as u64)));
            for (sum, value) in sums.iter_mut().zip(found) {
                *sum += value;
            }
        }
        sums
    }

    fn run(&self, random: &mut Generator) -> Sums {
        let mut x = [0.0; CELLS];
        let (mut mean, mut picked) = (0.0, 0.0);
        for _ in 0..ROUNDS {
            let mut moved = x;
            for (actor, costs) in self.costs.iter().enumerate() {
                let number = choose(costs, &x, random);
                picked += f64::from(u8::from(actor == 0 && number == 3));
                for (cell, change) in moved.iter_mut().zip(&self.effects[actor * MOVES + number]) {
                    *cell += change;
                }
            }
            for cell in &mut moved {
                let kept = cell.clamp(-1.0, 1.0);
                *cell = (DECAY * kept + NOISE * self.normal.draw(random)).clamp(-1.0, 1.0);
            }
            x = moved;
            mean += x[7];
        }
        [x[0], x[CELLS - 1], mean / ROUNDS as f64, picked]
    }
}

/// Logit choice of one actor.
#[inline]
fn choose(costs: &[[f64; MOVES]; CELLS], x: &[f64; CELLS], random: &mut Generator) -> usize {
    let mut utility = [0.0; MOVES];
    for (row, x) in costs.iter().zip(x) {
        for (u, c) in utility.iter_mut().zip(row) {
            *u -= c * x;
        }
    }
    let best = utility.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for u in &mut utility {
        *u = (PRECISION * (*u - best)).exp();
        sum += *u;
    }
    let mut left = random.uniform() * sum;
    for (number, u) in utility.iter().enumerate() {
        left -= u;
        if left < 0.0 {
            return number;
        }
    }
    MOVES - 1
}

/// Normal numbers by the ziggurat (Marsaglia and Tsang 2000) with 256 layers.
struct Ziggurat {
    x: [f64; 257],
    density: [f64; 257],
}

const RIGHT: f64 = 3.654_152_885_361_009;
const AREA: f64 = 0.004_928_673_233_974_655;

impl Ziggurat {
    fn new() -> Self {
        let density = |x: f64| (-0.5 * x * x).exp();
        let mut x = [0.0; 257];
        x[0] = AREA / density(RIGHT);
        x[1] = RIGHT;
        for layer in 2..256 {
            x[layer] = (-2.0 * (AREA / x[layer - 1] + density(x[layer - 1])).ln()).sqrt();
        }
        Ziggurat { x, density: x.map(density) }
    }

    #[inline]
    fn draw(&self, random: &mut Generator) -> f64 {
        loop {
            let bits = random.next();
            let layer = (bits & 255) as usize;
            let u = (bits >> 11) as f64 * (2.0 / 9_007_199_254_740_992.0) - 1.0;
            let x = u * self.x[layer];
            if x.abs() < self.x[layer + 1] {
                return x;
            }
            if layer == 0 {
                return self.tail(random).copysign(u);
            }
            let (low, high) = (self.density[layer], self.density[layer + 1]);
            if low + (high - low) * random.uniform() < (-0.5 * x * x).exp() {
                return x;
            }
        }
    }

    #[cold]
    fn tail(&self, random: &mut Generator) -> f64 {
        loop {
            let x = -(1.0 - random.uniform()).ln() / RIGHT;
            let y = -(1.0 - random.uniform()).ln();
            if 2.0 * y > x * x {
                return RIGHT + x;
            }
        }
    }
}
