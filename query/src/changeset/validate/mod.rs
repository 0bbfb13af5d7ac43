//! Validations: a file for each. None of them reaches a store, but for
//! [`unsafe_validate_unique`](super::Changeset::unsafe_validate_unique).
//!
//! A validation looks at what a field is changed to, if it is changed, and not to NULL: what is in the store already is not
//! validated again.

mod required;
