//! What the verbs that weigh histories share.

use serde_json::{Value, json};

use super::{Error, Scenario, settings};
use crate::calendar::{Calendar, Date, FORMS};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, clip};
use crate::evidence::{Blame, MOST_FILTERS, MOST_PARTICLES, Settings, Weigh, What};
use crate::experiment::{self, Memory, Need, Progress};
use crate::history::{Case, History};
use crate::model::{Arm, Override};
use crate::output::{CommandLine, Folder};

/// How the names of a history's tables begin among results.
const PREFIX: &str = "history.";
/// What a package says of them: files that are attached count as files of the scenario.
const KEPT: &str = "what was done, as it was read";

impl Scenario {
    /// Runs `with` on so many threads with what weighs this scenario by a history.
    pub(super) fn weighed<T: Send>(
        &self,
        history: &History,
        (settings, threads, memory): (&Settings, Option<usize>, Memory),
        watch: &dyn Progress,
        with: impl FnOnce(&Weigh) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let limits = [
            ("particles", settings.particles, MOST_PARTICLES),
            ("filters", settings.filters, MOST_FILTERS),
        ];
        for (what, number, most) in limits {
            if number == 0 || number > most {
                let text = format!("{number} {what} are asked for; there can be 1 to {most}");
                return Err(Error::Request(text));
            }
        }
        let pool = experiment::pool(threads).map_err(experiment::Error::Threads)?;
        let need = Need::program(self.text(), experiment::threads(threads));
        let room = need.left(memory);
        let model = self.model();
        pool.install(|| with(&Weigh { model, history, settings, room, watch }))
    }

    /// The round of a history that a number or a date names: 0 is before the first.
    ///
    /// # Errors
    /// [`Error::Request`] if it is neither, there is no such day, or the history has no dates.
    pub fn round_named(&self, history: &History, text: &str) -> Result<u32, Error> {
        let refuse = |why: String| Error::Request(format!("`{}` is no round: {why}", clip(text)));
        if let Ok(round) = text.parse() {
            return Ok(round);
        }
        let Some(day) = Date::parse(text).map_err(refuse)? else {
            return Err(refuse(format!("a number, or a date: {FORMS}")));
        };
        let start = history.cases.first().and_then(|case| case.start);
        let Some(calendar) = start.or(self.model().names.calendar) else {
            return Err(refuse("neither the history nor the scenario has dates".to_string()));
        };
        let round = calendar.rounds_on(day);
        let before = format!("round 1 is {}", calendar.label(1));
        u32::try_from(round).map_err(|_| refuse(before))
    }

    /// The scenario with the dates that a history gives its rounds: what it reads at dates, it then
    /// reads at those.
    ///
    /// # Errors
    /// [`Error::Request`] if several histories begin at dates of their own and the scenario reads
    /// dates; [`Error::Diagnostics`] if it does not fit those of the history.
    pub(super) fn dated(&self, history: &History) -> Result<Scenario, Error> {
        let own = self.model().names.calendar;
        let mut starts: Vec<Calendar> = Vec::new();
        for start in history.cases.iter().filter_map(|case| case.start) {
            if Some(start) != own && !starts.contains(&start) {
                starts.push(start);
            }
        }
        let everywhere = history.cases.iter().all(|case| case.start == starts.first().copied());
        if starts.len() == 1 && everywhere {
            return Ok(self.with_calendar(starts[0])?);
        }
        // dates but for labels: the same model whatever they are
        let same = |scenario: &Scenario| {
            let mut model = scenario.model().clone();
            model.names.calendar = None;
            format!("{model:?}")
        };
        let known = if starts.is_empty() { String::new() } else { same(self) };
        for start in starts {
            if same(&self.with_calendar(start)?) != known {
                return Err(Error::Request(format!(
                    "histories of `{}` begin at different dates, and the scenario reads dates, so \
                     that it is another for each; put them into files of their own",
                    history.label
                )));
            }
        }
        Ok(self.clone())
    }

    /// The arms of some variants beside the scenario as it is.
    pub(super) fn arms(
        &self,
        (variants, all): (&[String], bool),
        set: &[(String, String)],
    ) -> Result<(Vec<Arm>, Vec<Override>), Error> {
        let changes = settings(self.model(), set)?;
        let every = || self.model().variants.iter().map(|variant| variant.name.clone());
        let names: Vec<String> = if all { every().collect() } else { variants.to_vec() };
        let mut arms = vec![self.arm(None, &changes)?];
        for name in names.iter().filter(|name| *name != "base") {
            if arms.iter().all(|arm| arm.name != *name) {
                arms.push(self.arm(Some(name), &changes)?);
            }
        }
        Ok((arms, changes))
    }

    /// Puts the scenario and a history into a folder of results, so that both can be used again:
    /// `history.toml` with its tables, whose names begin with `history.` there.
    pub(super) fn keep_evidence(
        &self,
        folder: &mut Folder,
        history: &History,
    ) -> Result<(), Error> {
        self.keep_text(folder)?;
        let mut text = history.text.clone();
        for file in &history.files {
            // results have tables of such names too
            let name = format!("{PREFIX}{}", file.name);
            for quote in ['"', '\''] {
                let (old, new) = (format!("{quote}{}{quote}", file.name), &name);
                text = text.replace(&old, &format!("{quote}{new}{quote}"));
            }
            folder.check_attached(&name, file.text.as_bytes())?;
            folder.file(&name, KEPT, file.text.as_bytes())?;
        }
        folder.check_attached("history.toml", text.as_bytes())?;
        folder.file("history.toml", KEPT, text.as_bytes())?;
        Ok(())
    }

    /// What the JSON of every verb that weighs a history begins with.
    pub(super) fn head(&self, history: &History) -> Value {
        json!({
            "scenario": self.name(),
            "history": history.label,
            "title": history.title,
        })
    }

    /// What is wrong with a history that cannot have happened.
    pub(super) fn impossible(&self, history: &History, case: usize, blame: &Blame) -> Diagnostics {
        let case = &history.cases[case];
        history.diagnostics(vec![self.why(case, blame)])
    }

    fn why(&self, case: &Case, blame: &Blame) -> Diagnostic {
        let model = self.model();
        let seen = &case.seen[blame.round as usize - 1];
        let round = blame.round;
        let (what, span) = match blame.what {
            Some(What::Seat(seat)) => {
                let of = &model.seats[seat];
                let set = seen.seats[seat].as_deref().unwrap_or(&[]);
                let label = crate::evidence::set_label(model, seat, set);
                let actor = &model.names.actors[of.actor];
                let why = match blame.closed {
                    true => {
                        "conditions of moves forbid it in every state that the records before \
                             leave possible"
                    }
                    false => {
                        "its probability is 0 in every state that the records before leave \
                              possible"
                    }
                };
                let place = seen.places.seats.get(&seat).map(|place| place.span);
                (format!("{actor} cannot have played {label} in round {round}: {why}"), place)
            }
            Some(What::Hazard(hazard, happened)) => {
                let label = &model.hazards[hazard].label;
                let place = seen.places.hazards.get(&hazard).map(|place| place.span);
                let cannot = if happened { "happened" } else { "failed to happen" };
                (format!("{label} cannot have {cannot} in round {round}"), place)
            }
            Some(What::Any(number)) => {
                let place = seen.places.any.get(number).map(|place| place.span);
                (format!("none of these events can have happened in round {round}"), place)
            }
            Some(What::Measurement(number)) => {
                let place = seen.series.get(number).map(|measured| measured.place.span);
                (format!("this cannot have been measured in round {round}"), place)
            }
            None => {
                let text = "no particle explains all records up to here together: every run that \
                            explains some fails, ends, or has no chance of the others";
                (format!("the records of round {round} are impossible: {text}"), None)
            }
        };
        let help = "more particles if the record is merely unlikely; `miscoding = 0.02` in \
                    [history] where records may be wrong";
        Diagnostic::new(Code::Impossible, span.unwrap_or(Span::new(0, 0)), what).help(help)
    }
}

/// Adds what filters are told to a command line.
pub(super) fn command_of(command: &mut CommandLine, history: &History, settings: &Settings) {
    command.word("--history", &history.label);
    command.word("--particles", &settings.particles.to_string());
    command.word("--filters", &settings.filters.to_string());
    command.word("--seed", &settings.seed.0.to_string());
}

/// An object with what is known of its first arm, and under `arms` all of them where there are
/// several.
pub(super) fn with_arms(mut object: Value, arms: Vec<Value>) -> Value {
    if let (Some(Value::Object(first)), Value::Object(all)) = (arms.first(), &mut object) {
        all.extend(first.clone());
    }
    if arms.len() > 1 {
        object["arms"] = Value::Array(arms);
    }
    object
}
