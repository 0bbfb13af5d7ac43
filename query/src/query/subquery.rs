//! Queries that other queries read from.

use super::ast::{Binding, OutputColumn, Select, Source, Step};
use super::scope::Sources;
use super::selected::{Place, Selected};
use super::{Query, Same, Scope};
use crate::error::QueryError;
use crate::expr::{current_level, enter, shift_select};
use crate::schema::{FieldMeta, Record};
use std::marker::PhantomData;

const PRELOADS: &str =
    "a subquery gives columns, not associations: take its preloads out, and preload in the query around it";

const LISTS: &str = "a list of an association in a selection is read by a statement of its own, which a subquery has not: \
                     select a column in its place, such as `u.posts().count()`";

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// A query that reads from the rows of this one, `SELECT .. FROM (SELECT ..)`: what is added from here on works on what
    /// this query gives, after its limit, its groups and its `distinct`.
    ///
    /// The rows are those of a schema, which keep their columns and associations, or a `#[derive(Projection)]` struct, whose
    /// fields are the columns. They come without what this query preloads, which is refused, and in its order only where it
    /// has a limit. It reads the rows; it cannot update or delete them.
    ///
    /// ```
    /// # mod example {
    /// use peristyle_query::query::Query;
    /// use peristyle_query::schema::Schema;
    ///
    /// /// One of the first ten rows.
    /// fn some<S: Schema>() -> Query<S> {
    ///     S::query().limit(10).subquery().limit(1)
    /// }
    /// # }
    /// ```
    // `R` is `Out`: a bound on `Out` itself would be an error without the message of the bound.
    pub fn subquery<R>(self) -> Query<Sc::Of<R>, R>
    where
        Out: Same<R>,
        R: Record,
    {
        let (source, problem) = self.into_source();
        let mut select = Select::new(source);
        select.columns = whole_row::<R>(&select);
        Query {
            select: Box::new(select),
            problem,
            decode: R::decode,
            slots: |row, slots| slots.row(row),
            tail: None,
            joined: Vec::new(),
            level: current_level(),
            scope: PhantomData,
        }
    }

    /// The query as a source of one around it, and its first mistake.
    pub(super) fn into_source(mut self) -> (Source, Option<QueryError>) {
        self.settle();
        if self.has_joined() || self.tail.as_ref().is_some_and(|tail| !tail.preloads.is_empty()) {
            self.refuse(PRELOADS);
        }
        if self.tail.as_ref().is_some_and(|tail| tail.places.iter().any(|place| matches!(place, Place::Collection(_))))
        {
            self.refuse(LISTS);
        }
        let mut select = *self.select;
        // More columns would be other rows, or not be those of a group.
        if !select.distinct && select.group_by.is_empty() {
            select.give_unloaded();
        }
        shift_select(&mut select, 1, 1);
        (Source::Subquery(Box::new(select.nested())), self.problem)
    }
}

/// The columns of all of the root, for a row of it.
pub(crate) fn whole_row<R: Record>(select: &Select) -> Vec<OutputColumn> {
    let mut selected = Selected::default();
    enter(|level| R::append(Sources::new(select, level).anchor(0), &mut selected));
    selected.columns
}

impl Select {
    /// Gives also the columns that a whole row leaves out, for the query around to use.
    pub(crate) fn give_unloaded(&mut self) {
        let row = self.columns.iter().find_map(|column| match column {
            OutputColumn::Row(binding, schema) => Some((*binding, *schema)),
            OutputColumn::Expression { .. } => None,
        });
        let Some((binding, schema)) = row else { return };
        let unloaded = schema.stored_fields().map(|(_, field)| field).filter(|field| !field.load);
        let given = unloaded.filter(|field| match self.source_at(binding.index) {
            Some(Source::Subquery(inner)) if binding.path.is_empty() => inner.gives(field),
            _ => true,
        });
        let columns: Vec<OutputColumn> = given.map(|field| column(binding, field)).collect();
        self.columns.extend(columns);
    }

    /// Whether a field is among its columns.
    fn gives(&self, field: &FieldMeta) -> bool {
        let is_field = |known: &'static FieldMeta| std::ptr::eq(known, field);
        self.columns.iter().any(|column| match column {
            OutputColumn::Expression { expression, alias: None } => match expression.as_slice() {
                [Step::Column(_, known)] => is_field(known),
                _ => false,
            },
            OutputColumn::Expression { .. } => false,
            OutputColumn::Row(_, schema) => schema.loaded_fields().any(is_field),
        })
    }
}

fn column(binding: Binding, field: &'static FieldMeta) -> OutputColumn {
    OutputColumn::Expression { expression: vec![Step::Column(binding, field)], alias: None }
}
