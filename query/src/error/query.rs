//! Queries that make no sense, or that a store cannot run.

use std::borrow::Cow;
use std::fmt;

/// A mistake in a query that types cannot catch.
#[derive(Clone, Debug)]
pub struct QueryError {
    /// What is wrong and what to write instead.
    pub message: Cow<'static, str>,
}

impl QueryError {
    /// An error with this message.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        QueryError { message: message.into() }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Something that a store cannot do.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// The store, such as `sqlite`; empty where it is about several.
    pub store: &'static str,
    /// What it cannot do; of several, why they cannot.
    pub feature: Cow<'static, str>,
    /// What to do instead.
    pub instead: Cow<'static, str>,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unsupported { store, feature, instead } = self;
        match *store {
            "" => write!(f, "{feature}: {instead}"),
            store => write!(f, "{store} has no {feature}: {instead}"),
        }
    }
}
