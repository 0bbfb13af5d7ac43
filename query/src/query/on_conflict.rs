//! ON CONFLICT: what an insert does about a row that is there already.

use super::ast::{self, Binding, ConflictAction, ConflictTarget, Expression, Step};
use super::{first_mistake, paths};
use crate::changeset::{Assignment, Assignments};
use crate::error::QueryError;
use crate::expr::{Anchor, Columns, Expressions, IntoCondition, NotNull, enter, redact};
use crate::repo::next_version;
use crate::schema::{FieldMeta, Generation, Schema, Writable};
use crate::value::Value;
use std::borrow::Cow;
use std::marker::PhantomData;

/// The row that was to be inserted, as a source beside the row that is there.
const EXCLUDED: u8 = 1;

/// What an insert does about a row that is there already: what `.on_conflict(|c| ..)` makes.
///
/// ```text
/// repo.insert_all(users).on_conflict(|c| c.ignore());
/// repo.insert_all(users).on_conflict(|c| c.target(|u| u.email).update(|u| (u.name, u.age)));
/// repo.insert_all(words).on_conflict(|c| c.target(|w| w.text).set(|w, excluded| w.count.set(w.count + excluded.count)));
/// ```
///
/// An update moves `updated_at` and a `version` on, unless they are named or the insert is `.raw()`.
#[must_use = "it does nothing until it is given back to on_conflict"]
pub struct OnConflict<S> {
    target: Option<ConflictTarget>,
    ignore: bool,
    /// The columns that take the values of the row that was to be inserted.
    update: Vec<&'static FieldMeta>,
    /// All but these do.
    replace_except: Option<Vec<&'static FieldMeta>>,
    set: Vec<(&'static FieldMeta, Expression)>,
    filter: Vec<Expression>,
    problem: Option<QueryError>,
    schema: PhantomData<fn() -> S>,
}

impl<S> Clone for OnConflict<S> {
    fn clone(&self) -> Self {
        OnConflict {
            target: self.target.clone(),
            update: self.update.clone(),
            replace_except: self.replace_except.clone(),
            set: self.set.clone(),
            filter: self.filter.clone(),
            problem: self.problem.clone(),
            ..*self
        }
    }
}

impl<S: Schema> OnConflict<S> {
    pub(crate) fn new() -> Self {
        let (update, set, filter) = Default::default();
        OnConflict {
            target: None,
            ignore: false,
            update,
            replace_except: None,
            set,
            filter,
            problem: None,
            schema: PhantomData,
        }
    }

    /// Leaves the row that is there as it is, and the new one out.
    pub fn ignore(mut self) -> Self {
        self.ignore = true;
        self
    }

    /// What must be unique: the columns or expressions of a unique index or of the primary key, as in `|u| u.email`,
    /// `|u| (u.org_id, u.email)` or `|u| u.email.lower()`.
    ///
    /// A conflict with anything else is an error as ever.
    pub fn target<E: Expressions<S>>(mut self, columns: impl FnOnce(S::Columns<S, NotNull>) -> E) -> Self {
        let mut list = Vec::new();
        enter(|level| columns(S::columns(Anchor::new(0, level))).append(&mut list));
        if list.iter().any(has_value) {
            self.refuse(
                "a value in the target of on_conflict is no part of an index: write it as constant(..), as the index does",
            );
        }
        match &mut self.target {
            Some(ConflictTarget::Index { columns, .. }) => columns.append(&mut list),
            None => self.target = Some(ConflictTarget::Index { columns: list, filter: Vec::new() }),
            Some(ConflictTarget::Constraint(_)) => self.refuse(TWO_TARGETS),
        }
        self
    }

    /// The condition of a partial unique index, beside its columns: `|u| u.deleted_at.is_null()`.
    ///
    /// It holds no bound value, which could not be compared with the index's own condition: write `constant("active")`.
    pub fn target_where<C: IntoCondition<S>>(mut self, condition: impl FnOnce(S::Columns<S, NotNull>) -> C) -> Self {
        let steps = enter(|level| condition(S::columns(Anchor::new(0, level))).into_condition().into_steps());
        if has_value(&steps) {
            self.refuse(
                "a bound value in target_where cannot be compared with the condition of an index: write it as constant(..)",
            );
        }
        match &mut self.target {
            Some(ConflictTarget::Index { filter, .. }) => filter.push(steps),
            _ => self
                .refuse("target_where is the condition of a partial index: name its columns before, with .target(..)"),
        }
        self
    }

    /// What must be unique, by the name of its constraint. On SQLite, the schema must declare it.
    pub fn target_constraint(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        match self.target {
            None => self.target = Some(ConflictTarget::Constraint(name.into())),
            Some(_) => self.refuse(TWO_TARGETS),
        }
        self
    }

    /// Gives these columns of the row that is there the values of the new one.
    pub fn update<C: Columns<S>>(mut self, columns: impl FnOnce(S::Columns<S, NotNull>) -> C) -> Self {
        enter(|level| columns(S::columns(Anchor::new(0, level))).append(&mut self.update));
        self
    }

    /// Gives all columns of the row that is there the values of the new one, its key and `inserted_at` too; not those of
    /// the target, which are equal, nor those that only an insert or the database may write.
    ///
    /// A column that the insert leaves out gets its default.
    pub fn replace_all(mut self) -> Self {
        self.replace_except.get_or_insert_default();
        self
    }

    /// As [`replace_all`](OnConflict::replace_all), but for these columns: `|u| (u.id, u.inserted_at)`.
    pub fn replace_all_except<C: Columns<S>>(mut self, columns: impl FnOnce(S::Columns<S, NotNull>) -> C) -> Self {
        let except = self.replace_except.get_or_insert_default();
        enter(|level| columns(S::columns(Anchor::new(0, level))).append(except));
        self
    }

    /// Sets columns of the row that is there, the first argument of the closure, with the values of the new one at hand, the
    /// second: `|u, excluded| u.count.set(u.count + excluded.count)`.
    pub fn set<A: Assignments<S>>(
        mut self,
        assignments: impl FnOnce(S::Columns<S, NotNull>, S::Columns<S, NotNull>) -> A,
    ) -> Self {
        let mut list: Vec<Assignment<S>> = Vec::new();
        enter(|level| {
            let excluded = S::columns(Anchor::new(EXCLUDED, level));
            assignments(S::columns(Anchor::new(0, level)), excluded).append(&mut list);
        });
        if list.iter().any(|assignment| !assignment.root) {
            self.refuse("on_conflict sets columns of the row that is there: those of the closure's first argument");
        }
        self.set.extend(list.into_iter().map(|assignment| (assignment.field, assignment.expression)));
        self
    }

    /// Updates the row that is there only if a condition on it, the first argument, and on the new row, the second, holds;
    /// else it is as with [`ignore`](OnConflict::ignore).
    pub fn filter<C: IntoCondition<S>>(
        mut self,
        condition: impl FnOnce(S::Columns<S, NotNull>, S::Columns<S, NotNull>) -> C,
    ) -> Self {
        self.filter.push(enter(|level| {
            let excluded = S::columns(Anchor::new(EXCLUDED, level));
            condition(S::columns(Anchor::new(0, level)), excluded).into_condition().into_steps()
        }));
        self
    }

    fn refuse(&mut self, message: &'static str) {
        self.problem.get_or_insert_with(|| QueryError::new(message));
    }

    /// The plain form, for an insert that gives these columns.
    pub(crate) fn resolve(&self, inserted: &[&'static FieldMeta], raw: bool) -> Result<ast::OnConflict, QueryError> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let updates = self.replace_except.is_some() || !self.update.is_empty() || !self.set.is_empty();
        let message = match (self.ignore, updates) {
            (true, true) => Some("on_conflict both ignores and updates: keep one"),
            (true, false) if !self.filter.is_empty() => {
                Some("the .filter(..) of on_conflict is for an update: leave it out beside .ignore()")
            }
            (false, false) => Some(
                "on_conflict says nothing of the row that is there: add .ignore(), .update(|u| u.column), .set(..) or \
                 .replace_all()",
            ),
            _ => None,
        };
        if let Some(message) = message {
            return Err(QueryError::new(message));
        }
        let mut target = self.target.clone();
        if let Some(ConflictTarget::Index { columns, filter }) = &mut target {
            columns.iter_mut().chain(filter).try_for_each(checked)?;
        }
        let action = match self.ignore {
            true => ConflictAction::Ignore,
            false => {
                let mut filter = self.filter.clone();
                filter.iter_mut().try_for_each(checked)?;
                ConflictAction::Update { set: self.assignments(inserted, raw)?, filter }
            }
        };
        Ok(ast::OnConflict { target, action })
    }

    fn assignments(
        &self,
        inserted: &[&'static FieldMeta],
        raw: bool,
    ) -> Result<Vec<(&'static FieldMeta, Expression)>, QueryError> {
        let excluded = |field| vec![Step::Column(Binding::of(0, EXCLUDED), field)];
        let mut set: Vec<(&'static FieldMeta, Expression)> =
            self.update.iter().map(|field| (*field, excluded(field))).chain(self.set.iter().cloned()).collect();
        for (_, expression) in &mut set {
            checked(expression)?;
        }
        for (index, (field, _)) in set.iter().enumerate() {
            if set[..index].iter().any(|(other, _)| std::ptr::eq(*other, *field)) {
                let message = format!("on_conflict sets {}.{} twice: keep one of the assignments", S::NAME, field.name);
                return Err(QueryError::new(message));
            }
            if field.writable != Writable::Always {
                return Err(QueryError::new(format!(
                    "{}.{} cannot be updated: it is #[schema(writable = ..)]; leave it out of on_conflict",
                    S::NAME,
                    field.name
                )));
            }
        }
        let except: &[&'static FieldMeta] = self.replace_except.as_deref().unwrap_or_default();
        let among = |list: &[&'static FieldMeta], field: &'static FieldMeta| {
            list.iter().any(|other| std::ptr::eq(*other, field))
        };
        for (_, field) in S::META.stored_fields() {
            if set.iter().any(|(other, _)| std::ptr::eq(*other, field)) || among(except, field) {
                continue;
            }
            let is_given = among(inserted, field);
            let replaced = self.replace_except.is_some()
                && field.writable == Writable::Always
                && (is_given || field.generation != Generation::Database)
                && !self.is_target(field);
            if field.version && !raw {
                set.extend(next_version(field).map(|next| (field, next)));
            } else if replaced || (field.generation == Generation::UpdatedAt && is_given && !raw) {
                set.push((field, excluded(field)));
            }
        }
        if set.is_empty() {
            return Err(QueryError::new(format!(
                "on_conflict of {} leaves no column to update: use .ignore()",
                S::NAME
            )));
        }
        set.iter_mut().filter(|(field, _)| field.redact).for_each(|(_, expression)| redact(expression));
        Ok(set)
    }

    /// Whether a column is one of the target's, where it equals that of the new row.
    fn is_target(&self, field: &'static FieldMeta) -> bool {
        let is_column =
            |column: &Expression| matches!(column.as_slice(), [Step::Column(_, own)] if std::ptr::eq(*own, field));
        match &self.target {
            Some(ConflictTarget::Index { columns, .. }) => columns.iter().any(is_column),
            Some(ConflictTarget::Constraint(name)) => {
                let columns = S::META.constraint_columns(name).unwrap_or_default();
                columns.iter().any(|own| std::ptr::eq(*own, field))
            }
            None => false,
        }
    }
}

/// Puts the values of the row that was to be inserted in the place of its columns, or names one that has none.
pub(crate) fn excluded_as_values(
    expression: &mut Expression,
    values: &[(&'static FieldMeta, Value)],
) -> Result<(), &'static FieldMeta> {
    as_values(expression, Binding::of(0, EXCLUDED), values)
}

/// Puts values in the place of the columns of the row that is there, or names one that has none.
pub(crate) fn root_as_values(
    expression: &mut Expression,
    values: &[(&'static FieldMeta, Value)],
) -> Result<(), &'static FieldMeta> {
    as_values(expression, Binding::of(0, 0), values)
}

fn as_values(
    expression: &mut Expression,
    source: Binding,
    values: &[(&'static FieldMeta, Value)],
) -> Result<(), &'static FieldMeta> {
    for step in expression {
        match step {
            Step::Column(binding, field) if *binding == source => {
                let field = *field;
                let given = values.iter().find(|(known, _)| std::ptr::eq(*known, field));
                let value = given.map(|(_, value)| value.clone()).ok_or(field)?;
                *step = Step::Value { value, redact: field.redact };
            }
            Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) => {
                let inside = Binding { depth: source.depth + 1, ..source };
                let mut result = Ok(());
                select.expressions_mut(&mut |steps| result = result.and(as_values(steps, inside, values)));
                result?;
            }
            _ => {}
        }
    }
    Ok(())
}

const TWO_TARGETS: &str = "on_conflict has one target: either .target(..) or .target_constraint(..)";

/// Whether an expression binds a value.
fn has_value(steps: &Expression) -> bool {
    steps.iter().any(|step| matches!(step, Step::Value { .. } | Step::In { .. }))
}

/// Refuses the first mistake, and paths along associations.
fn checked(expression: &mut Expression) -> Result<(), QueryError> {
    if let Some(message) = first_mistake(expression) {
        return Err(QueryError::new(message));
    }
    paths::close(expression).map_err(|_| {
        QueryError::new("on_conflict cannot follow an association: write a subquery that selects what is behind it")
    })
}
