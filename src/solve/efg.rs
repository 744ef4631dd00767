//! Game files of Gambit's `.efg` format: reader and writer of trees.
//!
//! The format is described in the Gambit documentation ("The extensive game (.efg) file format"):
//! a header, then the nodes, each before those that follow it. Information sets and outcomes are
//! declared where they are first met.

use std::collections::BTreeMap;

use super::nfg::token::{Token, Tokens};
use super::nfg::{NfgError, decimal, number, player_names, quoted};
use super::tree::{InformationSet, Move, Node, Tree};
use crate::diagnostic::{Span, short};

/// The most nodes of a tree.
const MAX_NODES: usize = 1_000_000;

/// Reads a tree.
///
/// # Errors
/// The first thing that is wrong with the text, with its place.
pub fn read(text: &str) -> Result<Tree, NfgError> {
    let mut tokens = Tokens::new(text);
    let help = "the file begins with `EFG 2 R`";
    for (what, allowed) in [("EFG", &["EFG"][..]), ("version 2", &["2"]), ("R", &["R", "D"])] {
        match tokens.next()? {
            (Token::Word(word), _) if allowed.contains(&word) => {}
            (_, span) => {
                return Err(NfgError::new(span, format!("`{what}` is expected here"), help));
            }
        }
    }
    let title = tokens.string("the title of the game in quotation marks")?;
    let players = player_names(&mut tokens)?;
    if players.is_empty() {
        return Err(NfgError::new(tokens.last(), "a game needs players", "name at least one"));
    }
    if let (Token::Text(_), _) = tokens.peek()? {
        tokens.next()?;
    }
    let tree = Tree { title, players, sets: Vec::new(), nodes: Vec::new() };
    let mut reader = Reader {
        tokens,
        tree,
        sets: BTreeMap::new(),
        outcomes: BTreeMap::new(),
        chance: BTreeMap::new(),
    };
    reader.nodes()?;
    Ok(reader.tree)
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    tree: Tree,
    /// Information sets by player and number in the file.
    sets: BTreeMap<(usize, usize), usize>,
    chance: BTreeMap<usize, Vec<(String, f64)>>,
    outcomes: BTreeMap<usize, Vec<f64>>,
}

impl Reader<'_> {
    /// All nodes; a stack holds those that wait for others to follow, with how many.
    fn nodes(&mut self) -> Result<(), NfgError> {
        let mut waiting: Vec<(usize, usize)> = Vec::new();
        loop {
            let (node, span) = self.node()?;
            let at = self.tree.nodes.len();
            if at == MAX_NODES {
                let message = format!("a tree has at most {MAX_NODES} nodes");
                return Err(NfgError::new(span, message, "a smaller game can be solved"));
            }
            let count = match &node.moves {
                Move::End => 0,
                Move::Chance(odds) => odds.len(),
                Move::Player(set) => self.tree.sets[*set].actions.len(),
            };
            self.tree.nodes.push(node);
            if let Some((parent, _)) = waiting.last() {
                self.tree.nodes[*parent].next.push(at);
            }
            waiting.push((at, count));
            while waiting.last().is_some_and(|(at, n)| self.tree.nodes[*at].next.len() == *n) {
                waiting.pop();
            }
            if waiting.is_empty() {
                break;
            }
        }
        match self.tokens.next()? {
            (Token::End, _) => Ok(()),
            (_, span) => {
                Err(NfgError::new(span, "the tree is complete before this", "leave it out"))
            }
        }
    }

    fn node(&mut self) -> Result<(Node, Span), NfgError> {
        let (token, span) = self.tokens.next()?;
        let help = "a node begins with `c` (chance), `p` (a player) or `t` (an end)";
        let Token::Word(kind @ ("c" | "p" | "t")) = token else {
            return Err(NfgError::new(span, "a node is expected here", help));
        };
        self.tokens.string("the name of the node in quotation marks")?;
        let moves = match kind {
            "c" => self.chance()?,
            "p" => self.player()?,
            _ => Move::End,
        };
        Ok((Node { moves, next: Vec::new(), paid: self.outcome()? }, span))
    }

    fn whole(&mut self, what: &str) -> Result<(usize, Span), NfgError> {
        let (token, span) = self.tokens.next()?;
        let found = match token {
            Token::Word(word) => word.parse().ok(),
            _ => None,
        };
        let wrong =
            || NfgError::new(span, format!("{what} is expected here"), "write a whole number");
        found.map(|found| (found, span)).ok_or_else(wrong)
    }

    fn chance(&mut self) -> Result<Move, NfgError> {
        let (number_of, span) = self.whole("the number of an information set")?;
        let name = matches!(self.tokens.peek()?.0, Token::Text(_));
        if name {
            self.tokens.next()?;
        }
        if self.tokens.peek()?.0 == Token::Open {
            self.tokens.next()?;
            let mut odds = Vec::new();
            while !self.tokens.close()? {
                let action = self.tokens.string("the name of an action in quotation marks")?;
                let (token, span) = self.tokens.next()?;
                let Token::Word(word) = token else {
                    let help = "write it after the name of the action: `\"rain\" 1/2`";
                    return Err(NfgError::new(span, "a probability is expected here", help));
                };
                odds.push((action, number(word, span)?));
            }
            let sum: f64 = odds.iter().map(|(_, p)| p).sum();
            if odds.iter().any(|(_, p)| *p < 0.0) || (sum - 1.0).abs() > 1e-9 {
                let message = format!("probabilities sum to {}", decimal(sum));
                return Err(NfgError::new(span, message, "they are from 0 on and sum to 1"));
            }
            self.chance.insert(number_of, odds);
        }
        let known = self.chance.get(&number_of).cloned();
        known.map(Move::Chance).ok_or_else(|| undeclared(span))
    }

    fn player(&mut self) -> Result<Move, NfgError> {
        let (player, span) = self.whole("the number of a player")?;
        if player == 0 || player > self.tree.players.len() {
            let message = format!("there is no player {player}");
            let help = format!("players are numbered from 1 to {}", self.tree.players.len());
            return Err(NfgError::new(span, message, help));
        }
        let (number_of, span) = self.whole("the number of an information set")?;
        let mut name = String::new();
        if let (Token::Text(text), _) = self.tokens.peek()? {
            name = text;
            self.tokens.next()?;
        }
        let key = (player - 1, number_of);
        if self.tokens.peek()?.0 == Token::Open {
            self.tokens.next()?;
            let mut actions = Vec::new();
            while !self.tokens.close()? {
                actions.push(self.tokens.string("the name of an action in quotation marks")?);
            }
            if actions.is_empty() {
                return Err(NfgError::new(span, "an information set needs actions", "name them"));
            }
            match self.sets.get(&key) {
                Some(at) if self.tree.sets[*at].actions.len() != actions.len() => {
                    let message = "this information set had other actions before";
                    return Err(NfgError::new(span, message, "give it the same everywhere"));
                }
                Some(_) => {}
                None => {
                    self.sets.insert(key, self.tree.sets.len());
                    self.tree.sets.push(InformationSet { player: player - 1, name, actions });
                }
            }
        }
        self.sets.get(&key).map(|at| Move::Player(*at)).ok_or_else(|| undeclared(span))
    }

    /// What is paid: 0 for nothing, or the number of an outcome, declared where it is first met.
    fn outcome(&mut self) -> Result<Vec<f64>, NfgError> {
        let (number_of, span) = self.whole("the number of an outcome")?;
        if let (Token::Text(_), _) = self.tokens.peek()? {
            self.tokens.next()?;
        }
        if self.tokens.peek()?.0 == Token::Open {
            self.tokens.next()?;
            let mut paid = Vec::new();
            while !self.tokens.close()? {
                let (token, span) = self.tokens.next()?;
                let Token::Word(word) = token else {
                    let help = "an outcome has a payoff for each player in braces";
                    return Err(NfgError::new(span, "a payoff is expected here", help));
                };
                paid.push(number(word, span)?);
            }
            let players = self.tree.players.len();
            if paid.len() != players {
                let message = format!("{} payoffs for {players} players", paid.len());
                return Err(NfgError::new(span, message, "give one to each player"));
            }
            self.outcomes.insert(number_of, paid);
        }
        match (number_of, self.outcomes.get(&number_of)) {
            (_, Some(paid)) => Ok(paid.clone()),
            (0, None) => Ok(Vec::new()),
            (_, None) => {
                let message = format!("outcome {} has no payoffs", short(&number_of.to_string()));
                Err(NfgError::new(span, message, "give them in braces where it is first met"))
            }
        }
    }
}

fn undeclared(span: Span) -> NfgError {
    let help = "name its actions in braces where it is first met";
    NfgError::new(span, "this information set has no actions yet", help)
}

/// The text of a tree. Every outcome has a number of its own.
pub fn write(tree: &Tree) -> String {
    let names: Vec<String> = tree.players.iter().map(|name| quoted(name)).collect();
    let mut text = format!("EFG 2 R {} {{ {} }}\n\n", quoted(&tree.title), names.join(" "));
    let (mut outcome, mut chance) = (0, 0);
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        let node = &tree.nodes[at];
        text.push_str(&match &node.moves {
            Move::End => "t \"\"".to_string(),
            Move::Chance(odds) => {
                chance += 1;
                let odds = odds.iter().map(|(name, p)| format!("{} {}", quoted(name), decimal(*p)));
                let odds: Vec<String> = odds.collect();
                format!("c \"\" {chance} \"\" {{ {} }}", odds.join(" "))
            }
            Move::Player(set) => {
                let InformationSet { player, name, actions } = &tree.sets[*set];
                let actions: Vec<String> = actions.iter().map(|name| quoted(name)).collect();
                let (player, set, name) = (player + 1, set + 1, quoted(name));
                format!("p \"\" {player} {set} {name} {{ {} }}", actions.join(" "))
            }
        });
        if node.paid.is_empty() {
            text.push_str(" 0\n");
        } else {
            outcome += 1;
            let paid: Vec<String> = node.paid.iter().map(|x| decimal(*x)).collect();
            text.push_str(&format!(" {outcome} \"\" {{ {} }}\n", paid.join(", ")));
        }
        open.extend(node.next.iter().rev());
    }
    text
}
