//! Aggregates.
//!
//! On SQLite the sums, averages and extremes of decimals, and sums of 64-bit integers, run through the SQLite adapter's
//! functions, which are exact.

use super::precedence::{Level, Slot};
use super::{Item, Layout, Writer};
use crate::target::Target;
use crate::types::{is_integer, postgres_type};
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Aggregate::{self, Average, Count, Max, Min, Sum};
use peristyle_query::query::ast::Step;
use peristyle_query::value::DataType;

/// How an aggregate is written: its name, and what stands after its operand and after the whole.
struct Call {
    name: &'static str,
    after_operand: &'static str,
    after_call: Option<DataType>,
}

impl Call {
    fn plain(name: &'static str) -> Self {
        Call { name, after_operand: "", after_call: None }
    }
}

impl Writer<'_, '_, '_> {
    pub(super) fn aggregate(
        &mut self,
        node: usize,
        function: Aggregate,
        distinct: bool,
        filter: bool,
        (operand, result): (DataType, DataType),
    ) -> Result<Layout, Error> {
        let argument = self.tree.operand(node, 0)?;
        let is_star = matches!(self.tree.node(argument).step, Step::Star);
        if is_star && (function != Count || distinct) {
            let instead = "count rows with count(), or name the column to aggregate";
            return Err(unsupported(self.target.name(), format!("{function:?} of `*`"), instead));
        }
        let call = match self.target {
            Target::Sqlite => sqlite_call(function, operand, result)?,
            Target::Postgres => postgres_call(function, operand, result)?,
        };
        let mut items = vec![Item::text(call.name), Item::text(if distinct { "(DISTINCT " } else { "(" })];
        if distinct {
            items.extend(self.comparable(argument, Slot::Free));
        } else if call.after_operand.is_empty() {
            items.push(self.typed(argument, Slot::Free));
        } else {
            items.push(self.typed(argument, Slot::Atom));
            items.push(Item::text(call.after_operand));
        }
        items.push(Item::text(")"));
        if filter {
            items.push(Item::text(" FILTER (WHERE "));
            items.push(self.operand(self.tree.operand(node, 1)?, Slot::Free));
            items.push(Item::text(")"));
        }
        if let Some(name) = call.after_call.and_then(postgres_type) {
            items.push(Item::text(format!("::{name}")));
        }
        Ok((Level::Atom, items))
    }
}

fn sqlite_call(function: Aggregate, operand: DataType, result: DataType) -> Result<Call, Error> {
    let exact = result == DataType::Decimal;
    let name = match function {
        Count => "COUNT",
        Sum if exact => "decimal_sum",
        Average if exact => "decimal_avg",
        Min if exact => "decimal_min",
        Max if exact => "decimal_max",
        Sum | Average | Min | Max if operand == DataType::Interval => {
            let instead = "keep the length as an integer, of seconds say, where it is aggregated";
            return Err(unsupported(Target::Sqlite.name(), "aggregates of intervals", instead));
        }
        Sum => "SUM",
        Average => "AVG",
        Min => "MIN",
        Max => "MAX",
    };
    Ok(Call::plain(name))
}

fn postgres_call(function: Aggregate, operand: DataType, result: DataType) -> Result<Call, Error> {
    let call = match (function, operand) {
        (Count, _) => Call::plain("COUNT"),
        (Sum, _) => Call::plain("SUM"),
        (Average, _) => Call::plain("AVG"),
        (Min, DataType::Bool) => Call::plain("BOOL_AND"),
        (Max, DataType::Bool) => Call::plain("BOOL_OR"),
        // Postgres has no least UUID; its text sorts in the same way byte by byte.
        (Min, DataType::Uuid) => of_uuid("MIN"),
        (Max, DataType::Uuid) => of_uuid("MAX"),
        (Min | Max, DataType::Bytes | DataType::Json) => {
            let feature = format!("least or greatest value of the type {operand}");
            let instead = "order by the column and take the first row with .first()";
            return Err(unsupported(Target::Postgres.name(), feature, instead));
        }
        (Min, _) => Call::plain("MIN"),
        (Max, _) => Call::plain("MAX"),
    };
    let cast = (postgres_result(function, operand) != result).then_some(result);
    Ok(Call { after_call: call.after_call.or(cast), ..call })
}

fn of_uuid(name: &'static str) -> Call {
    Call { name, after_operand: "::text COLLATE \"C\"", after_call: Some(DataType::Uuid) }
}

/// The type that Postgres gives an aggregate.
fn postgres_result(function: Aggregate, operand: DataType) -> DataType {
    match function {
        Count => DataType::I64,
        Sum if operand == DataType::I64 => DataType::Decimal,
        Sum if is_integer(operand) => DataType::I64,
        Average if operand == DataType::F32 => DataType::F64,
        Average if is_integer(operand) => DataType::Decimal,
        Sum | Average | Min | Max => operand,
    }
}
