//! Which values from outside count as none.

use serde_json::Value as Json;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// The values that casting takes for an absence of one: by default a text that is empty or blank, as a form sends it for a
/// field that was not filled in.
#[derive(Clone)]
pub struct EmptyValues(Arc<dyn Fn(&Json) -> bool + Send + Sync>);

impl EmptyValues {
    /// No value: an empty text is a text.
    pub fn none() -> Self {
        EmptyValues::by(|_| false)
    }

    /// The values that `test` holds for.
    pub fn by(test: impl Fn(&Json) -> bool + Send + Sync + 'static) -> Self {
        EmptyValues(Arc::new(test))
    }

    /// Whether these are the same, not only alike.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn has(&self, value: &Json) -> bool {
        (self.0)(value)
    }
}

impl Default for EmptyValues {
    fn default() -> Self {
        static DEFAULT: LazyLock<EmptyValues> =
            LazyLock::new(|| EmptyValues::by(|value| value.as_str().is_some_and(|text| text.trim().is_empty())));
        DEFAULT.clone()
    }
}

impl fmt::Debug for EmptyValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmptyValues")
    }
}
