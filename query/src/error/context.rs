//! Where an error happened.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

/// The statement and the line of the program that an error came from, and the store, where there are several.
#[derive(Clone, Debug, Default)]
pub struct Context {
    statement: Option<Box<str>>,
    store: Option<Box<str>>,
    location: Option<&'static Location<'static>>,
}

impl Context {
    /// The SQL, or a store's command, that failed. It holds placeholders, never values.
    pub fn statement(&self) -> Option<&str> {
        self.statement.as_deref()
    }

    /// The name of the store, where a repo has several or its store has a name.
    pub fn store(&self) -> Option<&str> {
        self.store.as_deref()
    }

    /// The line of the program that made the call.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.location
    }

    pub(super) fn set_statement(&mut self, sql: &str) {
        if self.statement.is_none() {
            self.statement = Some(sql.into());
        }
    }

    pub(super) fn set_store(&mut self, name: &str) {
        if self.store.is_none() {
            self.store = Some(name.into());
        }
    }

    pub(super) fn set_location(&mut self, location: &'static Location<'static>) {
        self.location = self.location.or(Some(location));
    }
}

/// What went wrong, and where. It dereferences to the former.
#[derive(Clone, Debug)]
pub struct InContext<T> {
    what: T,
    context: Context,
}

impl<T> InContext<T> {
    pub(super) fn new(what: T) -> Self {
        InContext { what, context: Context::default() }
    }

    /// Where it happened.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What went wrong, alone.
    pub fn into_inner(self) -> T {
        self.what
    }

    pub(super) fn context_mut(&mut self) -> &mut Context {
        &mut self.context
    }
}

impl<T> Deref for InContext<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}

impl<T> DerefMut for InContext<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.what
    }
}

/// How much of a statement an error shows.
const SHOWN: usize = 600;

impl<T: fmt::Display> fmt::Display for InContext<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(f)?;
        if let Some(statement) = &self.context.statement {
            match statement.char_indices().nth(SHOWN) {
                Some((end, _)) => write!(f, "\n  in: {}…", &statement[..end])?,
                None => write!(f, "\n  in: {statement}")?,
            }
        }
        if let Some(store) = &self.context.store {
            write!(f, "\n  store: {store}")?;
        }
        if let Some(location) = self.context.location {
            write!(f, "\n  at: {location}")?;
        }
        Ok(())
    }
}
