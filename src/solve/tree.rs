//! Games in extensive form: trees of moves, chance and information sets.

use std::collections::BTreeMap;

use super::{Equilibrium, Found, Game, GameError, Halt, Mixed, Player, Stop, nash};

/// Where some player moves without knowing more.
#[derive(Debug, Clone, PartialEq)]
pub struct InformationSet {
    /// Who moves, from 0.
    pub player: usize,
    /// Name; may be empty.
    pub name: String,
    /// Names of actions, at least one.
    pub actions: Vec<String>,
}

/// Who moves at a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Move {
    /// Chance, with these names and probabilities, which sum to 1.
    Chance(Vec<(String, f64)>),
    /// The player of this information set, by its place in [`Tree::sets`].
    Player(usize),
    /// Nobody: the game is over.
    End,
}

/// A node of a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Who moves.
    pub moves: Move,
    /// Nodes that follow, by their places in [`Tree::nodes`], one for each action.
    pub next: Vec<usize>,
    /// What is paid here to each player, beside what is paid before and after; empty where nothing
    /// is.
    pub paid: Vec<f64>,
}

/// A game in extensive form.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// What the game is called.
    pub title: String,
    /// Names of players.
    pub players: Vec<String>,
    /// Information sets in the order in which the tree meets them.
    pub sets: Vec<InformationSet>,
    /// Nodes, the root first, each before those that follow it.
    pub nodes: Vec<Node>,
}

/// A pure strategy: the action at each information set of a player that it can reach by it.
type Plan = BTreeMap<usize, usize>;

/// Subgames within subgames, at most.
const MAX_DEPTH: usize = 200;
/// The most combinations of equilibria of subgames that are followed.
const MOST: usize = 1000;

impl Tree {
    /// The reduced strategic form: a strategy says what to do where the player's own choices lead.
    /// Names are actions joined by `/` in the order of information sets, `*` for those that are not
    /// reached.
    ///
    /// # Errors
    /// If the table of payoffs is too large.
    pub fn strategic(&self) -> Result<Game, GameError> {
        self.form(0, &BTreeMap::new()).map(|form| form.game)
    }

    /// The game in which every information set is played by an agent of its own, who is paid what
    /// its player is (Selten 1975). Logit equilibrium of it is agent quantal response equilibrium
    /// (McKelvey and Palfrey 1998).
    ///
    /// # Errors
    /// If the table of payoffs is too large.
    pub fn agents(&self) -> Result<Game, GameError> {
        let sizes: Vec<usize> = self.sets.iter().map(|set| set.actions.len()).collect();
        let agent = |(at, set): (usize, &InformationSet)| {
            let name = if set.name.is_empty() { (at + 1).to_string() } else { set.name.clone() };
            let name = format!("{}: {name}", self.players[set.player]);
            Player { name, strategies: set.actions.clone() }
        };
        let players: Vec<Player> = self.sets.iter().enumerate().map(agent).collect();
        let count = Game::size(&sizes)?;
        let mut payoffs = Vec::with_capacity(count);
        let mut at = vec![0; sizes.len()];
        for _ in 0..count / sizes.len().max(1) {
            let all = self.paid(0, &BTreeMap::new(), &|set| Some(at[set]));
            payoffs.extend(self.sets.iter().map(|set| all[set.player]));
            for (place, size) in at.iter_mut().zip(&sizes) {
                *place += 1;
                if *place < *size {
                    break;
                }
                *place = 0;
            }
        }
        Game::new(self.title.clone(), players, payoffs)
    }

    /// Subgame-perfect equilibria as profiles of [`Tree::agents`], by backward induction: subgames
    /// that hold no others are solved first and then stand for what their equilibria pay (Selten
    /// 1965). Of subgames with several equilibria each is followed; where nobody comes in an
    /// equilibrium of a subgame, the first action stands.
    ///
    /// # Errors
    /// If a table of payoffs is too large.
    pub fn subgame_perfect(&self, halt: &Halt) -> Result<Found, GameError> {
        let game = self.agents()?;
        let mut found = Found::none();
        let blank = self.sets.iter().map(|set| vec![0.0; set.actions.len()]).collect();
        for Solution { behaviour, .. } in self.solved((0, 0), &blank, &mut found, halt)? {
            let filled = behaviour.into_iter().map(|mut mix| {
                if mix.iter().all(|p| *p == 0.0) {
                    mix[0] = 1.0;
                }
                mix
            });
            let new = Equilibrium::new(&game, filled.collect());
            if !found.equilibria.iter().any(|e| e.profile == new.profile) {
                found.equilibria.push(new);
            }
        }
        found.notes.sort();
        found.notes.dedup();
        Ok(found)
    }

    /// Solutions of the subgame that begins at a node, within so many others.
    fn solved(
        &self,
        (root, depth): (usize, usize),
        blank: &Mixed,
        found: &mut Found,
        halt: &Halt,
    ) -> Result<Vec<Solution>, GameError> {
        if depth > MAX_DEPTH {
            return Err(GameError::TooLarge(None));
        }
        let mut ways = vec![(BTreeMap::new(), blank.clone())];
        for inner in self.inner(root) {
            let solutions = self.solved((inner, depth + 1), blank, found, halt)?;
            let with = |(paid, behaviour): &(BTreeMap<usize, Vec<f64>>, Mixed)| {
                let one = |solution: &Solution| {
                    let mut paid = paid.clone();
                    paid.insert(inner, solution.paid.clone());
                    (paid, united(behaviour, &solution.behaviour))
                };
                solutions.iter().map(one).collect::<Vec<_>>()
            };
            ways = ways.iter().flat_map(with).collect();
            if ways.len() > MOST {
                ways.truncate(MOST);
                found.stop = Stop::Limit;
                found.notes.push(format!(
                    "only {MOST} combinations of equilibria of subgames were followed"
                ));
            }
        }
        let mut all = Vec::new();
        for (paid, behaviour) in ways {
            let form = self.form(root, &paid)?;
            let (_, nash) = nash(&form.game, halt);
            if nash.stop != Stop::Complete && found.stop == Stop::Complete {
                found.stop = nash.stop;
            }
            let told = nash.notes.into_iter().filter(|note| !note.contains("were left out first"));
            found.notes.extend(told.map(|note| format!("of a subgame: {note}")));
            for equilibrium in nash.equilibria {
                let here = self.behaviour(&form, &equilibrium.profile);
                let behaviour = united(&behaviour, &here);
                all.push(Solution { paid: equilibrium.payoffs, behaviour });
            }
        }
        Ok(all)
    }

    /// The largest subgames within the one that begins at a node.
    fn inner(&self, root: usize) -> Vec<usize> {
        let mut roots = Vec::new();
        let mut open: Vec<usize> = self.nodes[root].next.iter().rev().copied().collect();
        while let Some(node) = open.pop() {
            match self.is_subgame(node) {
                true => roots.push(node),
                false => open.extend(self.nodes[node].next.iter().rev()),
            }
        }
        roots
    }

    /// Whether a node that is no end begins a subgame: no information set is partly below it.
    fn is_subgame(&self, node: usize) -> bool {
        let below = self.below(node);
        let within = |at: &usize| below.binary_search(at).is_ok();
        let set = |at: usize| match self.nodes[at].moves {
            Move::Player(set) => Some(set),
            _ => None,
        };
        let sets: Vec<usize> = below.iter().filter_map(|at| set(*at)).collect();
        let whole = (0..self.nodes.len())
            .filter(|at| set(*at).is_some_and(|s| sets.contains(&s)))
            .all(|at| within(&at));
        let own = set(node);
        let alone = own.is_none_or(|s| sets.iter().filter(|other| **other == s).count() == 1);
        whole && alone && self.nodes[node].moves != Move::End
    }

    /// A node and all after it, ascending.
    fn below(&self, node: usize) -> Vec<usize> {
        let mut all = vec![node];
        let mut at = 0;
        while at < all.len() {
            all.extend(&self.nodes[all[at]].next);
            at += 1;
        }
        all.sort_unstable();
        all
    }

    /// The reduced strategic form of what begins at a node, where some nodes pay what is given and
    /// are ends.
    fn form(&self, root: usize, ends: &BTreeMap<usize, Vec<f64>>) -> Result<Form, GameError> {
        let plans: Result<Vec<Vec<Plan>>, GameError> =
            (0..self.players.len()).map(|player| self.plans(root, ends, player)).collect();
        let plans = plans?;
        let sizes: Vec<usize> = plans.iter().map(Vec::len).collect();
        let count = Game::size(&sizes)?;
        let players = (0..plans.len()).map(|player| Player {
            name: self.players[player].clone(),
            strategies: self.names(&plans[player]),
        });
        let players = players.collect();
        let mut payoffs = Vec::with_capacity(count);
        let mut at = vec![0; sizes.len()];
        for _ in 0..count / sizes.len() {
            let action = |set: usize| {
                let player = self.sets[set].player;
                plans[player][at[player]].get(&set).copied()
            };
            payoffs.extend(self.paid(root, ends, &action));
            for (place, size) in at.iter_mut().zip(&sizes) {
                *place += 1;
                if *place < *size {
                    break;
                }
                *place = 0;
            }
        }
        Ok(Form { game: Game::new(self.title.clone(), players, payoffs)?, plans })
    }

    /// All pure strategies of a player, reduced.
    fn plans(
        &self,
        root: usize,
        ends: &BTreeMap<usize, Vec<f64>>,
        player: usize,
    ) -> Result<Vec<Plan>, GameError> {
        let mut open = vec![Plan::new()];
        let mut done = Vec::new();
        while let Some(plan) = open.pop() {
            if open.len() + done.len() > Game::MAX_PAYOFFS {
                return Err(GameError::TooLarge(None));
            }
            match self.undecided(root, ends, player, &plan) {
                None => done.push(plan),
                Some(set) => {
                    let with = |action: usize| {
                        let mut plan = plan.clone();
                        plan.insert(set, action);
                        plan
                    };
                    open.extend((0..self.sets[set].actions.len()).rev().map(with));
                }
            }
        }
        Ok(done)
    }

    /// The first information set of a player that can be reached by a plan that says nothing of it.
    fn undecided(
        &self,
        root: usize,
        ends: &BTreeMap<usize, Vec<f64>>,
        player: usize,
        plan: &Plan,
    ) -> Option<usize> {
        let mut open = vec![root];
        let mut first: Option<usize> = None;
        while let Some(at) = open.pop() {
            let node = &self.nodes[at];
            if ends.contains_key(&at) {
                continue;
            }
            match node.moves {
                Move::Player(set) if self.sets[set].player == player => match plan.get(&set) {
                    Some(action) => open.push(node.next[*action]),
                    None => first = Some(first.map_or(set, |known| known.min(set))),
                },
                _ => open.extend(&node.next),
            }
        }
        first
    }

    /// Names of strategies.
    fn names(&self, plans: &[Plan]) -> Vec<String> {
        let mut sets: Vec<usize> = plans.iter().flat_map(|plan| plan.keys().copied()).collect();
        sets.sort_unstable();
        sets.dedup();
        let word = |plan: &Plan, set: &usize| match plan.get(set) {
            Some(action) => self.sets[*set].actions[*action].clone(),
            None => "*".to_string(),
        };
        let name = |plan: &Plan| {
            let words: Vec<String> = sets.iter().map(|set| word(plan, set)).collect();
            if words.is_empty() { "nothing".to_string() } else { words.join("/") }
        };
        plans.iter().map(name).collect()
    }

    /// What each player is paid on average from a node on, where actions are given.
    fn paid(
        &self,
        root: usize,
        ends: &BTreeMap<usize, Vec<f64>>,
        action: &dyn Fn(usize) -> Option<usize>,
    ) -> Vec<f64> {
        let mut sums = vec![0.0; self.players.len()];
        let mut open = vec![(root, 1.0)];
        while let Some((at, weight)) = open.pop() {
            let node = &self.nodes[at];
            let paid = ends.get(&at).unwrap_or(&node.paid);
            sums.iter_mut().zip(paid).for_each(|(sum, x)| *sum += weight * x);
            if ends.contains_key(&at) {
                continue;
            }
            match &node.moves {
                Move::End => {}
                Move::Chance(odds) => {
                    let next = node.next.iter().zip(odds).filter(|(_, (_, p))| *p > 0.0);
                    open.extend(next.map(|(to, (_, p))| (*to, weight * p)));
                }
                // invariant: a plan decides wherever it leads
                Move::Player(set) => open.push((node.next[action(*set).unwrap_or(0)], weight)),
            }
        }
        sums
    }

    /// Behaviour by information set: of those strategies that say something of it, the shares of
    /// actions (Kuhn 1953). All 0 where none of them is played.
    fn behaviour(&self, form: &Form, profile: &Mixed) -> Mixed {
        let of = |(set, at): (&InformationSet, usize)| {
            let mut mix = vec![0.0; set.actions.len()];
            for (plan, p) in form.plans[set.player].iter().zip(&profile[set.player]) {
                if let Some(action) = plan.get(&at) {
                    mix[*action] += p;
                }
            }
            let sum: f64 = mix.iter().sum();
            if sum > 0.0 { mix.iter().map(|p| p / sum).collect() } else { mix }
        };
        self.sets.iter().zip(0..).map(of).collect()
    }
}

/// A strategic form with what its strategies are.
struct Form {
    game: Game,
    plans: Vec<Vec<Plan>>,
}

/// An equilibrium of a subgame: what it pays, and behaviour, all 0 outside it.
struct Solution {
    paid: Vec<f64>,
    behaviour: Mixed,
}

/// Behaviour of which each says something of other information sets.
fn united(a: &Mixed, b: &Mixed) -> Mixed {
    let mix = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(x, y)| x + y).collect();
    a.iter().zip(b).map(mix).collect()
}
