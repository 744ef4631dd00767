//! `detente solve`: equilibria of a game, which is a file or the stage game of a scenario.

use std::time::{Duration, Instant};

use super::args::{Format, Solve};
use super::run::overrides;
use super::{Failed, given, guard, print_stdout, write_file};
use detente::diagnostic::clip;
use detente::rng::Seed;
use detente::solve::tree::Tree;
use detente::solve::{Halt, efg, nfg};
use detente::view::solve::Page;
use detente::view::stability;
use detente::{Concept, Game, Scenario, Stage, Stationary, render};

/// Reads the game, solves it and prints what was found.
///
/// # Errors
/// Status 1 if the file or scenario is at fault, 2 if the method does not suit the game or a file
/// cannot be read or written.
pub fn solve(options: &Solve) -> Result<(), Failed> {
    let clock = Clock::start(options.time_limit);
    if options.game.ends_with(".efg") {
        return tree(options, &clock);
    }
    let request = request(options);
    match options.concept {
        Concept::Stability => return stable(options, &request, &clock),
        Concept::Markov => return markov(options, &request, &clock),
        _ => {}
    }
    let game = game(options, &|| clock.over())?;
    request.admit(&game)?;
    if let Some(path) = &options.write {
        write_file(path, &nfg::write(&game), options.force)?;
    }
    let started = clock.seconds();
    let answer = game.solve_until(&request, &|| clock.over())?;
    let page = Page { game: &game, answer: &answer, seconds: clock.seconds() - started };
    print_stdout(&match options.format {
        Format::Text => render::solve::text(&page),
        Format::Json => render::solve::json(&page),
    })
}

/// Solves a tree and prints what was found.
fn tree(options: &Solve, clock: &Clock) -> Result<(), Failed> {
    let of_scenario = options.round.is_some() || options.variant.is_some();
    if of_scenario || !options.set.is_empty() {
        return Err(Failed::usage("--round, --variant and --set are for scenarios"));
    }
    let tree = Tree::open(&options.game)?;
    let started = clock.seconds();
    let (game, answer) = tree.solve_until(&request(options), &|| clock.over())?;
    if let Some(path) = &options.write {
        let as_tree = path.extension().is_some_and(|ending| ending == "efg");
        let text = if as_tree { efg::write(&tree) } else { nfg::write(&game) };
        write_file(path, &text, options.force)?;
    }
    let page = Page { game: &game, answer: &answer, seconds: clock.seconds() - started };
    print_stdout(&match options.format {
        Format::Text => render::solve::text(&page),
        Format::Json => render::solve::json(&page),
    })
}

/// The scenario of a concept that is about its states, where nothing else is asked for.
fn of_states(options: &Solve, request: &detente::Solve) -> Result<Scenario, Failed> {
    let concept = options.concept.word();
    request.fits()?;
    if options.game.ends_with(".nfg") {
        return Err(Failed::usage(format_args!(
            "`{concept}` is about the states of a scenario; a game file has none"
        )));
    }
    let given = [
        ("round", options.round.is_some()),
        ("at", options.at != 0),
        ("seed", options.seed != Seed::DEFAULT.0),
        ("write", options.write.is_some()),
        ("method", options.method.is_some()),
    ];
    if let Some((name, _)) = given.iter().find(|(_, given)| *given) {
        return Err(Failed::usage(format_args!(
            "--{name} is for games; `{concept}` is about all states of the scenario"
        )));
    }
    Ok(Scenario::find(&options.game)?)
}

/// Prints the stationary equilibrium of a scenario whose actors look ahead without end.
fn markov(options: &Solve, request: &detente::Solve, clock: &Clock) -> Result<(), Failed> {
    let loaded = of_states(options, request)?;
    overrides(loaded.model(), &options.set)?;
    let request = options.variant.iter().fold(Stationary::new(), |r, name| r.variant(name));
    let request = options.set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let found = loaded.stationary_until(&request, &|| clock.over())?;
    print_stdout(&match options.format {
        Format::Text => render::markov::text(&found),
        Format::Json => render::markov::json(&found),
    })
}

/// Prints where the states of a scenario are stable.
fn stable(options: &Solve, request: &detente::Solve, clock: &Clock) -> Result<(), Failed> {
    let loaded = of_states(options, request)?;
    let changes = overrides(loaded.model(), &options.set)?;
    let arm = loaded.arm(options.variant.as_deref(), &changes)?;
    let started = clock.seconds();
    let model = loaded.graph_model(&arm, &|| clock.over())?;
    let stability = model.stability(&|| clock.over())?;
    let seconds = clock.seconds() - started;
    let page = stability::Page { model: &model, stability: &stability, seconds };
    print_stdout(&match options.format {
        Format::Text => render::stability::text(&page),
        Format::Json => render::stability::json(&page),
    })
}

/// The game that the options name: a file, or a round of a scenario.
fn game(options: &Solve, halt: &Halt) -> Result<Game, Failed> {
    let name = options.game.as_str();
    match options.round {
        Some(_) if name.ends_with(".nfg") => {
            Err(Failed::usage("--round is for scenarios; a game file has no rounds"))
        }
        None if options.variant.is_some() || !options.set.is_empty() => Err(Failed::usage(
            "--variant and --set are for scenarios; say which round with --round",
        )),
        None if name.ends_with(".nfg") => Ok(Game::find(name, options.room.memory)?),
        None => Err(Failed::usage(format_args!(
            "`{}` is no game file (`.nfg`); of a scenario say which round with --round",
            clip(name)
        ))),
        Some(round) => {
            let loaded = Scenario::find(name)?;
            let request = Stage::new(round).run(options.at).seed(options.seed);
            let request = options.variant.iter().fold(request, |r, name| r.variant(name));
            let request = options.actors.iter().fold(request, |r, name| r.actor(name));
            let request = options.set.iter().fold(request, |r, (key, value)| r.set(key, value));
            overrides(loaded.model(), &options.set)?;
            Ok(loaded.stage_game_until(&request, halt)?)
        }
    }
}

/// What is asked for, as the library takes it.
fn request(options: &Solve) -> detente::Solve {
    use detente::Solve as Request;
    let request = Request::new(options.concept).memory(options.room.memory);
    let request = request.precision(options.precision.iter().copied());
    let request = options.method.iter().fold(request, |r, method| r.method(*method));
    let request = options.maximise.iter().fold(request, |r, whose| r.maximise(whose));
    let request = options.minimise.iter().fold(request, |r, whose| r.minimise(whose));
    let request = options.fit.iter().fold(request, |r, counts| r.fit(counts.0.clone()));
    let request = options.alpha.iter().fold(request, |r, alpha| r.alpha(*alpha));
    let request = options.population.iter().fold(request, |r, size| r.population(*size));
    let request = options.mistakes.iter().fold(request, |r, share| r.mistakes(*share));
    let request = options.until.iter().fold(request, |r, time| r.until(*time));
    let request = options.start.iter().fold(request, |r, shares| r.start(shares.0.clone()));
    let request = options.steps.iter().fold(request, |r, rounds| r.steps(*rounds));
    let request = options.gap.iter().fold(request, |r, share| r.gap(*share));
    let request = options.check.iter().fold(request, |r, profile| r.check(profile.0.clone()));
    let request = given(options.scaled, request, Request::scaled);
    let request = given(options.single_population, request, Request::single_population);
    given(options.time_limit.is_some(), request, Request::endless)
}

/// How long solving takes and may take.
struct Clock {
    start: Instant,
    limit: Duration,
}

#[expect(clippy::disallowed_methods, reason = "a limit of time needs a clock")]
impl Clock {
    fn start(limit: Option<f64>) -> Clock {
        let limit = limit.map_or(Duration::MAX, Duration::from_secs_f64);
        Clock { start: Instant::now(), limit }
    }

    fn over(&self) -> bool {
        self.start.elapsed() >= self.limit || guard::over()
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}
