//! The name of a table, a type or another object, with its database schema.

use peristyle_sql::quoted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of an object: `posts`, or `blog.posts` with a prefix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct ObjectName {
    /// The database schema; `None` is the usual one.
    pub prefix: Option<String>,
    /// The name within it.
    pub name: String,
}

impl ObjectName {
    /// A name in the usual database schema. Dots are part of it.
    pub fn new(name: impl Into<String>) -> Self {
        ObjectName { prefix: None, name: name.into() }
    }

    /// A name in a database schema.
    pub fn with_prefix(prefix: impl Into<String>, name: impl Into<String>) -> Self {
        ObjectName { prefix: Some(prefix.into()), name: name.into() }
    }

    /// The name in quotes, as SQL has it: `"blog"."posts"`.
    pub fn quoted(&self) -> String {
        let name = quoted(&self.name);
        match &self.prefix {
            Some(prefix) => format!("{}.{name}", quoted(prefix)),
            None => name,
        }
    }
}

/// The bytes of a name that Postgres keeps.
pub(crate) const LONGEST_NAME: usize = 63;

/// The beginning of a name that fits into so many bytes.
pub(crate) fn cut(name: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    &name[..end.unwrap_or(0)]
}

/// As a person writes it: `blog.posts`. A backslash is put before a dot that is part of a name.
impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escaped = |name: &str| name.replace('\\', "\\\\").replace('.', "\\.");
        if let Some(prefix) = &self.prefix {
            write!(f, "{}.", escaped(prefix))?;
        }
        f.write_str(&escaped(&self.name))
    }
}

impl From<ObjectName> for String {
    fn from(name: ObjectName) -> String {
        name.to_string()
    }
}

/// Reads what [`Display`](fmt::Display) writes: the first dot without a backslash ends the prefix.
impl From<String> for ObjectName {
    fn from(text: String) -> Self {
        ObjectName::from(text.as_str())
    }
}

impl From<&str> for ObjectName {
    fn from(text: &str) -> Self {
        let (mut prefix, mut name, mut characters) = (None, String::new(), text.chars());
        while let Some(character) = characters.next() {
            match character {
                '\\' => name.extend(characters.next()),
                '.' if prefix.is_none() => prefix = Some(std::mem::take(&mut name)),
                character => name.push(character),
            }
        }
        ObjectName { prefix, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_as_it_was_written() {
        for name in [
            ObjectName::new("posts"),
            ObjectName::new("a.b"),
            ObjectName::with_prefix("blog", "posts"),
            ObjectName::with_prefix("b.l\\og", "po.sts\\"),
        ] {
            assert_eq!(ObjectName::from(name.to_string()), name, "{name}");
        }
    }

    #[test]
    fn quotes_in_a_name_are_doubled() {
        assert_eq!(ObjectName::with_prefix("a", "b\"c").quoted(), r#""a"."b""c""#);
    }
}
