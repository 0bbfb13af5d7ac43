//! A migration in Rust, as the runner takes it.

use super::error::MigrateError;
use super::script::{Script, Sql, Step, flavor};
use super::version_table::Content;
use super::{Direction, MigrationId, prefix};
use crate::catalog::Catalog;
use crate::ddl;
use crate::dsl::{self, DslError, Recorded, RustMigration};
use crate::operation::Operation;
use peristyle_migration_files::checksum_of;
use peristyle_query::statement::Dialect;
use std::fmt;
use std::time::Duration;

/// A migration in Rust, recorded.
pub(crate) struct Rust {
    recorded: Result<Recorded, DslError>,
    transaction: bool,
    lock_timeout: Option<Duration>,
    type_name: &'static str,
}

impl fmt::Debug for Rust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name)
    }
}

impl Rust {
    pub(crate) fn new(migration: &dyn RustMigration, type_name: &'static str) -> Self {
        Rust {
            recorded: migration.record(),
            transaction: migration.transaction(),
            lock_timeout: migration.lock_timeout(),
            type_name,
        }
    }

    /// Where it stands, for messages.
    pub(crate) fn place(&self) -> String {
        format!("Rust, {}", self.type_name)
    }

    pub(crate) fn mistake(&self) -> Option<&DslError> {
        self.recorded.as_ref().err()
    }

    fn steps(&self, id: &MigrationId, direction: Direction) -> Result<&[dsl::Step], MigrateError> {
        let recorded = self.recorded.as_ref().map_err(|error| MigrateError::Rust(vec![error.clone()]))?;
        match (direction, &recorded.down) {
            (Direction::Up, _) => Ok(&recorded.up),
            (Direction::Down, Ok(down)) => Ok(down),
            (Direction::Down, Err(irreversible)) => {
                let reason = format!("{}: {irreversible}", self.place());
                Err(MigrateError::Irreversible { migration: id.clone(), reason })
            }
        }
    }

    /// What runs in a direction. Postgres's statements are known before; SQLite's depend on the tables.
    pub(crate) fn script(
        &self,
        id: &MigrationId,
        direction: Direction,
        dialect: Dialect,
        prefix: Option<&str>,
    ) -> Result<Script, MigrateError> {
        let refused = |reason: String| MigrateError::Refused { migration: id.clone(), reason };
        let mut steps = Vec::new();
        let mut foreign_keys_off = false;
        for step in self.steps(id, direction)? {
            let mut operation = match step {
                dsl::Step::Data(data) => {
                    steps.push(Step::Data(data.clone()));
                    continue;
                }
                dsl::Step::Operation(operation) => operation.clone(),
            };
            if let Some(prefix) = prefix {
                prefix::apply(&mut operation, prefix).map_err(|name| {
                    refused(format!(
                        "it runs for the prefix {prefix:?}, and `{}` names {name}: leave the prefix out there",
                        operation_call(step)
                    ))
                })?;
            }
            foreign_keys_off |= ddl::may_need_foreign_keys_off(&operation, dialect);
            if dialect == Dialect::Postgres {
                let rendered = ddl::render(&operation, dialect, &Catalog::default());
                let rendered = rendered.map_err(|error| refused(error.to_string()))?;
                steps.extend(rendered.statements.into_iter().map(|text| Step::Sql(Sql { text, start: None })));
            } else {
                steps.push(Step::Operation(Box::new(operation)));
            }
        }
        Ok(Script { steps, transaction: self.transaction, lock_timeout: self.lock_timeout, foreign_keys_off })
    }

    /// What it does, to be kept beside its version: its operations as SQL, for no prefix and no tables.
    pub(crate) fn content(&self, id: &MigrationId, dialect: Dialect) -> Result<Content, MigrateError> {
        let up = text(self.steps(id, Direction::Up)?, dialect);
        let down = self.steps(id, Direction::Down).ok().map(|steps| text(steps, dialect));
        let sum = |text: &String| {
            let sum = checksum_of(text, flavor(dialect));
            sum.map_err(|error| MigrateError::Refused { migration: id.clone(), reason: error.to_string() })
        };
        Ok(Content {
            checksum_up: Some(sum(&up)?),
            checksum_down: down.as_ref().map(sum).transpose()?,
            script_up: Some(up),
            script_down: down,
        })
    }
}

fn operation_call(step: &dsl::Step) -> String {
    match step {
        dsl::Step::Operation(operation) => operation.call(),
        dsl::Step::Data(_) => "m.data(..)".to_owned(),
    }
}

/// The steps as SQL. What needs the tables to be rendered for SQLite stands there as Postgres has it.
fn text(steps: &[dsl::Step], dialect: Dialect) -> String {
    let none = Catalog::default();
    let of_operation = |operation: &Operation| {
        let rendered =
            ddl::render(operation, dialect, &none).or_else(|_| ddl::render(operation, Dialect::Postgres, &none));
        match rendered {
            Ok(rendered) => rendered.statements.join(";\n"),
            Err(_) => peristyle_sql::text_literal(&operation.call()),
        }
    };
    let texts = steps.iter().map(|step| match step {
        dsl::Step::Operation(operation) => of_operation(operation),
        dsl::Step::Data(_) => "'a data step'".to_owned(),
    });
    texts.collect::<Vec<_>>().join(";\n")
}
