//! Putting rows into an association.

use super::cast::same_key;
use super::children::{is_new, key_of};
use super::{AssociationChange, AssociationOf, Child, Relation, Task};
use crate::association::Link;
use crate::changeset::{Action, Changeset, FieldError, IntoChangeset, Last, Origin};
use crate::expr::{Anchor, NotNull, enter};
use crate::schema::{AssociationKind, AssociationMeta, AssociationReplace, Loadable, Schema};
use crate::value::Value;

/// What can be put into an association to `T`: rows or changesets, one or many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be put into an association to `{T}`",
    label = "expected a `{T}`, a changeset of one, or an `Option` or `Vec` of either"
)]
pub trait IntoChildren<T> {
    /// The changesets.
    fn into_children(self) -> Vec<Changeset<T>>;
}

impl<T: Schema> IntoChildren<T> for T {
    fn into_children(self) -> Vec<Changeset<T>> {
        vec![self.into_changeset()]
    }
}

impl<T: Schema> IntoChildren<T> for Changeset<T> {
    fn into_children(self) -> Vec<Changeset<T>> {
        vec![self]
    }
}

macro_rules! collections {
    ($($name:ty, [$($generics:tt)*];)*) => {$(
        impl<T: Schema, C: IntoChangeset<Schema = T>, $($generics)*> IntoChildren<T> for $name {
            fn into_children(self) -> Vec<Changeset<T>> {
                self.into_iter().map(C::into_changeset).collect()
            }
        }
    )*};
}
collections! {
    Vec<C>, [];
    Option<C>, [];
    [C; N], [const N: usize];
}

/// The rows that an association holds before the change.
pub(super) struct Current<T>(Vec<T>);

impl<T: Schema> Current<T> {
    /// Takes the row of this key.
    pub(super) fn take(&mut self, key: &[Value]) -> Option<T> {
        let place = self.0.iter().position(|row| same_key(row, key))?;
        Some(self.0.remove(place))
    }

    pub(super) fn take_any(&mut self) -> Option<T> {
        self.0.pop()
    }
}

impl<S: Schema> Changeset<S> {
    /// Makes these the rows of an association: all of them, in this order.
    ///
    /// A row with the primary key of one that belongs here already stays, a changeset of one changes it, and one that is in
    /// the store but belongs elsewhere is moved here. A row whose generated key is still at its default is inserted; where
    /// keys are not generated, only a changeset made by [`Changeset::of`] or `change` is of a row that exists. What the
    /// association holds and is not given is replaced, as the association's `on_replace` says; none at all
    /// (`Vec::<Post>::new()`, `None::<Profile>`) replaces everything.
    ///
    /// The rows that belong to an existing row must be preloaded, all of them.
    pub fn put_assoc<A>(
        mut self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
        rows: impl IntoChildren<A::Target>,
    ) -> Self
    where
        A: AssociationOf<S>,
        A::Target: Clone,
    {
        self.last = Last::Errors(self.errors.len());
        let Some(link) = self.one_association(association) else { return self };
        let Some(mut current) = self.current(link) else { return self };
        let given = rows.into_children();
        let meta = link.meta();
        if meta.is_to_one() && given.len() > 1 {
            self.refuse(format!("{}.{} leads to one row: {} were put", S::NAME, meta.name, given.len()));
            return self;
        }
        if ignores_one(meta, &given) {
            return self;
        }
        let mut children = Vec::with_capacity(given.len());
        let mut kept = Vec::new();
        for changeset in given {
            let key = key_of(changeset.data());
            // A row that is given twice belongs here already the second time, too.
            let linked = current.take(&key).is_some() || kept.contains(&key);
            if linked {
                kept.push(key);
            }
            let changeset = as_found(changeset, linked);
            if let Some(child) = self.child(meta, changeset, linked) {
                children.push(child);
            }
        }
        let change = AssociationChange { link, children, replaced: Vec::new(), copy: Some(Changeset::clone) };
        self.replace_with(change, current)
    }

    /// The changesets of an association's rows, if the association is changed.
    pub fn get_assoc<A: AssociationOf<S>>(
        &self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
    ) -> Option<Vec<&Changeset<A::Target>>> {
        let link = enter(|level| association(S::columns(Anchor::new(0, level))).link())?;
        let change = self.relation(link.meta().name)?.as_any().downcast_ref::<AssociationChange<S, A::Target>>()?;
        Some(change.children.iter().filter_map(|child| child.changeset.as_ref()).collect())
    }

    /// Says what the write does with this row as one of another's association: [`Action::Delete`] deletes it, and
    /// [`Action::Ignore`] leaves it as it is.
    pub fn with_action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// The rows that the association holds now, all of them.
    pub(super) fn current<T: Schema + Clone>(&mut self, link: Link<S, T>) -> Option<Current<T>> {
        if self.origin == Origin::New {
            return Some(Current(Vec::new()));
        }
        let name = link.meta().name;
        let problem = match link.rows(&mut self.data) {
            Loadable::Loaded(rows) => return Some(Current(rows)),
            Loadable::Partial(_) => format!(
                "{0}.{name} was loaded in part, with a filter or a limit, so that what is left out cannot be told from what is to go: preload all of it, repo.preload(&mut row, |row| row.{name}()).force()",
                S::NAME
            ),
            Loadable::NotLoaded(_) => format!(
                "{}.{name} is not loaded, and a changeset replaces all of it: preload it first, repo.preload(&mut row, |row| row.{name}())",
                S::NAME
            ),
        };
        self.refuse(problem);
        None
    }

    /// A row of the association, if what is asked of it may be done.
    pub(super) fn child<T: Schema>(
        &mut self,
        meta: &AssociationMeta,
        mut changeset: Changeset<T>,
        linked: bool,
    ) -> Option<Child<T>> {
        if let Some(problem) = changeset.problem.take() {
            self.problem.get_or_insert(problem);
        }
        let child = Child::new(changeset, linked);
        match child.task {
            Task::Delete if !linked => {
                self.refuse(format!(
                    "a {} that does not belong to this {} cannot be deleted through {}",
                    T::NAME,
                    S::NAME,
                    meta.name
                ));
                None
            }
            _ => Some(child),
        }
    }

    /// Takes the change, with what becomes of the rows that are left over.
    pub(super) fn replace_with<T: Schema>(
        mut self,
        mut change: AssociationChange<S, T>,
        Current(left): Current<T>,
    ) -> Self {
        let meta = change.meta();
        let name = meta.name;
        if !left.is_empty() && meta.on_replace == AssociationReplace::Nilify && !change.can_part() {
            self.refuse(format!(
                "{}.{name} parts rows from it by a NULL in their key (on_replace = nilify), which cannot be NULL: make the key an Option, or write on_replace = delete",
                S::NAME
            ));
            return self;
        }
        for row in left {
            let task = match meta.on_replace {
                AssociationReplace::Nilify => Task::Unlink,
                AssociationReplace::Delete => Task::Delete,
                AssociationReplace::DeleteIfExists => Task::DeleteIfExists,
                // With nothing in its place, there is nothing to update it to.
                AssociationReplace::Update if change.children.is_empty() => Task::Unlink,
                AssociationReplace::Update => {
                    self.refuse(format!(
                        "{}.{name} is only allowed to update the row that it has (on_replace = update): give a changeset of that row",
                        S::NAME
                    ));
                    return self;
                }
                AssociationReplace::MarkAsInvalid => {
                    self.push_error(name, FieldError::new("is invalid").with("validation", "assoc"));
                    return self;
                }
                AssociationReplace::Raise => {
                    self.refuse(format!(
                        "{}.{name} holds a row that is left out, and what becomes of it is not said: write #[schema(on_replace = delete)] on the field, or nilify, update, mark_as_invalid",
                        S::NAME
                    ));
                    return self;
                }
            };
            change.replaced.push(Child::replaced(Changeset::of(row), task));
        }
        self.refuse_repeated(&mut change);
        if change.is_idle() && self.origin == Origin::Existing {
            self.forget_relation(name);
        } else {
            self.set_relation(Box::new(change));
        }
        self
    }

    /// Where the association holds a row once at most, a second one of the same key is an error of that key.
    fn refuse_repeated<T: Schema>(&mut self, change: &mut AssociationChange<S, T>) {
        if !change.meta().unique {
            return;
        }
        let mut seen: Vec<Vec<Value>> = Vec::new();
        for child in change.children.iter_mut().filter(|child| child.task == Task::Update) {
            let Some(changeset) = &mut child.changeset else { continue };
            let key = key_of(changeset.data());
            if seen.contains(&key) {
                if let Some((_, field)) = T::META.key_fields().next() {
                    let error = FieldError::new("has already been taken").with("validation", "unique");
                    changeset.push_error(field.name, error);
                }
            } else {
                seen.push(key);
            }
        }
    }
}

/// Whether the one row of an association is to be left as it is, whichever it is.
pub(super) fn ignores_one<T: Schema>(meta: &AssociationMeta, given: &[Changeset<T>]) -> bool {
    meta.is_to_one() && given.iter().any(|changeset| changeset.action == Some(Action::Ignore))
}

/// A plain row is one to insert if its generated key was never given, and else one that exists.
fn as_found<T: Schema>(mut changeset: Changeset<T>, linked: bool) -> Changeset<T> {
    if changeset.is_bare() {
        let new = !linked && is_new(changeset.data()).unwrap_or(true);
        changeset.origin = if new { Origin::New } else { Origin::Existing };
    }
    changeset
}

/// The same for a row of a struct that is inserted.
pub(super) fn of_row<T: Schema>(row: T) -> Changeset<T> {
    as_found(row.into_changeset(), false)
}

impl<S: Schema, T: Schema> AssociationChange<S, T> {
    /// The change of a struct that is inserted along with the rows it holds.
    pub(super) fn of_rows(link: Link<S, T>, rows: Vec<T>, copy: Option<super::association::CopyChangeset<T>>) -> Self {
        let children = rows.into_iter().map(|row| Child::new(of_row(row), false)).collect();
        AssociationChange { link, children, replaced: Vec::new(), copy }
    }

    /// Whether the keys of its rows can be NULL.
    fn can_part(&self) -> bool {
        self.meta().kind == AssociationKind::BelongsTo
            || self.pairs().into_iter().all(|(_, target)| T::META.fields[target].nullable)
    }

    pub(super) fn boxed(self) -> Box<dyn Relation<S>> {
        Box::new(self)
    }
}
