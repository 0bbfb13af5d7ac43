//! Constraints: a refusal by the database becomes an error of a field.

use super::{Changeable, Changeset, FieldError, FieldList, Found, Last};
use crate::error::{ConstraintError, ConstraintKind};
use crate::schema::{AssociationKeys, AssociationKind, AssociationMeta, SchemaMeta};
use std::borrow::Cow;
use std::fmt;

/// A constraint of the database, and the error that a violation of it becomes.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(super) kind: ConstraintKind,
    /// The table that it is of, if not the changeset's own.
    pub(super) table: Option<&'static str>,
    pub(super) columns: Vec<&'static str>,
    pub(super) name: Option<Name>,
    pub(super) field: Cow<'static, str>,
    /// What the metadata of the error calls it.
    pub(super) called: &'static str,
    pub(super) message: Cow<'static, str>,
}

/// A name that was given to a constraint, and how it is compared.
#[derive(Clone, Debug)]
pub(super) enum Name {
    Exact(Cow<'static, str>),
    Prefix(Cow<'static, str>),
    Suffix(Cow<'static, str>),
}

impl Name {
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Name::Exact(own) => name == *own,
            Name::Prefix(own) => name.starts_with(&**own),
            Name::Suffix(own) => name.ends_with(&**own),
        }
    }
}

impl Constraint {
    /// Whether it is the violated one: by its name if it was given one, else by table and columns.
    pub(super) fn matches(&self, error: &ConstraintError, own_table: &str) -> bool {
        if self.kind != error.kind {
            return false;
        }
        match &self.name {
            Some(name) => name.matches(&error.name),
            // One foreign key of a table to itself is two constraints: of the rows that point and of those pointed at.
            None if error.still_referenced != (self.called == "no_assoc") => false,
            None => {
                let table = self.table.unwrap_or(own_table);
                let columns = same_columns(&self.columns, &error.columns);
                // A store that knows the constraint but not its columns names it, and names follow the columns.
                let by_default_name = error.columns.is_empty() && error.name == default_name(table, self);
                error.table.as_deref().is_none_or(|of| of == table) && (columns || by_default_name)
            }
        }
    }

    /// The field that gets the error, and the error.
    pub(super) fn field_error(&self, violated: &ConstraintError) -> (Cow<'static, str>, FieldError) {
        let error = FieldError::new(self.message.clone()).with("constraint", self.called);
        let error =
            if violated.name.is_empty() { error } else { error.with("constraint_name", violated.name.as_str()) };
        (self.field.clone(), error)
    }
}

/// The declaration in words, for a message that says what was declared.
impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.called {
            "foreign" => "foreign_key",
            called => called,
        };
        let of = if matches!(self.called, "assoc" | "no_assoc") { &*self.field } else { &self.columns.join(", ") };
        write!(f, "{method}_constraint({of})")?;
        match &self.name {
            Some(Name::Exact(name)) => write!(f, " named {name:?}"),
            Some(Name::Prefix(name)) => write!(f, " named \"{name}..\""),
            Some(Name::Suffix(name)) => write!(f, " named \"..{name}\""),
            None => Ok(()),
        }
    }
}

/// The name that a migration gives to such a constraint.
pub(super) fn default_name(table: &str, constraint: &Constraint) -> String {
    let end = match constraint.kind {
        ConstraintKind::Unique => "index",
        ConstraintKind::ForeignKey => "fkey",
        ConstraintKind::Exclusion => "exclusion",
        _ => return String::new(),
    };
    format!("{table}_{}_{end}", constraint.columns.join("_"))
}

pub(super) fn same_columns(own: &[&str], violated: &[String]) -> bool {
    !own.is_empty() && own.len() == violated.len() && violated.iter().all(|column| own.contains(&column.as_str()))
}

impl<S: Changeable> Changeset<S> {
    /// Makes a violation of the unique index over these columns the error "has already been taken" of the first of them.
    ///
    /// It is told by the table and the columns, whatever its name; an index over an expression has no such columns and
    /// needs [`with_name`](Changeset::with_name).
    /// What the schema says of itself (`unique`, primary keys, foreign keys, NOT NULL) needs no such line.
    pub fn unique_constraint<L: FieldList<S>>(self, fields: impl FnOnce(S::Fields) -> L) -> Self {
        self.constraint(ConstraintKind::Unique, "unique", "has already been taken", fields)
    }

    /// Makes a violation of the foreign key of these columns the error "does not exist" of the first of them.
    ///
    /// With the name of a foreign key of another table ([`with_name`](Changeset::with_name)) it stands for a refusal to
    /// delete the row, as [`no_assoc_constraint`](Changeset::no_assoc_constraint) does for an association.
    pub fn foreign_key_constraint<L: FieldList<S>>(self, fields: impl FnOnce(S::Fields) -> L) -> Self {
        self.constraint(ConstraintKind::ForeignKey, "foreign", "does not exist", fields)
    }

    /// Makes a violation of the check constraint of this name the error "is invalid" of a field.
    ///
    /// A check is told by its name alone, since many may be about the same columns.
    pub fn check_constraint<L: FieldList<S>>(
        self,
        fields: impl FnOnce(S::Fields) -> L,
        name: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.constraint(ConstraintKind::Check, "check", "is invalid", fields).with_name(name)
    }

    /// Makes a violation of an exclusion constraint over these columns the error "violates an exclusion constraint" of the
    /// first of them.
    ///
    /// An exclusion over an expression, such as a range of two columns, needs [`with_name`](Changeset::with_name).
    pub fn exclusion_constraint<L: FieldList<S>>(self, fields: impl FnOnce(S::Fields) -> L) -> Self {
        self.constraint(ConstraintKind::Exclusion, "exclusion", "violates an exclusion constraint", fields)
    }

    /// Gives the constraint that the last method declared its name in the database: it is then told by the name, not by its
    /// columns.
    pub fn with_name(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.named("with_name", Name::Exact(name.into()))
    }

    /// As [`with_name`](Changeset::with_name), for names that begin so.
    pub fn with_name_prefix(self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.named("with_name_prefix", Name::Prefix(prefix.into()))
    }

    /// As [`with_name`](Changeset::with_name), for names that end so.
    pub fn with_name_suffix(self, suffix: impl Into<Cow<'static, str>>) -> Self {
        self.named("with_name_suffix", Name::Suffix(suffix.into()))
    }

    /// Puts the error of the constraint that the last method declared on another field, or on a name of its own.
    pub fn with_error_on(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        match self.last {
            Last::Constraint(place) => self.constraints[place].field = field.into(),
            Last::Errors(_) => self.refuse("with_error_on(..) comes right after a constraint".to_owned()),
        }
        self
    }

    fn named(mut self, method: &str, name: Name) -> Self {
        match self.last {
            Last::Constraint(place) => self.constraints[place].name = Some(name),
            Last::Errors(_) => self.refuse(format!("{method}(..) comes right after a constraint")),
        }
        self
    }

    fn constraint<L: FieldList<S>>(
        mut self,
        kind: ConstraintKind,
        called: &'static str,
        message: &'static str,
        fields: impl FnOnce(S::Fields) -> L,
    ) -> Self {
        let fields = self.field_list(fields);
        if let Some(first) = fields.first() {
            let columns = fields.iter().map(|found| found.meta.column).collect();
            let field = first.meta.name.into();
            self.declare(Constraint { kind, table: None, columns, name: None, field, called, message: message.into() });
        }
        self
    }

    pub(super) fn declare(&mut self, constraint: Constraint) {
        self.last = Last::Constraint(self.constraints.len());
        self.constraints.push(constraint);
    }

    /// Makes a violated constraint an error of a field, if it is declared here or known from the schema.
    pub(crate) fn violated(&mut self, violated: &ConstraintError) -> bool {
        let shape = S::shape();
        let declared = self.constraints.iter().find(|constraint| constraint.matches(violated, shape.table));
        let found = match declared {
            Some(constraint) => Some(constraint.field_error(violated)),
            None => known(shape, violated).map(|constraint| constraint.field_error(violated)),
        };
        match found {
            Some((field, error)) => {
                self.errors.push((field, error));
                self.refused.push(violated.columns.clone());
                true
            }
            None => false,
        }
    }

    /// The violated constraint, which the changeset does not know, with what would make it an error of a field.
    pub(crate) fn unknown(&self, violated: &mut ConstraintError) {
        violated.action = self.action;
        violated.declared = self.constraints.iter().map(Constraint::to_string).collect();
        violated.hint = Some(super::hint::hint(S::shape(), violated, self.bare));
    }
}

/// The belongs-to association whose key these columns are.
pub(super) fn belongs_to(shape: &'static SchemaMeta, columns: &[String]) -> Option<&'static AssociationMeta> {
    shape.associations.iter().find(|association| {
        let AssociationKeys::Direct { own, .. } = &association.keys else { return false };
        let own: Vec<&str> = shape.fields_or_key(own).iter().map(|field| field.column).collect();
        association.kind == AssociationKind::BelongsTo && same_columns(&own, columns)
    })
}

/// The constraint that the schema itself tells of.
pub(super) fn known(shape: &'static SchemaMeta, violated: &ConstraintError) -> Option<Constraint> {
    if violated.table.as_deref() != Some(shape.table) || violated.still_referenced {
        return None;
    }
    let field_of = |column: &str| shape.fields.iter().position(|field| !field.is_virtual && field.column == column);
    let columns: Vec<Found> = violated
        .columns
        .iter()
        .map(|column| field_of(column).map(|index| Found { index, meta: &shape.fields[index] }))
        .collect::<Option<_>>()?;
    let first = columns.first()?.meta;
    let constraint = |called, message: &'static str, columns: &[&'static str]| Constraint {
        kind: violated.kind,
        table: None,
        columns: columns.to_vec(),
        name: None,
        field: first.name.into(),
        called,
        message: message.into(),
    };
    match violated.kind {
        ConstraintKind::Unique => {
            let key: Vec<&str> = shape.key_fields().map(|(_, field)| field.column).collect();
            let index =
                shape.indexes.iter().find(|index| index.unique && same_columns(index.columns, &violated.columns));
            let columns = match index {
                Some(index) => index.columns,
                None if same_columns(&key, &violated.columns) => &key,
                None => return None,
            };
            let mut constraint = constraint("unique", "has already been taken", columns);
            // The first column of the index, in whatever order the database names them.
            let first = columns.first().and_then(|column| field_of(column));
            if let Some(first) = first {
                constraint.field = shape.fields[first].name.into();
            }
            Some(constraint)
        }
        ConstraintKind::ForeignKey => {
            let of_field = columns.len() == 1 && first.references.is_some();
            let of_association = belongs_to(shape, &violated.columns).is_some();
            (of_field || of_association).then(|| constraint("foreign", "does not exist", &[first.column]))
        }
        ConstraintKind::NotNull => {
            Some(Constraint { called: "not_null", ..constraint("not_null", "can't be blank", &[first.column]) })
        }
        _ => None,
    }
}
