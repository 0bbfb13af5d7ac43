//! Merging: two changesets of one row become one.

use super::{Changeable, Changeset, Last};

impl<S: Changeable + PartialEq> Changeset<S> {
    /// The changeset with all that another one of the same row has: params, changes, those of associations too, errors, validations, constraints, locks and
    /// what is to run before the write. Where both change a field, or have a param, the other's counts; an error that both have
    /// is there once.
    ///
    /// Changesets of different rows, for different actions or with different `empty_values` cannot be merged: that is an
    /// [`Error::Query`](crate::error::Error::Query) of the write.
    ///
    /// ```
    /// # use peristyle_query::{changeset::Changeset, schema::Schema};
    /// # fn example<User: Schema + PartialEq>(profile: Changeset<User>, account: Changeset<User>) -> Changeset<User> {
    /// profile.merge(account)
    /// # }
    /// ```
    pub fn merge(mut self, other: Self) -> Self {
        let name = S::shape().name;
        if self.data != other.data || self.origin != other.origin {
            self.refuse(format!("merge(..) takes two changesets of one {name}, and these are of different rows"));
        }
        match (self.action, other.action) {
            (Some(one), Some(two)) if one != two => {
                self.refuse(format!(
                    "merge(..) takes two changesets of a {name} for one action: one is for {one}, the other for {two}"
                ));
            }
            (own, others) => self.action = own.or(others),
        }
        if !self.empty_values.is_same(&other.empty_values) {
            self.refuse(format!(
                "merge(..) takes two changesets of a {name} with the same empty_values(..): give both a clone of one"
            ));
        }
        if let Some(problem) = other.problem {
            self.problem.get_or_insert(problem);
        }
        if let Some(params) = other.params {
            self.params.get_or_insert_default().extend(params);
        }
        for change in other.changes {
            self.forget(change.index);
            self.forget_relation(change.field.name);
            self.changes.push(change);
        }
        for relation in other.relations {
            self.changes.retain(|change| change.field.name != relation.name());
            self.set_relation(relation);
        }
        self.errors = with_new(self.errors, other.errors);
        self.required = with_new(self.required, other.required);
        self.permitted = with_new(self.permitted, other.permitted);
        self.validations.extend(other.validations);
        self.constraints.extend(other.constraints);
        for lock in other.locks {
            if self.locks.iter().all(|known| known.index != lock.index) {
                self.locks.push(lock);
            }
        }
        self.prepare.extend(other.prepare);
        self.force |= other.force;
        self.bare &= other.bare;
        self.last = Last::Errors(self.errors.len());
        self
    }
}

/// The list, and what another has that it has not.
fn with_new<T: PartialEq>(mut list: Vec<T>, others: Vec<T>) -> Vec<T> {
    for other in others {
        if !list.contains(&other) {
            list.push(other);
        }
    }
    list
}
