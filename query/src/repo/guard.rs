//! Finding N+1: reads that one line of the program sends once per row.

use super::Repo;
use crate::adapter::{Observer, Request};
use crate::error::{Error, NPlusOne};
use crate::query::ast::{BinaryOperator, Binding, Expression, Operation, Select, Source, Step, UnaryOperator};
use crate::schema::{AssociationKeys, AssociationMeta, FieldMeta, SchemaMeta};
use crate::statement::Statement;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use tokio::task;

/// What a repo does about N+1 reads; for [`Repo::guard_n_plus_one`].
///
/// ```
/// use peristyle_query::repo::Guard;
///
/// let in_tests = Guard::error_after(3);
/// let in_development = Guard::report_after(3, |found| eprintln!("{found}\n  at: {}", found.location));
/// # let _ = (in_tests, in_development);
/// ```
#[derive(Clone)]
pub struct Guard {
    limit: u32,
    /// What is called instead of failing.
    report: Option<Arc<dyn Fn(&NPlusOne) + Send + Sync>>,
}

impl Guard {
    /// A guard that lets `limit` reads of the same statement pass and refuses the next with [`Error::NPlusOne`]: for tests.
    ///
    /// ```
    /// use peristyle_query::repo::Guard;
    /// assert_eq!(format!("{:?}", Guard::error_after(3)), "Guard::error_after(3)");
    /// ```
    pub fn error_after(limit: u32) -> Self {
        Guard { limit, report: None }
    }

    /// A guard that lets every read pass, and calls `report` when a statement is read more than `limit` times: for
    /// development. It is called once for each place and statement, before the statement is sent.
    ///
    /// ```
    /// use peristyle_query::error::NPlusOne;
    /// use peristyle_query::repo::Guard;
    ///
    /// let guard = Guard::report_after(3, |found: &NPlusOne| eprintln!("{found}\n  at: {}", found.location));
    /// assert_eq!(format!("{guard:?}"), "Guard::report_after(3, ..)");
    /// ```
    pub fn report_after(limit: u32, report: impl Fn(&NPlusOne) + Send + Sync + 'static) -> Self {
        Guard { limit, report: Some(Arc::new(report)) }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.report {
            None => write!(f, "Guard::error_after({})", self.limit),
            Some(_) => write!(f, "Guard::report_after({}, ..)", self.limit),
        }
    }
}

impl Repo {
    /// The same repo, which looks for N+1: one task that reads the same statement, values apart, from the same line of the
    /// program more often than `guard` allows.
    ///
    /// Each call of this method starts counts of its own, and so does each [`capture`](Repo::capture); clones and
    /// transactions share theirs. Writes, raw SQL and `explain` are not counted, and a call that sends several statements
    /// counts once. A server makes a guarded repo for each HTTP request, since one task may serve many. Outside of Tokio,
    /// a thread counts as a task.
    ///
    /// ```text
    /// let repo = repo.guard_n_plus_one(Guard::error_after(3));
    /// for post in &posts {
    ///     let comments = repo.all_by::<Comment>(|c| c.post_id.eq(post.id)).await?; // the fourth fails
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The repo's reads: [`Error::NPlusOne`], with [`Guard::error_after`]. The statement was not sent, so that a
    /// transaction goes on if the error is handled.
    pub fn guard_n_plus_one(&self, guard: Guard) -> Self {
        self.with(|handle| handle.counts = Some(Arc::new(Counts::new(guard))))
    }

    /// The same repo, whose guard has seen nothing yet.
    pub(super) fn with_new_counts(&self) -> Self {
        match &self.handle.counts {
            Some(counts) => self.guard_n_plus_one(counts.guard.clone()),
            None => self.clone(),
        }
    }

    /// The same repo without a guard, for what a call sends after its first statement: the call counts once.
    pub(crate) fn within_call(&self) -> Self {
        match &self.handle.counts {
            Some(_) => self.with(|handle| handle.counts = None),
            None => self.clone(),
        }
    }
}

/// How many places a guard remembers.
const REMEMBERED: usize = 4_096;

/// How often each place read each statement.
pub(super) struct Counts {
    guard: Guard,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// How many reads there were: the time of this guard.
    reads: u64,
    places: HashMap<(Task, Place), Reads>,
    reported: HashSet<Place>,
}

struct Reads {
    count: u32,
    last: u64,
}

/// A line of the program and the text of a statement that it sends.
type Place = (&'static Location<'static>, Arc<str>);

/// What runs one step after the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Task {
    Tokio(task::Id),
    Thread(ThreadId),
}

impl Task {
    fn current() -> Self {
        task::try_id().map_or_else(|| Task::Thread(thread::current().id()), Task::Tokio)
    }
}

impl Seen {
    /// Counts a read, and says how many that makes.
    fn count(&mut self, task: Task, place: Place) -> u32 {
        self.reads += 1;
        let key = (task, place);
        if self.places.len() >= REMEMBERED && !self.places.contains_key(&key) {
            self.forget();
        }
        let reads = self.places.entry(key).or_insert(Reads { count: 0, last: 0 });
        reads.count = reads.count.saturating_add(1);
        reads.last = self.reads;
        reads.count
    }

    /// Forgets the half that was not used for longest.
    fn forget(&mut self) {
        let mut times: Vec<u64> = self.places.values().map(|reads| reads.last).collect();
        let middle = times.len() / 2;
        let (_, &mut oldest, _) = times.select_nth_unstable(middle);
        self.places.retain(|_, reads| reads.last >= oldest);
    }

    /// Whether a place is to be reported: the first time, as far as is remembered.
    fn report(&mut self, place: Place) -> bool {
        if self.reported.len() >= REMEMBERED {
            self.reported.clear();
        }
        self.reported.insert(place)
    }
}

impl Counts {
    fn new(guard: Guard) -> Self {
        Counts { guard, seen: Mutex::default() }
    }

    /// Counts a read, and says how many that makes if they are too many and nobody knows yet.
    fn excess(&self, statement: &Statement, location: &'static Location<'static>) -> Option<u32> {
        let place = (location, statement.text());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = seen.count(Task::current(), place.clone());
        let wanted = count > self.guard.limit && (self.guard.report.is_none() || seen.report(place));
        wanted.then_some(count)
    }
}

impl Observer for Counts {
    fn statement(&self, statement: &Statement, request: &Request) -> Result<(), Error> {
        let Operation::Select(select) = &request.operation else { return Ok(()) };
        let Some(count) = self.excess(statement, request.location) else { return Ok(()) };
        let found = NPlusOne {
            schema: select.schema().map_or("row", |schema| schema.name),
            field: compared_field(select).map(|field| field.name),
            count,
            statement: statement.sql().into(),
            location: request.location,
            suggestion: suggestion(select),
        };
        match &self.guard.report {
            Some(report) => {
                report(&found);
                Ok(())
            }
            None => Err(Error::from(found).in_statement(statement.sql()).at(request.location)),
        }
    }
}

/// What to write instead of reading `select` once per row.
fn suggestion(select: &Select) -> String {
    let (Some(schema), Some(field)) = (select.schema(), compared_field(select)) else {
        return "read it once before the loop and keep what it gives, or ask for all the rows with one query"
            .to_owned();
    };
    let (name, letter) = (field.name, letter(schema));
    if select.expressions().flatten().any(|step| matches!(step, Step::Aggregate { .. })) {
        return format!(
            "ask for all groups at once (`.filter(|{letter}| {letter}.{name}.in_(keys)).group_by(|{letter}| \
             {letter}.{name})`, with the key and the aggregate in `.select(..)`)"
        );
    }
    format!(
        "preload it with the query that gives the rows (`{}`), ask for all keys at once (`.filter(|{letter}| \
         {letter}.{name}.in_(keys))`), or use a `Loader`",
        preload(schema, field)
    )
}

/// The preload that reads the rows of `schema` with a value of `field`: along the association that leads there, if the row
/// knows the one that it belongs to; else by a likely name.
fn preload(schema: &SchemaMeta, field: &FieldMeta) -> String {
    let parent = schema.associations.iter().find_map(|association| match association.keys {
        AssociationKeys::Direct { own: [own], .. } if *own == field.name => Some(association.target.meta()),
        _ => None,
    });
    let children = parent.and_then(|parent| {
        let leads_here = |association: &&AssociationMeta| {
            let keys = matches!(association.keys, AssociationKeys::Direct { target: [key], .. } if *key == field.name);
            keys && std::ptr::eq(association.target.meta(), schema)
        };
        parent.associations.iter().find(leads_here).map(|association| (parent, association.name))
    });
    match children {
        Some((parent, name)) => format!(".preload(|{0}| {0}.{name}())", letter(parent)),
        None if is_key(schema, field) => format!(".preload(|x| x.{}())", snake_case(schema.name)),
        None => format!(".preload(|x| x.{}())", schema.table),
    }
}

/// The field of the root that must equal a value: the key or a foreign key, if there are several.
fn compared_field(select: &Select) -> Option<&'static FieldMeta> {
    if let Source::Subquery(inner) = &select.source
        && let Some(field) = compared_field(inner)
    {
        return Some(field);
    }
    let schema = select.schema()?;
    let fields = || select.filter.iter().filter(|steps| is_conjunction(steps)).flat_map(|steps| compared_fields(steps));
    let is_reference = |field: &&FieldMeta| field.references.is_some() || field.name.ends_with("_id");
    fields().find(|field| is_key(schema, field)).or_else(|| fields().find(is_reference)).or_else(|| fields().next())
}

/// The root's columns of a condition that are compared with a value.
fn compared_fields(steps: &[Step]) -> impl Iterator<Item = &'static FieldMeta> {
    steps.windows(3).filter_map(|window| match window {
        [
            Step::Column(Binding { depth: 0, index: 0, .. }, field),
            Step::Value { .. },
            Step::Binary(BinaryOperator::Equal | BinaryOperator::IsNotDistinctFrom),
        ] => Some(*field),
        _ => None,
    })
}

/// Whether all parts of a condition must hold.
fn is_conjunction(steps: &Expression) -> bool {
    !steps
        .iter()
        .any(|step| matches!(step, Step::Any(_) | Step::Binary(BinaryOperator::Or) | Step::Unary(UnaryOperator::Not)))
}

fn is_key(schema: &SchemaMeta, field: &FieldMeta) -> bool {
    schema.key_fields().any(|(_, key)| key.name == field.name)
}

/// The variable of a closure over the columns of a schema.
pub(super) fn letter(schema: &SchemaMeta) -> char {
    schema.name.chars().next().map_or('x', |first| first.to_ascii_lowercase())
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_that_were_not_used_for_longest_are_forgotten() {
        let (mut seen, task, location) = (Seen::default(), Task::current(), Location::caller());
        let place = |number: usize| -> Place { (location, format!("SELECT {number}").into()) };
        for number in 0..REMEMBERED {
            assert_eq!(seen.count(task, place(number)), 1);
        }
        assert_eq!(seen.count(task, place(0)), 2);
        assert_eq!(seen.count(task, place(REMEMBERED)), 1);
        assert!(seen.places.len() <= REMEMBERED);
        assert_eq!(seen.count(task, place(0)), 3, "used lately");
        assert_eq!(seen.count(task, place(REMEMBERED - 1)), 2, "used lately");
        assert_eq!(seen.count(task, place(1)), 1, "forgotten");
    }

    #[test]
    fn a_guard_remembers_no_more_reports_than_places() {
        let (mut seen, location) = (Seen::default(), Location::caller());
        for number in 0..2 * REMEMBERED {
            assert!(seen.report((location, format!("SELECT {number}").into())));
            assert!(seen.reported.len() <= REMEMBERED);
        }
    }

    #[test]
    fn the_names_in_a_suggestion_are_those_of_rust() {
        assert_eq!(snake_case("Post"), "post");
        assert_eq!(snake_case("CompositePk"), "composite_pk");
    }
}
