//! Tables that are accepted and tables that are refused.

use std::sync::Arc;

use super::*;

fn schema() -> Arc<Schema> {
    let fields = vec![Field::text("arm", "the arm"), Field::number("mean", "the mean")];
    Schema::new("summary", "one row per arm", fields).unwrap()
}

#[test]
fn columns_of_equal_length_make_a_table() {
    let cells = vec![Cells::Text(vec!["base".into()]), Cells::Number(vec![0.5])];
    let table = Table::new(&schema(), cells).unwrap();
    assert_eq!(table.rows(), 1);
    assert_eq!(table.column("mean"), Some(&Cells::Number(vec![0.5])));
    assert_eq!(table.column("median"), None);
}

#[test]
fn columns_that_disagree_are_refused() {
    let short = vec![Cells::Text(vec!["base".into()]), Cells::Number(vec![])];
    let error = Table::new(&schema(), short).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column `mean` of table `summary` has 0 rows where the first has 1"
    );
    let kind = vec![Cells::Text(vec![]), Cells::Integer(vec![])];
    let error = Table::new(&schema(), kind).unwrap_err();
    assert_eq!(error.to_string(), "column `mean` of table `summary` holds number, not integer");
    let error = Table::new(&schema(), vec![Cells::Text(vec![])]).unwrap_err();
    assert!(matches!(error, TableError::ColumnCount { expected: 2, found: 1, .. }));
}

#[test]
fn names_are_checked() {
    let one = || vec![Field::text("arm", "")];
    for bad in ["", "Outcomes", "a/b", "..", "1st", "a b", "é"] {
        let error = Schema::new(bad, "", one()).unwrap_err();
        assert_eq!(error, TableError::BadName { table: bad.into() });
    }
    assert!(Schema::new("points_2", "", one()).is_ok());
    let twice = vec![Field::text("b", ""), Field::text("a", ""), Field::integer("b", "")];
    let error = Schema::new("t", "", twice).unwrap_err();
    assert_eq!(error, TableError::RepeatedColumn { table: "t".into(), column: "b".into() });
    let error = Schema::new("t", "", vec![Field::text("", "")]).unwrap_err();
    assert_eq!(error, TableError::NamelessColumn { table: "t".into(), column: 0 });
    assert!(matches!(Schema::new("t", "", vec![]), Err(TableError::NoColumns { .. })));
}

#[test]
fn a_whole_table_takes_its_schema_from_its_columns() {
    let truth = Field::truth("held", "whether the pact held");
    let year = Field::integer("year", "the year").with_unit("years");
    let table = Table::of(
        "pacts",
        "one row per pact",
        vec![
            Column::new(truth, Cells::Truth(vec![Some(true), None])),
            Column::new(year, Cells::Integer(vec![1939, 1961])),
        ],
    )
    .unwrap();
    let kinds: Vec<Kind> = table.columns().map(|(field, _)| field.kind).collect();
    assert_eq!(kinds, [Kind::Truth, Kind::Integer]);
    assert!(Cells::empty(Kind::Truth).is_empty());
}
