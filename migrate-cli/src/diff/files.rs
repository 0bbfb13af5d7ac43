//! A difference as migration files.

use super::{Diff, Part, PartKind, Refusal, Step};
use crate::files::lexer::{self, Flavor};
use crate::files::{MigrationFile, new_version};
use peristyle_query::statement::Dialect;
use std::time::UNIX_EPOCH;

impl Diff {
    /// The files of the migrations: their names and their text. Where there are several, each has a version of its own, one
    /// after the other from `version` on.
    ///
    /// # Errors
    ///
    /// As [`check`](Diff::check): a difference that may not be written is not.
    pub fn to_files(&self, version: u64, name: &str) -> Result<Vec<(String, String)>, Refusal> {
        self.check()?;
        let mut version = version;
        let mut files = Vec::new();
        for part in &self.parts {
            let ending = match part.kind {
                PartKind::Main => "",
                PartKind::EnumValues if self.parts.len() == 1 => "",
                PartKind::Validations if self.parts.len() == 1 => "",
                PartKind::Indexes if self.parts.len() == 1 => "",
                PartKind::EnumValues => "_values",
                PartKind::Validations => "_validate",
                PartKind::Indexes => "_indexes",
            };
            files.push((MigrationFile::file_name(version, &format!("{name}{ending}")), self.text(part)));
            version = new_version(UNIX_EPOCH, [version]);
        }
        Ok(files)
    }

    fn text(&self, part: &Part) -> String {
        let flavor = match self.dialect {
            Dialect::Sqlite => Flavor::Sqlite,
            _ => Flavor::Postgres,
        };
        let mut text = String::new();
        if part.kind == PartKind::Indexes && part.up.iter().chain(&part.down).any(is_concurrent) {
            text.push_str("-- migrate:no-transaction\n");
        }
        let section = |steps: &[Step], top: &[String]| {
            let mut sql: String = top.iter().map(|line| format!("-- {line}\n")).collect();
            if steps.iter().any(|step| step.needs_foreign_keys_off) {
                sql.insert_str(0, "-- migrate:foreign-keys off\n");
            }
            for step in steps {
                for statement in &step.statements {
                    sql.push_str(&layout(statement.trim_end().trim_end_matches(';'), flavor));
                    sql.push_str(";\n");
                }
            }
            sql
        };
        let losses: Vec<String> = match part.kind {
            PartKind::Main => self.losses.iter().map(|loss| format!("loses data: {loss}")).collect(),
            _ => Vec::new(),
        };
        let (up, mut down) = (section(&part.up, &losses), section(&part.down, &[]));
        if down.is_empty() {
            // A section with nothing in it is one that somebody still has to write.
            down.push_str("-- nothing to undo\n");
        }
        text + &MigrationFile::template(flavor, &up, &down)
    }
}

/// A long statement with a line for each part of it.
fn layout(statement: &str, flavor: Flavor) -> String {
    const LONGEST: usize = 100;
    let is_table = statement.starts_with("CREATE TABLE");
    let is_list = is_table || statement.starts_with("ALTER TABLE");
    let Some(tokens) = lexer::tokens(statement, flavor).ok().filter(|_| is_list && statement.len() > LONGEST) else {
        return statement.to_owned();
    };
    let level = u32::from(is_table);
    let (mut text, mut depth, mut copied) = (String::new(), 0_u32, 0);
    for token in &tokens {
        let closes = token.is_punctuation(statement, ")");
        let (opens, before) = (token.is_punctuation(statement, "("), depth);
        if opens {
            depth += 1;
        } else if closes {
            depth = depth.saturating_sub(1);
        }
        let begins = is_table && opens && before == 0 && copied == 0;
        if begins || token.is_punctuation(statement, ",") && depth == level {
            text.push_str(&statement[copied..token.end]);
            text.push_str("\n  ");
            let rest = &statement[token.end..];
            copied = token.end + rest.len() - rest.trim_start().len();
        } else if is_table && closes && depth == 0 && before == 1 && copied > 0 {
            text.push_str(&statement[copied..token.start]);
            text.push_str("\n)");
            copied = token.end;
        }
    }
    text + &statement[copied..]
}

fn is_concurrent(step: &Step) -> bool {
    use crate::operation::Operation::{CreateIndex, DropIndex};
    matches!(&step.operation, CreateIndex { concurrently: true, .. } | DropIndex { concurrently: true, .. })
}
