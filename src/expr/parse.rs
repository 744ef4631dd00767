//! Tokens to syntax trees: precedence climbing, as in Python.

use super::ast::*;
use super::node::{Distribution, Function};
use super::source::Source;
use super::token::{Token, tokens};
use crate::diagnostic::{Code, Diagnostic, Span};

/// How deeply brackets and operators may nest.
pub const MAX_DEPTH: usize = 100;

/// Reads a formula.
///
/// # Errors
/// One diagnostic at the first word that does not fit the grammar, or [`Code::Limit`] for a
/// formula nested deeper than [`MAX_DEPTH`].
pub fn formula(source: &Source) -> Result<Ast, Diagnostic> {
    let mut parser = Parser::new(source)?;
    let ast = parser.expression(0)?;
    parser.finish()?;
    Ok(ast)
}

/// Reads an effect: `cell += formula for j in set if condition`.
///
/// # Errors
/// One diagnostic at the first word that does not fit.
pub fn statement(source: &Source) -> Result<Statement, Diagnostic> {
    let mut parser = Parser::new(source)?;
    let cell = parser.word("the name of a state")?;
    let indices = if parser.sees("[") { parser.indices()? } else { Vec::new() };
    let change = match parser.take_sign(&["+=", "-=", "="]) {
        Some("+=") => Change::Add,
        Some("-=") => Change::Subtract,
        Some(_) => Change::Assign,
        None => {
            let text = "an effect is `cell += formula`, `cell -= formula` or `cell = formula`";
            return Err(Diagnostic::new(Code::Effect, parser.span(), text));
        }
    };
    let value = parser.expression(0)?;
    let bindings = if parser.take_word("for") { parser.bindings()? } else { Vec::new() };
    parser.finish()?;
    Ok(Statement { cell, indices, change, value, bindings })
}

/// Reads a left-hand side: `name`, `name[i]`, `name[i, j in group]`, `name[i, CHN]`.
///
/// # Errors
/// One diagnostic at the first word that does not fit.
pub fn head(source: &Source) -> Result<Head, Diagnostic> {
    let mut parser = Parser::new(source)?;
    let name = parser.word("a name")?;
    let mut indices = Vec::new();
    if parser.take_sign(&["["]).is_some() {
        loop {
            let index = parser.index_word("an index")?;
            let group = if parser.take_word("in") { Some(parser.word("a group")?) } else { None };
            indices.push((index, group));
            if parser.take_sign(&[","]).is_none() {
                break;
            }
        }
        parser.expect("]")?;
    }
    parser.finish()?;
    Ok(Head { name, indices })
}

struct Parser {
    list: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
}

/// Binding strength of the operators; `not` and unary minus stand between them.
fn strength(operator: Operator) -> u8 {
    match operator {
        Operator::Or => 1,
        Operator::And => 2,
        Operator::Compare(_) => 4,
        Operator::Add | Operator::Subtract => 5,
        Operator::Multiply | Operator::Divide => 6,
        Operator::Power => 8,
    }
}

const NOT: u8 = 3;
const NEGATE: u8 = 7;

impl Parser {
    fn new(source: &Source) -> Result<Self, Diagnostic> {
        Ok(Parser { list: tokens(source)?, at: 0, depth: 0 })
    }

    fn peek(&self) -> &Token {
        &self.list[self.at.min(self.list.len() - 1)].0
    }

    fn span(&self) -> Span {
        self.list[self.at.min(self.list.len() - 1)].1
    }

    fn advance(&mut self) -> Span {
        let span = self.span();
        self.at = (self.at + 1).min(self.list.len() - 1);
        span
    }

    fn sees(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) if *s == sign)
    }

    fn take_sign(&mut self, signs: &[&str]) -> Option<&'static str> {
        match *self.peek() {
            Token::Sign(s) if signs.contains(&s) => {
                self.advance();
                Some(s)
            }
            _ => None,
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(w) if w == word);
        if found {
            self.advance();
        }
        found
    }

    fn error(&self, wanted: &str) -> Diagnostic {
        let found = match self.peek() {
            Token::Number(n) => format!("`{n}`"),
            Token::Word(w) => format!("`{w}`"),
            Token::Quoted(text) => format!("`'{text}'`"),
            Token::Sign(s) => format!("`{s}`"),
            Token::End => "the end of the formula".to_string(),
        };
        let help = match self.peek() {
            Token::Sign("=") => Some("a comparison is written `==`"),
            Token::Sign("**") => Some("a power is written `a ^ b`"),
            Token::Sign("<>") => Some("two things that differ are written `a != b`"),
            Token::Sign("[") if self.follows("]") => {
                Some("all indices stand in one pair of brackets: `x[i, j]`")
            }
            Token::Word(w) if matches!(w.as_str(), "if" | "elif" | "else" | "then") => {
                Some("write `if(c, a, b)`, for more cases `if(c, a, if(d, b, e))`")
            }
            Token::Word(w) if w == "by" => Some("`by` stands in `first(j in S by key: value)`"),
            Token::Quoted(_) => {
                Some("a text has a meaning in `at('2025-01')` only, which is a round")
            }
            _ => None,
        };
        let help = help.map(str::to_string);
        let text = format!("expected {wanted}, found {found}");
        Diagnostic::new(Code::FormulaSyntax, self.span(), text).help_if(help)
    }

    /// A word, or a number: an element of a set of numbers.
    fn index_word(&mut self, wanted: &str) -> Result<Word, Diagnostic> {
        let start = self.span();
        let minus = matches!(self.list.get(self.at + 1), Some((Token::Number(_), _)))
            && self.take_sign(&["-"]).is_some();
        match *self.peek() {
            Token::Number(number) => {
                let text = if minus { -number } else { number }.to_string();
                let span = start.to(self.advance());
                Ok(Word { text, span })
            }
            _ => self.word(wanted),
        }
    }

    /// Whether the token before is that sign.
    fn follows(&self, sign: &str) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.list.get(at));
        before.is_some_and(|(token, _)| matches!(token, Token::Sign(s) if *s == sign))
    }

    fn expect(&mut self, sign: &str) -> Result<Span, Diagnostic> {
        if self.sees(sign) { Ok(self.advance()) } else { Err(self.error(&format!("`{sign}`"))) }
    }

    fn word(&mut self, wanted: &str) -> Result<Word, Diagnostic> {
        match self.peek() {
            Token::Word(text) => {
                let text = text.clone();
                Ok(Word { text, span: self.advance() })
            }
            _ => Err(self.error(wanted)),
        }
    }

    fn finish(&self) -> Result<(), Diagnostic> {
        match self.peek() {
            Token::End => Ok(()),
            _ => Err(self.error("an operator or the end of the formula")),
        }
    }

    fn operator(&self) -> Option<Operator> {
        Some(match self.peek() {
            Token::Sign("+") => Operator::Add,
            Token::Sign("-") => Operator::Subtract,
            Token::Sign("*") => Operator::Multiply,
            Token::Sign("/") => Operator::Divide,
            Token::Sign("^") => Operator::Power,
            Token::Sign("==") => Operator::Compare(Comparison::Equal),
            Token::Sign("!=") => Operator::Compare(Comparison::NotEqual),
            Token::Sign("<") => Operator::Compare(Comparison::Less),
            Token::Sign("<=") => Operator::Compare(Comparison::AtMost),
            Token::Sign(">") => Operator::Compare(Comparison::Greater),
            Token::Sign(">=") => Operator::Compare(Comparison::AtLeast),
            Token::Word(w) if w == "and" => Operator::And,
            Token::Word(w) if w == "or" => Operator::Or,
            _ => return None,
        })
    }

    /// An expression whose operators all bind more strongly than `least`.
    ///
    /// A chain of operators of one strength is a loop here and a left-leaning tree in the result,
    /// so its depth is counted: everything that walks the tree later recurses as deep.
    fn expression(&mut self, least: u8) -> Result<Ast, Diagnostic> {
        self.depth += 1;
        self.guard(self.depth)?;
        let mut left = self.prefix()?;
        let mut length = 0;
        while let Some(operator) = self.operator() {
            let power = strength(operator);
            if power <= least {
                break;
            }
            self.advance();
            length += 1;
            self.guard(self.depth + length / 4)?;
            // `^` is right-associative and its exponent may carry a sign: 2 ^ -1
            let right = self.expression(if power == 8 { NEGATE - 1 } else { power })?;
            if let (Operator::Compare(_), Some(Operator::Compare(_))) = (operator, self.operator())
            {
                let text = "comparisons do not chain";
                return Err(Diagnostic::new(Code::FormulaSyntax, self.span(), text)
                    .help("write `a < b and b < c`"));
            }
            let span = left.span.to(right.span);
            left = Ast { kind: Kind::Binary(operator, Box::new(left), Box::new(right)), span };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn guard(&self, depth: usize) -> Result<(), Diagnostic> {
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        let text = format!("a formula may nest {MAX_DEPTH} deep");
        Err(Diagnostic::new(Code::Limit, self.span(), text)
            .help("name a part of it in `[derived]`, or use an aggregate"))
    }

    fn prefix(&mut self) -> Result<Ast, Diagnostic> {
        let start = self.span();
        if self.take_word("not") {
            let inner = self.expression(NOT)?;
            let span = start.to(inner.span);
            return Ok(Ast { kind: Kind::Not(Box::new(inner)), span });
        }
        if self.take_sign(&["-"]).is_some() {
            let inner = self.expression(NEGATE)?;
            let span = start.to(inner.span);
            return Ok(Ast { kind: Kind::Negate(Box::new(inner)), span });
        }
        self.operand()
    }

    fn operand(&mut self) -> Result<Ast, Diagnostic> {
        let start = self.span();
        match self.peek().clone() {
            Token::Number(value) => {
                self.advance();
                Ok(Ast { kind: Kind::Number(value), span: start })
            }
            Token::Sign("(") => {
                self.advance();
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Word(text) if !matches!(text.as_str(), "and" | "or" | "in" | "for") => {
                self.advance();
                self.after_word(Word { text, span: start })
            }
            _ => Err(self.error("a number, a name or `(`")),
        }
    }

    fn after_word(&mut self, word: Word) -> Result<Ast, Diagnostic> {
        let start = word.span;
        if self.sees("[") {
            let indices = self.indices()?;
            let span = start.to(self.list[self.at - 1].1);
            return Ok(Ast { kind: Kind::Name(word, Some(indices)), span });
        }
        if self.sees("(") {
            return self.call(word);
        }
        if self.take_sign(&["@"]).is_some() {
            let variant = self.word("the name of a variant")?;
            let span = start.to(variant.span);
            return Ok(Ast { kind: Kind::At(word, variant), span });
        }
        if self.take_word("in") {
            let group = self.word("the name of a group")?;
            let span = start.to(group.span);
            return Ok(Ast { kind: Kind::Member(word, group), span });
        }
        if matches!(word.text.as_str(), "if" | "elif" | "else" | "then") {
            self.at -= 1;
            return Err(self.error("a number, a name or `(`"));
        }
        Ok(Ast { kind: Kind::Name(word, None), span: start })
    }

    fn indices(&mut self) -> Result<Vec<Index>, Diagnostic> {
        self.expect("[")?;
        let mut list = Vec::new();
        loop {
            let tag = self.take_sign(&["#"]).is_some();
            let wanted = if tag { "the name of a tag" } else { "an actor or an index" };
            let word = if tag { self.word(wanted)? } else { self.index_word(wanted)? };
            let chosen = if self.sees("(") && !tag { Some(self.chosen(&word)?) } else { None };
            list.push(Index { word, tag, chosen });
            if self.take_sign(&[","]).is_none() {
                break;
            }
        }
        self.expect("]")?;
        Ok(list)
    }

    /// `argmax` or `argmin`, the opening bracket next: an element chosen by a key.
    fn chosen(&mut self, word: &Word) -> Result<Box<Chosen>, Diagnostic> {
        let form = |span| {
            let text =
                "an index is a name, or chosen by `argmax(j in S: f)` or `argmin(j in S: f)`";
            Diagnostic::new(Code::FormulaSyntax, span, text)
        };
        let greatest = match word.text.as_str() {
            "argmax" => true,
            "argmin" => false,
            _ => return Err(form(word.span)),
        };
        self.expect("(")?;
        if !self.binds() {
            return Err(form(word.span));
        }
        let mut bindings = self.bindings()?;
        let Some(binding) = bindings.pop().filter(|_| bindings.is_empty()) else {
            return Err(form(word.span));
        };
        self.expect(":")?;
        let key = self.expression(0)?;
        let span = word.span.to(self.expect(")")?);
        Ok(Box::new(Chosen { greatest, binding, key, span }))
    }

    /// Whether `name in` comes next.
    fn binds(&self) -> bool {
        let next = self.list.get(self.at + 1).map(|(t, _)| t);
        matches!(self.peek(), Token::Word(_)) && matches!(next, Some(Token::Word(w)) if w == "in")
    }

    /// `sum(j in S: body)`, `first(j in S by key: body)`; the bracket is open.
    fn aggregate(&mut self, how: Aggregate, word: &Word) -> Result<Ast, Diagnostic> {
        let bindings = self.bindings()?;
        let mut key = None;
        if how == Aggregate::First {
            if !self.take_word("by") {
                let help = "the form is `first(j in S by key: value)`: the value at the least key";
                return Err(self.error("`by`").help(help));
            }
            key = Some(Box::new(self.expression(0)?));
        }
        self.expect(":")?;
        let body = Box::new(self.expression(0)?);
        let span = word.span.to(self.expect(")")?);
        let kind = match key {
            Some(key) => Kind::First(bindings, key, body),
            None => Kind::Aggregate(how, bindings, body),
        };
        Ok(Ast { kind, span })
    }

    /// `word(` was seen: an aggregate if a binding follows, else a function.
    pub(super) fn call(&mut self, word: Word) -> Result<Ast, Diagnostic> {
        if matches!(word.text.as_str(), "argmax" | "argmin") {
            let chosen = self.chosen(&word)?;
            return Ok(Ast { span: chosen.span, kind: Kind::Chosen(chosen) });
        }
        self.expect("(")?;
        if let ("at", Token::Quoted(text)) = (word.text.as_str(), self.peek()) {
            let text = text.clone();
            let moment = Kind::Moment(Word { text, span: self.advance() });
            let span = word.span.to(self.expect(")")?);
            return Ok(Ast { kind: moment, span });
        }
        if self.binds() {
            let known = Function::named(&word.text).is_some() || word.text == "if";
            match Aggregate::named(&word.text) {
                Some(how) => return self.aggregate(how, &word),
                None if !known && Distribution::named(&word.text).is_none() => {
                    let text = format!("there is no aggregate `{}`", word.text);
                    let help = format!("the aggregates are {}", Aggregate::NAMES.join(", "));
                    return Err(Diagnostic::new(Code::UnknownName, word.span, text).help(help));
                }
                None => {}
            }
        }
        let mut list = Vec::new();
        if !self.sees(")") {
            loop {
                list.push(self.expression(0)?);
                if self.take_sign(&[","]).is_none() {
                    break;
                }
            }
        }
        // a word cannot follow a whole expression, so `where` stays free as a name
        let given = !list.is_empty() && self.take_word("where");
        let condition = if given { Some(self.expression(0)?) } else { None };
        let span = word.span.to(self.expect(")")?);
        let call = Ast { kind: Kind::Call(word, list), span };
        Ok(match condition {
            Some(c) => Ast { kind: Kind::Where(Box::new(call), Box::new(c)), span },
            None => call,
        })
    }

    fn bindings(&mut self) -> Result<Vec<Binding>, Diagnostic> {
        let mut list = Vec::new();
        loop {
            let name = self.word("an index name")?;
            if !self.take_word("in") {
                return Err(self.error("`in`"));
            }
            let set = self.word("`actors`, `others` or a group")?;
            let filter = if self.take_word("if") { Some(self.expression(0)?) } else { None };
            list.push(Binding { name, set, filter });
            if self.take_sign(&[","]).is_none() {
                return Ok(list);
            }
        }
    }
}
