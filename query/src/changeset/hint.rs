//! What to write so that a violated constraint becomes an error of a field.

use super::constraint::{belongs_to, same_columns};
use crate::error::{ConstraintError, ConstraintKind};
use crate::schema::{AssociationKeys, AssociationMeta, SchemaMeta};

/// The line to add to a changeset of `shape`, and where a schema can say it instead, that too.
pub(super) fn hint(shape: &'static SchemaMeta, violated: &ConstraintError, bare: bool) -> String {
    let know = Known { shape, violated, variable: variable(shape.name) };
    let changeset =
        if violated.action == Some(super::Action::Insert) { "Changeset::build(row)" } else { "Changeset::of(row)" };
    if bare && know.by_schema() {
        return format!("a plain row has no fields to show errors at: with {changeset} it is an error of the field");
    }
    let Some(Advice { method, attribute }) = know.advice() else {
        return format!("{} has no field for it: add the column to the schema, or give it a default", shape.name);
    };
    let or = attribute.map(|attribute| format!(", or {attribute}")).unwrap_or_default();
    let goal = "to make it an error of the field";
    match bare {
        true => {
            format!("a plain row has no fields to show errors at: give a changeset of it, {changeset}{method}, {goal}")
        }
        false if violated.declared.is_empty() => {
            format!("the changeset declares no constraint: add {method} to it{or}, {goal}")
        }
        false => format!("none that is declared is this one: add {method} to the changeset{or}, {goal}"),
    }
}

struct Known<'v> {
    shape: &'static SchemaMeta,
    violated: &'v ConstraintError,
    variable: String,
}

/// The call on a changeset, and the attribute that does the same.
struct Advice {
    method: String,
    attribute: Option<String>,
}

impl Known<'_> {
    fn advice(&self) -> Option<Advice> {
        let Known { violated, .. } = self;
        let name = &violated.name;
        let own = violated.table.as_deref().is_none_or(|table| table == self.shape.table);
        let fields = if own { self.fields() } else { None };
        let plain = |method: String| Some(Advice { method, attribute: None });
        match violated.kind {
            // A column that has a field is known from the schema.
            ConstraintKind::NotNull => None,
            ConstraintKind::Check => plain(format!(".check_constraint({}, {name:?})", self.closure_or_first(fields))),
            ConstraintKind::Exclusion => plain(self.call("exclusion_constraint", fields)),
            ConstraintKind::Unique => {
                let attribute = fields.as_ref().map(|fields| match fields.as_slice() {
                    [one] => format!("#[schema(unique)] to {}.{one}", self.shape.name),
                    several => format!("#[schema(unique({}))] to {}", several.join(", "), self.shape.name),
                });
                Some(Advice { method: self.call("unique_constraint", fields), attribute })
            }
            ConstraintKind::ForeignKey => plain(match (self.pointing(), belongs_to(self.shape, &violated.columns)) {
                (Some(association), _) => {
                    format!(".no_assoc_constraint(|{0}| {0}.{1}())", self.variable, association.name)
                }
                (None, Some(association)) if own && !violated.still_referenced => {
                    format!(".assoc_constraint(|{0}| {0}.{1}())", self.variable, association.name)
                }
                (None, _) if violated.still_referenced => self.call("foreign_key_constraint", None),
                (None, _) => self.call("foreign_key_constraint", fields),
            }),
        }
    }

    /// Whether a changeset knows it from the schema, without a line of its own.
    fn by_schema(&self) -> bool {
        super::constraint::known(self.shape, self.violated).is_some()
    }

    /// The names of the fields of the violated columns, if they all have one.
    fn fields(&self) -> Option<Vec<&'static str>> {
        let field = |column: &String| {
            self.shape.fields.iter().find(|field| !field.is_virtual && field.column == *column).map(|field| field.name)
        };
        let fields: Vec<_> = self.violated.columns.iter().map(field).collect::<Option<_>>()?;
        (!fields.is_empty()).then_some(fields)
    }

    /// The association whose rows still point at the row.
    fn pointing(&self) -> Option<&'static AssociationMeta> {
        if !self.violated.still_referenced {
            return None;
        }
        let table = self.violated.table.as_deref()?;
        self.shape.associations.iter().find(|association| {
            let (schema, keys) = match &association.keys {
                AssociationKeys::Direct { target, .. } => (association.target.meta(), target),
                AssociationKeys::Join { schema, own, .. } => (schema.meta(), own),
                AssociationKeys::Through { .. } => return false,
            };
            let columns: Vec<&str> = schema.fields_or_key(keys).iter().map(|field| field.column).collect();
            schema.table == table && same_columns(&columns, &self.violated.columns)
        })
    }

    /// `.unique_constraint(|u| u.email)`; of an index without fields of its own, by its name and on some field.
    fn call(&self, method: &str, fields: Option<Vec<&'static str>>) -> String {
        match fields {
            Some(fields) => format!(".{method}({})", self.closure(&fields)),
            None => format!(".{method}({}).with_name({:?})", self.closure_or_first(None), self.violated.name),
        }
    }

    fn closure(&self, fields: &[&str]) -> String {
        let variable = &self.variable;
        match fields {
            [one] => format!("|{variable}| {variable}.{one}"),
            several => {
                let several: Vec<String> = several.iter().map(|field| format!("{variable}.{field}")).collect();
                format!("|{variable}| ({})", several.join(", "))
            }
        }
    }

    /// A closure of one field: the first of these, or the first of the struct's own that is no key.
    fn closure_or_first(&self, fields: Option<Vec<&'static str>>) -> String {
        let first = fields.and_then(|fields| fields.first().copied()).or_else(|| {
            let of_row = |(index, _): &(usize, _)| !self.shape.primary_key.contains(index);
            let some = self.shape.stored_fields().find(of_row).or_else(|| self.shape.stored_fields().next());
            some.map(|(_, field)| field.name)
        });
        self.closure(&[first.unwrap_or("field")])
    }
}

/// The letter that closures of a schema usually have.
fn variable(schema: &str) -> String {
    schema.chars().next().map_or_else(|| "x".to_owned(), |first| first.to_lowercase().to_string())
}
