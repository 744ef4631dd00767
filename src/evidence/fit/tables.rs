//! Fits as tables.

use super::{Fit, Recovery};
use crate::experiment::Free;
use crate::table::{Cells, Field, Schema, Table, TableError};

/// The tables `estimates`, `profiles` and, where something was recovered, `recovery`.
///
/// # Errors
/// [`TableError`] never.
pub fn tables(
    free: &[Free],
    fits: &[Fit],
    recovery: Option<&Recovery>,
) -> Result<Vec<Table>, TableError> {
    let mut all = vec![estimates(free, fits)?, profiles(free, fits)?];
    if let Some(recovery) = recovery {
        all.push(recovered(free, recovery)?);
    }
    Ok(all)
}

/// What is not there is not a number.
fn open(side: Option<f64>) -> f64 {
    side.unwrap_or(f64::NAN)
}

fn estimates(free: &[Free], fits: &[Fit]) -> Result<Table, TableError> {
    let fields = vec![
        Field::text("arm", "`base`, or the name of the variant"),
        Field::text("name", "the key of the number that was free"),
        Field::text("unit", "its unit; may be empty"),
        Field::number("lo", "the least value that was allowed"),
        Field::number("hi", "the greatest"),
        Field::number("file", "the file's value; empty where it has no single one"),
        Field::number("estimate", "the value of greatest likelihood"),
        Field::number("lower", "the lower end of the 95 % interval; empty: not identified below"),
        Field::number("upper", "the upper end; empty: not identified above"),
        Field::number("cut", "by how much the profile falls at the ends").with_unit("nats"),
        Field::number("standard_error", "from the curvature; empty where there is none"),
        Field::truth("at_end", "whether the estimate is at an end of the range"),
        Field::number("loglik", "the log likelihood at the estimates").with_unit("nats"),
        Field::number("loglik_se", "its standard error; 0 where it is exact").with_unit("nats"),
        Field::number("loglik_file", "the log likelihood at the file's values").with_unit("nats"),
    ];
    let rows = || {
        let each = fits.iter().flat_map(|fit| fit.estimates.iter().map(move |own| (fit, own)));
        each.zip(free.iter().cycle())
    };
    type Row<'a> = ((&'a Fit, &'a super::Estimate), &'a Free);
    let text = |of: fn(Row) -> &str| Cells::Text(rows().map(|r| of(r).to_string()).collect());
    let number = |of: fn(Row) -> f64| Cells::Number(rows().map(of).collect());
    let cells = vec![
        text(|((fit, _), _)| &fit.arm),
        text(|(_, free)| &free.name),
        text(|(_, free)| &free.unit),
        number(|(_, free)| free.lo),
        number(|(_, free)| free.hi),
        number(|((_, own), _)| open(own.file)),
        number(|((_, own), _)| own.estimate),
        number(|((_, own), _)| open(own.interval.0)),
        number(|((_, own), _)| open(own.interval.1)),
        number(|((_, own), _)| own.cut),
        number(|((_, own), _)| open(own.error)),
        Cells::Truth(rows().map(|((_, own), _)| Some(own.at_end)).collect()),
        number(|((fit, _), _)| fit.loglik.0),
        number(|((fit, _), _)| fit.loglik.1),
        number(|((fit, _), _)| if fit.file.0.is_finite() { fit.file.0 } else { f64::NAN }),
    ];
    let about = "What the record supports: one row per arm and free number.";
    Table::new(&Schema::new("estimates", about, fields)?, cells)
}

fn profiles(free: &[Free], fits: &[Fit]) -> Result<Table, TableError> {
    let mut fields = vec![
        Field::text("arm", "`base`, or the name of the variant"),
        Field::text("profile", "the number whose profile it is"),
        Field::number("value", "its value"),
        Field::number("loglik", "the greatest log likelihood there; empty: impossible")
            .with_unit("nats"),
    ];
    let about = |free: &Free| format!("{} where the log likelihood is greatest", free.name);
    fields.extend(free.iter().map(|f| Field::number(format!("at.{}", f.name), about(f))));
    let rows = || {
        fits.iter().flat_map(|fit| {
            let each = fit.profiles.iter().zip(free);
            each.flat_map(move |(points, free)| points.iter().map(move |p| (fit, free, p)))
        })
    };
    let finite = |x: f64| if x.is_finite() { x } else { f64::NAN };
    let mut cells = vec![
        Cells::Text(rows().map(|(fit, ..)| fit.arm.clone()).collect()),
        Cells::Text(rows().map(|(_, free, _)| free.name.clone()).collect()),
        Cells::Number(rows().map(|(_, free, p)| free.value(p.position)).collect()),
        Cells::Number(rows().map(|(.., p)| finite(p.value)).collect()),
    ];
    let column = |(i, free): (usize, &Free)| {
        Cells::Number(rows().map(|(.., p)| free.value(p.at[i])).collect())
    };
    cells.extend(free.iter().enumerate().map(column));
    let about = "Profiles of the log likelihood (with the log density of declared distributions \
                 where that counts): one row per arm, number and point.";
    Table::new(&Schema::new("profiles", about, fields)?, cells)
}

fn recovered(free: &[Free], recovery: &Recovery) -> Result<Table, TableError> {
    let fields = vec![
        Field::integer("replicate", "the simulated history, from 0"),
        Field::text("name", "the key of the number"),
        Field::number("truth", "its value in the simulation"),
        Field::number("estimate", "its estimate; empty if the history could not be fitted"),
        Field::number("lower", "the lower end of the 95 % interval; empty: not identified below"),
        Field::number("upper", "the upper end; empty: not identified above"),
    ];
    let rows = || {
        let each = recovery.replicates.iter().enumerate();
        each.flat_map(|(r, own)| {
            own.iter()
                .zip(free)
                .zip(&recovery.totals)
                .map(move |((own, free), t)| (r, own, free, t))
        })
    };
    let number = |at: usize| Cells::Number(rows().map(|(_, own, ..)| own[at]).collect());
    let cells = vec![
        Cells::Integer(rows().map(|(r, ..)| r as i64).collect()),
        Cells::Text(rows().map(|(_, _, free, _)| free.name.clone()).collect()),
        Cells::Number(rows().map(|(.., total)| total.truth).collect()),
        number(0),
        number(1),
        number(2),
    ];
    let about = "What fits of simulated histories found again: one row per history and number.";
    Table::new(&Schema::new("recovery", about, fields)?, cells)
}
