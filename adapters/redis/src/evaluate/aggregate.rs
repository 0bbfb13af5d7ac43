//! Aggregates over the rows of a group.

use super::arithmetic::out_of_range;
use super::check::arity;
use super::compare::compare;
use super::expression::{Item, run, truth};
use super::source::{NoRow, Scope, Source};
use super::{evaluate, identity, malformed};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Aggregate, Step};
use peristyle_query::value::{DataType, Value};
use rust_decimal::Decimal;
use std::collections::HashSet;

/// An expression over a group of rows, its aggregates taken out of the steps.
pub(super) struct Aggregated<'e> {
    parts: Vec<Part<'e>>,
}

enum Part<'e> {
    Step(&'e Step),
    Call(Call<'e>),
}

/// One aggregate.
struct Call<'e> {
    function: Aggregate,
    distinct: bool,
    result: DataType,
    operand: &'e [Step],
    filter: Option<&'e [Step]>,
}

impl<'e> Aggregated<'e> {
    /// Takes the aggregates of an expression out.
    pub(super) fn new(steps: &'e [Step]) -> Result<Self, Error> {
        // For each operand on the stack, where its steps begin, and where its parts do.
        let mut stack: Vec<(usize, usize)> = Vec::new();
        let mut parts = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let first = stack.len().checked_sub(arity(step)?).ok_or_else(malformed)?;
            let (start, part) = stack.get(first).copied().unwrap_or((index, parts.len()));
            match step {
                Step::Aggregate { function, distinct, filter, result, .. } => {
                    let middle = if *filter { stack.get(first + 1).map(|(start, _)| *start) } else { None };
                    let operand = steps.get(start..middle.unwrap_or(index)).ok_or_else(malformed)?;
                    let filter = middle.and_then(|middle| steps.get(middle..index));
                    parts.truncate(part);
                    let call = Call { function: *function, distinct: *distinct, result: *result, operand, filter };
                    parts.push(Part::Call(call));
                }
                step => parts.push(Part::Step(step)),
            }
            stack.truncate(first);
            stack.push((start, part));
        }
        Ok(Aggregated { parts })
    }

    /// The value for a group. A column outside of an aggregate has the value of the first row.
    pub(super) fn evaluate(&self, rows: &[&dyn Source]) -> Result<Value, Error> {
        let mut results = Vec::new();
        for part in &self.parts {
            if let Part::Call(call) = part {
                results.push(call.over(rows)?);
            }
        }
        let mut results = results.iter();
        let items = self.parts.iter().map(|part| match part {
            Part::Step(step) => Item::Step(step),
            Part::Call(_) => Item::Known(results.next().unwrap_or(&NOTHING)),
        });
        let first: &dyn Source = rows.first().copied().unwrap_or(&NoRow);
        Ok(run(items, &Scope::new(&[first]))?.into_owned())
    }
}

static NOTHING: Value = Value::Null(DataType::I64);

impl Call<'_> {
    fn over(&self, rows: &[&dyn Source]) -> Result<Value, Error> {
        let is_star = matches!(self.operand, [Step::Star]);
        if is_star && (self.function != Aggregate::Count || self.distinct) {
            return Err(malformed());
        }
        if is_star && self.filter.is_none() {
            return i64::try_from(rows.len()).map(Value::I64).map_err(|_| out_of_range(DataType::I64));
        }
        let mut state = State::new(self.function);
        let mut seen = HashSet::new();
        for row in rows {
            let sources = [*row];
            let scope = Scope::new(&sources);
            if let Some(filter) = self.filter
                && truth(&evaluate(filter, &scope)?)? != Some(true)
            {
                continue;
            }
            let value = evaluate(self.operand, &scope)?;
            if value.is_null() || (self.distinct && !seen.insert(identity::of([&value]))) {
                continue;
            }
            state.add(value)?;
        }
        state.finish(self.result)
    }
}

/// What is known after some rows.
struct State {
    function: Aggregate,
    count: i64,
    total: Option<Total>,
    best: Option<Value>,
}

/// A sum.
enum Total {
    Whole(i128),
    Float(Compensated),
    Exact(Decimal),
}

impl State {
    fn new(function: Aggregate) -> Self {
        State { function, count: 0, total: None, best: None }
    }

    fn add(&mut self, value: Value) -> Result<(), Error> {
        self.count += 1;
        match self.function {
            Aggregate::Count => {}
            Aggregate::Sum | Aggregate::Average => match &mut self.total {
                None => self.total = Some(Total::of(&value)?),
                Some(total) => total.add(Total::of(&value)?)?,
            },
            Aggregate::Min | Aggregate::Max => {
                // The first of equal values stays.
                let better = match &self.best {
                    None => true,
                    Some(best) if self.function == Aggregate::Min => compare(&value, best)?.is_lt(),
                    Some(best) => compare(&value, best)?.is_gt(),
                };
                if better {
                    self.best = Some(value);
                }
            }
        }
        Ok(())
    }

    fn finish(self, result: DataType) -> Result<Value, Error> {
        let null = Value::Null(result);
        match self.function {
            Aggregate::Count => Ok(Value::I64(self.count)),
            Aggregate::Min | Aggregate::Max => Ok(self.best.unwrap_or(null)),
            Aggregate::Sum => self.total.map_or(Ok(null), |total| total.finish(result)),
            Aggregate::Average => self.total.map_or(Ok(null), |total| total.average(self.count, result)),
        }
    }
}

impl Total {
    fn of(value: &Value) -> Result<Self, Error> {
        Ok(match value {
            Value::I16(number) => Total::Whole(i128::from(*number)),
            Value::I32(number) => Total::Whole(i128::from(*number)),
            Value::I64(number) => Total::Whole(i128::from(*number)),
            Value::F32(number) => Total::Float(Compensated::of(f64::from(*number))),
            Value::F64(number) => Total::Float(Compensated::of(*number)),
            Value::Decimal(number) => Total::Exact(*number),
            _ => return Err(malformed()),
        })
    }

    fn add(&mut self, other: Total) -> Result<(), Error> {
        match (self, other) {
            // No number of rows makes a sum of 64-bit integers overflow 128 bits.
            (Total::Whole(sum), Total::Whole(number)) => *sum = sum.saturating_add(number),
            (Total::Float(sum), Total::Float(number)) => sum.add(number.sum),
            (Total::Exact(sum), Total::Exact(number)) => {
                *sum = sum.checked_add(number).ok_or_else(|| out_of_range(DataType::Decimal))?;
            }
            _ => return Err(malformed()),
        }
        Ok(())
    }

    fn finish(self, result: DataType) -> Result<Value, Error> {
        let out = || out_of_range(result);
        match (self, result) {
            (Total::Whole(sum), DataType::I64) => i64::try_from(sum).map(Value::I64).map_err(|_| out()),
            (Total::Whole(sum), DataType::Decimal) => {
                Decimal::try_from_i128_with_scale(sum, 0).map(Value::Decimal).map_err(|_| out())
            }
            (Total::Float(sum), DataType::F32) => {
                let (sum, finite) = (sum.total(), sum.finite);
                let single = sum as f32;
                if finite && !single.is_finite() { Err(out()) } else { Ok(Value::F32(single)) }
            }
            (Total::Float(sum), DataType::F64) => {
                let (sum, finite) = (sum.total(), sum.finite);
                if finite && !sum.is_finite() { Err(out()) } else { Ok(Value::F64(sum)) }
            }
            (Total::Exact(sum), DataType::Decimal) => Ok(Value::Decimal(sum)),
            _ => Err(malformed()),
        }
    }

    fn average(self, count: i64, result: DataType) -> Result<Value, Error> {
        match (self, result) {
            (Total::Whole(sum), DataType::F64) => Ok(Value::F64(sum as f64 / count as f64)),
            (Total::Float(sum), DataType::F64) => {
                let (total, finite) = (sum.total(), sum.finite);
                if finite && !total.is_finite() {
                    return Err(out_of_range(result));
                }
                Ok(Value::F64(total / count as f64))
            }
            (Total::Exact(sum), DataType::Decimal) => {
                let average = sum.checked_div(Decimal::from(count));
                average.map(Value::Decimal).ok_or_else(|| out_of_range(result))
            }
            _ => Err(malformed()),
        }
    }
}

/// A sum of floats that keeps what additions round off (Kahan, Babuška and Neumaier), as SQLite's does.
struct Compensated {
    sum: f64,
    lost: f64,
    /// Whether all numbers so far are finite.
    finite: bool,
}

impl Compensated {
    fn of(number: f64) -> Self {
        Compensated { sum: number, lost: 0.0, finite: number.is_finite() }
    }

    fn add(&mut self, number: f64) {
        let sum = self.sum + number;
        self.lost += if self.sum.abs() > number.abs() { (self.sum - sum) + number } else { (number - sum) + self.sum };
        self.sum = sum;
        self.finite &= number.is_finite();
    }

    fn total(&self) -> f64 {
        if self.sum.is_finite() && self.lost.is_finite() { self.sum + self.lost } else { self.sum }
    }
}
