//! Casts.
//!
//! SQLite has storage classes where Postgres has types: a cast there gives the form in which the SQLite adapter stores
//! the type. A cast of a fraction to a whole number rounds on both.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::target::Target;
use crate::types::{is_float, is_integer, is_number, postgres_type};
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::value::DataType;

impl Writer<'_, '_, '_> {
    pub(super) fn cast(&mut self, node: usize, to: DataType) -> Result<Layout, Error> {
        let operand = self.tree.operand(node, 0)?;
        let from = self.data_type(operand);
        if to == DataType::Bool && self.is_text_decimal(operand) {
            // As text it would differ from every number.
            let items = vec![Item::text("CAST("), self.typed(operand, Slot::Free), Item::text(" AS REAL) <> 0")];
            return Ok((Level::Predicate, items));
        }
        if to == DataType::Bool && from.is_some_and(is_number) {
            return Ok((Level::Predicate, vec![self.typed(operand, Slot::Predicate), Item::text(" <> 0")]));
        }
        let (before, after) = match self.target {
            Target::Sqlite => sqlite_cast(from, to)?,
            Target::Postgres => postgres_cast(from, to)?,
        };
        let items = vec![Item::text(before), self.typed(operand, Slot::Free), Item::text(after)];
        Ok((Level::Atom, items))
    }
}

fn postgres_cast(from: Option<DataType>, to: DataType) -> Result<(&'static str, String), Error> {
    let Some(name) = postgres_type(to) else {
        return Err(no_cast(Target::Postgres, from, to));
    };
    Ok(match (from, to) {
        (Some(DataType::Text), DataType::Bytes) => ("CONVERT_TO(", ", 'UTF8')".to_owned()),
        (Some(DataType::Bytes), DataType::Text) => ("CONVERT_FROM(", ", 'UTF8')".to_owned()),
        // Postgres casts booleans to int4 only.
        (Some(DataType::Bool), to) if is_number(to) && to != DataType::I32 => {
            ("CAST(CAST(", format!(" AS int4) AS {name})"))
        }
        _ => ("CAST(", format!(" AS {name})")),
    })
}

fn sqlite_cast(from: Option<DataType>, to: DataType) -> Result<(&'static str, String), Error> {
    use DataType::{Array, Bool, Bytes, Date, DateTime, Decimal, Enum, Json, Text, Timestamp};
    let is_text = |from: DataType| matches!(from, Text | Enum(_));
    let (before, after) = match (from, to) {
        (Some(from), to) if is_integer(to) && (is_float(from) || from == Decimal) => ("CAST(ROUND(", ") AS INTEGER)"),
        (_, to) if is_integer(to) => ("CAST(", " AS INTEGER)"),
        (_, to) if is_float(to) => ("CAST(", " AS REAL)"),
        (Some(Bool), Bool) => ("CAST(", " AS INTEGER)"),
        (_, Bool) => ("LOWER(TRIM(", ")) IN ('t', 'true', 'y', 'yes', 'on', '1')"),
        (Some(Bool), Text | Enum(_)) => ("CASE ", " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"),
        (_, Text | Enum(_)) => ("CAST(", " AS TEXT)"),
        (_, Bytes) => ("CAST(", " AS BLOB)"),
        (None, Decimal) => ("CAST(", " AS TEXT)"),
        (Some(from), Decimal) if is_number(from) || is_text(from) || from == Bool => ("CAST(", " AS TEXT)"),
        (Some(DateTime | Timestamp), Date) => ("DATE(", ")"),
        (Some(Json), Array(_)) | (Some(Array(_)), Json) => ("CAST(", " AS TEXT)"),
        (Some(from), to) if from == to || is_text(from) => ("CAST(", " AS TEXT)"),
        (None, _) => ("CAST(", " AS TEXT)"),
        (from, to) => return Err(no_cast(Target::Sqlite, from, to)),
    };
    Ok((before, after.to_owned()))
}

fn no_cast(target: Target, from: Option<DataType>, to: DataType) -> Error {
    let feature = match from {
        Some(from) => format!("cast of the type {from} to {to}"),
        None => format!("cast to {to}"),
    };
    unsupported(target.name(), feature, "select the value as it is and convert it in Rust")
}
