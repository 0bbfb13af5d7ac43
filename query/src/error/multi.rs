//! The error of a multi.

use super::Error;
use crate::repo::Done;
use std::fmt;

/// A step of a [`Multi`](crate::repo::Multi) that failed. Nothing of the multi was kept.
#[derive(Clone, Debug)]
pub struct MultiError {
    /// The name of the step.
    pub step: String,
    /// Why it failed: [`Error::Invalid`] for a changeset, the value of [`Error::rollback`], or any other error.
    pub cause: Error,
    /// What the steps before it had given.
    pub done: Done,
}

impl fmt::Display for MultiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {:?} of the multi failed, and nothing of it was kept: {}", self.step, self.cause)
    }
}
