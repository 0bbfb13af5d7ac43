//! Mechanical rewrites of a migration file.

use super::action::{Constraint, ConstraintRule, Kind};
use super::finding::Finding;
use super::input::Statement;
use super::read;
use super::rule::{At, View};
use crate::catalog::ObjectName;
use serde::Serialize;
use std::ops::Range;

/// How a finding is fixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// The changes of the file, or of the two files of a pair.
    pub edits: Vec<Edit>,
    /// A migration that has to follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<FollowUp>,
}

/// One change of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The file.
    pub path: String,
    /// The line at which `offset` counts from, from 1.
    pub line: usize,
    /// The column there, in characters, from 1.
    pub column: usize,
    /// How many bytes further the change begins.
    pub offset: usize,
    /// How many bytes are replaced.
    pub length: usize,
    /// What stands there then.
    pub text: String,
    /// Whether the semicolon behind it and the rest of a line left empty go as well.
    pub with_semicolon: bool,
}

/// A migration that has to follow the fixed one, in a transaction of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FollowUp {
    /// The name, without a version: `validate_posts_author`.
    pub name: String,
    /// The text of the file.
    pub text: String,
}

/// A file after its fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// The migrations to write behind it, in order.
    pub follow_ups: Vec<FollowUp>,
    /// The rules whose findings were fixed, one for each finding.
    pub applied: Vec<&'static str>,
}

/// Applies the fixes of findings to the text of a file. All bytes that no fix is about stay as they are.
///
/// - `path`: the file, as its findings name it
/// - `text`: what the findings were found in
///
/// A fix that touches what another one changed already is left for the next run, as are those of other files.
pub fn fix(path: &str, text: &str, findings: &[Finding]) -> Fixed {
    let mut changes: Vec<(Range<usize>, &str)> = Vec::new();
    let mut fixed = Fixed { text: text.to_owned(), follow_ups: Vec::new(), applied: Vec::new() };
    for finding in findings {
        let Some(fix) = finding.fix.as_ref().filter(|_| finding.path == path) else { continue };
        let Some(own) = places(path, text, fix) else { continue };
        let new: Vec<_> = own.into_iter().filter(|change| !changes.contains(change)).collect();
        let overlaps = |(range, _): &(Range<usize>, &str)| {
            changes.iter().any(|(other, _)| {
                range.start < other.end.max(other.start + 1) && other.start < range.end.max(range.start + 1)
            })
        };
        if new.iter().any(overlaps) {
            continue;
        }
        changes.extend(new);
        fixed.follow_ups.extend(fix.follow_up.clone());
        fixed.applied.push(finding.rule);
    }
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, new) in changes {
        fixed.text.replace_range(range, new);
    }
    fixed
}

/// The bytes of a fix's changes; `None` if one is not in the text, or in another file.
fn places<'a>(path: &str, text: &str, fix: &'a Fix) -> Option<Vec<(Range<usize>, &'a str)>> {
    let mut found = Vec::new();
    for edit in &fix.edits {
        if edit.path != path {
            return None;
        }
        let start = line_start(text, edit.line)?;
        let rest = text.get(start..)?;
        let line = rest.split('\n').next().unwrap_or_default();
        let column = line.char_indices().nth(edit.column - 1).map_or(line.len(), |(at, _)| at);
        let start = start + column + edit.offset;
        let mut end = start + edit.length;
        if edit.with_semicolon {
            let behind = text.get(end..)?;
            let blank = behind.len() - behind.trim_start().len();
            if behind.trim_start().starts_with(';') {
                end += blank + 1;
            }
            let line_end = text.get(end..)?.find('\n').map_or(text.len(), |at| end + at + 1);
            if text.get(end..line_end)?.trim().is_empty() {
                end = line_end;
            }
        }
        text.get(start..end)?;
        found.push((start..end, edit.text.as_str()));
    }
    Some(found)
}

fn line_start(text: &str, line: usize) -> Option<usize> {
    match line.checked_sub(2) {
        None => Some(0),
        Some(before) => text.match_indices('\n').nth(before).map(|(at, _)| at + 1),
    }
}

impl Fix {
    /// Replaces a part of a statement.
    pub(super) fn replace(
        view: &View<'_>,
        statement: usize,
        title: &str,
        span: Range<usize>,
        text: String,
    ) -> Option<Fix> {
        Some(Fix { title: title.to_owned(), edits: vec![edit(view, statement, span, text)?], follow_up: None })
    }

    /// Takes words out of a statement.
    pub(super) fn without_words(view: &View<'_>, statement: usize, words: &str) -> Option<Fix> {
        let text = &view.script.statements.get(statement)?.text;
        let mut span = read::find_words(text, view.context.dialect, words)?;
        let behind = text.get(span.end..)?;
        span.end += behind.len() - behind.trim_start_matches([' ', '\t']).len();
        Fix::replace(view, statement, &format!("leave {words} out"), span, String::new())
    }

    /// Puts words behind others.
    pub(super) fn behind_words(view: &View<'_>, statement: usize, words: &str, new: &str) -> Option<Fix> {
        let text = &view.script.statements.get(statement)?.text;
        let end = read::find_words(text, view.context.dialect, words)?.end;
        Fix::replace(view, statement, &format!("write {new}"), end..end, format!(" {new}"))
    }

    /// Runs the section without a transaction, if nothing else in it counts on one.
    pub(super) fn no_transaction(view: &View<'_>) -> Option<Fix> {
        let alone = view.script.statements.len() == 1;
        alone.then(|| Fix {
            title: "run the migration without a transaction".to_owned(),
            edits: vec![directive(view, "no-transaction")],
            follow_up: None,
        })
    }

    /// Limits how long the section waits for locks.
    pub(super) fn lock_timeout(view: &View<'_>) -> Option<Fix> {
        let edits = vec![directive(view, "lock-timeout 5s")];
        Some(Fix { title: "wait at most 5 seconds for a lock".to_owned(), edits, follow_up: None })
    }

    /// Writes CONCURRENTLY: in place if the statement stands alone, else in a migration of its own.
    pub(super) fn concurrently(view: &View<'_>, statement: usize) -> Option<Fix> {
        let text = &view.script.statements.get(statement)?.text;
        let create = matches!(view.readings.get(statement)?.actions.first()?.kind, Kind::CreateIndex(_));
        let behind = match create {
            true => read::find_words(text, view.context.dialect, "INDEX")?.end,
            false => read::find_words(text, view.context.dialect, "DROP INDEX")?.end,
        };
        if view.script.statements.len() == 1 {
            let mut edits = vec![edit(view, statement, behind..behind, " CONCURRENTLY".to_owned())?];
            if view.script.transaction {
                edits.push(directive(view, "no-transaction"));
            }
            let title = "write CONCURRENTLY, without a transaction".to_owned();
            return Some(Fix { title, edits, follow_up: None });
        }
        let Kind::CreateIndex(index) = &view.readings.get(statement)?.actions.first()?.kind else { return None };
        let name = index.name.as_ref()?;
        let mut edits = vec![removal(view.script.path.clone(), view.script.statements.get(statement)?)];
        // Its way back moves along.
        if let Some(opposite) = view.opposite {
            for each in &opposite.statements {
                let actions = read::read(&each.text, view.context.dialect).actions;
                let drops = |names: &[ObjectName]| names.iter().any(|each| each.name == name.name);
                match actions.first().map(|action| &action.kind) {
                    Some(Kind::DropIndex { names, .. }) if drops(names) && names.len() > 1 => return None,
                    Some(Kind::DropIndex { names, .. }) if drops(names) => {
                        edits.push(removal(opposite.path.clone(), each));
                    }
                    _ => {}
                }
            }
        }
        let moved = format!("{} CONCURRENTLY{}", text.get(..behind)?, text.get(behind..)?);
        let in_schema =
            ObjectName { prefix: name.prefix.clone().or(index.table.prefix.clone()), name: name.name.clone() };
        let text = format!(
            "-- migrate:up no-transaction\n{moved};\n\n-- migrate:down no-transaction\nDROP INDEX CONCURRENTLY {};\n",
            plain(&in_schema)
        );
        Some(Fix {
            title: "build the index CONCURRENTLY in a migration of its own".to_owned(),
            edits,
            follow_up: Some(FollowUp { name: slug(&format!("index_{}", name.name)), text }),
        })
    }

    /// Adds a constraint NOT VALID, and validates it in the next migration.
    ///
    /// - `name`: what Postgres would name it
    pub(super) fn not_valid(
        view: &View<'_>,
        at: At<'_>,
        table: &ObjectName,
        constraint: &Constraint,
        name: &str,
    ) -> Option<Fix> {
        let text = &view.script.statements.get(at.statement)?.text;
        let part = text.get(at.action.span.clone())?;
        let mut edits = Vec::new();
        let name = match &constraint.name {
            Some(word) => text.get(word.span.clone())?.to_owned(),
            None => {
                let add = at.action.span.start + read::find_words(part, view.context.dialect, "ADD")?.end;
                let name = plain(&ObjectName::new(name));
                edits.push(edit(view, at.statement, add..add, format!(" CONSTRAINT {name}"))?);
                name
            }
        };
        edits.push(edit(view, at.statement, at.action.span.end..at.action.span.end, " NOT VALID".to_owned())?);
        let text = format!(
            "-- migrate:up\nALTER TABLE {} VALIDATE CONSTRAINT {name};\n\n-- migrate:down\n-- A constraint that was validated needs nothing undone.\n",
            plain(table)
        );
        Some(Fix {
            title: "add it NOT VALID and validate it in the next migration".to_owned(),
            edits,
            follow_up: Some(FollowUp { name: slug(&format!("validate_{}", name.trim_matches('"'))), text }),
        })
    }

    /// Builds the index of a constraint CONCURRENTLY, and adds the constraint in the next migration.
    pub(super) fn using_index(view: &View<'_>, at: At<'_>, table: &ObjectName, constraint: &Constraint) -> Option<Fix> {
        let text = &view.script.statements.get(at.statement)?.text;
        let part = text.get(at.action.span.clone())?;
        let special = ["NULLS", "INCLUDE", "WITH", "DEFERRABLE", "INITIALLY", "USING"];
        if special.iter().any(|word| read::find_words(part, view.context.dialect, word).is_some()) {
            return None;
        }
        let (columns, kind) = match &constraint.rule {
            ConstraintRule::Unique { columns, .. } => (columns, "UNIQUE"),
            ConstraintRule::PrimaryKey { columns, .. } => (columns, "PRIMARY KEY"),
            _ => return None,
        };
        let alone = view.script.statements.len() == 1 && view.readings.get(at.statement)?.actions.len() == 1;
        let opposite = view.opposite?;
        let undo = opposite.statements.first().filter(|_| opposite.statements.len() == 1)?;
        let undone = read::read(&undo.text, view.context.dialect).actions;
        let drops = matches!(undone.as_slice(), [one] if matches!(one.kind, Kind::DropConstraint { .. }));
        if !alone || columns.is_empty() || !drops {
            return None;
        }
        let usual = match kind {
            "UNIQUE" => format!("{}_{}_key", table.name, columns.join("_")),
            _ => format!("{}_pkey", table.name),
        };
        let name = constraint.name.as_ref().map_or(usual, |name| name.name.clone());
        let (index, table_name) = (plain(&ObjectName::new(name.clone())), plain(table));
        let in_schema = plain(&ObjectName { prefix: table.prefix.clone(), name: name.clone() });
        let columns: Vec<String> = columns.iter().map(|column| plain(&ObjectName::new(column.clone()))).collect();
        let build = format!("CREATE UNIQUE INDEX CONCURRENTLY {index} ON {table_name} ({})", columns.join(", "));
        let mut edits = vec![edit(view, at.statement, 0..text.len(), build)?];
        if view.script.transaction {
            edits.push(directive(view, "no-transaction"));
        }
        edits.push(Edit {
            path: opposite.path.clone(),
            line: undo.line,
            column: undo.column,
            offset: 0,
            length: undo.text.len(),
            text: format!("DROP INDEX IF EXISTS {in_schema}"),
            with_semicolon: false,
        });
        let text = format!(
            "-- migrate:up\nALTER TABLE {table_name} ADD CONSTRAINT {index} {kind} USING INDEX {index};\n\n-- migrate:down\nALTER TABLE {table_name} DROP CONSTRAINT {index};\n"
        );
        Some(Fix {
            title: "build the index CONCURRENTLY, and add the constraint USING INDEX in the next migration".to_owned(),
            edits,
            follow_up: Some(FollowUp { name: slug(&format!("constrain_{name}")), text }),
        })
    }
}

fn edit(view: &View<'_>, statement: usize, span: Range<usize>, text: String) -> Option<Edit> {
    let place = view.script.statements.get(statement)?;
    Some(Edit {
        path: view.script.path.clone(),
        line: place.line,
        column: place.column,
        offset: span.start,
        length: span.end.checked_sub(span.start)?,
        text,
        with_semicolon: false,
    })
}

fn removal(path: String, statement: &Statement) -> Edit {
    Edit {
        path,
        line: statement.line,
        column: statement.column,
        offset: 0,
        length: statement.text.len(),
        text: String::new(),
        with_semicolon: true,
    }
}

/// A directive as the first line of the section.
fn directive(view: &View<'_>, words: &str) -> Edit {
    Edit {
        path: view.script.path.clone(),
        line: view.script.line,
        column: 1,
        offset: 0,
        length: 0,
        text: format!("-- migrate:{words}\n"),
        with_semicolon: false,
    }
}

/// A name as a person writes it: in quotes only if it needs them.
fn plain(name: &ObjectName) -> String {
    let simple = |part: &str| {
        let mut characters = part.chars();
        characters.next().is_some_and(|first| first == '_' || first.is_ascii_lowercase())
            && characters.all(|each| each == '_' || each.is_ascii_lowercase() || each.is_ascii_digit())
            && !super::rules::is_reserved(part)
    };
    let parts = name.prefix.iter().chain(std::iter::once(&name.name));
    let parts: Vec<String> =
        parts.map(|part| if simple(part) { part.clone() } else { ObjectName::new(part.clone()).quoted() }).collect();
    parts.join(".")
}

/// A text as a part of a file's name.
fn slug(text: &str) -> String {
    let plain: String =
        text.chars().map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '_' }).collect();
    plain.trim_matches('_').to_owned()
}
