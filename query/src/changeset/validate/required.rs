//! Fields that must not be blank.

use crate::changeset::cast::blank;
use crate::changeset::{Changeable, Changeset, FieldList, Last};

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
