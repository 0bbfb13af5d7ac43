//! `CREATE INDEX` and `CREATE VIEW`, as `sqlite_schema` keeps them.

use super::cursor::{Cursor, bare, unquoted};
use crate::catalog::{Direction, Index, IndexColumn};

/// The index that this statement makes; `None` if it is no such statement.
pub(super) fn parse_index(sql: &str) -> Option<Index> {
    let mut cursor = Cursor::new(sql)?;
    if !cursor.word("create") {
        return None;
    }
    let unique = cursor.word("unique");
    if !cursor.word("index") {
        return None;
    }
    let mut index = Index::new(cursor.object_name()?, Vec::<String>::new());
    index.unique = unique;
    if !cursor.word("on") {
        return None;
    }
    cursor.name()?;
    if !cursor.mark("(") {
        return None;
    }
    loop {
        let (start, end) = cursor.part()?;
        index.columns.push(part(&cursor, start, end)?);
        if !cursor.mark(",") {
            break;
        }
    }
    if !cursor.mark(")") {
        return None;
    }
    if cursor.word("where") {
        let start = cursor.place();
        while !cursor.is_at_end() {
            cursor.any()?;
        }
        index.filter = Some(bare(&cursor.text(start, cursor.place())).to_owned());
    }
    Some(index)
}

fn part(cursor: &Cursor<'_>, start: usize, mut end: usize) -> Option<IndexColumn> {
    let mut direction = None;
    if end > start + 1 && (cursor.is_word_at(end - 1, "asc") || cursor.is_word_at(end - 1, "desc")) {
        direction = cursor.is_word_at(end - 1, "desc").then_some(Direction::Desc);
        end -= 1;
    }
    let mut collation = None;
    if end > start + 2 && cursor.is_word_at(end - 2, "collate") {
        collation = Some(unquoted(&cursor.text(end - 1, end)));
        end -= 2;
    }
    let text = cursor.text(start, end);
    let mut part = match end == start + 1 && cursor.is_name(start) {
        true => IndexColumn::column(unquoted(&text)),
        false => IndexColumn::expression(bare(&text)),
    };
    part.direction = direction;
    part.collation = collation;
    Some(part)
}

/// The query of the view that this statement makes, and whether the view names its columns.
pub(super) fn parse_view(sql: &str) -> Option<(String, bool)> {
    let mut cursor = Cursor::new(sql)?;
    if !(cursor.word("create") && cursor.word("view")) {
        return None;
    }
    cursor.object_name()?;
    let has_columns = cursor.sees_mark("(");
    if has_columns {
        cursor.parentheses()?;
    }
    cursor.word("as").then(|| (cursor.rest().trim_end().to_owned(), has_columns))
}
