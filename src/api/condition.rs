//! What a history teaches of the parameters and private types of a scenario.

use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Error, Scenario};
use crate::diagnostic::{Diagnostics, nearest};
use crate::evidence::Settings;
use crate::evidence::condition::{self, Posterior, Sampler, State};
use crate::experiment::{self, Audience, Memory, Space, SweepError, Unwatched};
use crate::history::History;
use crate::model::{Arm, Override};
use crate::output::{CommandLine, Folder, Found, Head, OutputError, PARTS, Parts, text_hash};
use crate::rng::Seed;
use crate::table::Table;

/// States of one arm have numbers below this; the next arm begins here.
const STEPS: u64 = 1_000_000;

/// How to condition a scenario on a history. Checked when it is used.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    free: Vec<String>,
    uncertain: bool,
    draws: Option<usize>,
    particles: Option<usize>,
    seed: Seed,
    variants: Vec<String>,
    all_variants: bool,
    set: Vec<(String, String)>,
    threads: Option<usize>,
    memory: Memory,
    plain: bool,
}

notes! { Condition: variants seed set threads memory;
    /// Frees everything that is declared uncertain: so it is where nothing is freed by name.
    uncertain() { uncertain = true }

    /// So many draws instead of [`crate::evidence::condition::DRAWS`].
    draws(draws: usize) { draws = Some(draws) }

    /// So many particles in each filter to begin with, instead of
    /// [`crate::evidence::condition::PARTICLES`]; they are doubled until a filter is sure enough.
    particles(particles: usize) { particles = Some(particles) }

    /// Lets the interpreter play the particles instead of the engine: the same bytes, slowly.
    plain() { plain = true }
}

impl Condition {
    /// The scenario as it is, with everything free that is declared uncertain.
    pub fn new() -> Condition {
        Condition::default()
    }

    /// Frees a parameter: `prize` or `w[CHN]` over what is declared, `prize=0:4` evenly between two
    /// ends, `decision.precision=0.5:16 log` evenly in its logarithm.
    #[must_use]
    pub fn free(mut self, text: impl Into<String>) -> Condition {
        self.free.push(text.into());
        self
    }

    /// What decides the results beside the scenario and the history.
    fn command(&self, scenario: &str, history: &History) -> String {
        let mut command = CommandLine::new("condition", scenario);
        command.word("--history", &history.label);
        command.flag("--uncertain", self.uncertain || self.free.is_empty());
        self.free.iter().for_each(|text| command.word("--free", text));
        command.word("--draws", &self.count().to_string());
        command.word("--particles", &self.settings().particles.to_string());
        command.word("--seed", &self.seed.0.to_string());
        command.flag("--all-variants", self.all_variants);
        self.variants.iter().for_each(|name| command.word("--variant", name));
        self.set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        command.text()
    }

    fn count(&self) -> usize {
        let draws = self.draws.unwrap_or(condition::DRAWS);
        draws.next_multiple_of(condition::GROUPS)
    }

    fn settings(&self) -> Settings {
        let particles = self.particles.unwrap_or(condition::PARTICLES);
        let Condition { seed, plain, .. } = *self;
        Settings { particles, filters: 1, seed, plain, vectors: None }
    }
}

impl Scenario {
    /// Conditions the scenario and its variants on a history.
    ///
    /// # Errors
    /// Those of [`Scenario::condition_watched`].
    pub fn condition(&self, history: &History, request: &Condition) -> Result<Conditioned, Error> {
        self.condition_watched(history, request, None, &Unwatched)
    }

    /// The same while somebody looks on. With a folder of parts, what is done is kept there after
    /// every move of all draws, and what is there already is gone on from.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario, or the history is impossible at every draw; [`Error::Evidence`] if it
    /// takes too much or was stopped; [`Error::Output`] if a part cannot be read or written.
    pub fn condition_watched(
        &self,
        history: &History,
        request: &Condition,
        parts: Option<&Parts>,
        watch: &dyn Audience,
    ) -> Result<Conditioned, Error> {
        let (arms, fixed) = self.arms((&request.variants, request.all_variants), &request.set)?;
        let draws = request.draws.unwrap_or(condition::DRAWS);
        if !condition::MOST_DRAWS.contains(&draws) {
            let (least, most) = condition::MOST_DRAWS.into_inner();
            let text = format!("{draws} draws are asked for; there can be {least} to {most}");
            return Err(Error::Request(text));
        }
        let space = self.free(request, &fixed)?;
        let work = self.work(history, request);
        let mut found: Vec<Posterior> = Vec::new();
        for (number, arm) in (0..).zip(&arms) {
            let mut store = Store { parts, work: &work, next: number * STEPS, failed: None };
            let begun = store.last()?;
            let seed = if number == 0 { request.seed } else { request.seed.for_arm(number) };
            let settings = Settings { seed, ..request.settings() };
            let around = (&settings, request.threads, request.memory);
            let posterior = self.weighed(history, around, watch, |weigh| {
                let variant = Some(arm.name.as_str()).filter(|name| *name != "base");
                let (weigh, draws) = (*weigh, request.count());
                let sampler = Sampler { weigh, watch, space: &space, variant, draws };
                let state = sampler.run(begun, &mut |state| store.keep(state));
                Ok(state.map(|state| sampler.posterior(state)))
            })?;
            if let Some(error) = store.failed {
                return Err(error.into());
            }
            let posterior = posterior?;
            if number == 0 && posterior.state.is_impossible() {
                return Err(self.nowhere(history, request, arm)?);
            }
            found.push(posterior);
        }
        let (scenario, request, history) = (self.clone(), request.clone(), history.clone());
        Ok(Conditioned { scenario, request, history, posteriors: found })
    }

    /// What is free.
    fn free(&self, request: &Condition, fixed: &[Override]) -> Result<Space<'_>, Error> {
        let (ranges, names): (Vec<String>, Vec<String>) =
            request.free.iter().cloned().partition(|text| text.contains('='));
        let uncertain = request.uncertain || request.free.is_empty() || !names.is_empty();
        let space = Space::new(self.model(), &ranges, uncertain, fixed);
        let mut space = space.map_err(|list| match list.into_iter().next() {
            Some(fault) => {
                let list = vec![fault.diagnostic];
                Diagnostics::default().and_typed("--free", &fault.text, list).into()
            }
            None => Error::Sweep(SweepError::Empty),
        })?;
        if !request.uncertain && !request.free.is_empty() {
            let all: Vec<String> = space.axes().iter().map(|axis| axis.name.clone()).collect();
            let named =
                |name: &String| space.axes().iter().any(|a| !a.uncertain && a.name == *name);
            let twice = |(at, name): &(usize, &String)| names[..*at].contains(name) || named(name);
            if let Some((_, name)) = names.iter().enumerate().find(twice) {
                return Err(Error::Request(format!("`{name}` is freed twice")));
            }
            space.retain(&names).map_err(|name| {
                let near = nearest(&name, all.iter().map(String::as_str));
                let help = near.map_or(String::new(), |help| format!("; {help}"));
                Error::Unknown(format!(
                    "`{name}` is no number that is declared uncertain (what --set or every type \
                     of an actor sets does not vary): give it a range here, `--free \
                     \"{name}=LO:HI\"`, or `range` or `dist` in the file{help}"
                ))
            })?;
        }
        if space.axes().is_empty() {
            return Err(Error::Request(
                "nothing is free: declare `range` or `dist` of parameters in the file, or name \
                 what is free with a range, `--free \"NAME=LO:HI\"`; `detente score` weighs the \
                 scenario as it is"
                    .to_string(),
            ));
        }
        match space.axes().iter().find(|axis| !axis.is_number() || axis.is_variant()) {
            Some(axis) => Err(Error::Request(format!(
                "`{}` cannot be free: its values are words, and a posterior is one of numbers; \
                 variants are weighed against each other with --variant",
                axis.name
            ))),
            None => Ok(space),
        }
    }

    /// A hash of all that decides the results.
    fn work(&self, history: &History, request: &Condition) -> String {
        let mut all = vec![env!("CARGO_PKG_VERSION").to_string(), self.hash()];
        all.push(request.command(self.name(), history));
        all.push(history.text.to_string());
        let files = history.files.iter();
        all.extend(files.flat_map(|file| [file.name.clone(), file.text.to_string()]));
        text_hash(&all.join("\0"))
    }

    /// Why the history is impossible at every draw, as the numbers of the file show it.
    fn nowhere(&self, history: &History, request: &Condition, arm: &Arm) -> Result<Error, Error> {
        let settings = Settings { particles: 1000, ..request.settings() };
        let around = (&settings, request.threads, request.memory);
        let cases = self.weighed(history, around, &Unwatched, |weigh| {
            Ok(weigh.likelihoods(std::slice::from_ref(arm))?.remove(0))
        })?;
        let blamed = cases.iter().enumerate();
        let blamed = blamed.filter_map(|(case, found)| Some((case, found.blame.as_ref()?))).next();
        Ok(match blamed {
            Some((case, blame)) => Error::Diagnostics(self.impossible(history, case, blame)),
            None => Error::Request(
                "the history is impossible at every draw, and possible at the numbers of the \
                 file: ask for more --draws or --particles, or check the declared ranges"
                    .to_string(),
            ),
        })
    }

    /// The folder of a posterior: a new one, or one where the same work was begun.
    ///
    /// # Errors
    /// [`Error::Output`] if something else is in the way or the folder cannot be written to.
    pub fn condition_folder(
        &self,
        history: &History,
        request: &Condition,
        (path, force): (&Path, bool),
    ) -> Result<(Folder, Parts), Error> {
        let parts = Parts::new(path.join(PARTS));
        let work = self.work(history, request);
        let heads = parts.heads()?;
        let own = |head: &Option<Head>| head.as_ref().is_some_and(|head| head.work == work);
        let complete = path.join("datapackage.json").exists();
        let begun = !force && !complete && heads.iter().any(|(_, head)| own(head));
        let folder = match begun {
            true => Folder::resume(path)?,
            false => Folder::create(path, force)?,
        };
        self.check_folder(&folder)?;
        parts.own()?;
        let foreign = heads.iter().any(|(_, head)| head.is_some() && !own(head));
        if force {
            parts.clear(None)?;
            parts.own()?;
        } else if foreign {
            return Err(Error::Request(format!(
                "`{}` holds unfinished work of another command: choose another folder with --out, \
                 or begin anew with --force",
                parts.folder().display()
            )));
        }
        Ok((folder, parts))
    }
}

/// Where states are kept.
struct Store<'a> {
    parts: Option<&'a Parts>,
    work: &'a str,
    /// The number of the next state.
    next: u64,
    failed: Option<OutputError>,
}

impl Store<'_> {
    fn head(&self, unit: u64) -> Head {
        Head { work: self.work.to_string(), unit, units: 0 }
    }

    /// The last state that is there and whole.
    fn last(&mut self) -> Result<Option<State>, OutputError> {
        let Some(parts) = self.parts else { return Ok(None) };
        let own = self.next..self.next + STEPS;
        for unit in parts.units()?.into_iter().rev().filter(|unit| own.contains(unit)) {
            let Found::Whole(part) = parts.read(&self.head(unit))? else { continue };
            let state = condition::restored(&part.notes, |schemas| part.tables(schemas));
            if state.is_some() {
                self.next = unit + 1;
                return Ok(state);
            }
        }
        Ok(None)
    }

    /// Keeps a state and lets go of the one before the last; false if it cannot be kept.
    fn keep(&mut self, state: &State) -> bool {
        let Some(parts) = self.parts else { return true };
        let kept = match condition::stored(state) {
            Ok((notes, tables)) => parts.write(&self.head(self.next), &notes, &tables),
            Err(_) => Ok(()),
        };
        if let Some(old) = self.next.checked_sub(2).filter(|old| old / STEPS == self.next / STEPS) {
            // it may be gone already
            let _ = parts.remove(old);
        }
        self.next += 1;
        self.failed = kept.err();
        self.failed.is_none()
    }
}

/// A scenario conditioned on a history.
#[derive(Debug, Clone)]
pub struct Conditioned {
    scenario: Scenario,
    request: Condition,
    history: History,
    posteriors: Vec<Posterior>,
}

impl Conditioned {
    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// By arm, the scenario as it is first.
    pub fn posteriors(&self) -> &[Posterior] {
        &self.posteriors
    }

    /// Where all random numbers came from.
    pub fn seed(&self) -> Seed {
        self.request.seed
    }

    /// What a reader has to know: draws that moved too little, filters that remain unsure.
    pub fn warnings(&self) -> Vec<String> {
        let mut all = Vec::new();
        for Posterior { arm, state, .. } in &self.posteriors {
            let slow = |stage: &&condition::Stage| stage.correlation >= condition::RENEWED;
            let moved = state.stages.iter().filter(|stage| stage.moves > 0);
            if let Some(stage) =
                moved.filter(slow).max_by(|a, b| a.correlation.total_cmp(&b.correlation))
            {
                all.push(format!(
                    "{arm}: {} moves left a rank correlation of {:.2} with where a stage began; \
                     free fewer parameters, or ask for more --particles",
                    condition::MOST_MOVES,
                    stage.correlation
                ));
            }
            if state.spread > condition::BEARABLE {
                all.push(format!(
                    "{arm}: with {} particles the log likelihood still has a standard deviation \
                     of {:.1}; the draws may be stuck where a filter was lucky: more --particles",
                    state.particles, state.spread
                ));
            }
        }
        all
    }

    /// The tables `posterior`, `parameters`, `evidence`, `stages` and, where there are private
    /// types, `types`.
    ///
    /// # Errors
    /// [`Error::Play`] if a parameter has the name of a column.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let tables = condition::tables(self.scenario.model(), &self.history, &self.posteriors);
        Ok(tables.map_err(experiment::Error::from)?)
    }

    /// Everything that `detente condition --out` writes, into a folder that is open.
    ///
    /// # Errors
    /// [`Error::Output`] if a file cannot be written.
    pub fn write_into(&self, mut folder: Folder) -> Result<(), Error> {
        self.tables()?.iter().try_for_each(|table| folder.whole(table))?;
        self.scenario.keep_evidence(&mut folder, &self.history)?;
        let command = self.request.command(self.scenario.name(), &self.history);
        let mut notes = vec![("history".to_string(), self.history.title.clone())];
        notes.extend(self.warnings().into_iter().map(|text| ("warning".to_string(), text)));
        let played = (self.request.seed.0, self.request.count() as u64);
        Ok(folder.finish(&self.scenario.provenance(played, command, notes))?)
    }

    /// One arm for programs.
    fn arm(&self, of: &Posterior) -> Value {
        let names = &self.scenario.model().names;
        let finite = |x: f64| x.is_finite().then_some(x);
        let spread = |s: &condition::Spread| {
            json!({ "mean": finite(s.mean), "sd": finite(s.sd), "lo": finite(s.lo),
                    "hi": finite(s.hi) })
        };
        let parameters = of.parameters.iter().map(|p| {
            json!({
                "name": p.name,
                "unit": p.unit,
                "prior": spread(&p.prior),
                "posterior": spread(&p.posterior),
                "mean_error": finite(p.error),
                "contraction": finite(p.contraction),
                "untaught": p.is_untaught(),
            })
        });
        let types = of.types.iter().map(|t| {
            json!({
                "history": self.history.cases[t.case].name,
                "actor": names.actors[t.actor],
                "type": names.types[t.actor][t.kind],
                "observer": t.observer.map(|observer| &names.actors[observer]),
                "probability": finite(t.probability),
            })
        });
        let base = &self.posteriors[0].evidence;
        let (factor, error) = of.evidence.over(base);
        json!({
            "arm": of.arm,
            "log_evidence": finite(of.evidence.log),
            "error": finite(of.evidence.error),
            "log_bayes_factor": finite(factor),
            "log_bayes_factor_error": finite(error),
            "draws": of.state.draws.len(),
            "particles": of.state.particles,
            "exact": of.state.exact,
            "parameters": parameters.collect::<Vec<_>>(),
            "types": types.collect::<Vec<_>>(),
        })
    }
}

impl Serialize for Conditioned {
    /// As `detente condition --format json` prints it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = self.scenario.head(&self.history);
        object["seed"] = json!(self.request.seed.0);
        object["arms"] = self.posteriors.iter().map(|of| self.arm(of)).collect();
        object["warnings"] = json!(self.warnings());
        object.serialize(serializer)
    }
}
