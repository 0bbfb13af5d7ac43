//! What a changeset was refused for.

use crate::changeset::{Action, Changeable, Changeset, Errors};
use serde_json::{Map, Value as Json};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A changeset that was not written, or not applied, with the errors of its fields.
#[derive(Clone)]
pub struct Invalid {
    schema: &'static str,
    action: Option<Action>,
    errors: Errors,
    params: Option<Map<String, Json>>,
    changeset: Arc<dyn Any + Send + Sync>,
}

impl Invalid {
    pub(crate) fn new<S: Changeable>(changeset: Changeset<S>) -> Self {
        Invalid {
            schema: S::shape().name,
            action: changeset.action(),
            errors: changeset.errors(),
            params: changeset.params().cloned(),
            changeset: Arc::new(changeset),
        }
    }

    /// The name of the struct.
    pub fn schema(&self) -> &'static str {
        self.schema
    }

    /// What was tried.
    pub fn action(&self) -> Option<Action> {
        self.action
    }

    /// The errors. They serialize to messages by field.
    pub fn errors(&self) -> &Errors {
        &self.errors
    }

    /// What was cast, as it came from outside, for a form that is shown again.
    pub fn params(&self) -> Option<&Map<String, Json>> {
        self.params.as_ref()
    }

    /// The changeset, if it is one of `S`.
    pub fn changeset<S: Changeable>(&self) -> Option<&Changeset<S>> {
        self.changeset.downcast_ref()
    }

    /// The changeset itself, if it is one of `S`. Its errors stay: what is mended is cast or changed anew.
    ///
    /// # Errors
    ///
    /// This, if it is of another struct, or if a clone of the error has it too.
    pub fn into_changeset<S: Changeable>(self) -> Result<Changeset<S>, Self> {
        let Invalid { schema, action, errors, params, changeset } = self;
        match changeset.downcast::<Changeset<S>>() {
            Ok(changeset) => {
                Arc::try_unwrap(changeset).map_err(|changeset| Invalid { schema, action, errors, params, changeset })
            }
            Err(changeset) => Err(Invalid { schema, action, errors, params, changeset }),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            Some(action) => write!(f, "cannot {action} {}: {}", self.schema, self.errors),
            None => write!(f, "{} is invalid: {}", self.schema, self.errors),
        }
    }
}

/// Without the params, which may hold what must not be shown.
impl fmt::Debug for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invalid")
            .field("schema", &self.schema)
            .field("action", &self.action)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}
