//! FOR UPDATE and its kind, on the rows of the root. SQLite locks the whole database for a transaction that writes, and so
//! has no such clause.

use crate::renderer::Renderer;
use crate::target::Target;
use peristyle_query::query::ast::{Lock, Locked, Select};
use sea_query::{LockBehavior, LockType, SelectStatement};

impl Renderer<'_> {
    /// Adds the lock.
    pub(crate) fn lock(&self, select: &Select, statement: &mut SelectStatement) {
        let Some(lock) = select.lock.filter(|_| self.target == Target::Postgres) else { return };
        let strength = match lock.strength {
            Lock::ForUpdate => LockType::Update,
            Lock::ForNoKeyUpdate => LockType::NoKeyUpdate,
            Lock::ForShare => LockType::Share,
            Lock::ForKeyShare => LockType::KeyShare,
        };
        match lock.locked {
            Locked::Wait => statement.lock(strength),
            Locked::Skip => statement.lock_with_behavior(strength, LockBehavior::SkipLocked),
            Locked::Fail => statement.lock_with_behavior(strength, LockBehavior::Nowait),
        };
    }
}
