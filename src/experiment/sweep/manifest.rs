//! Everything that decides the results of a sweep, as one file that any machine can work from.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::diagnostic::{Attached, Diagnostics};
use crate::experiment::Fault;
use crate::model::limits::{POINTS, ROUNDS, RUNS, SHARDS};
use crate::output::{CommandLine, scenario_hash};
use crate::scenario::{self, Loaded, MAX_BYTES, MAX_FILES};

/// The version of the format of manifests.
const FORMAT: u32 = 1;

/// How points are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DesignKind {
    /// All combinations of levels.
    Grid,
    /// A Latin hypercube.
    Lhs,
    /// The scrambled Sobol' sequence.
    Sobol,
    /// Independent points.
    Random,
    /// The rows of [`Manifest::list`].
    List,
}

impl DesignKind {
    /// All designs with their words.
    pub const ALL: &'static [(&'static str, DesignKind)] = &[
        ("grid", DesignKind::Grid),
        ("lhs", DesignKind::Lhs),
        ("sobol", DesignKind::Sobol),
        ("random", DesignKind::Random),
    ];

    /// The design of that word.
    pub fn named(word: &str) -> Option<DesignKind> {
        DesignKind::ALL.iter().find(|(name, _)| *name == word).map(|(_, design)| *design)
    }

    /// As it is written.
    pub fn word(self) -> &'static str {
        DesignKind::ALL.iter().find(|(_, design)| *design == self).map_or("list", |(name, _)| name)
    }
}

/// Everything that decides the results of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// The version of the program; another may give other results.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The seed of runs and of the design.
    pub seed: u64,
    /// Runs of each arm at each point.
    pub runs: u64,
    /// How points are laid out.
    pub design: DesignKind,
    /// How many points; of a grid or a list, the first so many.
    pub points: u64,
    /// What varies by name.
    pub vary: Vec<String>,
    /// Whether everything declared uncertain varies.
    pub uncertain: bool,
    /// Keys and values by row, for the design list; those of `point` are the numbers of the rows.
    pub list: Option<Vec<(String, Vec<String>)>>,
    /// The arms besides the file as it is.
    pub variants: Vec<String>,
    /// What is set in every arm.
    pub set: Vec<(String, String)>,
    /// Rounds, if not those of the file.
    pub rounds: Option<u32>,
    /// Whether points have random numbers of their own.
    pub independent: bool,
    /// Whether the outcomes of every run are kept.
    pub per_run: bool,
    /// Into how many shards it is cut; results do not depend on it.
    pub shards: u64,
    /// The scenario's text.
    pub text: String,
    /// The files that it names: names and texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(String, String)>,
}

impl Manifest {
    /// A manifest without anything that varies, of one run at one point.
    pub fn new(scenario: &str, text: &str, seed: u64) -> Manifest {
        Manifest {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: scenario.to_string(),
            seed,
            runs: 1,
            design: DesignKind::Grid,
            points: 1,
            vary: Vec::new(),
            uncertain: false,
            list: None,
            variants: Vec::new(),
            set: Vec::new(),
            rounds: None,
            independent: false,
            per_run: false,
            shards: 1,
            text: text.to_string(),
            files: Vec::new(),
        }
    }

    /// What the scenario says, and everything that is wrong with it and its files.
    pub fn load(&self) -> Loaded {
        let attached = |(name, text): &(String, String)| Attached {
            name: name.clone(),
            text: text.as_str().into(),
        };
        let files: Vec<Attached> = self.files.iter().map(attached).collect();
        let mut loaded = scenario::load_with(self.text.as_bytes(), Rc::new(files));
        if let Some(model) = &mut loaded.checked.value {
            scenario::name_after(model, &self.scenario);
        }
        loaded
    }

    /// The hash of the scenario, as packages of results hold it.
    pub fn scenario_hash(&self) -> String {
        let files = self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        scenario_hash(&self.text, files)
    }

    /// Reads what [`Manifest::render`] wrote.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        let manifest: Manifest = serde_json::from_str(text)
            .map_err(|error| format!("it is no plan of a sweep: {error}"))?;
        if manifest.format != FORMAT {
            let found = manifest.format;
            return Err(format!("it is of format {found}, this program reads {FORMAT} only"));
        }
        let own = env!("CARGO_PKG_VERSION");
        if manifest.version != own {
            let other = &manifest.version;
            return Err(format!(
                "it was made by detente {other}, and this is {own}: use one version"
            ));
        }
        manifest.check()?;
        Ok(manifest)
    }

    /// Whether all numbers may be asked for, and fields go together, whoever wrote them.
    ///
    /// # Errors
    /// What is wrong with the first that does not, in words.
    pub fn check(&self) -> Result<(), String> {
        RUNS.check(self.runs)?;
        SHARDS.check(self.shards)?;
        self.rounds.map_or(Ok(0), |rounds| ROUNDS.check(u64::from(rounds)))?;
        // of a grid all points are asked for where nothing else is said
        let all = matches!(self.design, DesignKind::Grid | DesignKind::List);
        if !all || self.points != u64::MAX {
            POINTS.check(self.points)?;
        }
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if self.scenario.is_empty() || !self.scenario.chars().all(letter) {
            return Err("`scenario` is a name of letters, digits, _ and -".to_string());
        }
        if self.text.len() > MAX_BYTES {
            return Err(format!("`text` is longer than {MAX_BYTES} bytes, the most of a scenario"));
        }
        if self.files.iter().map(|(_, text)| text.len()).sum::<usize>() > MAX_FILES {
            return Err(format!(
                "`files` have more than {MAX_FILES} bytes, the most of a scenario"
            ));
        }
        for (number, name) in self.variants.iter().enumerate() {
            if name == "base" || self.variants[..number].contains(name) {
                return Err(format!("`variants` has `{name}` twice: every arm is played once"));
            }
        }
        match (&self.list, self.design) {
            (None, DesignKind::List) => Err("the design `list` needs a `list`".to_string()),
            (None, _) => Ok(()),
            (Some(_), design) if design != DesignKind::List => {
                Err(format!("a `list` goes with the design `list`, found `{}`", design.word()))
            }
            (Some(columns), _) => {
                let rows = columns.first().map_or(0, |(_, values)| values.len());
                if rows == 0 {
                    return Err("`list` has no rows".to_string());
                }
                match columns.iter().find(|(_, values)| values.len() != rows) {
                    Some((key, values)) => Err(format!(
                        "`list` has {} values of `{key}` and {rows} of `{}`",
                        values.len(),
                        columns[0].0
                    )),
                    None => Ok(()),
                }
            }
        }
    }

    /// The manifest as a file.
    pub fn render(&self) -> String {
        // invariant: strings, numbers and lists always have a JSON form
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// What cannot be varied, each in what was asked for.
    pub fn placed(&self, faults: Vec<Fault>) -> Diagnostics {
        let one = |all: Diagnostics, fault: Fault| {
            let place = match (fault.row, &self.list) {
                (Some(row), _) => format!("the list, row {}", row + 1),
                (None, Some(_)) => "the list".to_string(),
                (None, None) => "--vary".to_string(),
            };
            all.and_typed(&place, &fault.text, vec![fault.diagnostic])
        };
        faults.into_iter().fold(Diagnostics::default(), one)
    }

    /// The hash that names the sweep: of everything but the number of shards.
    pub fn id(&self) -> String {
        let same = Manifest { shards: 1, ..self.clone() };
        blake3::hash(same.render().as_bytes()).to_hex().to_string()
    }

    /// Where this sweep differs from one that was begun before, in words; nothing if they are the
    /// same.
    pub fn differences(&self, earlier: &Manifest) -> Vec<String> {
        let fields = |manifest: &Manifest| match serde_json::to_value(manifest) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let (new, old) = (fields(self), fields(earlier));
        let mut all = Vec::new();
        for (name, value) in new.iter().filter(|(name, _)| *name != "shards") {
            let before = old.get(name).unwrap_or(&Value::Null);
            if value == before {
                continue;
            }
            all.push(match name.as_str() {
                "text" => "the text of the scenario has changed".to_string(),
                "files" => "the files of the scenario have changed".to_string(),
                "list" => "the rows of the list have changed".to_string(),
                name => format!("{name}: {before} there, {value} now"),
            });
        }
        all
    }

    /// The command that does the same on one machine. A list is called `list.csv`.
    pub fn command(&self) -> String {
        let mut command = CommandLine::new("sweep", &self.scenario);
        let mut option = |name: &str, value: &str| command.word(name, value);
        for text in &self.vary {
            option("--vary", text);
        }
        for variant in &self.variants {
            option("--variant", variant);
        }
        for (key, value) in &self.set {
            option("--set", &format!("{key}={value}"));
        }
        if let Some(rounds) = self.rounds {
            option("--rounds", &rounds.to_string());
        }
        match self.design {
            DesignKind::List => {
                option("--design", "list.csv");
                let rows = self.list.iter().flatten().map(|(_, values)| values.len() as u64);
                if rows.max().is_some_and(|rows| self.points < rows) {
                    option("--points", &self.points.to_string());
                }
            }
            design => {
                option("--design", design.word());
                option("--points", &self.points.to_string());
            }
        }
        option("--runs", &self.runs.to_string());
        option("--seed", &self.seed.to_string());
        let flags = [
            (self.uncertain, "--uncertain"),
            (self.independent, "--independent"),
            (self.per_run, "--per-run"),
        ];
        flags.iter().for_each(|(on, flag)| command.flag(flag, *on));
        command.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back() {
        let mut manifest = Manifest::new("pact", "format = 1\n", u64::MAX);
        manifest.vary = vec!["w[CHN] = 0:1:3".into()];
        manifest.design = DesignKind::List;
        manifest.list = Some(vec![("a".into(), vec!["1".into()])]);
        assert_eq!(Manifest::parse(&manifest.render()), Ok(manifest.clone()));
        assert!(Manifest::parse("{}").unwrap_err().contains("no plan of a sweep"));
        manifest.version = "0.0.1".into();
        assert!(Manifest::parse(&manifest.render()).unwrap_err().contains("made by detente 0.0.1"));
    }

    #[test]
    fn differences_are_said_and_shards_make_none() {
        let old = Manifest::new("pact", "format = 1\n", 1);
        let new = Manifest { runs: 200, shards: 64, text: "format = 1".into(), ..old.clone() };
        let said = ["runs: 1 there, 200 now", "the text of the scenario has changed"];
        assert_eq!(new.differences(&old), said);
        assert_ne!(new.id(), old.id());
        assert_eq!(Manifest { shards: 7, ..old.clone() }.id(), old.id());
    }

    #[test]
    fn the_command_can_be_typed() {
        let mut manifest = Manifest::new("pact", "", 7);
        manifest.vary = vec!["w[CHN] = 0:1:3".into()];
        manifest.set = vec![("gift".into(), "0.2".into())];
        manifest.uncertain = true;
        assert_eq!(
            manifest.command(),
            "detente sweep pact --vary 'w[CHN] = 0:1:3' --set gift=0.2 --design grid --points 1 \
             --runs 1 --seed 7 --uncertain"
        );
    }
}
