//! Fields that must not be blank.

use crate::changeset::cast::blank;
use crate::changeset::{AssociationOf, Changeable, Changeset, FieldList, Last, Origin};
use crate::expr::NotNull;
use crate::schema::{Loadable, Schema};

impl<S: Changeable> Changeset<S> {
    /// Adds the error "can't be blank" to each of these fields that would be blank: NULL, or a value that counts as none, such
    /// as an empty text. A field that is not changed counts with the value that it has.
    ///
    /// A field that has another error already gets no second one.
    pub fn validate_required<L: FieldList<S>>(mut self, fields: impl FnOnce(S::Fields) -> L) -> Self {
        let fields = self.field_list(fields);
        // What casting said of a blank field is said here again, so that it can have a message of its own.
        let listed = |name: &str| fields.iter().any(|found| found.meta.name == name);
        let said = self.errors.extract_if(.., |(name, error)| *error == blank() && listed(name));
        let said: Vec<_> = said.map(|(name, _)| name).collect();
        self.last = Last::Errors(self.errors.len());
        for found in fields {
            let name = found.meta.name;
            if !self.required.contains(&name) {
                self.required.push(name);
            }
            if (self.is_blank(found) || said.iter().any(|blank| blank == name)) && !self.has_error(name) {
                self.forget(found.index);
                self.push_error(name, blank());
            }
        }
        self
    }
}

impl<S: Schema> Changeset<S> {
    /// Adds the error "can't be blank" to an association that would hold no row: one that is given none, or that is given
    /// nothing and holds none.
    pub fn validate_required_assoc<A: AssociationOf<S>>(
        mut self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
    ) -> Self
    where
        A::Target: Clone,
    {
        self.last = Last::Errors(self.errors.len());
        let Some(link) = self.one_association(association) else { return self };
        let name = link.meta().name;
        if !self.required.contains(&name) {
            self.required.push(name);
        }
        let blank_now = match self.relation(name) {
            Some(relation) => relation.is_empty(),
            None => match link.rows(&mut self.data) {
                Loadable::Loaded(rows) | Loadable::Partial(rows) => rows.is_empty(),
                Loadable::NotLoaded(_) => self.origin == Origin::New,
            },
        };
        if blank_now && !self.has_error(name) {
            self.forget_relation(name);
            self.push_error(name, blank());
        }
        self
    }
}
