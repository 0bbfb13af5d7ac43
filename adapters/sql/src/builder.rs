//! The sea-query builder that writes statements: sea-query knows the clauses, this crate the expressions.
//!
//! An expression reaches sea-query as a sequence of pieces, so that its parentheses are decided here and no feature that
//! another crate turns on changes them. A value slot holds the number of its parameter as a token.

use crate::target::Target;
use peristyle_query::error::{Error, QueryError};
use sea_query::{
    BinOper, DynIden, EscapeBuilder, ExplainStatement, Expr, Func, IntoIden, OnConflictIdentifier, Oper,
    OperLeftAssocDecider, OrderExpr, PrecedenceDecider, QueryBuilder, QueryStatementWriter, Quote, QuotedBuilder,
    SelectInto, SqlWriter, SqlWriterValues, SubQueryStatement, TableRef, TableRefBuilder, Value,
};
use std::borrow::Cow;

/// Writes statements for a target.
struct Builder(Target);

impl QueryBuilder for Builder {
    fn placeholder(&self) -> (&'static str, bool) {
        (self.0.placeholder(), true)
    }

    fn prepare_expr(&self, expression: &Expr, sql: &mut impl SqlWriter) {
        match expression {
            Expr::CustomWithExpr(_, pieces) => pieces.iter().for_each(|piece| self.prepare_expr(piece, sql)),
            other => self.prepare_expr_common(other, sql),
        }
    }

    /// The direction is the last piece of the term.
    fn prepare_order(&self, _: &OrderExpr, _: &mut impl SqlWriter) {}

    fn prepare_query_statement(&self, query: &SubQueryStatement, sql: &mut impl SqlWriter) {
        match query {
            SubQueryStatement::SelectStatement(select) => self.prepare_select_statement(select, sql),
            SubQueryStatement::InsertStatement(insert) => self.prepare_insert_statement(insert, sql),
            SubQueryStatement::UpdateStatement(update) => self.prepare_update_statement(update, sql),
            SubQueryStatement::DeleteStatement(delete) => self.prepare_delete_statement(delete, sql),
            SubQueryStatement::WithStatement(with) => self.prepare_with_query(with, sql),
        }
    }

    fn prepare_value(&self, value: Value, sql: &mut impl SqlWriter) {
        sql.push_param(value, self);
    }

    fn insert_default_values(&self, _: u32, sql: &mut impl SqlWriter) {
        // Writing into a String cannot fail.
        let _ = sql.write_str("DEFAULT VALUES");
    }

    fn prepare_update_from(&self, from: &[TableRef], sql: &mut impl SqlWriter) {
        let mut separator = " FROM ";
        for table in from {
            if let TableRef::FunctionCall(call, _) = table {
                call.get_args().iter().for_each(|piece| self.prepare_expr(piece, sql));
                separator = "";
            } else {
                // Writing into a String cannot fail.
                let _ = sql.write_str(std::mem::replace(&mut separator, ", "));
                self.prepare_table_ref(table, sql);
            }
        }
    }

    fn prepare_on_conflict_keywords(&self, sql: &mut impl SqlWriter) {
        let _ = sql.write_str(" ON CONFLICT");
    }

    fn prepare_on_conflict_target_identifiers(&self, targets: &[OnConflictIdentifier], sql: &mut impl SqlWriter) {
        for (index, target) in targets.iter().enumerate() {
            let _ = sql.write_str(if index == 0 { " (" } else { ", " });
            match target {
                OnConflictIdentifier::Column(column) => self.prepare_iden(column, sql),
                OnConflictIdentifier::Expr(column @ Expr::Column(_)) => self.prepare_expr(column, sql),
                OnConflictIdentifier::Expr(expression) => {
                    let _ = sql.write_str("(");
                    self.prepare_expr(expression, sql);
                    let _ = sql.write_str(")");
                }
            }
        }
        let _ = sql.write_str(if targets.is_empty() { "" } else { ")" });
    }

    fn prepare_on_conflict_target_constraint(&self, constraint: &str, sql: &mut impl SqlWriter) {
        let _ = sql.write_str(" ON CONSTRAINT ");
        self.prepare_iden(&DynIden::from(constraint.to_owned()), sql);
    }

    fn prepare_select_into(&self, _: &SelectInto, _: &mut impl SqlWriter) {}

    fn prepare_explain_statement(&self, _: &ExplainStatement, _: &mut impl SqlWriter) {}
}

impl QuotedBuilder for Builder {
    fn quote(&self) -> Quote {
        Quote::new(b'"')
    }
}

impl EscapeBuilder for Builder {}

impl TableRefBuilder for Builder {}

impl PrecedenceDecider for Builder {
    fn inner_expr_well_known_greater_precedence(&self, _: &Expr, _: &Oper) -> bool {
        false
    }
}

impl OperLeftAssocDecider for Builder {
    fn well_known_left_associative(&self, _: &BinOper) -> bool {
        false
    }
}

/// What is written as it is among the tables of an UPDATE: the words of a join.
pub(crate) fn raw_table(text: Expr) -> TableRef {
    TableRef::FunctionCall(Func::cust("").arg(text), "".into_iden())
}

/// The slot of a parameter.
pub(crate) fn slot(parameter: usize) -> Expr {
    Expr::Value(Value::BigUnsigned(Some(parameter as u64)))
}

/// The text of a statement, and the parameter at each placeholder.
pub(crate) fn build(target: Target, statement: &impl QueryStatementWriter) -> Result<(String, Vec<usize>), Error> {
    let builder = Builder(target);
    let (placeholder, numbered) = builder.placeholder();
    let mut writer = SqlWriterValues::new(placeholder, numbered);
    statement.build_collect_into(builder, &mut writer);
    let (sql, values) = writer.into_parts();
    let order = values.0.into_iter().map(|value| match value {
        Value::BigUnsigned(Some(parameter)) => usize::try_from(parameter).ok(),
        _ => None,
    });
    match order.collect() {
        Some(order) => Ok((sql, order)),
        None => Err(QueryError::new("a value reached the SQL builder that is not the token of a parameter").into()),
    }
}

/// Pieces of an expression in text order; text that meets is joined.
#[derive(Default)]
pub(crate) struct Pieces {
    text: Cow<'static, str>,
    parts: Vec<Expr>,
}

impl Pieces {
    /// Adds raw SQL.
    pub fn text(&mut self, text: Cow<'static, str>) {
        if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.to_mut().push_str(&text);
        }
    }

    /// Adds what sea-query writes: a column, a slot or a subquery.
    pub fn part(&mut self, part: Expr) {
        self.flush();
        self.parts.push(part);
    }

    /// The whole.
    pub fn into_expr(mut self) -> Expr {
        self.flush();
        if self.parts.len() == 1
            && let Some(part) = self.parts.pop()
        {
            return part;
        }
        Expr::CustomWithExpr(Cow::Borrowed(""), self.parts)
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Expr::Custom(std::mem::take(&mut self.text)));
        }
    }
}
