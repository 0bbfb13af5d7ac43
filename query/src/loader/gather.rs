//! Gathering what is asked for one at a time into rounds, each of which is answered at once.

use crate::adapter::BoxFuture;
use crate::error::Error;
use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared, poll_fn};
use std::collections::HashMap;
use std::hash::Hash;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// What answers all keys of a round. A key without a value is left out.
type Answer<K, V> =
    Box<dyn Fn(Vec<K>, &'static Location<'static>) -> BoxFuture<'static, Result<HashMap<K, V>, Error>> + Send + Sync>;

/// The values of a round.
type Found<K, V> = Result<Arc<HashMap<K, Arc<V>>>, Error>;

/// The future of a round. Whoever waits for it drives it, so that it goes on when others give up; when nobody waits any
/// more, it is gone.
type Running<K, V> = BoxFuture<'static, Found<K, V>>;

/// One kind of thing to be loaded: what is known of it, and who waits for more.
pub(super) struct Gather<K, V> {
    shared: Arc<State<K, V>>,
}

impl<K, V> Clone for Gather<K, V> {
    fn clone(&self) -> Self {
        Gather { shared: self.shared.clone() }
    }
}

struct State<K, V> {
    answer: Answer<K, V>,
    known: Mutex<Known<K, V>>,
}

struct Known<K, V> {
    values: HashMap<K, Entry<K, V>>,
    /// The round that takes keys, if it is not running already.
    open: Option<Waiting<K, V>>,
}

enum Entry<K, V> {
    Loaded(Option<Arc<V>>),
    Waiting(Waiting<K, V>),
}

/// A round, for those who do not wait for it themselves.
struct Waiting<K, V> {
    round: Arc<Round<K>>,
    running: WeakShared<Running<K, V>>,
}

/// The keys that are asked for; `None` once they are taken.
struct Round<K>(Mutex<Option<Vec<K>>>);

/// How a key was found.
enum Asked<K, V> {
    Loaded(Option<Arc<V>>),
    Waiting(Arc<Round<K>>, Shared<Running<K, V>>),
}

/// How often one who asks lets others go first, at most.
const TURNS: u32 = 16;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K> Round<K> {
    /// Adds a key; says whether the round still took it.
    fn add(&self, key: K) -> bool {
        match &mut *lock(&self.0) {
            Some(keys) => {
                keys.push(key);
                true
            }
            None => false,
        }
    }

    fn take(&self) -> Vec<K> {
        lock(&self.0).take().unwrap_or_default()
    }

    /// Gives way until all who are about to ask have asked: until a turn adds no key, or the round runs.
    async fn gathered(&self) {
        let (mut seen, mut turns) = (0, 0);
        poll_fn(|context| {
            let count = lock(&self.0).as_ref().map(Vec::len);
            match count {
                Some(count) if count != seen && turns < TURNS => {
                    seen = count;
                    turns += 1;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
}

impl<K, V> Gather<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(super) fn new(
        answer: impl Fn(Vec<K>, &'static Location<'static>) -> BoxFuture<'static, Result<HashMap<K, V>, Error>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let known = Mutex::new(Known { values: HashMap::new(), open: None });
        Gather { shared: Arc::new(State { answer: Box::new(answer), known }) }
    }

    /// The value of a key: the one that is known, or that of the round that the key goes to.
    pub(super) async fn load(&self, key: K, location: &'static Location<'static>) -> Result<Option<Arc<V>>, Error> {
        match self.ask(&key, location) {
            Asked::Loaded(value) => Ok(value),
            Asked::Waiting(round, running) => {
                round.gathered().await;
                Ok(running.await?.get(&key).cloned())
            }
        }
    }

    /// Forgets all values. Those of rounds that are open or running still reach who waits for them, and nobody else.
    pub(super) fn clear(&self) {
        let mut known = lock(&self.shared.known);
        known.values.clear();
        known.open = None;
    }

    fn ask(&self, key: &K, location: &'static Location<'static>) -> Asked<K, V> {
        let mut known = lock(&self.shared.known);
        match known.values.get(key) {
            Some(Entry::Loaded(value)) => return Asked::Loaded(value.clone()),
            Some(Entry::Waiting(waiting)) => {
                if let Some(running) = waiting.running.upgrade() {
                    return Asked::Waiting(waiting.round.clone(), running);
                }
            }
            None => {}
        }
        let open = known.open.as_ref().and_then(|open| {
            let running = open.running.upgrade()?;
            open.round.add(key.clone()).then(|| (open.round.clone(), running))
        });
        let (round, running) = open.unwrap_or_else(|| {
            let round = Arc::new(Round(Mutex::new(Some(vec![key.clone()]))));
            let running = self.run(round.clone(), location);
            known.open = Waiting::of(&round, &running);
            (round, running)
        });
        if let Some(waiting) = Waiting::of(&round, &running) {
            known.values.insert(key.clone(), Entry::Waiting(waiting));
        }
        Asked::Waiting(round, running)
    }

    /// The future of a round, which closes it when it is polled first.
    fn run(&self, round: Arc<Round<K>>, location: &'static Location<'static>) -> Shared<Running<K, V>> {
        let state = self.shared.clone();
        let running: Running<K, V> = Box::pin(async move {
            let keys = round.take();
            let answer = (state.answer)(keys.clone(), location).await;
            state.keep(&round, keys, answer)
        });
        running.shared()
    }
}

impl<K: Clone + Eq + Hash, V> State<K, V> {
    /// Keeps the values of a round; after an error its keys can be asked for again.
    fn keep(&self, round: &Arc<Round<K>>, keys: Vec<K>, answer: Result<HashMap<K, V>, Error>) -> Found<K, V> {
        let found = answer.map(|values| values.into_iter().map(|(key, value)| (key, Arc::new(value))).collect());
        let found: Result<HashMap<K, Arc<V>>, Error> = found;
        let mut known = lock(&self.known);
        for key in keys {
            // A key that was forgotten meanwhile, or asked for anew, is no longer this round's.
            let own =
                |entry: &Entry<K, V>| matches!(entry, Entry::Waiting(waiting) if Arc::ptr_eq(&waiting.round, round));
            if !known.values.get(&key).is_some_and(own) {
                continue;
            }
            match &found {
                Ok(values) => {
                    let value = values.get(&key).cloned();
                    known.values.insert(key, Entry::Loaded(value));
                }
                Err(_) => {
                    known.values.remove(&key);
                }
            }
        }
        found.map(Arc::new)
    }
}

impl<K, V> Waiting<K, V> {
    fn of(round: &Arc<Round<K>>, running: &Shared<Running<K, V>>) -> Option<Self> {
        running.downgrade().map(|running| Waiting { round: round.clone(), running })
    }
}
