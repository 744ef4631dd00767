//! The panel: what every seat chose in every round of every run.

use std::ops::Range;
use std::sync::Arc;

use super::labels::{arms_of, titled, variables_of};
use super::tables::{by_round, integer, keyed, round_columns, run_field};
use crate::model::{Model, SeatId};
use crate::record::{Block, Layout};
use crate::table::{Cells, Field, Schema, Table, TableError};

/// About so many rows make a table.
const ROWS: usize = 1 << 14;

/// The table `panel`: one row per arm, run and round that was played to its end, with the choice of
/// every seat and some of what is recorded.
#[derive(Clone, Debug)]
pub struct Panel {
    schema: Arc<Schema>,
    layout: Layout,
    variables: Vec<usize>,
    /// By option, as it is written.
    options: Vec<String>,
}

impl Panel {
    /// A panel of the choices of runs with this layout, and of these variables, by number.
    ///
    /// # Errors
    /// [`TableError::RepeatedColumn`] if a variable is named twice or has the name of another
    /// column.
    pub fn new(layout: &Layout, variables: &[usize]) -> Result<Panel, TableError> {
        let seat = |seat: SeatId| layout.options.iter().find(|option| option.seat == seat);
        let tracks = layout.options.iter().any(|o| o.track != layout.options[0].track);
        let seats = (0..layout.seats).map(SeatId::new).filter_map(seat).map(|option| {
            let (actor, track) = (&option.actor, &option.track);
            let name =
                if tracks { format!("chose[{actor},{track}]") } else { format!("chose[{actor}]") };
            Field::text(name, "what the seat chose: a move with its target, or `hold`")
        });
        let recorded = variables.iter().map(|variable| {
            Field::number(&layout.variables[*variable], "its value after the round")
        });
        let mut fields = vec![run_field()];
        fields.extend(by_round(layout, seats.chain(recorded).collect()));
        let text = "Every round of every run: one row per arm, point, run and round that was \
                    played to its end. Rows come 256 runs at a time, and of these arm by arm, run \
                    by run.";
        let options = layout.options.iter().map(|option| match option.target.as_str() {
            "" => option.action.clone(),
            target => format!("{} {target}", option.action),
        });
        Ok(Panel {
            schema: Schema::new("panel", text, keyed(fields))?,
            options: options.collect(),
            layout: layout.clone(),
            variables: variables.to_vec(),
        })
    }

    /// The same with the titles and units that a model gives to variables and to the variants among
    /// these arms.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn labelled(mut self, model: &Model, arms: &[String]) -> Result<Panel, TableError> {
        let schema = titled(&self.schema, &variables_of(model))?;
        self.schema = schema.labelled(&[arms_of(model, arms)]);
        Ok(self)
    }

    /// What the table is.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The rows of a block of an arm, run by run, in tables of about 16,000 rows.
    ///
    /// # Errors
    /// [`TableError`] if the block has another layout than the panel.
    pub fn rows<'a>(
        &'a self,
        arm: &'a str,
        point: u64,
        block: &'a Block,
    ) -> impl Iterator<Item = Result<Table, TableError>> + 'a {
        let mut first = 0;
        std::iter::from_fn(move || {
            let (mut end, mut rows) = (first, 0);
            while end < block.runs && rows < ROWS {
                rows += block.played[end] as usize;
                end += 1;
            }
            let runs = std::mem::replace(&mut first, end)..end;
            (!runs.is_empty()).then(|| self.table(arm, point, block, runs))
        })
    }

    fn table(
        &self,
        arm: &str,
        point: u64,
        block: &Block,
        runs: Range<usize>,
    ) -> Result<Table, TableError> {
        let layout = &self.layout;
        let rows = || {
            let played =
                |run: usize| (0..block.played[run] as usize).map(move |round| (run, round));
            runs.clone().flat_map(played)
        };
        let mut columns = vec![
            Cells::Text(rows().map(|_| arm.to_string()).collect()),
            Cells::Integer(rows().map(|_| integer(point)).collect()),
            Cells::Integer(rows().map(|(run, _)| integer(block.first + run as u64)).collect()),
        ];
        columns.extend(round_columns(layout.calendar, rows().map(|(_, round)| round as u32 + 1)));
        columns.extend((0..layout.seats).map(SeatId::new).map(|seat| {
            let chosen = |(run, round): (usize, usize)| {
                let option = block.choice(layout, round, seat)[run];
                self.options.get(usize::from(option)).cloned().unwrap_or_default()
            };
            Cells::Text(rows().map(chosen).collect())
        }));
        columns.extend(self.variables.iter().map(|variable| {
            let value =
                |(run, round): (usize, usize)| block.variable(layout, round, *variable)[run];
            Cells::Number(rows().map(value).collect())
        }));
        Table::new(&self.schema, columns)
    }
}
