//! Constraints, as CREATE TABLE and ADD have them.

use super::{Context, flag, names};
use crate::catalog::{Check, Exclusion, ForeignKey, Match, ObjectName, PrimaryKey, ReferentialAction, Unique};
use crate::operation::Constraint;
use peristyle_sql::quoted;

impl Context<'_> {
    /// A constraint, without `NOT VALID`.
    pub(super) fn constraint(self, table: &ObjectName, constraint: &Constraint) -> Result<String, String> {
        match constraint {
            Constraint::ForeignKey(key) => self.foreign_key(table, key),
            Constraint::Unique(unique) => self.unique(unique),
            Constraint::Check(check) => Ok(self.check(check)),
            Constraint::Exclusion(exclusion) => self.exclusion(exclusion),
            Constraint::PrimaryKey(key) => Ok(self.primary_key(key)),
        }
    }

    pub(super) fn foreign_key(self, table: &ObjectName, key: &ForeignKey) -> Result<String, String> {
        let columns = format!("FOREIGN KEY ({}) ", names(&key.columns));
        Ok(format!("{}{columns}{}", named(Some(&key.name)), self.references(table, key)?))
    }

    /// What follows the columns of a foreign key.
    pub(super) fn references(self, table: &ObjectName, key: &ForeignKey) -> Result<String, String> {
        let refused = |message: String| Err(format!("foreign key \"{}\": {message}", key.name));
        let target = if self.sqlite() {
            if key.table.prefix.is_some() && key.table.prefix != table.prefix {
                return refused(format!("SQLite's keys cannot point at {}, in another file", key.table));
            }
            if key.matching == Match::Full {
                return refused(
                    "SQLite has no MATCH FULL; add a check that all of its columns are NULL or none".into(),
                );
            }
            quoted(&key.table.name)
        } else {
            key.table.quoted()
        };
        let mut sql = format!("REFERENCES {target}");
        if !key.references.is_empty() {
            sql.push_str(&format!("({})", names(&key.references)));
        }
        sql.push_str(flag(key.matching == Match::Full, " MATCH FULL"));
        for (event, action) in [("DELETE", &key.on_delete), ("UPDATE", &key.on_update)] {
            if self.sqlite()
                && let ReferentialAction::SetNullColumns(_) | ReferentialAction::SetDefaultColumns(_) = action
            {
                return refused(format!("SQLite sets all of its columns ON {event}, not some"));
            }
            if let Some(text) = action_text(action) {
                sql.push_str(&format!(" ON {event} {text}"));
            }
        }
        sql.push_str(deferral(key.deferrable, key.initially_deferred));
        Ok(sql)
    }

    pub(super) fn unique(self, unique: &Unique) -> Result<String, String> {
        if unique.nulls_not_distinct {
            self.only_postgres("unique constraints where two NULLs are equal", "; index an expression instead")?;
        }
        if unique.deferrable || unique.initially_deferred {
            self.only_postgres("unique constraints that wait for COMMIT", "")?;
        }
        Ok(format!(
            "{}UNIQUE {}({}){}",
            named(unique.name.as_ref()),
            flag(unique.nulls_not_distinct, "NULLS NOT DISTINCT "),
            names(&unique.columns),
            deferral(unique.deferrable, unique.initially_deferred)
        ))
    }

    pub(super) fn check(self, check: &Check) -> String {
        format!("{}CHECK ({})", named(check.name.as_ref()), check.condition)
    }

    pub(super) fn exclusion(self, exclusion: &Exclusion) -> Result<String, String> {
        self.only_postgres("exclusion constraints", "; write a trigger that refuses the rows")?;
        Ok(format!("{}EXCLUDE {}", named(Some(&exclusion.name)), exclusion.definition))
    }

    pub(super) fn primary_key(self, key: &PrimaryKey) -> String {
        format!("{}PRIMARY KEY ({})", named(key.name.as_ref()), names(&key.columns))
    }
}

fn named(name: Option<&String>) -> String {
    match name {
        Some(name) if !name.is_empty() => format!("CONSTRAINT {} ", quoted(name)),
        _ => String::new(),
    }
}

fn deferral(deferrable: bool, initially_deferred: bool) -> &'static str {
    match (deferrable, initially_deferred) {
        (_, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        (false, false) => "",
    }
}

fn action_text(action: &ReferentialAction) -> Option<String> {
    Some(match action {
        ReferentialAction::Nothing => return None,
        ReferentialAction::Restrict => "RESTRICT".to_owned(),
        ReferentialAction::Cascade => "CASCADE".to_owned(),
        ReferentialAction::SetNull => "SET NULL".to_owned(),
        ReferentialAction::SetDefault => "SET DEFAULT".to_owned(),
        ReferentialAction::SetNullColumns(columns) => format!("SET NULL ({})", names(columns)),
        ReferentialAction::SetDefaultColumns(columns) => format!("SET DEFAULT ({})", names(columns)),
    })
}

/// Whether the rows from before the constraint are not checked.
pub(super) fn not_valid(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::ForeignKey(key) => key.not_valid,
        Constraint::Check(check) => check.not_valid,
        _ => false,
    }
}

/// The comment of a constraint, with its name.
pub(super) fn comment(constraint: &Constraint) -> Option<(&str, &str)> {
    let text = match constraint {
        Constraint::ForeignKey(key) => key.comment.as_deref(),
        Constraint::Unique(unique) => unique.comment.as_deref(),
        Constraint::Check(check) => check.comment.as_deref(),
        Constraint::Exclusion(exclusion) => exclusion.comment.as_deref(),
        Constraint::PrimaryKey(_) => None,
    };
    Some((constraint.name()?, text?))
}
