//! Many points of a space of assumptions.

mod play;

use super::points::PointsFile;
use super::{Error, Scenario, settings};
use crate::experiment::{self, DesignKind, Manifest, SweepError};
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
    file: Option<String>,
    points: Option<u64>,
    runs: Option<u64>,
    seed: Seed,
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

    /// Varies something: `"gift=0:1:5"`, `"w[CHN]=0.2,0.8"`, `"gift=0:1"` between two ends.
    #[must_use]
    pub fn vary(mut self, text: impl Into<String>) -> Sweep {
        self.vary.push(text.into());
        self
    }

    /// These points instead of a design: keys, and their values point by point.
    #[must_use]
    pub fn list(mut self, columns: Vec<(String, Vec<String>)>) -> Sweep {
        self.list = Some(columns);
        self.design = Some(DesignKind::List);
        self
    }
}

notes! { Sweep: variants seed rounds set independent;
    /// What an experiment of the scenario says.
    experiment(name: impl Into<String>) { experiment = Some(name.into()) }

    /// Varies everything that is declared uncertain.
    uncertain() { uncertain = true }

    /// How points are laid out. Where nothing says it: Sobol' points if something varies between
    /// two ends, a grid otherwise.
    design(design: DesignKind) { design = Some(design) }

    /// The points of a CSV file instead of a design: a column for each thing that varies, a row for
    /// each point.
    file(path: impl Into<String>) { file = Some(path.into()) }

    /// So many points instead of [`Sweep::POINTS`]; of a grid or a list the first so many, instead
    /// of all.
    points(points: u64) { points = Some(points) }

    /// So many runs of each arm at each point instead of [`Sweep::RUNS`].
    runs(runs: u64) { runs = Some(runs) }

    /// Keeps the outcomes of every run.
    per_run() { per_run = true }
}

impl Scenario {
    /// Everything that decides the results of a sweep, with nothing left open: it is held against
    /// the scenario, and files of points are read.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such experiment or variant, [`Error::Diagnostics`] if
    /// settings, what varies or a point does not fit the scenario, [`Error::Request`] or
    /// [`Error::Fault`] if a file of points cannot be used, [`Error::Sweep`] if there is no such
    /// sweep.
    pub fn manifest(&self, request: &Sweep) -> Result<Manifest, Error> {
        let (mut manifest, file) = self.asked(request)?;
        let sweep = experiment::Sweep::new(&manifest, self.model());
        let points = sweep.map(|sweep| sweep.points()).map_err(|error| match (error, &file) {
            (SweepError::Faults(list), Some(file)) => file.faults(&list),
            (SweepError::Faults(list), None) => manifest.placed(list).into(),
            (error, _) => Error::Sweep(error),
        });
        manifest.points = points?;
        Ok(manifest)
    }

    /// What is asked for, and the file that its points are from.
    fn asked(&self, request: &Sweep) -> Result<(Manifest, Option<PointsFile>), Error> {
        let model = self.model();
        let mut manifest = Manifest::new(self.name(), self.text(), request.seed.0);
        let files = self.files().iter();
        manifest.files = files.map(|file| (file.name.clone(), file.text.to_string())).collect();
        let (mut design, mut points) = (request.design, request.points);
        manifest.runs = request.runs.unwrap_or(Sweep::RUNS);
        if let Some(name) = &request.experiment {
            let experiment = self.experiment(name)?;
            manifest.vary = experiment.vary.clone();
            manifest.uncertain = experiment.uncertain;
            design = design.or_else(|| DesignKind::named(&experiment.design));
            points = points.or(experiment.points);
            manifest.runs = request.runs.or(experiment.runs).unwrap_or(Sweep::RUNS);
        }
        let mut file = request.file.as_deref().map(PointsFile::read).transpose()?;
        manifest.list = file.as_mut().map(PointsFile::take).or_else(|| request.list.clone());
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
        let listed = file.as_ref().map(|_| DesignKind::List);
        let usual = if open { DesignKind::Sobol } else { DesignKind::Grid };
        manifest.design = listed.or(design).unwrap_or(usual);
        manifest.points = match manifest.design {
            DesignKind::Grid | DesignKind::List => points.unwrap_or(u64::MAX),
            _ => points.unwrap_or(Sweep::POINTS),
        };
        Ok((manifest, file))
    }

    /// An experiment that the scenario describes.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is none of that name.
    pub fn experiment(&self, name: &str) -> Result<&Experiment, Error> {
        let all = &self.model().experiments;
        let known = all.iter().map(|experiment| experiment.name.as_str());
        Ok(&all[self.number(("experiment", "its experiments are"), name, known)?])
    }
}

/// Whether something varies between two ends.
fn is_open(text: &str) -> bool {
    vary(text).is_ok_and(|vary| matches!(vary.values, Values::Range { count: None, .. }))
}
