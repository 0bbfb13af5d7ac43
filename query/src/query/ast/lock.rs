//! Locks on the rows that a query reads.

/// A lock on rows that lasts until the end of the transaction, from the strongest to the weakest.
///
/// [`skip_locked`](Lock::skip_locked) and [`nowait`](Lock::nowait) say what happens with a row that another transaction has
/// locked; by default the read waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lock {
    /// The row is to be updated or deleted: nobody else may do so, nor take any of these locks.
    ForUpdate,
    /// The same, without its key: rows that point at it may be inserted.
    ForNoKeyUpdate,
    /// The row is to stay as it is: others may read it so, too.
    ForShare,
    /// The key of the row is to stay as it is.
    ForKeyShare,
}

impl Lock {
    /// Passes over rows that others have locked.
    pub fn skip_locked(self) -> RowLock {
        RowLock { strength: self, locked: Locked::Skip }
    }

    /// Fails if others have locked a row.
    pub fn nowait(self) -> RowLock {
        RowLock { strength: self, locked: Locked::Fail }
    }
}

/// A [`Lock`], and what happens with rows that others have locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowLock {
    /// How strong it is.
    pub strength: Lock,
    /// What happens with a row that another transaction has locked.
    pub locked: Locked,
}

/// What happens with a row that another transaction has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Locked {
    /// The read waits for it.
    Wait,
    /// The row is left out.
    Skip,
    /// The read fails.
    Fail,
}

impl From<Lock> for RowLock {
    fn from(strength: Lock) -> Self {
        RowLock { strength, locked: Locked::Wait }
    }
}
