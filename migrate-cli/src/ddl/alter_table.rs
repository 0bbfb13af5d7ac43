//! ALTER TABLE on Postgres: one statement with all changes, as far as renames allow.

use super::{Context, column, column_type, constraint, default, flag};
use crate::catalog::{Column, ForeignKey, ObjectName};
use crate::operation::{Alteration, ColumnChange, Commented, Constraint};
use peristyle_sql::quoted;

/// The statements so far, and the parts of the one that is being written.
struct Statements {
    table: ObjectName,
    done: Vec<String>,
    parts: Vec<String>,
    comments: Vec<String>,
    /// The columns and constraints that this statement adds. Postgres drops and changes types before it adds.
    added: Vec<String>,
}

impl Statements {
    /// Ends the statement, if what is changed next is only added by it.
    fn after_adding(&mut self, name: &str) {
        if self.added.iter().any(|added| added == name) {
            self.flush();
        }
    }

    /// Ends the statement that is being written.
    fn flush(&mut self) {
        if !self.parts.is_empty() {
            self.done.push(format!("ALTER TABLE {} {}", self.table.quoted(), self.parts.join(", ")));
            self.parts.clear();
        }
        self.done.append(&mut self.comments);
        self.added.clear();
    }
}

impl Context<'_> {
    pub(super) fn alter_on_postgres(self, table: &ObjectName, changes: &[Alteration]) -> Result<Vec<String>, String> {
        let mut statements = Statements {
            table: table.clone(),
            done: Vec::new(),
            parts: Vec::new(),
            comments: Vec::new(),
            added: Vec::new(),
        };
        for change in changes {
            self.alteration(change, &mut statements)?;
        }
        statements.flush();
        Ok(statements.done)
    }

    fn alteration(self, change: &Alteration, to: &mut Statements) -> Result<(), String> {
        match change {
            Alteration::AddColumn { column, primary_key, references, if_not_exists } => {
                let exists = flag(*if_not_exists, "IF NOT EXISTS ");
                to.added.push(column.name.clone());
                to.added.extend(references.iter().map(|key| key.name.clone()));
                to.parts.push(format!("ADD COLUMN {exists}{}", self.column(column, *primary_key)?));
                if let Some(key) = references {
                    to.parts.push(self.add_foreign_key(&to.table, key)?);
                }
                if *primary_key {
                    to.parts.push(format!("ADD PRIMARY KEY ({})", quoted(&column.name)));
                }
                if let Some(text) = &column.comment {
                    to.comments.extend(self.comment_on_column(&to.table, &column.name, Some(text))?);
                }
            }
            Alteration::ModifyColumn { name, to: change, from } => {
                to.after_adding(name);
                self.modify_column(name, change, from.as_deref(), to)?;
            }
            Alteration::DropColumn { name, if_exists, references, .. } => {
                to.after_adding(name);
                let exists = flag(*if_exists, "IF EXISTS ");
                if let Some(key) = references {
                    to.parts.push(format!("DROP CONSTRAINT {exists}{}", quoted(&key.name)));
                }
                to.parts.push(format!("DROP COLUMN {exists}{}", quoted(name)));
            }
            Alteration::RenameColumn { from, to: new } => {
                to.flush();
                to.parts.push(format!("RENAME COLUMN {} TO {}", quoted(from), quoted(new)));
                to.flush();
            }
            Alteration::AddConstraint(constraint) => {
                to.added.extend(constraint.name().map(str::to_owned));
                let not_valid = flag(constraint::not_valid(constraint), " NOT VALID");
                to.parts.push(format!("ADD {}{not_valid}", self.constraint(&to.table, constraint)?));
                if let Some((name, text)) = constraint::comment(constraint) {
                    let on = Commented::Constraint(to.table.clone(), name.to_owned());
                    to.comments.extend(self.comment(&on, Some(text))?);
                }
            }
            Alteration::ValidateConstraint { name } => to.parts.push(format!("VALIDATE CONSTRAINT {}", quoted(name))),
            Alteration::DropConstraint { name, if_exists, cascade, .. } => {
                to.after_adding(name);
                let exists = flag(*if_exists, "IF EXISTS ");
                to.parts.push(format!("DROP CONSTRAINT {exists}{}{}", quoted(name), flag(*cascade, " CASCADE")));
            }
            Alteration::RenameConstraint { from, to: new } => {
                to.flush();
                to.parts.push(format!("RENAME CONSTRAINT {} TO {}", quoted(from), quoted(new)));
                to.flush();
            }
        }
        Ok(())
    }

    fn add_foreign_key(self, table: &ObjectName, key: &ForeignKey) -> Result<String, String> {
        let constraint = Constraint::ForeignKey(key.clone());
        let not_valid = flag(key.not_valid, " NOT VALID");
        Ok(format!("ADD {}{not_valid}", self.constraint(table, &constraint)?))
    }

    fn modify_column(
        self,
        name: &str,
        change: &ColumnChange,
        from: Option<&ColumnChange>,
        to: &mut Statements,
    ) -> Result<(), String> {
        let column = format!("ALTER COLUMN {}", quoted(name));
        let former = from.and_then(|from| from.references.as_deref());
        let references = change.references.as_deref();
        if let Some(key) = former
            && former != references
        {
            to.parts.push(format!("DROP CONSTRAINT {}", quoted(&key.name)));
        }
        if let Some(new) = &change.column_type {
            let new = column_type::without_sequence(new).clone();
            let typed = Column { collation: change.collation.clone(), ..Column::new(name, new) };
            let using = change.using.as_ref().map(|using| format!(" USING {using}")).unwrap_or_default();
            to.parts.push(format!("{column} TYPE {}{using}", self.type_and_collation(&typed)));
        } else if change.collation.is_some() {
            return Err(format!("column \"{name}\": a collation changes together with the type; give the type too"));
        } else if change.using.is_some() {
            return Err(format!("column \"{name}\": `using` needs the type that it makes; give the type too"));
        }
        if let Some(key) = references
            && former != references
        {
            to.parts.push(self.add_foreign_key(&to.table, key)?);
        }
        if let Some(nullable) = change.nullable {
            to.parts.push(format!("{column} {} NOT NULL", if nullable { "DROP" } else { "SET" }));
        }
        match &change.default {
            None => {}
            Some(None) => to.parts.push(format!("{column} DROP DEFAULT")),
            Some(Some(crate::catalog::Default::List(_))) if change.column_type.is_none() => {
                return Err(format!("column \"{name}\": a list is a default of a type; give the type too"));
            }
            Some(Some(value)) => {
                let unknown = crate::catalog::ColumnType::Text;
                let of = change.column_type.as_ref().unwrap_or(&unknown);
                let value = default::expression(value, of, self.dialect)
                    .map_err(|message| format!("column \"{name}\": {message}"))?;
                to.parts.push(format!("{column} SET DEFAULT {value}"));
            }
        }
        if let Some(text) = &change.comment {
            to.comments.extend(self.comment_on_column(&to.table, name, text.as_deref())?);
        }
        Ok(())
    }
}

/// Whether a change of a column alone would change nothing.
pub(super) fn is_empty(change: &ColumnChange) -> bool {
    *change == ColumnChange::default()
}

/// Whether a column takes its values from the database.
pub(super) fn fills_itself(each: &Column) -> bool {
    column::numbered(each) || each.generated.is_some()
}
