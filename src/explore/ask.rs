//! What is asked for: an edit of the text, settings, arms.

use serde::Deserialize;

use super::{AS_LOADED, NOW};
use crate::api::{Claims, Error, Run, Scenario, settings};
use crate::claims;
use crate::diagnostic::clip;
use crate::experiment::{Memory, RunSpec};
use crate::rng::Seed;

/// So many settings can be pinned.
const PINS: usize = 8;
/// The longest name of a pin, in characters.
const NAME: usize = 40;

/// How a scenario is to be played now. Whatever is left out is as in the file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ask {
    /// What was changed of the text.
    pub edit: Option<Edit>,
    /// What is set in the scenario as it is and in its variants: the keys and values of `--set`.
    pub set: Vec<(String, String)>,
    /// Variants that are played beside the scenario as it is.
    pub variants: Vec<String>,
    /// Settings to compare with.
    pub pins: Vec<Pin>,
    /// The arm that others are compared with; if none is named, or none that is played,
    /// [`AS_LOADED`] where something is set, else the first.
    pub versus: String,
    /// Outcomes that are drawn; the first dozen if none is named.
    pub outcomes: Vec<String>,
}

/// Lines of the text that were replaced.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// So many lines at the beginning are as they were.
    pub head: usize,
    /// So many lines at the end.
    pub tail: usize,
    /// What stands between them now: lines without the break after the last of them; none at all
    /// where everything between was taken out.
    pub middle: Option<String>,
}

/// Settings that stay while others move.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pin {
    /// What its arm is called.
    pub name: String,
    /// Of which variant; empty for the scenario as it is.
    pub variant: String,
    /// What is set in it.
    pub set: Vec<(String, String)>,
}

/// What all requests share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Means {
    pub threads: Option<usize>,
    pub memory: Memory,
    pub seed: Seed,
}

impl Ask {
    /// The text with the edit.
    pub(super) fn text(&self, loaded: &str) -> Result<String, Error> {
        let Some(edit) = &self.edit else { return Ok(loaded.to_string()) };
        let lines: Vec<&str> = loaded.split('\n').collect();
        let kept = edit.head.checked_add(edit.tail).filter(|kept| *kept <= lines.len());
        if kept.is_none() {
            let text = format!("the edit keeps more lines than the text has, {}", lines.len());
            return Err(Error::Request(text));
        }
        let (head, tail) = (&lines[..edit.head], &lines[lines.len() - edit.tail..]);
        let middle = edit.middle.as_deref().into_iter();
        let all: Vec<&str> =
            head.iter().copied().chain(middle).chain(tail.iter().copied()).collect();
        Ok(all.join("\n"))
    }

    /// The run with the same settings and variants: what repeats it on the command line.
    pub(super) fn run(&self, runs: u64, means: Means) -> Run {
        let run = Run::new(runs).seed(means.seed.0).memory(means.memory).no_per_run();
        let run = means.threads.iter().fold(run, |run, n| run.threads(*n));
        let run = self.variants.iter().fold(run, |run, name| run.variant(name));
        self.set.iter().fold(run, |run, (key, value)| run.set(key, value))
    }

    /// The arms to be played. The scenario as it was loaded is one of them where the settings are
    /// others and the text is the same.
    pub(super) fn spec<'a>(
        &self,
        scenario: &'a Scenario,
        runs: u64,
        means: Means,
    ) -> Result<RunSpec<'a>, Error> {
        let mut spec = scenario.run_spec(&self.run(runs, means))?;
        if self.edit.is_some() || !self.set.is_empty() {
            spec.arms.iter_mut().take(1).for_each(|arm| arm.name = NOW.to_string());
        }
        let mut more = Vec::new();
        if self.edit.is_none() && !self.set.is_empty() {
            more.push(Pin { name: AS_LOADED.to_string(), ..Pin::default() });
        }
        if self.pins.len() > PINS {
            return Err(Error::Request(format!("{PINS} settings can be pinned, not more")));
        }
        more.extend(self.pins.iter().cloned());
        for Pin { name, variant, set } in &more {
            if name.is_empty() || name.chars().count() > NAME {
                return Err(Error::Request(format!("a pin has a name of 1 to {NAME} characters")));
            }
            if spec.arms.iter().any(|arm| arm.name == *name) {
                return Err(Error::Request(format!("two arms are called `{}`", clip(name))));
            }
            let changes = settings(scenario.model(), set)?;
            let variant = Some(variant.as_str()).filter(|name| !name.is_empty());
            let mut arm = scenario.arm(variant, &changes)?;
            arm.name.clone_from(name);
            spec.arms.push(arm);
        }
        let loaded = || spec.arms.iter().position(|arm| arm.name == AS_LOADED).unwrap_or(0);
        spec.versus = match self.versus.as_str() {
            "" => loaded(),
            // an arm that was compared with may be gone
            name => spec.arms.iter().position(|arm| arm.name == name).unwrap_or_else(loaded),
        };
        spec.admit().map_err(crate::experiment::Error::from)?;
        Ok(spec)
    }

    /// Which claims are judged under the settings.
    pub(super) fn judge(&self, runs: u64, means: Means) -> Claims {
        let request = Claims::new(runs).seed(means.seed.0).memory(means.memory);
        let request = means.threads.iter().fold(request, |request, n| request.threads(*n));
        self.set.iter().fold(request, |request, (key, value)| request.set(key, value))
    }

    /// The claims to be judged.
    pub(super) fn claims<'a>(
        &self,
        scenario: &'a Scenario,
        runs: u64,
        means: Means,
    ) -> Result<claims::Spec<'a>, Error> {
        let request = self.judge(runs, means);
        let spec = scenario.claims_spec(&request)?;
        claims::admit(&spec, 0, None).map_err(crate::experiment::Error::from)?;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, head: usize, tail: usize, middle: Option<&str>) -> Option<String> {
        let edit = Edit { head, tail, middle: middle.map(str::to_string) };
        Ask { edit: Some(edit), ..Ask::default() }.text(text).ok()
    }

    #[test]
    fn edits_replace_lines() {
        let text = "a\nb\nc\n";
        assert_eq!(edited(text, 1, 2, Some("x\ny")).as_deref(), Some("a\nx\ny\nc\n"));
        assert_eq!(edited(text, 1, 2, None).as_deref(), Some("a\nc\n"));
        assert_eq!(edited(text, 0, 0, Some("")).as_deref(), Some(""));
        assert_eq!(edited(text, 4, 0, Some("d")).as_deref(), Some("a\nb\nc\n\nd"));
        assert_eq!(edited(text, 3, 2, None), None);
        assert_eq!(edited(text, usize::MAX, 2, None), None);
    }
}
