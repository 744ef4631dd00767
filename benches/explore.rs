//! How soon a page of `detente explore` hears of a slider that moved: the first frame, and 4,096
//! runs of two arms.
//!
//! ```text
//! cargo bench --bench explore
//! ```

use std::sync::Mutex;
use std::time::{Duration, Instant};

use detente::catalog;
use detente::experiment::Memory;
use detente::explore::{Ask, Explorer, Frame, Listener, TIERS};

/// Everything is measured so many times; the best counts, since others use the machine as well.
const TIMES: usize = 7;

/// When frames of outcomes came.
struct Clock {
    begun: Instant,
    frames: Mutex<Vec<(u64, Duration)>>,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "time is what is measured")]
    fn new() -> Clock {
        Clock { begun: Instant::now(), frames: Mutex::default() }
    }

    fn at(&self, wanted: u64) -> Option<Duration> {
        let frames = self.frames.lock().expect("nobody panicked");
        frames.iter().find(|(runs, _)| *runs == wanted).map(|(_, at)| *at)
    }
}

impl Listener for Clock {
    fn frame(&self, frame: Frame) {
        if let Frame::Outcomes { runs, .. } = frame {
            self.frames.lock().expect("nobody panicked").push((runs, self.begun.elapsed()));
        }
    }

    fn stop(&self) -> bool {
        self.at(TIERS[2]).is_some()
    }
}

/// One move of a slider: the scenario as it is now beside the file.
fn moved(explorer: &Explorer, key: &str, value: f64) -> Clock {
    let set = vec![(key.to_string(), value.to_string())];
    let clock = Clock::new();
    explorer.replay(&Ask { set, ..Ask::default() }, &clock).expect("it is played");
    clock
}

fn measure(name: &str, key: &str, (from, to): (f64, f64)) {
    let explorer = Explorer::new(catalog::find(name).expect("it is there")).expect("it is sound");
    let explorer = explorer.memory(Memory::default());
    let fresh = moved(&explorer, key, from).at(TIERS[0]).expect("it came");
    let value = |k: usize| from + (to - from) * (k + 1) as f64 / TIMES as f64;
    let clocks: Vec<Clock> = (0..TIMES).map(|k| moved(&explorer, key, value(k))).collect();
    let best = |runs: u64| clocks.iter().filter_map(|clock| clock.at(runs)).min().expect("it came");
    let [first, .., last] = TIERS;
    let shown = |d: Duration| format!("{:>7.0} ms", d.as_secs_f64() * 1e3);
    println!("{name}, `{key}`, 2 arms");
    println!("  first frame, {first} runs, another slider  {}", shown(fresh));
    println!("  first frame, {first} runs, the same slider {}", shown(best(first)));
    println!("  {last} runs, after {first} and 1024         {}\n", shown(best(last)));
}

fn main() {
    measure("pyongyang-pact", "rho", (0.22, 0.75));
    measure("chicken", "lambda", (0.0, 5.0));
}
