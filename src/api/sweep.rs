//! Many points of a space of assumptions.

use super::{Error, Scenario, settings};
use crate::diagnostic::nearest;
use crate::experiment::{DesignKind, Manifest};
use crate::model::Experiment;
use crate::rng::Seed;
use crate::scenario::{Values, vary};

/// What to vary, how finely, and what to play at each point. What is not said is taken from the
/// experiment of the scenario that it names, if it names one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sweep {
    experiment: Option<String>,
    vary: Vec<String>,
    uncertain: bool,
    design: Option<DesignKind>,
    list: Option<Vec<(String, Vec<String>)>>,
    points: Option<u64>,
    runs: Option<u64>,
    seed: Option<u64>,
    variants: Vec<String>,
    all_variants: bool,
    rounds: Option<u32>,
    set: Vec<(String, String)>,
    independent: bool,
    per_run: bool,
}

impl Sweep {
    /// Points of a design where no number is given.
    pub const POINTS: u64 = 256;
    /// Runs of each arm at each point where no number is given.
    pub const RUNS: u64 = 100;

    /// Nothing varies yet.
    pub fn new() -> Sweep {
        Sweep::default()
    }

    /// What an experiment of the scenario says.
    #[must_use]
    pub fn experiment(mut self, name: impl Into<String>) -> Sweep {
        self.experiment = Some(name.into());
        self
    }

    /// Varies something: `"gift=0:1:5"`, `"w[CHN]=0.2,0.8"`, `"gift=0:1"` between two ends.
    #[must_use]
    pub fn vary(mut self, text: impl Into<String>) -> Sweep {
        self.vary.push(text.into());
        self
    }

    /// Varies everything that is declared uncertain.
    #[must_use]
    pub fn uncertain(mut self) -> Sweep {
        self.uncertain = true;
        self
    }

    /// How points are laid out. Where nothing says it: Sobol' points if something varies between
    /// two ends, a grid otherwise.
    #[must_use]
    pub fn design(mut self, design: DesignKind) -> Sweep {
        self.design = Some(design);
        self
    }

    /// These points instead of a design: keys, and their values point by point.
    #[must_use]
    pub fn list(mut self, columns: Vec<(String, Vec<String>)>) -> Sweep {
        self.list = Some(columns);
        self.design = Some(DesignKind::List);
        self
    }

    /// So many points instead of [`Sweep::POINTS`]; of a grid or a list the first so many, instead
    /// of all.
    #[must_use]
    pub fn points(mut self, points: u64) -> Sweep {
        self.points = Some(points);
        self
    }

    /// So many runs of each arm at each point instead of [`Sweep::RUNS`].
    #[must_use]
    pub fn runs(mut self, runs: u64) -> Sweep {
        self.runs = Some(runs);
        self
    }

    /// Where all random numbers come from, instead of [`Seed::DEFAULT`].
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Sweep {
        self.seed = Some(seed);
        self
    }

    /// Plays this variant too.
    #[must_use]
    pub fn variant(mut self, name: impl Into<String>) -> Sweep {
        self.variants.push(name.into());
        self
    }

    /// Plays all variants.
    #[must_use]
    pub fn all_variants(mut self) -> Sweep {
        self.all_variants = true;
        self
    }

    /// So many rounds a run, instead of those of the scenario.
    #[must_use]
    pub fn rounds(mut self, rounds: u32) -> Sweep {
        self.rounds = Some(rounds);
        self
    }

    /// Sets something at every point, in every arm.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Sweep {
        self.set.push((key.into(), value.into()));
        self
    }

    /// Gives every point random numbers of its own.
    #[must_use]
    pub fn independent(mut self) -> Sweep {
        self.independent = true;
        self
    }

    /// Keeps the outcomes of every run.
    #[must_use]
    pub fn per_run(mut self) -> Sweep {
        self.per_run = true;
        self
    }
}

impl Scenario {
    /// Everything that decides the results of a sweep, with nothing left open. It is still to be
    /// held against the scenario: [`crate::experiment::Sweep::new`].
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such experiment or variant, [`Error::Diagnostics`] if
    /// settings do not fit the scenario, [`Error::Request`] if an experiment names a file of
    /// points.
    pub fn manifest(&self, request: &Sweep) -> Result<Manifest, Error> {
        let model = self.model();
        let seed = request.seed.unwrap_or(Seed::DEFAULT.0);
        let mut manifest = Manifest::new(self.name(), self.text(), seed);
        let (mut design, mut points) = (request.design, request.points);
        manifest.runs = request.runs.unwrap_or(Sweep::RUNS);
        if let Some(name) = &request.experiment {
            let experiment = self.experiment(name)?;
            manifest.vary = experiment.vary.clone();
            manifest.uncertain = experiment.uncertain;
            design = match design {
                None => Some(named(&experiment.design)?),
                given => given,
            };
            points = points.or(experiment.points);
            manifest.runs = request.runs.or(experiment.runs).unwrap_or(Sweep::RUNS);
        }
        manifest.vary.extend(request.vary.iter().cloned());
        manifest.uncertain |= request.uncertain;
        manifest.set = request.set.clone();
        let changes = settings(model, &manifest.set)?;
        manifest.rounds = request.rounds;
        manifest.independent = request.independent;
        manifest.per_run = request.per_run;
        if request.all_variants {
            manifest.variants = model.variants.iter().map(|v| v.name.clone()).collect();
        }
        for name in request.variants.iter().filter(|name| *name != "base") {
            self.known_variant(name)?;
            if !manifest.variants.contains(name) {
                manifest.variants.push(name.clone());
            }
        }
        // points that set it are judged one by one
        if !manifest.vary.iter().any(|text| text.trim_start().starts_with("decision.")) {
            self.affordable(manifest.variants.iter(), &changes)?;
        }
        let open = manifest.uncertain || manifest.vary.iter().any(|text| is_open(text));
        manifest.design = design.unwrap_or(if open { DesignKind::Sobol } else { DesignKind::Grid });
        manifest.list.clone_from(&request.list);
        manifest.points = match manifest.design {
            DesignKind::Grid | DesignKind::List => points.unwrap_or(u64::MAX),
            _ => points.unwrap_or(Sweep::POINTS),
        };
        Ok(manifest)
    }

    /// An experiment that the scenario describes.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is none of that name.
    pub fn experiment(&self, name: &str) -> Result<&Experiment, Error> {
        let all = &self.model().experiments;
        all.iter().find(|experiment| experiment.name == name).ok_or_else(|| {
            let known = all.iter().map(|experiment| experiment.name.as_str());
            let help = nearest(name, known.clone()).unwrap_or_else(|| match all.len() {
                0 => "it has none".to_string(),
                _ => format!("its experiments are {}", known.collect::<Vec<_>>().join(", ")),
            });
            self.unknown("experiment", name, help)
        })
    }
}

/// A design by its word.
fn named(word: &str) -> Result<DesignKind, Error> {
    DesignKind::named(word).ok_or_else(|| {
        Error::Request(format!("`{word}` is no design; points of a file are given as a list"))
    })
}

/// Whether something varies between two ends.
fn is_open(text: &str) -> bool {
    vary(text).is_ok_and(|vary| matches!(vary.values, Values::Range { count: None, .. }))
}
