//! The link to the store: sending commands to the server that has the keys, and what is tried again.

use crate::cluster::Cluster;
use crate::error::{connect_error, outcome_unknown, server_error, slot_is_moving};
use crate::node::{Address, Failure, Login, Node};
use crate::script::{Call, Script};
use crate::topology::{redirected, slot};
use futures_util::future::join_all;
use peristyle_query::error::Error;
use redis::{Arg, Cmd, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a command does, and so what may be done when its answer does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Send {
    /// It changes nothing: it is sent once more over a new connection.
    Read,
    /// It may have happened: it is never sent twice.
    Write,
}

/// The link to a Redis server, or to the servers of a Redis Cluster.
///
/// Connections that were lost are renewed. What a server refuses without having begun it (its slot moved, it is loading, the
/// cluster is electing) is tried again, for as long as an answer may take. A future that is dropped disturbs nobody: what it sent
/// runs to its end on the server.
#[derive(Clone)]
pub(crate) struct Link {
    inner: Arc<Inner>,
}

struct Inner {
    form: Form,
    patience: Duration,
    closed: AtomicBool,
}

enum Form {
    Server(Arc<Node>),
    Cluster(Arc<Cluster>),
}

/// Where a command is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// To whoever has its slot.
    Owner,
    /// To whom the last answer named.
    Moved(Address),
    /// To whom the last answer named for this once.
    Asked(Address),
}

/// How many commands are sent at once at most.
const PART: usize = 5000;

/// What an answer comes to.
enum Verdict {
    Final(Result<Value, Error>),
    /// It was not begun, or may be sent again; the error is for when patience ends.
    Again {
        target: Target,
        error: Error,
        wait: bool,
    },
}

/// Commands that go to one server at once.
struct Group {
    node: Arc<Node>,
    asking: bool,
    indexes: Vec<usize>,
}

impl Link {
    /// Connects to a server.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] if it cannot be reached or refuses.
    pub(crate) async fn server(address: Address, login: Login) -> Result<Self, Error> {
        let patience = login.response_timeout;
        let node = Arc::new(Node::new(address, login));
        node.send(&[redis::cmd("PING")]).await.map_err(|failure| connect_error(failure.into_message()))?;
        Ok(Link::new(Form::Server(node), patience))
    }

    /// Connects to a cluster, of which some servers are named.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] if none can be reached.
    pub(crate) async fn cluster(seeds: Vec<Address>, login: Login) -> Result<Self, Error> {
        let patience = login.response_timeout;
        let cluster = Arc::new(Cluster::new(seeds, login));
        cluster.refresh().await.map_err(|failure| connect_error(failure.into_message()))?;
        Ok(Link::new(Form::Cluster(cluster), patience))
    }

    fn new(form: Form, patience: Duration) -> Self {
        Link { inner: Arc::new(Inner { form, patience, closed: AtomicBool::new(false) }) }
    }

    /// Whether the store is a Redis Cluster, where only keys of one slot can be used together.
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self.inner.form, Form::Cluster(_))
    }

    /// Sends a command. Its first argument is its key, as in all commands that this crate sends.
    pub(crate) async fn command(&self, command: Cmd, send: Send) -> Result<Value, Error> {
        only(self.pipeline(vec![command], send).await)
    }

    /// Sends commands in one round trip, and gives the answer of each. On Redis Cluster it is one round trip for each server that
    /// has some of the keys, all at the same time. Very many commands are sent in several parts, one after the other, so that each
    /// part is answered in time.
    pub(crate) async fn pipeline(&self, mut commands: Vec<Cmd>, send: Send) -> Vec<Result<Value, Error>> {
        let mut answers = Vec::with_capacity(commands.len());
        loop {
            let rest = commands.split_off(commands.len().min(PART));
            let slots = match self.is_cluster() {
                true => commands.iter().map(|command| key(command).map_or(0, slot)).collect(),
                false => Vec::new(),
            };
            answers.append(&mut self.run(commands, slots, send).await);
            if rest.is_empty() {
                return answers;
            }
            commands = rest;
        }
    }

    /// Runs a script.
    pub(crate) async fn script(&self, script: &'static Script, call: Call, send: Send) -> Result<Value, Error> {
        only(self.scripts(script, vec![call], send).await)
    }

    /// Runs a script several times in one round trip, and gives the answer of each. See [`pipeline`](Self::pipeline).
    pub(crate) async fn scripts(
        &self,
        script: &'static Script,
        calls: Vec<Call>,
        send: Send,
    ) -> Vec<Result<Value, Error>> {
        let mut answers = self.pipeline(calls.iter().map(|call| script.by_checksum(call)).collect(), send).await;
        // The first call in each slot sends the text, which the others then find; if it is forgotten meanwhile, all do.
        for all in [false, true] {
            let missing = (0..calls.len()).filter(|index| is_no_script(&answers[*index])).collect::<Vec<_>>();
            if missing.is_empty() {
                break;
            }
            let mut known = Vec::new();
            let mut commands = Vec::with_capacity(missing.len());
            for index in &missing {
                let call = &calls[*index];
                let slot = call.keys.first().filter(|_| self.is_cluster()).map(|key| slot(key.as_bytes()));
                commands.push(match all || !known.contains(&slot) {
                    true => script.by_text(call),
                    false => script.by_checksum(call),
                });
                known.push(slot);
            }
            for (index, answer) in missing.into_iter().zip(self.pipeline(commands, send).await) {
                answers[index] = answer;
            }
        }
        answers
    }

    /// One step of a walk over the keys of the server that has `key`: some keys that fulfil the pattern, and the cursor of the next
    /// step, 0 after the last one. A walk that begins at 0 and stays on one server meets every key that is there all the while.
    pub(crate) async fn scan(&self, key: &str, pattern: &str, cursor: u64) -> Result<(u64, Vec<String>), Error> {
        let mut command = redis::cmd("SCAN");
        command.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(1000);
        let slots = if self.is_cluster() { vec![slot(key.as_bytes())] } else { Vec::new() };
        let answer = only(self.run(vec![command], slots, Send::Read).await)?;
        redis::from_redis_value(answer)
            .map_err(|error| connect_error(format!("SCAN gave an answer that is none: {error}")))
    }

    /// Sends a command that has no key to each primary.
    pub(crate) async fn each_primary(&self, command: Cmd) -> Vec<(Address, Result<Value, Error>)> {
        let nodes = match &self.inner.form {
            Form::Server(node) => vec![node.clone()],
            Form::Cluster(cluster) => cluster.primaries(),
        };
        let commands = [command];
        join_all(nodes.iter().map(|node| async {
            let answer = match node.send(&commands).await {
                Ok(answers) => match answers.into_iter().next() {
                    Some(Value::ServerError(error)) => Err(server_error(&error)),
                    answer => Ok(answer.unwrap_or(Value::Nil)),
                },
                Err(failure) => Err(connect_error(failure.into_message())),
            };
            (node.address.clone(), answer)
        }))
        .await
    }

    /// Whether no connection is known to be lost.
    #[cfg(test)]
    pub(crate) fn is_connected(&self) -> bool {
        match &self.inner.form {
            Form::Server(node) => node.is_connected(),
            Form::Cluster(cluster) => cluster.primaries().iter().all(|node| node.is_connected()),
        }
    }

    /// Lets the connections go; calls that come later fail.
    pub(crate) fn close(&self) {
        self.inner.closed.store(true, Ordering::Relaxed);
        match &self.inner.form {
            Form::Server(node) => node.disconnect(),
            Form::Cluster(cluster) => cluster.disconnect(),
        }
    }

    /// Sends commands until each has an answer that stands. `slots` are theirs on a cluster.
    async fn run(&self, commands: Vec<Cmd>, slots: Vec<u16>, send: Send) -> Vec<Result<Value, Error>> {
        let mut answers = commands.iter().map(|_| None).collect::<Vec<Option<Result<Value, Error>>>>();
        if self.inner.closed.load(Ordering::Relaxed) {
            return commands.iter().map(|_| Err(connect_error("the repo was closed"))).collect();
        }
        let mut open = (0..commands.len()).map(|index| (index, Target::Owner)).collect::<Vec<_>>();
        let mut patience = Patience::new(self.inner.patience);
        let mut lost_before = false;
        while !open.is_empty() {
            let (groups, homeless) = self.groups(&open, &slots);
            let sent = join_all(groups.iter().map(|group| group.send(&commands))).await;
            let mut again = homeless
                .into_iter()
                .map(|index| {
                    let error = connect_error(format!("no server of the cluster has slot {}", slots[index]));
                    (index, Target::Owner, error, true)
                })
                .collect::<Vec<_>>();
            let mut lost = false;
            for (group, results) in groups.iter().zip(sent) {
                lost |= matches!(results, Err(Failure::Lost(_)));
                let results = match results {
                    Ok(values) => values.into_iter().map(Ok).collect(),
                    Err(failure) => vec![Err(failure); group.indexes.len()],
                };
                for (index, result) in group.indexes.iter().zip(results) {
                    let whole = is_script(&commands[*index]);
                    match self.judge(result, &group.node, send, whole, lost_before) {
                        Verdict::Final(answer) => answers[*index] = Some(answer),
                        Verdict::Again { target, error, wait } => again.push((*index, target, error, wait)),
                    }
                }
            }
            lost_before |= lost;
            let wait = again.iter().any(|(.., wait)| *wait);
            if again.is_empty() || !patience.pause(wait).await {
                for (index, _, error, _) in again {
                    answers[index] = Some(Err(error));
                }
                break;
            }
            // ASK is for once, and changes nothing about who has the slot.
            let moved = again.iter().any(|(_, target, ..)| !matches!(target, Target::Asked(_)));
            if let (Form::Cluster(cluster), true) = (&self.inner.form, moved) {
                // Who cannot be asked now may be asked in the next round.
                let _ = cluster.refresh().await;
            }
            open = again.into_iter().map(|(index, target, ..)| (index, target)).collect();
            open.sort_by_key(|(index, _)| *index);
        }
        answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(|| Err(connect_error("the server gave no answer"))))
            .collect()
    }

    /// Commands by the server that they go to, and those whose slot nobody has.
    fn groups(&self, open: &[(usize, Target)], slots: &[u16]) -> (Vec<Group>, Vec<usize>) {
        let cluster = match &self.inner.form {
            Form::Server(node) => {
                let indexes = open.iter().map(|(index, _)| *index).collect();
                return (vec![Group { node: node.clone(), asking: false, indexes }], Vec::new());
            }
            Form::Cluster(cluster) => cluster,
        };
        let topology = cluster.topology();
        let (mut groups, mut homeless): (Vec<Group>, Vec<usize>) = (Vec::new(), Vec::new());
        for (index, target) in open {
            let (address, asking) = match target {
                Target::Owner => (topology.primary(slots[*index]), false),
                Target::Moved(address) => (Some(address), false),
                Target::Asked(address) => (Some(address), true),
            };
            let Some(address) = address else {
                homeless.push(*index);
                continue;
            };
            match groups.iter_mut().find(|group| group.asking == asking && group.node.address == *address) {
                Some(group) => group.indexes.push(*index),
                None => groups.push(Group { node: cluster.node(address), asking, indexes: vec![*index] }),
            }
        }
        (groups, homeless)
    }

    /// What to make of an answer, or of there being none. `whole`: the command needs all keys of its slot in one place.
    fn judge(
        &self,
        result: Result<Value, Failure>,
        node: &Node,
        send: Send,
        whole: bool,
        lost_before: bool,
    ) -> Verdict {
        let error = match result {
            Ok(Value::ServerError(error)) => error,
            Ok(value) => return Verdict::Final(Ok(value)),
            Err(failure) => return self.judge_failure(failure, send, lost_before),
        };
        let details = error.details().unwrap_or_default();
        let again = |target, wait| Verdict::Again { target, error: server_error(&error), wait };
        let named = || redirected(details, &node.address);
        match (error.code(), self.is_cluster()) {
            ("MOVED", true) => named().map_or_else(|| again(Target::Owner, true), |to| again(Target::Moved(to), false)),
            // The node that the slot moves to would run a script over the keys that have come, as if there were no others.
            ("ASK", true) if whole => Verdict::Again { target: Target::Owner, error: slot_is_moving(), wait: true },
            ("ASK", true) => named().map_or_else(|| again(Target::Owner, true), |to| again(Target::Asked(to), false)),
            // None of these was begun.
            ("TRYAGAIN" | "CLUSTERDOWN" | "MASTERDOWN" | "READONLY", true) | ("LOADING", _) => {
                again(Target::Owner, true)
            }
            // A slot is moving: the next attempt may find all keys in one place.
            _ if send == Send::Read && self.is_cluster() && details.contains("non local key") => {
                again(Target::Owner, true)
            }
            _ => Verdict::Final(Err(server_error(&error))),
        }
    }

    fn judge_failure(&self, failure: Failure, send: Send, lost_before: bool) -> Verdict {
        match (failure, send) {
            (Failure::NotSent(message), _) if self.is_cluster() => {
                Verdict::Again { target: Target::Owner, error: connect_error(message), wait: true }
            }
            (Failure::Lost(message), Send::Read) if !lost_before => {
                Verdict::Again { target: Target::Owner, error: connect_error(message), wait: false }
            }
            (Failure::Lost(message) | Failure::Late(message), Send::Write) => {
                Verdict::Final(Err(outcome_unknown(&message)))
            }
            (Failure::NotSent(message) | Failure::Lost(message) | Failure::Late(message), _) => {
                Verdict::Final(Err(connect_error(message)))
            }
        }
    }
}

impl Group {
    async fn send(&self, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        let own = self.indexes.iter().map(|index| commands[*index].clone());
        if !self.asking {
            return self.node.send(&own.collect::<Vec<_>>()).await;
        }
        let asking = own.flat_map(|command| [redis::cmd("ASKING"), command]).collect::<Vec<_>>();
        Ok(self.node.send(&asking).await?.into_iter().skip(1).step_by(2).collect())
    }
}

/// How long, and how often, something is tried again.
struct Patience {
    until: Instant,
    rounds: u32,
    pause: Duration,
}

impl Patience {
    /// How often commands follow a redirection at most.
    const ROUNDS: u32 = 100;

    fn new(limit: Duration) -> Self {
        Patience { until: Instant::now() + limit, rounds: 0, pause: Duration::from_millis(10) }
    }

    /// Pauses if that is wanted; gives whether to try again.
    async fn pause(&mut self, wait: bool) -> bool {
        self.rounds += 1;
        if self.rounds > Self::ROUNDS || Instant::now() >= self.until {
            return false;
        }
        if wait || self.rounds > 5 {
            tokio::time::sleep(self.pause).await;
            self.pause = (self.pause * 2).min(Duration::from_millis(500));
        }
        true
    }
}

/// The key that a command is about.
fn key(command: &Cmd) -> Option<&[u8]> {
    let mut arguments = command.args_iter().map(|argument| match argument {
        Arg::Simple(bytes) => bytes,
        _ => b"",
    });
    match arguments.next()? {
        b"EVAL" | b"EVALSHA" => arguments.nth(2),
        _ => arguments.next(),
    }
}

fn is_script(command: &Cmd) -> bool {
    matches!(command.args_iter().next(), Some(Arg::Simple(b"EVAL" | b"EVALSHA")))
}

fn is_no_script(answer: &Result<Value, Error>) -> bool {
    matches!(answer, Err(Error::Database(error)) if error.code.as_deref() == Some("NOSCRIPT"))
}

fn only(answers: Vec<Result<Value, Error>>) -> Result<Value, Error> {
    answers.into_iter().next().unwrap_or_else(|| Err(connect_error("the server gave no answer")))
}
