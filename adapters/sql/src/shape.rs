//! The shape of a statement: everything but its values, as bytes that no other shape has.

use crate::insert::RowsForm;
use crate::limit::{self, rank_bounds};
use crate::list::ListForm;
use crate::per_parent::{PerParentForm, key_array};
use crate::position::output_position;
use crate::target::Target;
use crate::unsupported;
use crate::update::is_condition;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{
    ConflictAction, ConflictTarget, Expression, Insert, InsertSource, Join, JoinKind, Nulls, OnConflict, Operation,
    OrderTerm, OutputColumn, ParentKey, PerParent, Select, Source, Step, UnaryOperator,
};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::statement::Parameter;
use peristyle_query::value::{DataType, Value};

/// The shape of a statement and its parameters, found in one pass.
///
/// Every part begins with a tag or a length, so that two shapes with the same bytes are the same. Metadata, which is
/// `'static`, is told apart by its address.
pub(crate) struct Shape {
    pub key: Vec<u8>,
    pub parameters: Vec<Parameter>,
    /// Whether the statement runs once for each row of an INSERT, whose values are not among the parameters.
    pub is_repeated: bool,
    target: Target,
}

impl Shape {
    /// The shape of a statement.
    pub fn of(target: Target, prefix: Option<&str>, operation: &Operation) -> Result<Self, Error> {
        let mut shape = Shape { key: Vec::with_capacity(256), parameters: Vec::new(), is_repeated: false, target };
        shape.tag(target as u8);
        shape.prefix(prefix);
        shape.operation(operation)?;
        Ok(shape)
    }

    fn operation(&mut self, operation: &Operation) -> Result<(), Error> {
        match operation {
            Operation::Select(select) => {
                self.tag(0);
                self.select(select)?;
            }
            Operation::Insert(insert) => {
                self.tag(1);
                self.insert(insert)?;
            }
            Operation::Update(update) => {
                self.tag(2);
                self.schema(update.schema);
                self.prefix(update.prefix.as_deref());
                self.assignments(&update.set)?;
                self.further_tables(&update.from)?;
                self.expressions(&update.filter)?;
                self.output(&update.returning)?;
            }
            Operation::Delete(delete) => {
                self.tag(3);
                self.schema(delete.schema);
                self.prefix(delete.prefix.as_deref());
                self.expressions(&delete.filter)?;
                self.output(&delete.returning)?;
            }
            Operation::Raw(raw) => {
                self.tag(4);
                self.text(&raw.template);
                self.length(raw.values.len());
                raw.values.iter().for_each(|value| self.value(value, false));
            }
            Operation::Explain(operation, explain) => {
                self.tag(5);
                self.key.extend([u8::from(explain.analyze), u8::from(explain.verbose), explain.format as u8]);
                self.operation(operation)?;
            }
            Operation::PerParent(children) => {
                self.tag(6);
                self.per_parent(children)?;
            }
            _ => {
                let instead = "use crates of Peristyle of one version";
                return Err(unsupported(self.target.name(), "rendering of this statement", instead));
            }
        }
        Ok(())
    }

    fn select(&mut self, select: &Select) -> Result<(), Error> {
        self.tag(u8::from(select.distinct));
        self.tag(select.lock.map_or(0, |lock| 1 + 3 * lock.strength as u8 + lock.locked as u8));
        self.columns(select)?;
        self.sources(select)?;
        self.expressions(&select.filter)?;
        self.after_filter(select)
    }

    fn insert(&mut self, insert: &Insert) -> Result<(), Error> {
        self.schema(insert.schema);
        self.length(insert.columns.len());
        insert.columns.iter().for_each(|field| self.field(field));
        match &insert.source {
            InsertSource::Rows { count, values } => self.rows(&insert.columns, *count, values),
            InsertSource::Expressions(rows) => {
                self.counted(4, rows.len());
                for row in rows {
                    for (field, expression) in insert.columns.iter().zip(row) {
                        self.value_of(field, expression)?;
                    }
                }
            }
            InsertSource::Query(select) => {
                self.tag(5);
                self.select(select)?;
            }
        }
        match insert.on_conflict.as_deref() {
            None => self.tag(0),
            Some(conflict) => {
                self.tag(1);
                self.on_conflict(conflict)?;
            }
        }
        self.output(&insert.returning)
    }

    /// Rows of values. The number of rows is part of the shape only where each has its own placeholders.
    fn rows(&mut self, columns: &[&'static FieldMeta], count: usize, values: &[Value]) {
        match RowsForm::of(self.target, columns, count) {
            RowsForm::Defaults => self.tag(0),
            RowsForm::One => {
                self.tag(1);
                if count == 1 {
                    columns.iter().zip(values).for_each(|(field, value)| self.value(value, field.redact));
                } else {
                    self.is_repeated = true;
                    values.iter().take(columns.len()).for_each(|value| self.data_type(&value.data_type()));
                }
            }
            RowsForm::Arrays => {
                self.tag(2);
                for (index, field) in columns.iter().enumerate() {
                    let items = values.iter().skip(index).step_by(columns.len()).cloned().collect();
                    let value = Value::Array(&field.data_type, items);
                    self.parameters.push(Parameter { value, redact: field.redact });
                }
            }
            RowsForm::Many(count) => {
                self.counted(3, count);
                for row in values.chunks(columns.len()) {
                    columns.iter().zip(row).for_each(|(field, value)| self.value(value, field.redact));
                }
            }
        }
    }

    fn on_conflict(&mut self, OnConflict { target, action }: &OnConflict) -> Result<(), Error> {
        match target {
            None => self.tag(0),
            Some(ConflictTarget::Index { columns, filter }) => {
                self.tag(1);
                self.expressions(columns)?;
                self.expressions(filter)?;
            }
            Some(ConflictTarget::Constraint(name)) => {
                self.tag(2);
                self.text(name);
            }
        }
        match action {
            ConflictAction::Ignore => self.tag(0),
            ConflictAction::Update { set, filter } => {
                self.tag(1);
                self.assignments(set)?;
                self.expressions(filter)?;
            }
        }
        Ok(())
    }

    fn assignments(&mut self, set: &[(&'static FieldMeta, Expression)]) -> Result<(), Error> {
        self.length(set.len());
        for (field, expression) in set {
            self.field(field);
            self.value_of(field, expression)?;
        }
        Ok(())
    }

    /// What a column becomes.
    fn value_of(&mut self, field: &FieldMeta, expression: &Expression) -> Result<(), Error> {
        let first = self.parameters.len();
        self.expression(expression)?;
        if field.redact {
            self.parameters[first..].iter_mut().for_each(|parameter| parameter.redact = true);
        }
        Ok(())
    }

    fn columns(&mut self, select: &Select) -> Result<(), Error> {
        self.output(&select.columns)
    }

    fn output(&mut self, columns: &[OutputColumn]) -> Result<(), Error> {
        self.length(columns.len());
        for column in columns {
            match column {
                OutputColumn::Expression { expression, alias } => {
                    self.tag(0);
                    self.expression(expression)?;
                    self.prefix(*alias);
                }
                OutputColumn::Row(binding, schema) => {
                    self.key.extend([1, binding.depth, binding.index]);
                    self.schema(schema);
                }
            }
        }
        Ok(())
    }

    /// FROM and JOIN.
    fn sources(&mut self, select: &Select) -> Result<(), Error> {
        self.source(&select.source)?;
        self.joins(&select.joins)
    }

    /// The further tables of an UPDATE, and those of their conditions that stand after WHERE.
    fn further_tables(&mut self, from: &[Join]) -> Result<(), Error> {
        self.length(from.len());
        for (index, join) in from.iter().enumerate() {
            self.join_kind(join.kind);
            self.source(&join.source)?;
            if !is_condition(from, index) {
                self.expression(&join.on)?;
            }
        }
        let conditions = from.iter().enumerate().filter(|(index, _)| is_condition(from, *index));
        conditions.map(|(_, join)| &join.on).try_for_each(|on| self.expression(on))
    }

    fn join_kind(&mut self, kind: JoinKind) {
        self.tag(match kind {
            JoinKind::Inner => 0,
            JoinKind::Left => 1,
        });
    }

    fn joins(&mut self, joins: &[Join]) -> Result<(), Error> {
        self.length(joins.len());
        for join in joins {
            self.join_kind(join.kind);
            self.source(&join.source)?;
            self.expression(&join.on)?;
        }
        Ok(())
    }

    /// What follows WHERE.
    fn after_filter(&mut self, select: &Select) -> Result<(), Error> {
        self.length(select.group_by.len());
        select.group_by.iter().try_for_each(|expression| self.key_expression(select, expression))?;
        self.expressions(&select.having)?;
        self.length(select.order_by.len());
        for term in &select.order_by {
            self.key_expression(select, &term.expression)?;
            self.direction(term);
        }
        self.bounds(select);
        Ok(())
    }

    /// Everything of a term of ORDER BY but its expression.
    fn direction(&mut self, term: &OrderTerm) {
        self.tag(u8::from(term.descending));
        self.tag(match term.nulls {
            None => 0,
            Some(Nulls::First) => 1,
            Some(Nulls::Last) => 2,
        });
    }

    /// A limit per parent. The form follows from the target, the keys and whether rows repeat.
    fn per_parent(&mut self, children: &PerParent) -> Result<(), Error> {
        let PerParent { select, keys, repeats } = children;
        self.key.extend([u8::from(*repeats), u8::from(select.distinct)]);
        self.length(keys.len());
        keys.iter().for_each(|key| self.field(key.field));
        match PerParentForm::of(self.target, children) {
            PerParentForm::Lateral => {
                self.parameters.extend(keys.iter().map(key_array));
                self.columns(select)?;
                self.sources(select)?;
                self.expressions(&select.filter)?;
                keys.iter().try_for_each(|key| self.expression(&key.expression))?;
                self.after_filter(select)
            }
            PerParentForm::Ranked => self.ranked(children),
        }
    }

    fn ranked(&mut self, PerParent { select, keys, .. }: &PerParent) -> Result<(), Error> {
        self.columns(select)?;
        keys.iter().try_for_each(|key| self.expression(&key.expression))?;
        self.length(select.order_by.len());
        for term in &select.order_by {
            self.expression(&term.expression)?;
            self.direction(term);
        }
        self.sources(select)?;
        self.expressions(&select.filter)?;
        for ParentKey { field, expression, values } in keys {
            self.expression(expression)?;
            self.list(&field.data_type, values, field.redact);
        }
        // Groups are refused, but must not share the plan of a query without them.
        self.length(select.group_by.len());
        self.length(select.having.len());
        let (after, up_to) = rank_bounds(select);
        self.tag(u8::from(after.is_some()) | u8::from(up_to.is_some()) << 1);
        self.numbers(after.into_iter().chain(up_to));
        Ok(())
    }

    /// LIMIT and OFFSET.
    fn bounds(&mut self, select: &Select) {
        self.tag(u8::from(select.limit.is_some()) | u8::from(select.offset.is_some()) << 1);
        self.numbers(limit::values(self.target, select));
    }

    fn numbers(&mut self, numbers: impl Iterator<Item = i64>) {
        self.parameters.extend(numbers.map(|number| Parameter { value: Value::I64(number), redact: false }));
    }

    /// A term of GROUP BY or ORDER BY, or the position of the column that it repeats.
    fn key_expression(&mut self, select: &Select, expression: &Expression) -> Result<(), Error> {
        match output_position(self.target, select, expression) {
            Some(position) => {
                self.tag(1);
                self.length(position);
                Ok(())
            }
            None => {
                self.tag(0);
                self.expression(expression)
            }
        }
    }

    fn source(&mut self, source: &Source) -> Result<(), Error> {
        match source {
            Source::Table { schema, prefix } => {
                self.tag(0);
                self.schema(schema);
                self.prefix(prefix.as_deref());
            }
            Source::Subquery(select) => {
                self.tag(1);
                self.select(select)?;
            }
            _ => {
                let instead = "use crates of Peristyle of one version";
                return Err(unsupported(self.target.name(), "rendering of this source", instead));
            }
        }
        Ok(())
    }

    fn expressions(&mut self, expressions: &[Expression]) -> Result<(), Error> {
        self.length(expressions.len());
        expressions.iter().try_for_each(|expression| self.expression(expression))
    }

    fn expression(&mut self, expression: &Expression) -> Result<(), Error> {
        self.length(expression.len());
        expression.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), Error> {
        match step {
            Step::Column(binding, field) => {
                self.key.extend([0, binding.depth, binding.index]);
                self.field(field);
            }
            Step::Value { value, redact } => {
                self.tag(1);
                self.value(value, *redact);
            }
            Step::Literal(value) => {
                self.tag(2);
                self.data_type(&value.data_type());
                self.text(&format!("{value:?}"));
            }
            Step::Star => self.tag(3),
            Step::Inserted => self.tag(19),
            Step::Unary(operator) => self.key.extend([4, unary(*operator)]),
            Step::Binary(operator) => {
                self.tag(5);
                let (tag, data_type) = crate::expression::operator::shape(*operator);
                self.tag(tag);
                data_type.iter().for_each(|data_type| self.data_type(data_type));
            }
            Step::All(count) => self.counted(6, *count),
            Step::Any(count) => self.counted(7, *count),
            Step::Between(negated) => self.key.extend([8, u8::from(*negated)]),
            Step::In { item, values, negated, redact } => {
                self.key.extend([9, u8::from(*negated)]);
                self.list(item, values, *redact);
            }
            Step::InQuery(select, negated) => {
                self.key.extend([10, u8::from(*negated)]);
                self.select(select)?;
            }
            Step::Exists(select, negated) => {
                self.key.extend([11, u8::from(*negated)]);
                self.select(select)?;
            }
            Step::Scalar(select) => {
                self.tag(12);
                self.select(select)?;
            }
            Step::Like { negated, ignore_case } => self.key.extend([13, u8::from(*negated), u8::from(*ignore_case)]),
            Step::Aggregate { function, distinct, filter, operand, result } => {
                self.key.extend([14, *function as u8, u8::from(*distinct), u8::from(*filter)]);
                self.data_type(operand);
                self.data_type(result);
            }
            Step::Function(function, count) => {
                self.counted(15, *count);
                self.tag(*function as u8);
            }
            Step::Cast(data_type) => {
                self.tag(16);
                self.data_type(data_type);
            }
            Step::Fragment(template, count) => {
                self.counted(17, *count);
                self.text(template);
            }
            Step::Invalid(message) => {
                self.tag(18);
                self.text(message);
            }
            other => {
                let feature = format!("rendering of {other:?}");
                return Err(unsupported(self.target.name(), feature, "use crates of Peristyle of one version"));
            }
        }
        Ok(())
    }

    /// The values of IN.
    fn list(&mut self, item: &'static DataType, values: &[Value], redact: bool) {
        self.data_type(item);
        let form = ListForm::of(self.target, item, values);
        match form {
            ListForm::Array => self.tag(0),
            ListForm::Json => self.tag(1),
            ListForm::HexJson => self.tag(2),
            ListForm::Padded(length) => self.counted(3, length),
        }
        form.append(item, values, redact, &mut self.parameters);
    }

    /// A bound value: its type is part of the shape.
    fn value(&mut self, value: &Value, redact: bool) {
        self.data_type(&value.data_type());
        self.parameters.push(Parameter { value: value.clone(), redact });
    }

    fn data_type(&mut self, data_type: &DataType) {
        match data_type {
            DataType::Bool => self.tag(0),
            DataType::I16 => self.tag(1),
            DataType::I32 => self.tag(2),
            DataType::I64 => self.tag(3),
            DataType::F32 => self.tag(4),
            DataType::F64 => self.tag(5),
            DataType::Text => self.tag(6),
            DataType::Bytes => self.tag(7),
            DataType::Uuid => self.tag(8),
            DataType::Date => self.tag(9),
            DataType::Time => self.tag(10),
            DataType::DateTime => self.tag(11),
            DataType::Timestamp => self.tag(12),
            DataType::Decimal => self.tag(13),
            DataType::Json => self.tag(14),
            DataType::Interval => self.tag(15),
            DataType::Array(item) => {
                self.tag(16);
                self.data_type(item);
            }
            DataType::Enum(name) => {
                self.tag(17);
                self.text(name);
            }
            other => {
                self.tag(18);
                self.text(&format!("{other:?}"));
            }
        }
    }

    fn tag(&mut self, tag: u8) {
        self.key.push(tag);
    }

    fn counted(&mut self, tag: u8, count: usize) {
        self.tag(tag);
        self.length(count);
    }

    fn length(&mut self, length: usize) {
        self.key.extend(length.to_ne_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.key.extend(text.as_bytes());
    }

    fn prefix(&mut self, text: Option<&str>) {
        self.tag(u8::from(text.is_some()));
        text.into_iter().for_each(|text| self.text(text));
    }

    fn schema(&mut self, schema: &'static SchemaMeta) {
        self.length(std::ptr::from_ref(schema).addr());
    }

    fn field(&mut self, field: &'static FieldMeta) {
        self.length(std::ptr::from_ref(field).addr());
    }
}

fn unary(operator: UnaryOperator) -> u8 {
    match operator {
        UnaryOperator::Not => 0,
        UnaryOperator::Negate => 1,
        UnaryOperator::IsNull => 2,
        UnaryOperator::IsNotNull => 3,
    }
}
