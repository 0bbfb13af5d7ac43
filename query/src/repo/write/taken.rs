//! What else of a refused row is taken: the check of its other unique constraints.

use crate::changeset::{Changeset, Refusal};
use crate::repo::Repo;
use crate::schema::Schema;
use std::panic::Location;

impl Repo {
    /// Adds the errors of the unique constraints that a row violates beside the one that refused it.
    pub(super) async fn also_taken<S: Schema>(
        &self,
        mut changeset: Changeset<S>,
        location: &'static Location<'static>,
    ) -> Refusal<S> {
        if changeset.is_taken() {
            let repo = self.within_call();
            for candidate in changeset.candidates() {
                let others = S::query().filter_steps(changeset.others_with(&candidate.values));
                match repo.has_row(others, location).await {
                    Ok(false) => {}
                    Ok(true) => {
                        let (field, error) = candidate.field_error();
                        changeset = changeset.add_error(field, error);
                    }
                    Err(error) => return Refusal::Error(error),
                }
            }
        }
        Refusal::Invalid(Box::new(changeset))
    }
}
