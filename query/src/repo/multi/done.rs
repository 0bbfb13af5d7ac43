//! What the steps of a multi have given, and the handles to it.

use std::any::{Any, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Index;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A step of a [`Multi`](super::Multi): the way to what it gives, with its type.
pub struct Step<T> {
    pub(super) id: u64,
    gives: PhantomData<fn() -> T>,
}

impl<T> Step<T> {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Step { id: NEXT.fetch_add(1, Ordering::Relaxed), gives: PhantomData }
    }
}

impl<T> Clone for Step<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Step<T> {}

impl<T> fmt::Debug for Step<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Step<{}>", type_name::<T>())
    }
}

/// A value that a step gives, whatever its type.
pub(super) type Given = (Arc<dyn Any + Send + Sync>, &'static str);

/// A value as what a step gives.
pub(super) fn given<T: Any + Send + Sync>(value: T) -> Given {
    (Arc::new(value), type_name::<T>())
}

/// What the steps of a [`Multi`](super::Multi) have given: all of them, or those before a step that runs or failed.
///
/// `done[step]` borrows, [`get`](Done::get) is for a step that may not have run, and [`take`](Done::take) moves out. A clone
/// shares the values.
#[derive(Clone, Default)]
pub struct Done {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    id: u64,
    name: Arc<str>,
    value: Arc<dyn Any + Send + Sync>,
    of: &'static str,
}

impl Done {
    pub(super) fn push(&mut self, id: u64, name: Arc<str>, (value, of): Given) {
        self.entries.push(Entry { id, name, value, of });
    }

    /// What a step gave, or `None` if it has not run or was taken.
    pub fn get<T: Any>(&self, step: Step<T>) -> Option<&T> {
        self.entries.iter().find(|entry| entry.id == step.id)?.value.downcast_ref()
    }

    /// What the step of a name gave, if it is a `T`: for steps whose handle is out of reach.
    pub fn named<T: Any>(&self, name: &str) -> Option<&T> {
        self.entries.iter().find(|entry| &*entry.name == name)?.value.downcast_ref()
    }

    /// The names of the steps that have run, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.name)
    }

    /// Takes what a step gave, or `None` if it has not run, was taken, or a clone still has it.
    pub fn remove<T: Any + Send + Sync>(&mut self, step: Step<T>) -> Option<T> {
        let place = self.entries.iter().position(|entry| entry.id == step.id)?;
        let Entry { id, name, value, of } = self.entries.remove(place);
        match value.downcast::<T>().map(Arc::try_unwrap) {
            Ok(Ok(value)) => Some(value),
            Ok(Err(shared)) => {
                self.entries.insert(place, Entry { id, name, value: shared, of });
                None
            }
            Err(_) => None,
        }
    }

    /// Takes what a step gave.
    ///
    /// # Panics
    ///
    /// If there is nothing to take: the step belongs to another multi or was taken, or a clone of this still has its value. See
    /// [`remove`](Done::remove).
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn take<T: Any + Send + Sync>(&mut self, step: Step<T>) -> T {
        match self.remove(step) {
            Some(value) => value,
            None => panic!("{} {step:?}: {self:?}; use done.remove(step) if that may be", missing()),
        }
    }
}

fn missing() -> &'static str {
    "the multi's results hold nothing (or share it with a clone) of"
}

/// Borrows what a step gave.
///
/// # Panics
///
/// If the step has not run, belongs to another multi, or was taken. See [`get`](Done::get).
impl<T: Any> Index<Step<T>> for Done {
    type Output = T;

    #[track_caller]
    #[allow(clippy::panic)]
    fn index(&self, step: Step<T>) -> &T {
        match self.get(step) {
            Some(value) => value,
            None => panic!("{} {step:?}: {self:?}; use done.get(step) if that may be", missing()),
        }
    }
}

/// Shows the names and the types; a value may hold what must not be shown.
impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_map();
        for entry in &self.entries {
            shown.entry(&entry.name, &format_args!("{}", entry.of));
        }
        shown.finish()
    }
}
