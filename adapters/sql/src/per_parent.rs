//! A SELECT with a limit per parent: LATERAL on Postgres, a numbered derived table elsewhere and where rows may repeat.

use crate::builder::{Pieces, build, slot};
use crate::expression::{Place, parameter};
use crate::limit::rank_bounds;
use crate::renderer::Renderer;
use crate::target::Target;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{
    BinaryOperator, Binding, Expression, OutputColumn, ParentKey, PerParent, Select, Step,
};
use peristyle_query::statement::Parameter;
use peristyle_query::value::{DataType, Value};
use sea_query::{Asterisk, Expr, JoinType, Order, SelectStatement};

/// The name of the column that numbers the rows of a parent.
const RANK: &str = "__rank";

/// How a limit per parent is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PerParentForm {
    /// The query runs once for each key.
    Lateral,
    /// The query runs once for all keys, and its rows are numbered per key.
    Ranked,
}

impl PerParentForm {
    /// The form of a query.
    pub fn of(target: Target, children: &PerParent) -> Self {
        // Postgres unnests an array of arrays down to the items of the inner ones.
        let nested = |key: &ParentKey| matches!(key.field.data_type, DataType::Array(_));
        let lateral = !children.repeats && !children.keys.iter().any(nested) && !is_by_key(&children.select);
        if target == Target::Postgres && lateral { PerParentForm::Lateral } else { PerParentForm::Ranked }
    }
}

/// Whether the first rows are those with the least or greatest primary keys. Postgres would then look for the rows of each
/// parent along the index of the primary key, which is the whole table for each parent where its rows are far from the
/// beginning: numbering the rows of all parents at once took 0.07 s where this took minutes.
fn is_by_key(select: &Select) -> bool {
    let Some(schema) = select.schema() else { return false };
    if select.distinct || !select.group_by.is_empty() || !select.having.is_empty() {
        return false;
    }
    let is_key = |expression: &Expression| match expression.as_slice() {
        [Step::Column(binding, field)] => {
            *binding == Binding::of(0, 0) && schema.key_fields().any(|(_, key)| std::ptr::eq(key, *field))
        }
        _ => false,
    };
    select.order_by.first().is_some_and(|term| is_key(&term.expression))
}

/// The values of a key, as the one array that LATERAL reads.
pub(crate) fn key_array(key: &ParentKey) -> Parameter {
    let value = Value::Array(&key.field.data_type, key.values.clone());
    Parameter { value, redact: key.field.redact }
}

impl Renderer<'_> {
    /// Renders a query with a limit per parent.
    pub fn per_parent(&mut self, children: &PerParent) -> Result<(String, Vec<usize>), Error> {
        if children.keys.is_empty() {
            return Err(QueryError::new("a limit per parent needs the columns of the parent's key: name them").into());
        }
        let statement = match PerParentForm::of(self.target, children) {
            PerParentForm::Lateral => self.lateral(children)?,
            PerParentForm::Ranked => self.ranked(children)?,
        };
        build(self.target, &statement)
    }

    /// The query beside the keys, which are a table of their own.
    fn lateral(&mut self, children: &PerParent) -> Result<SelectStatement, Error> {
        self.scopes.enter_keys(&children.select)?;
        let mut keys = SelectStatement::new();
        for key in &children.keys {
            let array = DataType::Array(&key.field.data_type);
            let mut pieces = Pieces::default();
            pieces.text("unnest(".into());
            pieces.part(parameter(self.target, slot(self.parameter()), array, true));
            pieces.text(")".into());
            keys.expr_as(pieces.into_expr(), key.field.column);
        }
        let is_key =
            |key: &ParentKey| [Step::Column(Binding::of(1, 0), key.field), Step::Binary(BinaryOperator::Equal)];
        let query = self.select(&narrowed(children, is_key))?;
        let (keys_alias, alias) = (self.scopes.own(0)?, self.scopes.own(1)?);
        self.scopes.leave();
        let mut statement = SelectStatement::new();
        statement.column((alias.clone(), Asterisk)).from_subquery(keys, keys_alias);
        statement.join_lateral(JoinType::InnerJoin, query, alias, Expr::Custom("TRUE".into()));
        Ok(statement)
    }

    /// The rows of all parents, numbered, and those of them whose numbers are within the limit.
    fn ranked(&mut self, children: &PerParent) -> Result<SelectStatement, Error> {
        let select = &children.select;
        require_plain_rows(select)?;
        self.scopes.enter_root(select)?;
        self.scopes.set_visible(false);
        let rows = self.numbered(children)?;
        let alias = self.scopes.own(0)?;
        self.scopes.leave();
        let rank = || Expr::col((alias.clone(), RANK));
        let mut statement = SelectStatement::new();
        statement.column((alias.clone(), Asterisk)).from_subquery(rows, alias.clone());
        let (after, up_to) = rank_bounds(select);
        let mut bounds = Pieces::default();
        if after.is_some() {
            bounds.part(rank());
            bounds.text(" > ".into());
            bounds.part(slot(self.parameter()));
        }
        if up_to.is_some() {
            bounds.text(if after.is_some() { " AND " } else { "" }.into());
            bounds.part(rank());
            bounds.text(" <= ".into());
            bounds.part(slot(self.parameter()));
        }
        if after.is_some() || up_to.is_some() {
            statement.cond_where(bounds.into_expr());
        }
        let mut term = Pieces::default();
        term.part(rank());
        term.text(" ASC".into());
        statement.order_by_expr(term.into_expr(), Order::Asc);
        Ok(statement)
    }

    /// The rows of all parents, each with its number among those of its parent.
    fn numbered(&mut self, children: &PerParent) -> Result<SelectStatement, Error> {
        let is_key = |key: &ParentKey| {
            let (item, redact) = (&key.field.data_type, key.field.redact);
            [Step::In { item, values: key.values.clone(), negated: false, redact }]
        };
        let select = narrowed(children, is_key);
        let mut statement = SelectStatement::new();
        self.scopes.enter(&select)?;
        self.columns(&select, false, &mut statement)?;
        statement.expr_as(self.rank(children)?, RANK);
        self.from(&select, &mut statement)?;
        self.joins(&select, &mut statement)?;
        if let Some(condition) = self.conjunction(&select.filter)? {
            statement.cond_where(condition);
        }
        self.scopes.leave();
        Ok(statement)
    }

    /// The number of a row among those of its parent; rows that repeat share one.
    fn rank(&mut self, children: &PerParent) -> Result<Expr, Error> {
        let function = if children.repeats { "DENSE_RANK" } else { "ROW_NUMBER" };
        let mut pieces = Pieces::default();
        pieces.text(format!("{function}() OVER (PARTITION BY ").into());
        for (position, key) in children.keys.iter().enumerate() {
            pieces.text(if position == 0 { "" } else { ", " }.into());
            pieces.part(self.expression(&key.expression, Place::Key)?);
        }
        for (position, term) in children.select.order_by.iter().enumerate() {
            pieces.text(if position == 0 { " ORDER BY " } else { ", " }.into());
            // A number would be a constant here, not the position of a column.
            pieces.part(self.order_term(term, None)?);
        }
        pieces.text(")".into());
        Ok(pieces.into_expr())
    }
}

/// The query with one more condition for each key: the key's expression and the steps of `is_key`.
fn narrowed<const N: usize>(children: &PerParent, is_key: impl Fn(&ParentKey) -> [Step; N]) -> Select {
    let condition = |key: &ParentKey| -> Expression { key.expression.iter().cloned().chain(is_key(key)).collect() };
    let mut select = children.select.clone();
    select.filter.extend(children.keys.iter().map(condition));
    select
}

/// Refuses queries whose rows come about after the rows of a window are counted.
fn require_plain_rows(select: &Select) -> Result<(), Error> {
    let aggregates = |column: &OutputColumn| match column {
        OutputColumn::Expression { expression, .. } => {
            expression.iter().any(|step| matches!(step, Step::Aggregate { .. }))
        }
        OutputColumn::Row(..) => false,
    };
    let grouped = !select.group_by.is_empty() || !select.having.is_empty() || select.columns.iter().any(aggregates);
    if select.columns.is_empty() {
        return Err(QueryError::new("the query selects no column: name some with .select(..)").into());
    }
    if select.distinct || grouped {
        return Err(QueryError::new(
            "a limit per parent of a query with groups or distinct: leave the limit out, or select from a subquery",
        )
        .into());
    }
    Ok(())
}
