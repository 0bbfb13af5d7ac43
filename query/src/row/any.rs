//! Rows whose types nobody declared, and their table.

use crate::error::DecodeError;
use crate::query::FromRow;
use crate::row::RowReader;
use crate::value::Value;
use std::fmt::Write;
use std::sync::Arc;

/// A row with the names and the types that the store gives: for tools and for looking around.
///
/// `repo.sql::<AnyRow>("select * from users")` reads any statement; [`table`] prints what it gave.
#[derive(Clone, Debug, PartialEq)]
pub struct AnyRow {
    names: Arc<[String]>,
    values: Vec<Value>,
}

impl AnyRow {
    /// A row of these columns. There must be as many names as values.
    pub fn new(names: impl Into<Arc<[String]>>, values: Vec<Value>) -> Self {
        AnyRow { names: names.into(), values }
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values, in the order of the names.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value of the first column of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.names.iter().position(|known| known == name).and_then(|index| self.values.get(index))
    }
}

impl FromRow for AnyRow {
    fn from_row(row: &mut RowReader<'_>) -> Result<Self, DecodeError> {
        let (names, values) = row.rest()?;
        Ok(AnyRow { names: names.into(), values })
    }
}

/// Rows as a table of text: numbers to the right, the rest to the left, NULL as `NULL`. No row gives an empty text.
///
/// ```
/// use peristyle_query::row::{table, AnyRow};
/// use peristyle_query::value::Value;
/// let names = ["id".to_owned(), "name".to_owned()];
/// let row = AnyRow::new(names, vec![Value::I64(7), Value::Text("Ann".into())]);
/// assert_eq!(table(&[row]), "\
/// +----+------+
/// | id | name |
/// +----+------+
/// |  7 | Ann  |
/// +----+------+
/// ");
/// ```
pub fn table(rows: &[AnyRow]) -> String {
    let Some(first) = rows.first().filter(|row| !row.names.is_empty()) else {
        return String::new();
    };
    let cells: Vec<Vec<(String, bool)>> = rows.iter().map(|row| row.values.iter().map(cell).collect()).collect();
    let widths: Vec<usize> = first
        .names
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let cells = cells.iter().filter_map(|row| row.get(column));
            cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0).max(name.chars().count())
        })
        .collect();
    let border = widths.iter().fold("+".to_owned(), |border, width| border + &"-".repeat(width + 2) + "+") + "\n";
    let mut table = border.clone();
    let header: Vec<(String, bool)> = first.names.iter().map(|name| (name.clone(), false)).collect();
    line(&mut table, &header, &widths);
    table += &border;
    for row in &cells {
        line(&mut table, row, &widths);
    }
    table + &border
}

/// The text of a value, and whether it goes to the right.
fn cell(value: &Value) -> (String, bool) {
    match value {
        Value::Text(text) | Value::Enum(_, text) => (text.replace(['\n', '\r'], " "), false),
        Value::I16(_) | Value::I32(_) | Value::I64(_) | Value::F32(_) | Value::F64(_) | Value::Decimal(_) => {
            (value.to_string(), true)
        }
        value => (value.to_string(), false),
    }
}

fn line(table: &mut String, cells: &[(String, bool)], widths: &[usize]) {
    for ((text, right), &width) in cells.iter().zip(widths) {
        // Writing to a String cannot fail.
        let _ = if *right { write!(table, "| {text:>width$} ") } else { write!(table, "| {text:<width$} ") };
    }
    table.push_str("|\n");
}
