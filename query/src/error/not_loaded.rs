//! An association that was asked for and is not in hand.

use crate::schema::AssociationMeta;
use std::fmt;

/// An association that is not loaded: nothing is ever loaded behind the program's back.
#[derive(Clone, Debug)]
pub struct NotLoaded {
    /// The schema that has the association, if it is known: a struct made by the program does not know.
    pub schema: Option<&'static str>,
    /// The name of the association, if it is known.
    pub association: Option<&'static str>,
    /// The schema that the association leads to.
    pub target: &'static str,
}

impl NotLoaded {
    pub(crate) fn new(association: Option<&'static AssociationMeta>, target: &'static str) -> Self {
        let schema = association.map(|association| association.owner);
        NotLoaded { schema, association: association.map(|association| association.name), target }
    }
}

impl fmt::Display for NotLoaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.schema, self.association) {
            (Some(schema), Some(name)) => {
                let initial = schema.chars().next().unwrap_or('x').to_ascii_lowercase();
                write!(
                    f,
                    "{schema}.{name} is not loaded: add `.preload(|{initial}| {initial}.{name}())` to the query, or call \
                     `repo.preload(&mut rows, |{initial}| {initial}.{name}())`"
                )
            }
            _ => write!(
                f,
                "an association to {} is not loaded, in a row that did not come from a store: set it, or preload it with \
                 `repo.preload(&mut row, ..)`",
                self.target
            ),
        }
    }
}
