//! A migration that changed after it was applied.

use super::MigrationId;
use super::set::Migration;
use super::version_table::Content;
use std::fmt;

/// A migration that changed after it was applied.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The migration.
    pub migration: MigrationId,
    /// Where it stands.
    pub place: String,
    /// What changed of the way up: the text that was applied, and that of now.
    pub up: Option<TextChange>,
    /// What changed of the way down.
    pub down: Option<TextChange>,
}

/// Two texts that do different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// The text when it was applied; empty if none was kept.
    pub before: String,
    /// The text of now; empty if there is none any more.
    pub now: String,
}

impl Changed {
    pub(crate) fn new(migration: &Migration, up: bool, down: bool, before: Content, now: Content) -> Self {
        let change = |differs: bool, before: Option<String>, now: Option<String>| {
            differs.then(|| TextChange { before: before.unwrap_or_default(), now: now.unwrap_or_default() })
        };
        Changed {
            migration: migration.id().clone(),
            place: migration.place(),
            up: change(up, before.script_up, now.script_up),
            down: change(down, before.script_down, now.script_down),
        }
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (&self.up, &self.down) {
            (Some(_), Some(_)) => "both ways",
            (None, Some(_)) => "the way down",
            _ => "the way up",
        };
        write!(f, "{} ({}): {what}", self.migration, self.place)
    }
}
