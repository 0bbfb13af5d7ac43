//! Constraints that tie rows of an association together.

use super::AssociationOf;
use crate::changeset::Changeset;
use crate::changeset::constraint::Constraint;
use crate::error::ConstraintKind;
use crate::expr::NotNull;
use crate::schema::{AssociationKeys, Schema};

impl<S: Schema> Changeset<S> {
    /// Makes a violation of the foreign key of a belongs-to association the error "does not exist", under the association's
    /// name.
    pub fn assoc_constraint<A: AssociationOf<S>>(
        mut self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
    ) -> Self {
        let Some(link) = self.one_association(association) else { return self };
        if let AssociationKeys::Direct { own, .. } = &link.meta().keys {
            let columns = S::META.fields_or_key(own).iter().map(|field| field.column).collect();
            self.declare(Constraint::of_association(link.meta().name, "assoc", "does not exist", None, columns));
        }
        self
    }

    /// Makes a refusal to delete the row, because rows of a has-one or has-many association still point at it, an error under
    /// the association's name.
    pub fn no_assoc_constraint<A: AssociationOf<S>>(
        mut self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
    ) -> Self {
        let Some(link) = self.one_association(association) else { return self };
        let meta = link.meta();
        let (table, columns) = match &meta.keys {
            AssociationKeys::Direct { target, .. } => (meta.target.meta(), target),
            AssociationKeys::Join { schema, own, .. } => (schema.meta(), own),
            AssociationKeys::Through { .. } => return self,
        };
        let columns = table.fields_or_key(columns).iter().map(|field| field.column).collect();
        let message = if meta.is_to_one() {
            "is still associated with this entry"
        } else {
            "are still associated with this entry"
        };
        self.declare(Constraint::of_association(meta.name, "no_assoc", message, Some(table.table), columns));
        self
    }
}

impl Constraint {
    fn of_association(
        name: &'static str,
        called: &'static str,
        message: &'static str,
        table: Option<&'static str>,
        columns: Vec<&'static str>,
    ) -> Self {
        let kind = ConstraintKind::ForeignKey;
        Constraint { kind, table, columns, name: None, field: name.into(), called, message: message.into() }
    }
}
