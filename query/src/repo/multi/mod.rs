//! Several writes as a value: named steps, which see what those before them gave, and which are kept together or not at all.

mod done;
mod read;
mod run;
mod step;
mod write;

pub use done::{Done, Step};
pub use step::{StepInfo, StepKind};

use crate::error::Error;
use crate::repo::Repo;
use done::given;
use std::any::Any;
use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use step::{Planned, Running, Work};

/// Named steps to run in one transaction, as a value: build it in one place, look at it in a test, run it with
/// [`repo.multi(..)`](Repo::multi).
///
/// Each method that adds a step gives its typed [`Step`], by which later steps and the caller reach what it gave. A name is
/// anything that can be displayed (`format_args!("item {i}")` in a loop), and stands once in a multi. The methods
/// ending in `_with` take a function of what is done so far.
///
/// ```
/// use peristyle_query::repo::Multi;
///
/// let mut multi = Multi::new();
/// let price = multi.put("price", 20);
/// let total = multi.put_with("total", move |done| done[price] * 3);
/// let names: Vec<_> = multi.steps().map(|step| step.name().to_owned()).collect();
/// assert_eq!(names, ["price", "total"]);
/// # let _ = total;
/// ```
#[must_use = "a multi does nothing until repo.multi(..) runs it"]
#[derive(Default)]
pub struct Multi {
    steps: Vec<Planned>,
}

impl Multi {
    /// No steps yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is known of the steps without a store, in order. For tests.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = StepInfo<'_>> {
        self.steps.iter().map(StepInfo)
    }

    /// What is known of the step of a name.
    pub fn named(&self, name: &str) -> Option<StepInfo<'_>> {
        self.steps().find(|step| step.name() == name)
    }

    /// Runs an async function with the transaction's handle and what is done so far. What it returns is what the step
    /// gives; an error ends the multi.
    ///
    /// ```
    /// # use peristyle_query::{error::Error, repo::{Done, Multi, Repo}};
    /// # async fn charge(_: i64) -> Result<String, Error> { Ok(String::new()) }
    /// # let mut multi = Multi::new();
    /// # let total = multi.put("total", 60);
    /// let receipt = multi.run("receipt", async move |_tx, done| charge(done[total]).await);
    /// ```
    #[track_caller]
    pub fn run<T, F, Fut>(&mut self, name: impl fmt::Display, body: F) -> Step<T>
    where
        F: AsyncFnOnce(Repo, Done) -> Result<T, Error> + FnOnce(Repo, Done) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Error>> + Send + 'static,
        T: Any + Send + Sync,
    {
        self.work(name, StepKind::Run, Location::caller(), move |repo, done| {
            let running = body(repo, done.clone());
            Box::pin(async move { running.await.map(given) })
        })
    }

    /// Gives a value.
    #[track_caller]
    pub fn put<T: Any + Send + Sync>(&mut self, name: impl fmt::Display, value: T) -> Step<T> {
        self.put_with(name, move |_| value)
    }

    /// Gives what a function makes of what is done so far.
    #[track_caller]
    pub fn put_with<T: Any + Send + Sync>(
        &mut self,
        name: impl fmt::Display,
        value: impl FnOnce(&Done) -> T + Send + 'static,
    ) -> Step<T> {
        self.work(name, StepKind::Put, Location::caller(), move |_, done| {
            let value = given(value(done));
            Box::pin(async move { Ok(value) })
        })
    }

    /// Fails, so that nothing is kept: the step's error is [`Error::rollback`] with the value.
    #[track_caller]
    pub fn error<T: Any + Send + Sync>(&mut self, name: impl fmt::Display, value: T) {
        self.error_with(name, move |_| value);
    }

    /// The same, with what a function makes of what is done so far.
    #[track_caller]
    pub fn error_with<T: Any + Send + Sync>(
        &mut self,
        name: impl fmt::Display,
        value: impl FnOnce(&Done) -> T + Send + 'static,
    ) {
        let _: Step<()> = self.work(name, StepKind::Error, Location::caller(), move |_, done| {
            let error = Error::rollback(value(done));
            Box::pin(async move { Err(error) })
        });
    }

    /// Looks at what is done so far, when the steps before it have run.
    #[track_caller]
    pub fn inspect(&mut self, look: impl FnOnce(&Done) + Send + 'static) {
        let _: Step<()> = self.add("inspect", StepKind::Inspect, Location::caller(), Work::Look(Box::new(look)));
    }

    /// Runs, in its place, the steps that a function makes of what is done so far. What they give is reached by
    /// [`Done::named`], or by handles that the function lets out.
    #[track_caller]
    pub fn merge_with(&mut self, multi: impl FnOnce(&Done) -> Multi + Send + 'static) {
        let _: Step<()> = self.add("merge", StepKind::Merge, Location::caller(), Work::Merge(Box::new(multi)));
    }

    /// Adds the steps of another multi after these.
    pub fn append(&mut self, mut other: Multi) {
        self.steps.append(&mut other.steps);
    }

    /// Adds the steps of another multi before these.
    pub fn prepend(&mut self, mut other: Multi) {
        other.steps.append(&mut self.steps);
        self.steps = other.steps;
    }

    fn work<T>(
        &mut self,
        name: impl fmt::Display,
        kind: StepKind,
        location: &'static Location<'static>,
        run: impl FnOnce(Repo, &Done) -> Running + Send + 'static,
    ) -> Step<T> {
        self.add(name, kind, location, Work::Run(Box::new(run)))
    }

    fn add<T>(
        &mut self,
        name: impl fmt::Display,
        kind: StepKind,
        location: &'static Location<'static>,
        work: Work,
    ) -> Step<T> {
        let step = Step::new();
        self.steps.push(Planned { id: step.id, name: name.to_string().into(), kind, work, location });
        step
    }

    /// The names of the steps that have one of their own.
    fn names(&self) -> impl Iterator<Item = Arc<str>> {
        self.steps.iter().filter(|step| step.kind.is_named()).map(|step| step.name.clone())
    }
}

/// The first name that stands there twice.
fn duplicate(mut names: impl Iterator<Item = Arc<str>>) -> Option<Arc<str>> {
    let mut seen = HashSet::new();
    names.find(|name| !seen.insert(name.clone()))
}

/// Shows the steps.
impl fmt::Debug for Multi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.steps()).finish()
    }
}
