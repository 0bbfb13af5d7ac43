//! Rendered statements, kept by the shape of what they were rendered from.

use crate::plan::{Plan, Repeated};
use crate::renderer::Renderer;
use crate::shape::Shape;
use crate::target::Target;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Operation;
use peristyle_query::statement::{Dialect, Statement};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Renders statements, and keeps their text for others of the same shape.
///
/// The shape is the dialect, the prefix and everything in the operation but its values; the types of values are part of
/// it. The whole of it is the key, so that two shapes never share a plan by accident. A full cache gives up a plan that
/// was not used for a while. A cache can be used from several threads at once.
///
/// ```
/// use peristyle_query::query::ast::{Operation, RawStatement};
/// use peristyle_query::statement::Dialect;
/// use peristyle_query::value::Value;
/// use peristyle_sql::PlanCache;
///
/// let cache = PlanCache::new(Dialect::Sqlite, PlanCache::DEFAULT_CAPACITY);
/// for id in 0..3 {
///     let raw = RawStatement { template: "SELECT {}".into(), values: vec![Value::I64(id)] };
///     cache.statement(&Operation::Raw(raw), None).unwrap();
/// }
/// assert_eq!(cache.len(), 1);
/// ```
pub struct PlanCache {
    dialect: Dialect,
    capacity: usize,
    plans: RwLock<Plans>,
}

/// The plans in a ring: the hand passes over those that were used since it last came by.
#[derive(Default)]
struct Plans {
    positions: HashMap<Arc<[u8]>, usize>,
    ring: Vec<Entry>,
    hand: usize,
}

struct Entry {
    key: Arc<[u8]>,
    plan: Arc<Plan>,
    used: AtomicBool,
}

impl PlanCache {
    /// How many plans are enough for most programs.
    pub const DEFAULT_CAPACITY: usize = 1_000;

    /// An empty cache that keeps up to `capacity` plans; with 0 it keeps none.
    pub fn new(dialect: Dialect, capacity: usize) -> Self {
        PlanCache { dialect, capacity, plans: RwLock::default() }
    }

    /// The statement of an operation, from a kept plan or newly rendered. `prefix` is the repo's.
    ///
    /// # Errors
    ///
    /// As [`render`](crate::render); an operation that is refused is not kept.
    pub fn statement(&self, operation: &Operation, prefix: Option<&str>) -> Result<Statement, Error> {
        let (plan, shape) = self.plan(operation, prefix)?;
        plan.statement(shape, operation)
    }

    /// The statement that runs once for each row of an operation, an INSERT of many rows of values on SQLite; `None` for
    /// any other. The values of the rows are left where they are.
    ///
    /// # Errors
    ///
    /// As [`render`](crate::render).
    pub fn repeated(&self, operation: &Operation, prefix: Option<&str>) -> Result<Option<Repeated>, Error> {
        let (plan, shape) = self.plan(operation, prefix)?;
        Ok(shape.is_repeated.then(|| plan.repeated(shape)))
    }

    fn plan(&self, operation: &Operation, prefix: Option<&str>) -> Result<(Arc<Plan>, Shape), Error> {
        let target = Target::of(self.dialect)?;
        let mut shape = Shape::of(target, prefix, operation)?;
        let kept = self.plans.read().unwrap_or_else(PoisonError::into_inner).get(&shape.key);
        let plan = match kept {
            Some(plan) => plan,
            None => {
                let plan = Arc::new(Renderer::new(target, prefix).plan(operation)?);
                let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
                plans.insert(std::mem::take(&mut shape.key), Arc::clone(&plan), self.capacity);
                plan
            }
        };
        Ok((plan, shape))
    }

    /// How many plans are kept.
    pub fn len(&self) -> usize {
        self.plans.read().unwrap_or_else(PoisonError::into_inner).ring.len()
    }

    /// Whether no plan is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Plans {
    fn get(&self, key: &[u8]) -> Option<Arc<Plan>> {
        let entry = self.ring.get(*self.positions.get(key)?)?;
        entry.used.store(true, Ordering::Relaxed);
        Some(Arc::clone(&entry.plan))
    }

    fn insert(&mut self, key: Vec<u8>, plan: Arc<Plan>, capacity: usize) {
        // Another thread may have been faster.
        if capacity == 0 || self.positions.contains_key(key.as_slice()) {
            return;
        }
        let key: Arc<[u8]> = key.into();
        let entry = Entry { key: Arc::clone(&key), plan, used: AtomicBool::new(false) };
        if self.ring.len() < capacity {
            self.positions.insert(key, self.ring.len());
            self.ring.push(entry);
            return;
        }
        while self.ring[self.hand].used.swap(false, Ordering::Relaxed) {
            self.hand = (self.hand + 1) % capacity;
        }
        self.positions.remove(&self.ring[self.hand].key);
        self.positions.insert(key, self.hand);
        self.ring[self.hand] = entry;
        self.hand = (self.hand + 1) % capacity;
    }
}
