//! `CREATE TABLE`, as `sqlite_schema` keeps it.

use super::cursor::{Cursor, bare};
use crate::catalog::{
    Check, Column, ColumnType, Default, ForeignKey, Generated, Identity, ObjectName, PrimaryKey, ReferentialAction,
    Table, Unique,
};
use crate::introspect::literal::sqlite_default;

/// A table, and what of it the catalog has no form for.
pub(super) struct Parsed {
    pub table: Table,
    pub others: Vec<String>,
}

/// The table that this statement makes; `None` if it is no such statement.
///
/// A foreign key without a name has an empty one, and one that names no columns of its target has none in `references`.
pub(super) fn parse(sql: &str) -> Option<Parsed> {
    let mut cursor = Cursor::new(sql)?;
    if !(cursor.word("create") && cursor.word("table")) {
        return None;
    }
    let table = Table::new(ObjectName::new(cursor.object_name()?));
    let mut parser = Parser { cursor, table, others: Vec::new(), constraint: None };
    if !parser.cursor.mark("(") {
        return None;
    }
    parser.definitions()?;
    parser.options()?;
    Some(parser.finish())
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    table: Table,
    others: Vec<String>,
    /// The name that CONSTRAINT gave to the next one.
    constraint: Option<String>,
}

/// What begins a constraint of a table, where a column would have a name without quotes.
const TABLE_CONSTRAINTS: [&str; 5] = ["constraint", "primary", "unique", "check", "foreign"];

/// What ends the type of a column.
const COLUMN_CONSTRAINTS: [&str; 11] =
    ["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"];

impl Parser<'_> {
    fn definitions(&mut self) -> Option<()> {
        while !self.cursor.mark(")") {
            let is_constraint = TABLE_CONSTRAINTS.iter().any(|word| self.cursor.sees(word));
            if is_constraint && !self.table.columns.is_empty() {
                self.table_constraint()?;
            } else {
                self.column()?;
            }
            self.cursor.mark(",");
        }
        Some(())
    }

    fn column(&mut self) -> Option<()> {
        let name = self.cursor.name()?;
        let start = self.cursor.place();
        while !self.cursor.sees_mark(",")
            && !self.cursor.sees_mark(")")
            && !COLUMN_CONSTRAINTS.iter().any(|word| self.cursor.sees(word))
        {
            if self.cursor.sees_mark("(") {
                self.cursor.parentheses()?;
            } else {
                self.cursor.any()?;
            }
        }
        let column_type = type_name(self.cursor.text(start, self.cursor.place()));
        let mut column = Column::new(name, ColumnType::Sql(column_type));
        while !self.cursor.sees_mark(",") && !self.cursor.sees_mark(")") {
            self.column_constraint(&mut column)?;
        }
        self.table.columns.push(column);
        Some(())
    }

    fn column_constraint(&mut self, column: &mut Column) -> Option<()> {
        if self.cursor.word("constraint") {
            self.constraint = Some(self.cursor.name()?);
            return Some(());
        }
        let name = self.constraint.take();
        if self.cursor.words(&["primary", "key"]) {
            if !self.cursor.word("asc") && self.cursor.word("desc") {
                self.unusual("order of the primary key");
            }
            self.on_conflict()?;
            if self.cursor.word("autoincrement") {
                column.identity = Some(Identity::default());
            }
            self.table.primary_key = Some(PrimaryKey { name, columns: vec![column.name.clone()] });
        } else if self.cursor.words(&["not", "null"]) {
            column.nullable = false;
            self.on_conflict()?;
        } else if self.cursor.word("null") {
            self.on_conflict()?;
        } else if self.cursor.word("unique") {
            self.on_conflict()?;
            self.table.uniques.push(unique(name, vec![column.name.clone()]));
        } else if self.cursor.word("check") {
            self.check(name)?;
        } else if self.cursor.word("default") {
            column.default = self.default().filter(|default| *default != Default::Null);
        } else if self.cursor.word("collate") {
            column.collation = Some(self.cursor.name()?).filter(|name| !name.eq_ignore_ascii_case("binary"));
        } else if self.cursor.word("references") {
            self.references(name, vec![column.name.clone()])?;
        } else if self.cursor.words(&["generated", "always", "as"]) || self.cursor.word("as") {
            let expression = bare(&self.cursor.parentheses()?).to_owned();
            let stored = self.cursor.word("stored");
            if !stored {
                self.cursor.word("virtual");
            }
            column.generated = Some(Generated { expression, stored });
        } else {
            return None;
        }
        Some(())
    }

    fn table_constraint(&mut self) -> Option<()> {
        if self.cursor.word("constraint") {
            self.constraint = Some(self.cursor.name()?);
            return Some(());
        }
        let name = self.constraint.take();
        if self.cursor.words(&["primary", "key"]) {
            let columns = self.key_columns("order of the primary key")?;
            self.on_conflict()?;
            self.table.primary_key = Some(PrimaryKey { name, columns });
        } else if self.cursor.word("unique") {
            let columns = self.key_columns("order of a unique constraint")?;
            self.on_conflict()?;
            self.table.uniques.push(unique(name, columns));
        } else if self.cursor.word("check") {
            self.check(name)?;
        } else if self.cursor.words(&["foreign", "key"]) {
            let columns = self.cursor.name_list()?.into_iter().map(|(name, _)| name).collect();
            if !self.cursor.word("references") {
                return None;
            }
            self.references(name, columns)?;
        } else {
            return None;
        }
        Some(())
    }

    /// The columns of a key; an order or a collation of them is said to be `unusual`.
    fn key_columns(&mut self, unusual: &str) -> Option<Vec<String>> {
        let mut columns = Vec::new();
        for (name, behind) in self.cursor.name_list()? {
            if behind.eq_ignore_ascii_case("autoincrement") {
                if let Some(column) =
                    self.table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(&name))
                {
                    column.identity = Some(Identity::default());
                }
            } else if !behind.is_empty() && !behind.eq_ignore_ascii_case("asc") {
                self.unusual(unusual);
            }
            columns.push(name);
        }
        Some(columns)
    }

    fn check(&mut self, name: Option<String>) -> Option<()> {
        let condition = bare(&self.cursor.parentheses()?).to_owned();
        self.on_conflict()?;
        self.table.checks.push(Check { name, condition, not_valid: false, comment: None });
        Some(())
    }

    fn default(&mut self) -> Option<Default> {
        if self.cursor.sees_mark("(") {
            let expression = self.cursor.parentheses()?;
            return Some(sqlite_default(bare(&expression)));
        }
        if self.cursor.sees_text() {
            return self.cursor.name().map(Default::Text);
        }
        let start = self.cursor.place();
        if !self.cursor.mark("-") {
            self.cursor.mark("+");
        }
        let is_name = self.cursor.is_name(self.cursor.place());
        self.cursor.any()?;
        let text = self.cursor.text(start, self.cursor.place());
        Some(match sqlite_default(&text.replace(' ', "")) {
            // A name is a text where no column can be meant.
            Default::Sql(name) if is_name && !is_time(&name) => Default::Text(name),
            default => default,
        })
    }

    fn references(&mut self, name: Option<String>, columns: Vec<String>) -> Option<()> {
        let table = ObjectName::new(self.cursor.object_name()?);
        let references = match self.cursor.sees_mark("(") {
            true => self.cursor.name_list()?.into_iter().map(|(name, _)| name).collect(),
            false => Vec::new(),
        };
        let mut key = ForeignKey::new(name.unwrap_or_default(), columns, table, references);
        loop {
            if self.cursor.words(&["on", "delete"]) {
                key.on_delete = self.action()?;
            } else if self.cursor.words(&["on", "update"]) {
                key.on_update = self.action()?;
            } else if self.cursor.word("match") {
                // SQLite reads it and does nothing with it.
                self.cursor.any()?;
            } else if self.cursor.words(&["not", "deferrable"]) {
                self.initially();
            } else if self.cursor.word("deferrable") {
                key.deferrable = true;
                key.initially_deferred = self.initially();
            } else {
                break;
            }
        }
        self.table.foreign_keys.push(key);
        Some(())
    }

    fn initially(&mut self) -> bool {
        self.cursor.words(&["initially", "deferred"]) || {
            self.cursor.words(&["initially", "immediate"]);
            false
        }
    }

    fn action(&mut self) -> Option<ReferentialAction> {
        let actions = [
            (&["no", "action"][..], ReferentialAction::Nothing),
            (&["restrict"], ReferentialAction::Restrict),
            (&["cascade"], ReferentialAction::Cascade),
            (&["set", "null"], ReferentialAction::SetNull),
            (&["set", "default"], ReferentialAction::SetDefault),
        ];
        actions.into_iter().find_map(|(words, action)| self.cursor.words(words).then_some(action))
    }

    fn on_conflict(&mut self) -> Option<()> {
        if self.cursor.words(&["on", "conflict"]) && !self.cursor.any()?.eq_ignore_ascii_case("abort") {
            self.unusual("ON CONFLICT");
        }
        Some(())
    }

    fn options(&mut self) -> Option<()> {
        let (mut without_rowid, mut strict) = (false, false);
        while !self.cursor.is_at_end() {
            if self.cursor.words(&["without", "rowid"]) {
                without_rowid = true;
            } else if self.cursor.word("strict") {
                strict = true;
            } else if !self.cursor.mark(",") {
                return None;
            }
        }
        let options: Vec<&str> =
            [strict.then_some("STRICT"), without_rowid.then_some("WITHOUT ROWID")].into_iter().flatten().collect();
        self.table.options = (!options.is_empty()).then(|| options.join(", "));
        if let Some(key) = self.table.primary_key.as_mut() {
            // Names of columns mean the same in any case.
            for name in &mut key.columns {
                if let Some(column) = self.table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
                    name.clone_from(&column.name);
                }
            }
            let is_rowid = |column: &Column| {
                key.columns.len() == 1
                    && matches!(&column.column_type, ColumnType::Sql(sql) if sql.eq_ignore_ascii_case("integer"))
            };
            for column in self.table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
                // Other keys may be NULL in SQLite.
                column.nullable &= !(without_rowid || is_rowid(column));
            }
        }
        Some(())
    }

    fn unusual(&mut self, what: &str) {
        self.others.push(format!("{what} of the table {}", self.table.name.quoted()));
    }

    fn finish(mut self) -> Parsed {
        self.others.sort();
        self.others.dedup();
        Parsed { table: self.table, others: self.others }
    }
}

/// A type as SQLite itself spells it: its own ones in capitals.
fn type_name(sql: String) -> String {
    let own = ["ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT"];
    own.iter().find(|name| sql.eq_ignore_ascii_case(name)).map_or(sql, |&name| name.to_owned())
}

fn is_time(name: &str) -> bool {
    ["current_timestamp", "current_date", "current_time"].iter().any(|time| name.eq_ignore_ascii_case(time))
}

fn unique(name: Option<String>, columns: Vec<String>) -> Unique {
    Unique { name, columns, nulls_not_distinct: false, deferrable: false, initially_deferred: false, comment: None }
}
