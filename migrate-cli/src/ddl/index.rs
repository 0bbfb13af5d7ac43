//! Indexes.

use super::{Context, flag};
use crate::catalog::{Direction, Index, IndexColumn, IndexPart, ObjectName};
use crate::operation::Commented;
use peristyle_sql::quoted;

impl Context<'_> {
    pub(super) fn create_index(
        self,
        table: &ObjectName,
        index: &Index,
        concurrently: bool,
        if_not_exists: bool,
    ) -> Result<Vec<String>, String> {
        if self.sqlite() {
            self.refuse_postgres_parts(index)?;
        }
        let columns: Vec<String> =
            index.columns.iter().map(|column| self.index_column(column)).collect::<Result<_, _>>()?;
        let unique = flag(index.unique, "UNIQUE ");
        let exists = flag(if_not_exists, "IF NOT EXISTS ");
        let columns = columns.join(", ");
        let mut sql = if self.sqlite() {
            // SQLite names the file with the index, and not with the table.
            let name = self.index_name(table, &index.name);
            format!("CREATE {unique}INDEX {exists}{name} ON {} ({columns})", quoted(&table.name))
        } else {
            format!(
                "CREATE {unique}INDEX {}{exists}{} ON {}{}{} ({columns})",
                flag(concurrently, "CONCURRENTLY "),
                quoted(&index.name),
                flag(index.only, "ONLY "),
                table.quoted(),
                index.using.as_ref().map(|using| format!(" USING {using}")).unwrap_or_default(),
            )
        };
        if !index.include.is_empty() {
            let include: Vec<String> = index.include.iter().map(|name| quoted(name)).collect();
            sql.push_str(&format!(" INCLUDE ({})", include.join(", ")));
        }
        if !self.sqlite() {
            match index.nulls_distinct {
                Some(true) => sql.push_str(" NULLS DISTINCT"),
                Some(false) => sql.push_str(" NULLS NOT DISTINCT"),
                None => {}
            }
        }
        if let Some(options) = &index.options {
            sql.push_str(&format!(" WITH ({options})"));
        }
        if let Some(filter) = &index.filter {
            sql.push_str(&format!(" WHERE {filter}"));
        }
        let mut statements = vec![sql];
        if let Some(text) = &index.comment {
            let name = ObjectName { prefix: table.prefix.clone(), name: index.name.clone() };
            statements.extend(self.comment(&Commented::Index(name), Some(text))?);
        }
        Ok(statements)
    }

    fn refuse_postgres_parts(self, index: &Index) -> Result<(), String> {
        let instead = "; leave it out, or write the index with `m.execute(..)` for each dialect";
        if let Some(using) = index.using.as_deref().filter(|using| !using.eq_ignore_ascii_case("btree")) {
            self.only_postgres(&format!("indexes of the method {using}"), instead)?;
        }
        if !index.include.is_empty() {
            self.only_postgres("indexes that include further columns", "; index them too, at the end")?;
        }
        if index.nulls_distinct == Some(false) {
            self.only_postgres("indexes where two NULLs are equal", "; index an expression instead")?;
        }
        if index.options.is_some() {
            self.only_postgres("storage parameters", instead)?;
        }
        if index.only {
            self.only_postgres("partitions", instead)?;
        }
        Ok(())
    }

    fn index_column(self, column: &IndexColumn) -> Result<String, String> {
        let mut sql = match &column.part {
            IndexPart::Column(name) => quoted(name),
            IndexPart::Expression(expression) if is_call(expression) => expression.trim().to_owned(),
            IndexPart::Expression(expression) => format!("({expression})"),
        };
        if let Some(collation) = &column.collation {
            sql.push_str(&format!(" COLLATE {}", quoted(collation)));
        }
        if let Some(class) = &column.operator_class {
            self.only_postgres("operator classes", "")?;
            sql.push_str(&format!(" {class}"));
        }
        if let Some(direction) = column.direction {
            sql.push_str(if self.sqlite() { sqlite_direction(direction)? } else { direction_text(direction) });
        }
        Ok(sql)
    }

    /// The name of an index of a table, with the database schema that it is in.
    pub(super) fn index_name(self, table: &ObjectName, name: &str) -> String {
        ObjectName { prefix: table.prefix.clone(), name: name.to_owned() }.quoted()
    }

    pub(super) fn drop_index(
        self,
        table: &ObjectName,
        name: &str,
        concurrently: bool,
        if_exists: bool,
        cascade: bool,
    ) -> Vec<String> {
        vec![format!(
            "DROP INDEX {}{}{}{}",
            flag(concurrently && !self.sqlite(), "CONCURRENTLY "),
            flag(if_exists, "IF EXISTS "),
            self.index_name(table, name),
            flag(cascade && !self.sqlite(), " CASCADE"),
        )]
    }

    /// SQLite has no other way than to make the index again.
    pub(super) fn rename_index(self, table: &ObjectName, from: &str, to: &str) -> Result<Vec<String>, String> {
        if !self.sqlite() {
            return Ok(vec![format!("ALTER INDEX {} RENAME TO {}", self.index_name(table, from), quoted(to))]);
        }
        let index = self.before.table(table).and_then(|table| table.indexes.iter().find(|index| index.name == from));
        let Some(index) = index else {
            return Err(format!("table {table} has no index \"{from}\""));
        };
        let renamed = Index { name: to.to_owned(), ..index.clone() };
        let mut statements = self.drop_index(table, from, false, false, false);
        statements.extend(self.create_index(table, &renamed, false, false)?);
        Ok(statements)
    }
}

fn direction_text(direction: Direction) -> &'static str {
    match direction {
        Direction::Asc => " ASC",
        Direction::AscNullsFirst => " ASC NULLS FIRST",
        Direction::AscNullsLast => " ASC NULLS LAST",
        Direction::Desc => " DESC",
        Direction::DescNullsFirst => " DESC NULLS FIRST",
        Direction::DescNullsLast => " DESC NULLS LAST",
    }
}

/// In SQLite NULL is less than everything else, and an index cannot say otherwise.
fn sqlite_direction(direction: Direction) -> Result<&'static str, String> {
    match direction {
        Direction::Asc | Direction::AscNullsFirst => Ok(" ASC"),
        Direction::Desc | Direction::DescNullsLast => Ok(" DESC"),
        Direction::AscNullsLast => Err("SQLite's indexes have NULLs first in ascending order".to_owned()),
        Direction::DescNullsFirst => Err("SQLite's indexes have NULLs last in descending order".to_owned()),
    }
}

/// Whether an expression is the call of one function, which needs no parentheses.
fn is_call(expression: &str) -> bool {
    let expression = expression.trim();
    let Some(open) = expression.find('(') else {
        return false;
    };
    let (name, rest) = expression.split_at(open);
    if name.is_empty() || !name.chars().all(|each| each.is_ascii_alphanumeric() || each == '_') {
        return false;
    }
    let mut depth = 0_i32;
    let mut in_text = false;
    for (position, character) in rest.char_indices() {
        match character {
            '\'' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return position + 1 == rest.len();
                }
            }
            _ => {}
        }
    }
    false
}
