//! Associations between schemas, as metadata.

use super::{FieldMeta, SchemaMeta};
use crate::query::ast::{Expression, OrderTerm};
use std::fmt;

/// The schema that an association leads to; a function, since schemas point at each other.
#[derive(Clone, Copy)]
pub struct Target(pub fn() -> &'static SchemaMeta);

impl Target {
    /// The schema.
    pub fn meta(self) -> &'static SchemaMeta {
        (self.0)()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meta().name)
    }
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.meta(), other.meta())
    }
}

/// A part of a statement that an attribute gives, made when it is needed. Two are equal if they give the same.
#[derive(Clone, Copy)]
pub struct Lazy<T>(pub fn() -> T);

impl<T: fmt::Debug> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)().fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Lazy<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.0)() == (other.0)()
    }
}

/// The kind of an association.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AssociationKind {
    BelongsTo,
    HasOne,
    HasMany,
    ManyToMany,
}

/// Everything that `#[schema(..)]` says of an association.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct AssociationMeta {
    /// The name of the struct that has it.
    pub owner: &'static str,
    /// The name of the field.
    pub name: &'static str,
    /// The kind.
    pub kind: AssociationKind,
    /// The schema that it leads to.
    pub target: Target,
    /// Whether a to-one association may lead to no row.
    pub optional: bool,
    /// Which columns hold it together.
    pub keys: AssociationKeys,
    /// The condition that its rows meet, over the target alone.
    pub filter: Option<Lazy<Expression>>,
    /// The order in which a preload gives its rows: over the target and, at [`Binding::BETWEEN`], the rows between of a
    /// many-to-many association.
    ///
    /// [`Binding::BETWEEN`]: crate::query::ast::Binding::BETWEEN
    pub order: Option<Lazy<Vec<OrderTerm>>>,
    /// What a delete does to the associated rows; of a belongs-to association, what the database does to this one.
    pub on_delete: AssociationDelete,
    /// What a write does to associated rows that it leaves out.
    pub on_replace: AssociationReplace,
    /// Whether a many-to-many association holds a row once at most.
    pub unique: bool,
}

impl AssociationMeta {
    /// Metadata of an association, to be completed in a `const`.
    pub const fn new(
        owner: &'static str,
        name: &'static str,
        kind: AssociationKind,
        target: Target,
        keys: AssociationKeys,
    ) -> Self {
        let (on_delete, on_replace) = (AssociationDelete::Nothing, AssociationReplace::Raise);
        AssociationMeta {
            owner,
            name,
            kind,
            target,
            optional: true,
            keys,
            filter: None,
            order: None,
            on_delete,
            on_replace,
            unique: false,
        }
    }

    /// Whether it leads to one row at most.
    pub const fn is_to_one(&self) -> bool {
        matches!(self.kind, AssociationKind::BelongsTo | AssociationKind::HasOne)
    }

    /// The steps from the owner's table to the target's, each from one table to the next.
    ///
    /// `owner` is the schema that has the association. A name in a `through` that does not exist ends the walk; the derive
    /// checks them.
    pub fn hops(&'static self, owner: &'static SchemaMeta) -> Vec<Hop> {
        let target = self.target.meta();
        let filters: Vec<fn() -> Expression> = self.filter.iter().map(|filter| filter.0).collect();
        match &self.keys {
            AssociationKeys::Direct { own, target: keys } => {
                vec![Hop { from: owner.fields_or_key(own), to: target, keys: target.fields_or_key(keys), filters }]
            }
            AssociationKeys::Join { schema, own, references, target: keys } => {
                let join = schema.meta();
                let from = owner.fields_or_key(references);
                let key = target.key_fields().map(|(_, field)| field).collect();
                vec![
                    Hop { from, to: join, keys: join.fields_or_key(own), filters: Vec::new() },
                    Hop { from: join.fields_or_key(keys), to: target, keys: key, filters },
                ]
            }
            AssociationKeys::Through { path } => {
                let mut hops = Vec::new();
                let mut schema = owner;
                for name in *path {
                    let Some(association) = schema.association(name) else { break };
                    hops.extend(association.hops(schema));
                    schema = association.target.meta();
                }
                if let Some(last) = hops.last_mut() {
                    last.filters.extend(filters);
                }
                hops
            }
        }
    }
}

/// Which columns hold an association together, by the names of fields. An empty list is the primary key.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum AssociationKeys {
    /// Fields of the owner equal fields of the target.
    Direct { own: &'static [&'static str], target: &'static [&'static str] },
    /// Rows of a join table point at both.
    Join {
        schema: Target,
        /// The join table's fields that point at the owner's `references`.
        own: &'static [&'static str],
        references: &'static [&'static str],
        /// The join table's fields that point at the target's key.
        target: &'static [&'static str],
    },
    /// A chain of associations: the first of the owner, each further one of the target before.
    Through { path: &'static [&'static str] },
}

/// What `repo.delete` does to associated rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssociationDelete {
    /// They stay as they are.
    #[default]
    Nothing,
    /// They are deleted; of a many-to-many association, the rows of the join table.
    DeleteAll,
    /// Their keys become NULL.
    NilifyAll,
    /// Of a belongs-to association: the database deletes this row with the one that it belongs to.
    Cascade,
    /// Of a belongs-to association: the database sets this row's key to NULL.
    SetNull,
    /// Of a belongs-to association: the database refuses to delete the row that this one belongs to.
    Restrict,
}

/// What a write does to associated rows that it leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssociationReplace {
    /// It is refused as a mistake of the program.
    #[default]
    Raise,
    /// It is refused as invalid input.
    MarkAsInvalid,
    /// Their keys become NULL.
    Nilify,
    /// They are deleted; of a many-to-many association, the rows of the join table.
    Delete,
    /// The same, and one that is gone already is no error.
    DeleteIfExists,
    /// They are changed instead.
    Update,
}

/// One step from a table to the next: `from` of the one equal `keys` of the other.
#[derive(Clone)]
pub struct Hop {
    /// The key fields of the table that the step leaves.
    pub from: Vec<&'static FieldMeta>,
    /// The table that it reaches.
    pub to: &'static SchemaMeta,
    /// The key fields of that table.
    pub keys: Vec<&'static FieldMeta>,
    /// The conditions that the reached rows meet.
    pub filters: Vec<fn() -> Expression>,
}

impl SchemaMeta {
    /// The association of this name.
    pub fn association(&self, name: &str) -> Option<&'static AssociationMeta> {
        self.associations.iter().find(|association| association.name == name)
    }

    /// The positions of the fields of these names, or of the primary key if there are none.
    pub(crate) fn positions_or_key(&self, names: &[&str]) -> Vec<usize> {
        if names.is_empty() {
            return self.primary_key.to_vec();
        }
        names.iter().filter_map(|name| self.fields.iter().position(|field| field.name == *name)).collect()
    }

    /// The fields of these names, or the primary key if there are none.
    pub(crate) fn fields_or_key(&self, names: &[&str]) -> Vec<&'static FieldMeta> {
        if names.is_empty() {
            return self.key_fields().map(|(_, field)| field).collect();
        }
        names.iter().filter_map(|name| self.field(name)).collect()
    }
}
