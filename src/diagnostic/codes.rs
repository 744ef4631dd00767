//! The list of diagnostic codes with their long explanations.

use super::Severity;

macro_rules! codes {
    ($($name:ident $code:literal $title:literal $text:literal)*) => {
        /// The kind of a problem. The text form (`E0012`, `W0003`) is stable: people quote it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code there is, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The text form, `E....` for errors, `W....` for warnings, `N....` for notes.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// A few words that name the kind of problem.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// The long form that `detente explain` prints.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }
        }
    };
}

impl Code {
    /// Error, warning or note, by the first letter.
    pub fn severity(self) -> Severity {
        match self.as_str().as_bytes() {
            [b'E', ..] => Severity::Error,
            [b'W', ..] => Severity::Warning,
            _ => Severity::Note,
        }
    }

    /// The code with this text form, in either case. Zeros may be left out, and the letter of an
    /// error: `E12` and `12` are `E0012`, `w3` is `W0003`.
    pub fn find(text: &str) -> Option<Code> {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letter = match &text[..text.len() - digits.len()] {
            "" | "E" | "e" => 'E',
            "W" | "w" => 'W',
            "N" | "n" => 'N',
            _ => return None,
        };
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let full = format!("{letter}{digits:0>4}");
        Code::ALL.iter().copied().find(|c| c.as_str() == full)
    }
}

codes! {
Encoding "E0001" "the file is not UTF-8 text"
"A scenario is a text file in UTF-8. The message names the first byte that is not. Save the file \
as UTF-8 in your editor; files from older Windows programs are often in another encoding."

Limit "E0002" "a limit that protects this computer is exceeded"
"Files, actors, options, nesting and compiled operations have limits, so that a wrong or hostile \
file cannot exhaust the machine. The message names the limit. Real scenarios stay far below: split \
a very large one, or use groups and aggregates instead of long lists."

Toml "E0003" "the file is not valid TOML"
"A scenario is written in TOML (toml.io). Usual causes: a missing quote or bracket, a key given \
twice, a value without quotes where text is meant. Formulas are text: write them between quotes."

Format "E0004" "the format version is missing or unknown"
"The first line of a scenario says which version of the language it is written in: `format = 1`. A \
file of a version this program does not know is refused rather than guessed at."

UnknownKey "E0005" "a key that has no meaning here"
"Every key of a scenario is known by name; a key that is not is an error, because a misspelt key \
that is silently ignored changes results. `docs/scenario-format.md` lists the keys of each section."

MissingKey "E0006" "a required key is missing"
"The section needs this key. `docs/scenario-format.md` says what each section needs."

WrongKind "E0007" "a value of the wrong kind"
"A number, a text, a list or a table was expected and something else was found. Formulas are text \
between quotes; a list of one name still needs brackets."

BadValue "E0008" "a value that is not allowed here"
"The key takes one of a few words, or a number within limits; the message lists them."

BadName "E0009" "a name that cannot be used"
"Names are letters, digits and underscores and do not start with a digit. `self`, `target`, \
`others`, `actors`, `round`, `rounds`, `hold`, the words of the formula language and the names of \
its functions are taken."

DuplicateName "E0010" "a name that is used twice"
"Actors, groups, parameters, state and derived quantities share one set of names; moves and events \
share another. An index bound by a formula must not have the name of one of them."

FormulaSyntax "E0011" "a formula that cannot be read"
"The formula does not follow the grammar: a missing bracket, an operator without a number, a \
character that has no meaning. Comparisons do not chain: write `a < b and b < c`."

UnknownName "E0012" "a name that is not defined"
"The name is not an actor, group, parameter, state, derived quantity, move, event, type, outcome \
or variant of this file, whichever belongs in this place. The nearest defined name is suggested."

WrongIndices "E0013" "the wrong number or kind of indices"
"A quantity `of = \"actor\"` takes one index, one of a dyad two, one without `of` none: \
`arms[CHN]`, \
`tie[CHN, PRK]`, `gift`. An index is an actor or a bound name such as `self`, `target`, `i`."

UnboundIndex "E0014" "an index that is not bound here"
"`self` stands for the actor that chooses or is paid, `target` for the target of a move, `i` and \
`j` for the indices of a rule or event. Outside those places they mean nothing."

NumberAsTruth "E0015" "a number where a truth value belongs"
"`when`, `and`, `or`, `not`, `if` and filters need a truth value, such as a comparison. Write \
`x > 0` instead of `x`. (A state of `kind = \"flag\"` is a truth value by itself.)"

ComparesTruths "E0016" "an order of two truth values"
"Two truth values are the same or not: `a == b`, `a != b`. They have no order; `a <= b` is \
`not a or b`, \"whenever a then b\"."

IllegalPlace "E0017" "something that cannot stand in this place"
"Draws stand in effects, dynamics and initial values only; `chose` and `happened` only where the \
round has been played; state not in parameters, initial values or decisions. \
`docs/scenario-format.md` has the table. In a graph model (`solve --concept stability`) \
nothing depends on chance, time or what was chosen."

Diagonal "E0018" "a pair of an actor with itself"
"A dyad has two different actors; `tie[A, A]` does not exist. Filter it out: \
`sum(j in others: tie[self, j])` or `sum(j in actors if j != i: tie[i, j])`."

Cycle "E0019" "a definition that depends on itself"
"Parameters and derived quantities are definitions without memory, so none can depend on itself, \
directly or through others. What depends on its own past is state."

OutOfRange "E0020" "a number outside its range"
"The value lies outside the range that the file itself declares for it."

BadRange "E0021" "a range or distribution that is not one"
"A range is `[lo, hi]` with lo < hi, for a parameter that is known exactly also lo = hi; a \
distribution is `normal(mean, sd)` and the like with valid parameters. A parameter has one of \
the two."

Prior "E0022" "a prior that is not a probability distribution"
"For every observer the priors of an actor's types must be between 0 and 1 and sum to 1."

NobodyPlays "E0023" "a move that nobody can play"
"`by` names no actor, or every actor it names has no target: an actor never targets itself."

NotState "E0024" "an effect on something that is not state"
"Effects and dynamics change state. Parameters, derived quantities and payoffs cannot be assigned; \
make the quantity a `[state.*]` if it should change."

Probability "E0025" "a probability that can leave the interval from 0 to 1"
"The hazard of an event reaches values below 0 or above 1 for allowed values of the state. Bound \
it, for instance with `1 - exp(-h)` for a hazard rate h, or with `clamp(p, 0, 1)`."

Ambiguous "E0026" "two keys that fit equally well"
"Of the keys that fit a cell the one that names most actors wins, and `default` is last. Here two \
fit equally well; give the cell a key of its own. Of settings: the same thing is set twice."

MissingValue "E0027" "a cell without a value"
"A table by index must cover every cell: name it, name a group that holds it, or give `default`."

Uncovered "E0028" "an actor without a payoff"
"Every payoff component needs a formula for every actor: its own, its group's, or `default`."

Decision "E0029" "a decision rule that is incomplete or contradictory"
"`logit` needs a `precision`, `nested_logit` also `mu` for every nest of several options, each of \
which lies in one nest; `policy` needs the name of a policy; Poisson reasoning does not combine \
with foresight above 1; `foresight = \"stationary\"` needs exact anticipation, reasoning in \
equilibrium, a discount below 1, one stage and finitely many states. What is chosen jointly \
(`tracks = \"joint\"`) follows no policy and no nests, and only what is chosen jointly can be \
constrained."

TooCostly "E0030" "an imagination that is too large to compute"
"Exact anticipation multiplies the options of all others with all events; foresight multiplies \
imagined rounds. The estimate exceeds the limit. Use `anticipation = \"mean\"`, a shorter \
foresight, \
or fewer options."

TypeCell "E0031" "a parameter that the types of two actors set"
"A parameter cell can be set by the types of one actor only, otherwise its value would be \
undefined."

Override "E0032" "a setting that cannot be overridden"
"A variant or `--set` may set parameters, initial values of state, `types.A.truth` and \
`decision.*` settings."

Claim "E0033" "a claim whose test cannot be read"
"A test compares two statistics: `mean(x - x@no_pact) > 0`. Statistics are mean, sd, median, \
quantile, probability and corr of formulas over outcomes, each over all runs or over those of a \
condition: `mean(x where y > 0)`. Or a statistic is said to move with a parameter: `statistic` \
with `rises_with` or `falls_with`. Or the claim is `unchecked`, with the reason."

Experiment "E0034" "an experiment that cannot be run"
"`vary` is a list of `\"name = lo:hi:n\"`, `design` one of grid, lhs, sobol, random."

Asymmetric "E0035" "a rule for an undirected dyad that depends on its direction"
"The two ends of an undirected dyad are the same cell, so its rule must give the same value for \
`i, j` and `j, i`. Make the formula symmetric or the state `of = \"directed dyad\"`."

Effect "E0036" "an effect that cannot be read"
"An effect is `cell += formula`, `cell -= formula` or `cell = formula`, optionally followed by \
`for j in SET if CONDITION`."

NotFinite "E0037" "a value that is not a finite number"
"The formula gives infinity or not-a-number: a division by zero, the logarithm of zero, the \
mean of \
nothing. `check` finds formulas that do so whatever happens; others fail the runs that meet them."

Date "E0041" "a date that is no round"
"`at('2025-01')` is the number of the round that holds the date. Rounds have dates where `start` \
is one of `2024`, `2024-07`, `2024-07-01`, `2024-Q3`, `2024-H2` and `round` is `day`, `week`, \
`month`, `quarter`, `half-year` or `year`. A date before the first round is none of its rounds. \
Rows of a history may be dated in the same way."

File "E0042" "a file that cannot be used"
"A scenario may name files beside it: tables of numbers, or other texts that it includes. They lie \
in its own folder and are called by their names alone, are UTF-8 text, and have 16 MB together. No \
file has the name of a table of results, since results are kept together with what made them."

Data "E0043" "a table in a file that does not fit"
"A table in a file has a header and a row for each cell, with commas between: columns for the \
indices (`i` and `j`, or `actor`), `value`, and what `docs/scenario-format.md` allows besides. \
Every row has as many cells as the header, every number is finite, and no two rows are about the \
same."

Record "E0051" "a record that does not fit the scenario"
"A history says what was done in the names of a scenario. A move that the actor cannot play, a \
target that the move does not have, a pair that has no such event, or a round that the history \
does not reach cannot have been seen in it. An event that ends the run is recorded in the last \
round only, and at most one row says of an event that some instance of it happened, unless the \
instances are others or one row implies the other."

Contradiction "E0052" "records that contradict each other"
"Two rows of a history say of the same round that something happened and that it did not, or \
`round` and `date` of a row name different rounds. One of the two is wrong."

Impossible "E0053" "a record that cannot have happened"
"Given the records before it, the scenario gives this one no chance: a condition of the move does \
not hold, an event has probability 0, or no run comes so far. Either the record is wrong, or the \
scenario is; `miscoding` under [history] is the chance that a record of a seat is wrong, and lets \
such a record pass as a surprise."

Unread "W0001" "something that nothing reads"
"The parameter, group, derived quantity, policy or source is defined and never used. It may be \
misspelt elsewhere."

Unsourced "W0002" "a number without a source"
"Every parameter should say where its number comes from: a key of `[sources]` or \
`source = \"assumed\"`, and should have a `range` or `distribution` so that its uncertainty can be \
explored."

NeverHolds "W0003" "a condition that can never hold"
"The condition is false for every allowed value of what it reads, so the move, line or event never \
takes place. Likewise `chose` of an option that its actor does not have, a policy's line whose \
move no follower can direct at its targets, and a target that nobody but itself could choose: \
`by` and `toward` of a move say which options there are."

InertSignal "W0004" "a belief that signalling cannot move in imagination"
"A payoff reads a belief, but the actor whose types it is about reasons at a level below 2: it \
does \
not foresee what its moves reveal. Set `reasoning = 2` or more for that actor."

Clamped "W0005" "a value that starts outside its range"
"The initial value lies outside the state's range and is moved to its edge."

ReservedName "W0006" "a file name that Windows reserves"
"A scenario lies in a file of its own name. On Windows CON, PRN, AUX, NUL, COM0 to COM9 and LPT0 \
to LPT9 are devices, in small letters and with an ending too (`aux.toml`): such a file cannot be \
made or opened there. Choose another name."

SharedSlot "W0007" "two units whose random numbers would be the same"
"Random numbers are found by the name of what draws them, in 2^28 places. Two names of this file \
have the same place; the later one in order of name takes the next that is free. Results are as \
good as any, but if the first is taken out, the luck of the second changes."

ComparesWeights "W0008" "a comparison of weights"
"In an imagined round `chose` and `happened` are weights between 0 and 1, and so is what is added \
or multiplied from them. A comparison of such numbers asks whether the chances are equal or \
greater, not whether both happen. `a == b` of two conditions is the chance that they agree; `and`, \
`or` and `not` combine chances rightly. Where a number of actors is meant and everyone's choice is \
known, store it in state and compare it in the next round."

Yardstick "W0009" "a posture that changes what is wanted"
"Postures are compared by the utilities that they bring. One that sets a number that a weight \
reads changes the yardstick besides: it may look better for counting more. Let it change what its \
actor does, and weights in a variant."

NeverHeld "W0011" "a seat that is never seen to hold"
"The rows of a history tell what an actor did on a track, and never that it did nothing, and \
nothing under [complete] says that what is not listed was not done. If rounds without a row are \
rounds in which nothing was done, what is seen depends on what was done, and likelihoods and \
fits are biased towards action. Name the actor and the track under [complete], with `\"all\"` or \
a list of moves, or add rows with `hold`."

OtherName "N0001" "a scenario that does not have the name of its file"
"A scenario is called by the name that it gives itself, wherever results name what they are of. \
That it differs from the name of the file is no harm; without `name` it has that of the file."

OtherScenario "N0002" "a history of another scenario"
"The history says that it is of one scenario and is read against another. Where all its names \
have a meaning there, nothing is wrong: histories outlive versions of a scenario."

Several "N0003" "several records of one seat and round"
"Where several rows name the same seat and round, what is known is that one of the options that \
they name was played; with `most` under [map], the move that most of them name. Rows on \
different tracks of one actor are not meant."
}
