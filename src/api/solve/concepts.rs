//! What each concept answers.

use super::{Answer, Concept, Error, Found, Method, Solve};
use crate::diagnostic::{clip, nearest};
use crate::solve::correlated::{self, Obedience, Objective};
use crate::solve::dominance::{self, Dominance};
use crate::solve::tree::Tree;
use crate::solve::{self, Equilibrium, Game, GameError, Halt, Unsuited, bimatrix, many, pure_nash};

/// So many choices of supports are searched without being asked for.
const SUPPORTS: f64 = 1e6;

impl Solve {
    /// The answer to what is asked for.
    ///
    /// # Errors
    /// Those of [`Game::solve`].
    pub(in crate::api) fn answer(&self, game: &Game, halt: &Halt) -> Result<Answer, Error> {
        self.fits()?;
        match (self.concept, self.method) {
            (Concept::Nash, _) => self.nash(game, halt),
            (Concept::StrictDominance, _) => self.eliminate(game, Dominance::Strict, halt),
            (Concept::WeakDominance, _) => self.eliminate(game, Dominance::Weak, halt),
            (_, Some(method)) => Err(self.foreign(method)),
            (Concept::Stability | Concept::Markov, _) => Err(Error::Request(format!(
                "`{}` is about the states of a scenario; a game has none",
                self.concept.word()
            ))),
            (Concept::SubgamePerfect, _) => Err(Error::Request(
                "`subgame-perfect` is about trees (`.efg`); a table of payoffs has no subgames"
                    .to_string(),
            )),
            (Concept::Pure, _) => Ok(self.equilibria("enumeration", pure_nash(game, halt))),
            (Concept::Correlated, _) => self.mediated(game, Obedience::Correlated, halt),
            (Concept::CoarseCorrelated, _) => self.mediated(game, Obedience::Coarse, halt),
            _ => self.dynamics(game, halt),
        }
    }

    /// Whether every option that was given is one that the concept reads, and goes with the others.
    ///
    /// # Errors
    /// [`Error::Request`] with the option that is not.
    pub fn fits(&self) -> Result<(), Error> {
        use Concept::{
            Alpharank, CoarseCorrelated, Correlated, FictitiousPlay, Nash, Qre, RegretMatching,
            Replicator,
        };
        const MEDIATED: &[Concept] = &[Correlated, CoarseCorrelated];
        const LEARNING: &[Concept] = &[RegretMatching, FictitiousPlay];
        let least = self.objective.as_ref().map(|(_, least)| *least);
        let given: [(&str, bool, &[Concept]); 14] = [
            ("precision", !self.precision.is_empty(), &[Qre]),
            ("scaled", self.scaled, &[Qre]),
            ("fit", self.fit.is_some(), &[Qre]),
            ("alpha", self.alpha.is_some(), &[Alpharank]),
            ("population", self.population.is_some(), &[Alpharank]),
            ("mistakes", self.mistakes.is_some(), &[Alpharank]),
            ("single-population", self.single_population, &[Alpharank, Replicator]),
            ("until", self.until.is_some(), &[Replicator]),
            ("start", self.start.is_some(), &[Replicator]),
            ("maximise", least == Some(false), MEDIATED),
            ("minimise", least == Some(true), MEDIATED),
            ("steps", self.steps.is_some(), LEARNING),
            ("gap", self.gap.is_some(), LEARNING),
            ("check", self.check.is_some(), &[Nash]),
        ];
        let idle = given.iter().find(|(_, given, of)| *given && !of.contains(&self.concept));
        if let Some((name, _, of)) = idle {
            let of: Vec<&str> = of.iter().map(|concept| concept.word()).collect();
            return Err(Error::Request(format!(
                "--{name} is for --concept {}; `{}` does not read it",
                of.join(" and "),
                self.concept.word()
            )));
        }
        let given = |name| given.iter().any(|(known, given, _)| *known == name && *given);
        for (one, other) in [("precision", "fit"), ("alpha", "mistakes")] {
            if given(one) && given(other) {
                return Err(Error::Request(format!("--{one} and --{other} do not go together")));
            }
        }
        if given("check") && self.method.is_some() {
            return Err(Error::Request("--check and --method do not go together".to_string()));
        }
        match self.method {
            Some(method) if self.concept == Concept::Stability => Err(self.foreign(method)),
            _ => Ok(()),
        }
    }

    fn foreign(&self, method: Method) -> Error {
        let (method, concept) = (method.word(), self.concept.word());
        Error::Request(format!(
            "`{method}` is no method for `{concept}`; leave --method out, or see `detente solve \
             --help`"
        ))
    }

    /// The answer of a tree: subgame-perfect equilibria and logit equilibria are of its agents,
    /// all else of its reduced strategic form.
    ///
    /// # Errors
    /// Those of [`Game::solve`].
    pub(in crate::api) fn of_tree(
        &self,
        tree: &Tree,
        halt: &Halt,
    ) -> Result<(Game, Answer), Error> {
        self.fits()?;
        let large = |why: GameError| Error::Request(format!("{}: {why}", clip(&tree.title)));
        let agents = matches!(self.concept, Concept::SubgamePerfect | Concept::Qre);
        let game = if agents { tree.agents() } else { tree.strategic() }.map_err(large)?;
        self.admit(&game)?;
        let answer = match (self.concept, self.method) {
            (Concept::SubgamePerfect, Some(method)) => return Err(self.foreign(method)),
            (Concept::SubgamePerfect, None) => {
                let found = tree.subgame_perfect(halt).map_err(large)?;
                self.equilibria("backward-induction", found)
            }
            _ => self.answer(&game, halt)?,
        };
        Ok((game, answer))
    }

    fn equilibria(&self, method: &str, found: solve::Found) -> Answer {
        let solve::Found { equilibria, stop, mut notes, continua } = found;
        notes.extend(continua.iter().filter_map(|c| c.told(equilibria.len())));
        self.answered(method, stop, notes, Found::Equilibria(equilibria))
    }

    /// Strictly dominated strategies are played in no equilibrium and are left out first.
    fn nash(&self, game: &Game, halt: &Halt) -> Result<Answer, Error> {
        if let Some(given) = &self.check {
            return self.checked(game, given);
        }
        let Some(method) = self.method else {
            let count = if self.endless { 0.0 } else { solve::core_supports(game, halt) };
            if count > SUPPORTS {
                return Err(Error::Request(format!(
                    "the game has {count:.0} choices of supports, too many to search without end; \
                     give --time-limit, or follow the logit branch to one equilibrium with \
                     --method logit"
                )));
            }
            let (method, found) = solve::nash(game, halt);
            return Ok(self.equilibria(method, found));
        };
        if method == Method::Logit {
            return Ok(self.equilibria(method.word(), limit(game, halt)));
        }
        let search = |small: &Game| match method {
            Method::VertexEnumeration => {
                bimatrix::vertex_enumeration(small, halt).map_err(unsuited)
            }
            Method::SupportEnumeration => {
                bimatrix::support_enumeration(small, halt).map_err(unsuited)
            }
            Method::LemkeHowson => bimatrix::lemke_howson(small, None, halt).map_err(unsuited),
            Method::BranchAndPrune => Ok(many::all_nash(small, halt)),
            Method::Logit | Method::Pure | Method::Mixed => Err(self.foreign(method)),
        };
        let found = solve::without_dominated(game, halt, search)?;
        Ok(self.equilibria(method.word(), found))
    }

    /// The certificate of a profile that was given.
    fn checked(&self, game: &Game, given: &[Vec<f64>]) -> Result<Answer, Error> {
        let sizes: Vec<usize> = given.iter().map(Vec::len).collect();
        if sizes != game.sizes() {
            let of =
                |sizes: &[usize]| sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
            return Err(Error::Request(format!(
                "--check has numbers for {} strategies, the players have {}; write them like \
                 0.5,0.5;1,0",
                of(&sizes),
                of(&game.sizes())
            )));
        }
        let shares = |row: &Vec<f64>| {
            let sum: f64 = row.iter().sum();
            row.iter().map(|x| x / sum).collect::<Vec<f64>>()
        };
        let profile: Vec<Vec<f64>> = given.iter().map(shares).collect();
        if profile.iter().flatten().any(|p| !(p.is_finite() && *p >= 0.0)) {
            return Err(Error::Request(
                "--check needs a number above 0 for each player, and none below".to_string(),
            ));
        }
        let found = Found::Checked(Equilibrium::new(game, profile));
        Ok(self.answered("check", solve::Stop::Complete, Vec::new(), found))
    }

    fn eliminate(&self, game: &Game, kind: Dominance, halt: &Halt) -> Result<Answer, Error> {
        let method = self.method.unwrap_or(Method::Mixed);
        if !matches!(method, Method::Pure | Method::Mixed) {
            return Err(self.foreign(method));
        }
        let left = dominance::dominance(game, kind, method == Method::Mixed, halt);
        let found = Found::Survivors { strategies: left.strategies, rounds: left.rounds };
        Ok(self.answered(method.word(), left.stop, left.notes, found))
    }

    fn mediated(&self, game: &Game, obedience: Obedience, halt: &Halt) -> Result<Answer, Error> {
        let (whose, least) =
            self.objective.as_ref().map_or(("welfare", false), |(whose, least)| (whose, *least));
        let objective = objective(game, whose)?;
        let found = correlated::correlated(game, obedience, objective, least, halt);
        let found = found.map_err(unsuited)?;
        let of = if objective == Objective::Nothing { "welfare" } else { whose }.to_string();
        let stop = found.stop;
        Ok(self.answered("linear-program", stop, Vec::new(), Found::Correlated { of, found }))
    }
}

/// The Nash equilibrium at the end of the principal branch.
fn limit(game: &Game, halt: &Halt) -> solve::Found {
    let found = solve::logit::limit(game, halt);
    let mut notes = found.notes;
    notes.push("the logit branch leads to one equilibrium; there may be others".into());
    let equilibria = vec![found.equilibrium];
    solve::Found { equilibria, stop: found.stop, notes, continua: Vec::new() }
}

fn unsuited(error: Unsuited) -> Error {
    Error::Request(error.to_string())
}

fn objective(game: &Game, whose: &str) -> Result<Objective, Error> {
    let players = game.players();
    if let Some(player) = players.iter().position(|p| p.name == whose) {
        return Ok(Objective::Player(player));
    }
    match whose {
        "welfare" => Ok(Objective::Welfare),
        "none" => Ok(Objective::Nothing),
        _ => {
            let known = players.iter().map(|p| p.name.as_str());
            let help = nearest(whose, known.clone().chain(["welfare", "none"]));
            let help = help.unwrap_or_else(|| {
                format!("its players are {}", known.collect::<Vec<_>>().join(", "))
            });
            let whose = clip(whose);
            Err(Error::Unknown(format!("the game has no player `{whose}`; {help}")))
        }
    }
}
