//! The aliases of tables: the table's initial and its position, `u0`, with an `s` before it per enclosing query.

use crate::select::column_name;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{Binding, Join, OutputColumn, Select, Source};
use peristyle_query::schema::SchemaMeta;

/// How deep queries may be nested.
const DEPTH_LIMIT: usize = 60;

/// One query's sources.
struct Scope {
    aliases: Vec<String>,
    /// The columns of each source that is a query.
    columns: Vec<Option<Vec<&'static str>>>,
    /// Whether expressions may refer to it: not from a subquery among its own sources.
    visible: bool,
}

/// The queries around the place that is being rendered, the outermost first.
#[derive(Default)]
pub(crate) struct Scopes(Vec<Scope>);

impl Scopes {
    /// Enters a query.
    pub fn enter(&mut self, select: &Select) -> Result<(), Error> {
        let sources = || std::iter::once(&select.source).chain(select.joins.iter().map(|Join { source, .. }| source));
        let initials: Vec<char> = sources().map(source_initial).collect();
        self.push(&initials)?;
        if let Some(scope) = self.0.last_mut() {
            scope.columns = sources().map(columns).collect();
        }
        Ok(())
    }

    /// Enters the query around another one that is its only source, and has that one's initial.
    pub fn enter_root(&mut self, select: &Select) -> Result<(), Error> {
        self.push(&[source_initial(&select.source)])
    }

    /// Enters the query around another one that stands beside a table of keys.
    pub fn enter_keys(&mut self, select: &Select) -> Result<(), Error> {
        self.push(&['k', source_initial(&select.source)])
    }

    /// Enters an UPDATE or a DELETE of a table, and the further tables of it.
    pub fn enter_table<'s>(
        &mut self,
        schema: &SchemaMeta,
        further: impl Iterator<Item = &'s Source>,
    ) -> Result<(), Error> {
        let initials: Vec<char> = std::iter::once(initial(schema.table)).chain(further.map(source_initial)).collect();
        self.push(&initials)
    }

    /// Enters what an INSERT says of rows that are there already, and of what it gives back: beside the table there is the
    /// row that was to be inserted.
    pub fn enter_insert(&mut self, schema: &SchemaMeta) -> Result<(), Error> {
        self.push(&[initial(schema.table), 'e'])?;
        self.rename(1, "excluded");
        Ok(())
    }

    /// Gives a source of the innermost query another alias, and returns the one that it had; an empty one leaves columns
    /// without.
    pub fn rename(&mut self, index: usize, alias: &str) -> String {
        let own = self.0.last_mut().and_then(|scope| scope.aliases.get_mut(index));
        own.map(|own| std::mem::replace(own, alias.to_owned())).unwrap_or_default()
    }

    fn push(&mut self, initials: &[char]) -> Result<(), Error> {
        if self.0.len() == DEPTH_LIMIT {
            return Err(QueryError::new(format!(
                "the query is nested more than {DEPTH_LIMIT} queries deep: run the inner ones by themselves"
            ))
            .into());
        }
        let nesting = "s".repeat(self.0.len());
        let alias = |(position, initial)| format!("{nesting}{initial}{position}");
        let aliases = initials.iter().enumerate().map(alias).collect();
        self.0.push(Scope { aliases, columns: Vec::new(), visible: true });
        Ok(())
    }

    /// Leaves the innermost query.
    pub fn leave(&mut self) {
        self.0.pop();
    }

    /// Says whether the innermost query's sources can be referred to from what is rendered next.
    pub fn set_visible(&mut self, visible: bool) {
        if let Some(scope) = self.0.last_mut() {
            scope.visible = visible;
        }
    }

    /// The alias of a source of the innermost query.
    pub fn own(&self, index: usize) -> Result<String, Error> {
        let alias = self.0.last().and_then(|scope| scope.aliases.get(index));
        alias.cloned().ok_or_else(|| outside("a source"))
    }

    /// The alias that a reference means.
    pub fn resolve(&self, binding: Binding, column: &str) -> Result<String, Error> {
        let from_the_end = usize::from(binding.depth) + 1;
        let scope = self.0.len().checked_sub(from_the_end).and_then(|index| self.0.get(index));
        let scope = scope.ok_or_else(|| outside(column))?;
        if !scope.visible {
            return Err(QueryError::new(format!(
                "a joined subquery cannot use the column {column:?} of a table beside it: put the condition into the join"
            ))
            .into());
        }
        if !binding.path.is_empty() {
            return Err(QueryError::new(format!(
                "the column {column:?} lies behind an association that nothing joins"
            ))
            .into());
        }
        let index = usize::from(binding.index);
        if let Some(Some(given)) = scope.columns.get(index)
            && !given.contains(&column)
        {
            return Err(QueryError::new(format!(
                "the subquery does not give the column {column:?}, which the query around it uses: select it in the subquery"
            ))
            .into());
        }
        scope.aliases.get(index).cloned().ok_or_else(|| outside(column))
    }
}

/// The columns that a source has, if it is a query.
fn columns(source: &Source) -> Option<Vec<&'static str>> {
    let Source::Subquery(select) = source else { return None };
    let mut names = Vec::new();
    for column in &select.columns {
        match column {
            OutputColumn::Expression { alias: Some(alias), .. } => names.push(*alias),
            OutputColumn::Expression { expression, alias: None } => names.extend(column_name(expression)),
            OutputColumn::Row(_, schema) => names.extend(schema.loaded_fields().map(|field| field.column)),
        }
    }
    Some(names)
}

fn outside(column: &str) -> Error {
    QueryError::new(format!(
        "{column:?} belongs to a table that is not in this query: use the columns that the closure receives"
    ))
    .into()
}

fn source_initial(source: &Source) -> char {
    match source {
        Source::Table { schema, .. } => initial(schema.table),
        _ => 's',
    }
}

/// The table's first letter in lower case, or `t` if it does not begin with an ASCII letter.
fn initial(table: &str) -> char {
    table.chars().next().filter(char::is_ascii_alphabetic).map_or('t', |letter| letter.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_ascii_letters_in_lower_case() {
        assert_eq!(["users", "Album", "étés", "2fa", "_x", ""].map(initial), ['u', 'a', 't', 't', 't', 't']);
    }
}
