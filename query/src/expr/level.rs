//! How deep in nested builder closures an expression was made.
//!
//! A scope's type is the schema, so inside `|u| exists(User::query().filter(|m| m.manager_id.eq(u.id)))` the compiler
//! cannot tell `m` from `u`. Their levels can: a column knows the closure that it came from, and one that is used in a
//! deeper closure is a reference to an outer query (a de Bruijn index).

use std::cell::Cell;

/// The depth of builder closures around a place in the program; 0 is outside of any.
pub(crate) type Level = u8;

thread_local! {
    static LEVEL: Cell<Level> = const { Cell::new(0) };
}

/// The level here.
pub(crate) fn current() -> Level {
    LEVEL.get()
}

/// Runs a builder closure one level deeper, giving it its level.
pub(crate) fn enter<R>(closure: impl FnOnce(Level) -> R) -> R {
    struct Leave(Level);
    impl Drop for Leave {
        fn drop(&mut self) {
            LEVEL.set(self.0);
        }
    }
    let leave = Leave(current());
    let level = leave.0.saturating_add(1);
    LEVEL.set(level);
    closure(level)
}
