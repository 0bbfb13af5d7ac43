//! Loading associations into rows in hand.

use super::{Loading, Repo};
use crate::adapter::BoxFuture;
use crate::association::{Nodes, Preloads};
use crate::error::Error;
use crate::expr::{Anchor, enter};
use crate::preload::{Parents, Place, Preload, preload_all};
use crate::schema::HasAssociations;
use std::future::IntoFuture;
use std::panic::Location;
use std::sync::Arc;

/// A preload of rows in hand; awaiting it runs it.
#[must_use = "nothing is loaded until it is awaited"]
pub struct Preloading<'r> {
    loading: Loading,
    preloads: Vec<Arc<dyn Preload>>,
    rows: Vec<Place<'r>>,
}

impl Repo {
    /// Loads associations into rows in hand, each with one statement, however many rows there are. What is completely
    /// loaded is not loaded again.
    ///
    /// # Parameters
    ///
    /// `rows` are a row, an `Option`, a `Vec` or a slice of rows, nested in any way, or of embedded structs with associations;
    /// `associations` receives their columns and gives an association, or a tuple of them.
    ///
    /// # Errors
    ///
    /// As [`all`](Repo::all); what was loaded before the error stays.
    #[track_caller]
    pub fn preload<'r, P, A>(
        &self,
        rows: &'r mut P,
        associations: impl FnOnce(<P::Row as HasAssociations>::Associations<P::Row>) -> A,
    ) -> Preloading<'r>
    where
        P: Parents + ?Sized,
        A: Preloads<P::Row>,
    {
        let mut nodes = Nodes::default();
        enter(|level| associations(P::Row::associations(Anchor::new(0, level))).append(&mut nodes));
        let mut gathered = Vec::new();
        rows.gather(&mut gathered);
        let rows = gathered.into_iter().map(|row| row as Place<'r>).collect();
        Preloading { loading: Loading::new(self, Location::caller()), preloads: nodes.0, rows }
    }
}

impl Preloading<'_> {
    /// Loads the associations even where they are loaded, those further in too.
    pub fn force(mut self) -> Self {
        self.loading.force();
        self
    }
}

impl<'r> IntoFuture for Preloading<'r> {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<'r, Result<(), Error>>;

    fn into_future(self) -> Self::IntoFuture {
        let Preloading { loading, preloads, mut rows } = self;
        Box::pin(async move {
            let result = match preloads.iter().try_for_each(|preload| preload.check()) {
                Ok(()) => preload_all(&loading, &preloads, &mut rows).await,
                Err(problem) => Err(problem.into()),
            };
            result.map_err(|error| error.at(loading.location()))
        })
    }
}
