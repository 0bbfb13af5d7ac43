//! What every connection adds to SQLite's SQL: the collation `decimal`, and exact functions and aggregates on decimals.

use crate::decimal;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};
use rust_decimal::Decimal;

/// An operation on two decimals; `None` is out of range.
type Operation = fn(Decimal, Decimal) -> Option<Decimal>;

/// Registers all of it.
pub(crate) fn register(connection: &Connection) -> Result<()> {
    connection.create_collation("decimal", decimal::collate)?;
    let operations: [(&'static str, Operation); 5] = [
        ("decimal_add", Decimal::checked_add),
        ("decimal_sub", Decimal::checked_sub),
        ("decimal_mul", Decimal::checked_mul),
        ("decimal_div", Decimal::checked_div),
        ("decimal_rem", Decimal::checked_rem),
    ];
    for (name, operation) in operations {
        let divides = matches!(name, "decimal_div" | "decimal_rem");
        connection.create_scalar_function(name, 2, flags(), move |context| {
            let (Some(left), Some(right)) = (operand(name, context, 0)?, operand(name, context, 1)?) else {
                return Ok(None);
            };
            if divides && right.is_zero() {
                return Err(failure(name, "division by zero"));
            }
            match operation(left, right) {
                Some(result) => Ok(Some(result.to_string())),
                None => Err(failure(name, OUT_OF_RANGE)),
            }
        })?;
    }
    connection.create_aggregate_function("decimal_sum", 1, flags(), Sum { name: "decimal_sum", average: false })?;
    connection.create_aggregate_function("decimal_avg", 1, flags(), Sum { name: "decimal_avg", average: true })?;
    connection.create_aggregate_function(
        "decimal_min",
        1,
        flags(),
        Extreme { name: "decimal_min", greatest: false },
    )?;
    connection.create_aggregate_function("decimal_max", 1, flags(), Extreme { name: "decimal_max", greatest: true })
}

const OUT_OF_RANGE: &str = "the result has more digits than a decimal (28)";

fn flags() -> FunctionFlags {
    FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS
}

fn operand(function: &str, context: &Context<'_>, index: usize) -> Result<Option<Decimal>> {
    read(function, context.get_raw(index))
}

fn read(function: &str, value: ValueRef<'_>) -> Result<Option<Decimal>> {
    // The value is not shown: its column may be one that must not be.
    decimal::read(value).map_err(|_| failure(function, "an operand is not a decimal"))
}

fn failure(function: &str, what: &str) -> Error {
    Error::UserFunctionError(format!("{function}: {what}").into())
}

/// `decimal_sum` and `decimal_avg`.
struct Sum {
    name: &'static str,
    average: bool,
}

/// The sum so far, and of how many.
type Total = (Decimal, u64);

impl Aggregate<Total, Option<String>> for Sum {
    fn init(&self, _: &mut Context<'_>) -> Result<Total> {
        Ok((Decimal::ZERO, 0))
    }

    fn step(&self, context: &mut Context<'_>, (sum, count): &mut Total) -> Result<()> {
        if let Some(value) = operand(self.name, context, 0)? {
            *sum = sum.checked_add(value).ok_or_else(|| failure(self.name, OUT_OF_RANGE))?;
            *count += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, total: Option<Total>) -> Result<Option<String>> {
        let Some((sum, count)) = total.filter(|(_, count)| *count > 0) else {
            return Ok(None);
        };
        let result = if self.average { sum.checked_div(Decimal::from(count)) } else { Some(sum) };
        result.map(|result| Some(result.to_string())).ok_or_else(|| failure(self.name, OUT_OF_RANGE))
    }
}

/// `decimal_min` and `decimal_max`: the first of equal values keeps its scale.
struct Extreme {
    name: &'static str,
    greatest: bool,
}

impl Aggregate<Option<Decimal>, Option<String>> for Extreme {
    fn init(&self, _: &mut Context<'_>) -> Result<Option<Decimal>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, best: &mut Option<Decimal>) -> Result<()> {
        if let Some(value) = operand(self.name, context, 0)? {
            let better = best.is_none_or(|best| if self.greatest { value > best } else { value < best });
            if better {
                *best = Some(value);
            }
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, best: Option<Option<Decimal>>) -> Result<Option<String>> {
        Ok(best.flatten().map(|best| best.to_string()))
    }
}
