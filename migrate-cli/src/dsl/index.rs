//! An index.

use crate::catalog::{Direction, Index, IndexColumn, IndexPart};

/// An index without a name.
pub(super) fn draft<C: Into<IndexColumn>>(columns: impl IntoIterator<Item = C>) -> Index {
    Index { columns: columns.into_iter().map(Into::into).collect(), ..Index::new("", Vec::<String>::new()) }
}

/// The usual name of an index: the table, what it is on, and `index`.
pub(crate) fn usual_name(table: &str, columns: &[IndexColumn]) -> String {
    let mut words = vec![table.to_owned()];
    for column in columns {
        let text = match &column.part {
            IndexPart::Column(text) | IndexPart::Expression(text) => text,
        };
        let word: String =
            text.chars().map(|each| if each.is_alphanumeric() || each == '_' { each } else { ' ' }).collect();
        words.extend(word.split_whitespace().map(str::to_owned));
    }
    words.push("index".to_owned());
    words.join("_")
}

/// Gives an index its usual name, unless it has one.
pub(super) fn complete(index: &mut Index, table: &str) {
    if index.name.is_empty() {
        index.name = usual_name(table, &index.columns);
    }
}

/// An index, to be told more about.
pub struct IndexBuilder<'a> {
    pub(super) index: Option<&'a mut Index>,
    /// Whether it is made while writes go on, and whether it may be there.
    pub(super) flags: Option<(&'a mut bool, &'a mut bool)>,
    pub(super) mistakes: Option<&'a mut Vec<String>>,
}

impl IndexBuilder<'_> {
    /// Refuses two rows that agree in its columns.
    pub fn unique(self) -> Self {
        self.edit(|index| index.unique = true)
    }

    /// The name, if not the usual one: `posts_title_index`.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.edit(|index| index.name = name.into())
    }

    /// Indexes only some rows, by a condition of SQL.
    pub fn filter(self, condition: impl Into<String>) -> Self {
        self.edit(|index| index.filter = Some(condition.into()))
    }

    /// A further column.
    pub fn column(self, name: impl Into<String>) -> Self {
        self.edit(|index| index.columns.push(IndexColumn::column(name)))
    }

    /// A further part: an expression of SQL, such as `lower(email)`.
    pub fn expression(self, sql: impl Into<String>) -> Self {
        self.edit(|index| index.columns.push(IndexColumn::expression(sql)))
    }

    /// The order of the last part.
    pub fn direction(self, direction: Direction) -> Self {
        self.last(|column| column.direction = Some(direction))
    }

    /// The operator class of the last part: `gin_trgm_ops`.
    pub fn operator_class(self, name: impl Into<String>) -> Self {
        self.last(|column| column.operator_class = Some(name.into()))
    }

    /// The collation of the last part.
    pub fn collation(self, name: impl Into<String>) -> Self {
        self.last(|column| column.collation = Some(name.into()))
    }

    /// Keeps further columns along, to be read from the index alone.
    pub fn include<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        let columns = columns.into_iter().map(Into::into);
        self.edit(|index| index.include.extend(columns))
    }

    /// The method, if not `btree`.
    pub fn using(self, method: impl Into<String>) -> Self {
        self.edit(|index| index.using = Some(method.into()))
    }

    /// Takes two NULLs for equal.
    pub fn nulls_not_distinct(self) -> Self {
        self.edit(|index| index.nulls_distinct = Some(false))
    }

    /// Says aloud that two NULLs are not equal.
    pub fn nulls_distinct(self) -> Self {
        self.edit(|index| index.nulls_distinct = Some(true))
    }

    /// Storage parameters, in SQL: `fillfactor=50`.
    pub fn options(self, sql: impl Into<String>) -> Self {
        self.edit(|index| index.options = Some(sql.into()))
    }

    /// Makes it on a partitioned table itself, and not on its partitions.
    pub fn only(self) -> Self {
        self.edit(|index| index.only = true)
    }

    /// The comment in the database.
    pub fn comment(self, text: impl Into<String>) -> Self {
        self.edit(|index| index.comment = Some(text.into()))
    }

    /// Lets writes go on while it is made. The migration must say `no_transaction`.
    pub fn concurrently(mut self) -> Self {
        match self.flags.as_mut() {
            Some((concurrently, _)) => **concurrently = true,
            None => self.mistake("an index of a new table is not made concurrently; nothing writes to it yet"),
        }
        self
    }

    /// Leaves an index of this name as it is.
    pub fn if_not_exists(mut self) -> Self {
        match self.flags.as_mut() {
            Some((_, if_not_exists)) => **if_not_exists = true,
            None => self.mistake("write `m.create_index(..).if_not_exists()` for an index that may be there"),
        }
        self
    }

    fn edit(mut self, change: impl FnOnce(&mut Index)) -> Self {
        if let Some(index) = self.index.as_deref_mut() {
            change(index);
        }
        self
    }

    fn last(mut self, change: impl FnOnce(&mut IndexColumn)) -> Self {
        match self.index.as_deref_mut().and_then(|index| index.columns.last_mut()) {
            Some(column) => change(column),
            None => self.mistake("name a column before this"),
        }
        self
    }

    fn mistake(&mut self, message: &str) {
        if let Some(mistakes) = self.mistakes.as_deref_mut() {
            mistakes.push(message.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_name_has_the_words_of_expressions_too() {
        let columns = [IndexColumn::column("author_id"), IndexColumn::expression("lower(title)")];
        assert_eq!(usual_name("posts", &columns), "posts_author_id_lower_title_index");
    }
}
