//! Redis Cluster: its servers, and what is known of who has which slot.

use crate::node::{Address, Failure, Login, Node};
use crate::shared::Shared;
use crate::topology::Topology;
use redis::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// A cluster.
pub(crate) struct Cluster {
    /// The servers of the URL.
    seeds: Vec<Address>,
    login: Login,
    nodes: Mutex<HashMap<Address, Arc<Node>>>,
    topology: RwLock<Arc<Topology>>,
    refreshing: Shared<Result<(), Failure>>,
}

impl Cluster {
    pub(crate) fn new(seeds: Vec<Address>, login: Login) -> Self {
        Cluster { seeds, login, nodes: Mutex::default(), topology: RwLock::default(), refreshing: Shared::default() }
    }

    pub(crate) fn topology(&self) -> Arc<Topology> {
        self.topology.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The server at an address.
    pub(crate) fn node(&self, address: &Address) -> Arc<Node> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get(address) {
            return node.clone();
        }
        let node = Arc::new(Node::new(address.clone(), self.login.clone()));
        nodes.insert(address.clone(), node.clone());
        node
    }

    /// Asks the cluster who has which slot.
    ///
    /// # Errors
    ///
    /// Why none of its servers could say it.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<(), Failure> {
        let cluster = self.clone();
        let refreshing = self.refreshing.result(move || async move { cluster.ask_all().await });
        let gone =
            || Err(Failure::NotSent("asking for the slots of the cluster was broken off: its runtime ended".into()));
        refreshing.await.unwrap_or_else(gone)
    }

    async fn ask_all(&self) -> Result<(), Failure> {
        let known = self.topology();
        let mut asked: Vec<&Address> = known.primaries();
        asked.extend(self.seeds.iter().filter(|seed| !known.primaries().contains(seed)));
        let mut reasons = Vec::new();
        for address in asked {
            match self.ask(address).await {
                Ok(topology) => {
                    // The servers that left are forgotten; what was sent to them is still answered.
                    let current = topology.primaries();
                    let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
                    nodes.retain(|address, _| current.contains(&address) || self.seeds.contains(address));
                    drop(nodes);
                    *self.topology.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(topology);
                    return Ok(());
                }
                Err(reason) => reasons.push(reason),
            }
        }
        Err(Failure::NotSent(format!("no server of the cluster says who has which slot: {}", reasons.join("; "))))
    }

    async fn ask(&self, address: &Address) -> Result<Topology, String> {
        let mut command = redis::cmd("CLUSTER");
        command.arg("SLOTS");
        let answers = self.node(address).send(&[command]).await.map_err(Failure::into_message)?;
        match answers.into_iter().next() {
            Some(Value::ServerError(error))
                if error.details().is_some_and(|text| text.contains("cluster support disabled")) =>
            {
                Err(format!("{address} is no node of a cluster: write redis:// in place of redis+cluster://"))
            }
            Some(Value::ServerError(error)) => {
                Err(format!("{address} answered {} {}", error.code(), error.details().unwrap_or_default()))
            }
            answer => {
                let topology = answer.map(|answer| Topology::read(&answer, address)).unwrap_or_default();
                match topology.primaries().is_empty() {
                    true => Err(format!("{address} knows of no slots: finish redis-cli --cluster create")),
                    false => Ok(topology),
                }
            }
        }
    }

    /// The primaries.
    pub(crate) fn primaries(&self) -> Vec<Arc<Node>> {
        self.topology().primaries().into_iter().map(|address| self.node(address)).collect()
    }

    /// Lets all connections go.
    pub(crate) fn disconnect(&self) {
        for (_, node) in self.nodes.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            node.disconnect();
        }
    }
}
